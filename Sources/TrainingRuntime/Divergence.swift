import NeuronKernels
import PerceptronModel

/// What went wrong in a step whose loss is not a number: the first stage and training sample that show it.
///
/// Runs once, after the workers have stopped: the step's activations still lie where they were computed, and the
/// parameters are those that computed them; with `hogwild`, those that the other workers' last updates left.
struct Divergence {
  let engine: StepEngine
  let run: EpochRun
  let epoch: Int
  let step: Int

  /// The sentence for the user.
  var error: TrainingRuntimeError {
    let isGradient = run.gradientDiverged.load(ordering: .relaxed)
    let what = isGradient ? "the gradient's norm" : "the loss"
    return TrainingRuntimeError(
      code: .diverged,
      message: "\(what) is not a finite number in epoch \(epoch), step \(step + 1) of \(run.stepsPerEpoch): "
        + (isGradient ? gradientCause : cause),
      hint: "lower the learning rate (now \(rate)), or bound the gradient (clipNorm: 1)")
  }

  private var rate: Float { run.optimizerStep(step).learningRate }
  private var shards: [ComputedShard] { engine.computedShards(sampleCount: run.samples(ofStep: step).count) }

  /// The first tensor whose gradient is too large; with `hogwild` nobody knows it any more.
  private var gradientCause: String {
    let bad = engine.blocks.indices.first { !engine.memory.squareSums[$0].isFinite }
    guard engine.shape.reduction != .hogwild, let bad else { return "the loss is, but its gradients are too large" }
    let block = engine.blocks[bad],
      parameters = block.role == .weight ? "weights" : block.role == .bias ? "biases" : "slopes"
    return "the loss is, but the gradient of the \(parameters) of \(engine.program.stageNames[block.stage]) is not"
  }

  private var cause: String {
    let network = engine.network
    if let place = firstBad(featureCount: network.inputCount, { $0.inputValue(sample: $1, feature: $2) }) {
      return "the scaled input \(place.feature) of training row \(row(place.sample)) is \(text(place.value))"
    }
    for index in network.stages.indices {
      let stage = network.stages[index].stage
      if let bad = badParameter(stage) {
        return "a parameter of \(engine.program.stageNames[index]) became \(text(bad)) in the step before"
      }
      let output = { (network: BoundNetwork, sample: Int, unit: Int) in
        network.outputValue(ofStage: index, sample: sample, unit: unit)
      }
      if let place = firstBad(featureCount: stage.outputCount, output) {
        let name = engine.program.stageNames[index]
        return "\(name) gives \(text(place.value)) at unit \(place.feature + 1) for training row \(row(place.sample))"
      }
    }
    return "the outputs are finite, but too far from the targets for the loss to be"
  }

  /// A NaN's sign means nothing and differs between instruction sets.
  private func text(_ value: Float) -> String { value.isNaN ? "nan" : "\(value)" }

  /// The data set row of a sample of the step.
  private func row(_ sample: Int) -> UInt32 { run.order[run.samples(ofStep: step).lowerBound + sample] }

  /// The first value that is not finite among `featureCount` features of every sample.
  private func firstBad(
    featureCount: Int, _ valueAt: (_ network: BoundNetwork, _ sample: Int, _ feature: Int) -> Float
  ) -> (sample: Int, feature: Int, value: Float)? {
    for shard in shards {
      for sample in shard.samples {
        for feature in 0..<featureCount {
          let value = valueAt(shard.network, sample - shard.samples.lowerBound, feature)
          if !value.isFinite { return (sample, feature, value) }
        }
      }
    }
    return nil
  }

  private func badParameter(_ stage: Stage) -> Float? {
    if let shape = stage.dense {
      for input in 0..<shape.inputCount {
        for output in 0..<shape.outputCount {
          let place = PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)
          let weight = engine.parameters[stage.weights.lowerBound + place]
          if !weight.isFinite { return weight }
        }
      }
    }
    return (Array(stage.bias) + Array(stage.slopes)).map { engine.parameters[$0] }.first { !$0.isFinite }
  }
}
