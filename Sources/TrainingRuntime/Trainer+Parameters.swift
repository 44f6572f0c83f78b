import NeuronKernels
import PerceptronModel

extension Trainer {
  /// Copies of every stage's parameters, row-major.
  package var stageParameters: [StageParameters] {
    get { program.stages.indices.map { program.parameters(ofStage: $0, in: storage.parameters) } }
    set {
      precondition(newValue.count == program.stages.count, "expected parameters of \(program.stages.count) stages")
      for (index, parameters) in newValue.enumerated() {
        program.setParameters(parameters, ofStage: index, in: storage.parameters)
      }
    }
  }

  /// What stands in the parameter vector between parameters and beyond them: zeros, whatever the optimizer.
  package var padding: [Float] {
    var isParameter = [Bool](repeating: false, count: program.vectorCount)
    for stage in program.stages {
      if let shape = stage.dense {
        for output in 0..<shape.outputCount {
          for input in 0..<shape.inputCount {
            let place = PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)
            isParameter[stage.weights.lowerBound + place] = true
          }
        }
      } else {
        for place in stage.weights { isParameter[place] = true }
      }
      for places in [stage.bias, stage.slopes, stage.runningMean, stage.runningVariance] {
        for place in places { isParameter[place] = true }
      }
    }
    return isParameter.indices.filter { !isParameter[$0] }.map { storage.parameters[$0] }
  }

  /// SHA-256 over all parameters in layer order, in hexadecimal: weights row-major `[output][input]`, then biases, then
  /// learned slopes, then running means and variances, as little-endian IEEE singles, whatever the layout in memory.
  ///
  /// The parameters are those that ``evaluate(_:)`` uses and ``model()`` gives.
  ///
  /// Two runs have the same digest exactly when they have the same parameters, bit for bit.
  public func weightsSHA256() -> String {
    withEvaluationParameters { program.sha256(ofParameters: $0) }
  }
}
