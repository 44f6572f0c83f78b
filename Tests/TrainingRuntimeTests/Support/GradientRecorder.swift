import Fascicle

/// Puts each gradient in the place of its parameter: after one step, the parameters are the gradients.
struct GradientRecorder: GradientOptimizer {
  var name: String { "gradient_recorder" }
  var learningRate: Float { 1 }

  func update(_ slice: ParameterSlice) {
    for index in 0..<slice.count { slice.parameters[index] = slice.gradient(at: index) }
  }
}

extension Trainer {
  /// The gradient of the mean loss over `samples` at `parameters`, stage by stage, and that loss.
  ///
  /// The trainer must have been made with ``GradientRecorder``.
  func gradient(
    at parameters: [StageParameters], over samples: DataSubset
  ) throws -> (gradient: [StageParameters], loss: Double) {
    stageParameters = parameters
    let history = try fit(samples, epochs: 1, batchSize: samples.sampleCount)
    return (stageParameters, history.epochs[0].trainLoss)
  }
}
