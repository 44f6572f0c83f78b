import NeuronKernels
import PerceptronModel
import TrainingData

/// What went wrong in a step whose loss is not a number: the first stage and training sample that show it.
///
/// Runs once, after the workers have stopped: the step's activations still lie where they were computed, and the
/// parameters are those that computed them; with `hogwild`, those that the other workers' last updates left.
struct Divergence {
  let engine: StepEngine
  let run: EpochRun
  let epoch: Int
  let step: Int
  /// Whether the loss was a number, but the update after it left parameters that are none.
  var updateDiverged = false
  /// Rows of the training samples that lie far off, the likely cause.
  var farRows: [FarRow] = []

  /// The sentence for the user.
  var error: TrainingRuntimeError {
    let finding = finding
    var error = TrainingRuntimeError(code: .diverged, message: message(finding), hint: hint)
    error.divergence = DivergenceReport(
      epoch: epoch, step: step + 1, phase: finding.phase, layer: finding.stage.map { engine.program.stageNames[$0] },
      unit: finding.unit, row: finding.sample.map { Int(row($0)) }, value: finding.value, ranges: ranges)
    return error
  }

  /// The step as one that was left out.
  var skippedStep: SkippedStep {
    let finding = finding
    return SkippedStep(step: step + 1, message: message(finding), rows: rows(showing: finding))
  }

  private var isGradient: Bool { !updateDiverged && run.gradientDiverged.load(ordering: .relaxed) }
  private var finding: Finding { isGradient ? gradientFinding : lossFinding }

  private func message(_ finding: Finding) -> String {
    let what = isGradient ? "the gradient's norm" : updateDiverged ? "a parameter" : "the loss"
    return "\(what) is not a finite number in epoch \(epoch), step \(step + 1) of \(run.stepsPerEpoch): "
      + finding.sentence
  }

  private var hint: String {
    let usual = "lower the learning rate (now \(rate)), or bound the gradient (clipNorm: 1)"
    return farRows.isEmpty
      ? usual
      : "\(FarRow.finding(farRows)): remove or correct \(farRows.count == 1 ? "it" : "them")"
        + "; otherwise \(usual)"
  }

  /// The rows whose values are not finite where the first bad one appeared; all of the step's where none shows it alone.
  private func rows(showing finding: Finding) -> [Int] {
    let bad = badSamples(of: finding)
    return bad.isEmpty ? run.samples(ofStep: step).map { Int(run.order[$0]) } : bad.map { Int(row($0)) }
  }

  private func badSamples(of finding: Finding) -> [Int] {
    switch (finding.phase, finding.stage) {
    case (.input, _):
      badSamples(featureCount: engine.network.inputCount) { $0.inputValue(sample: $1, feature: $2) }
    case (.forward, .some(let stage)):
      badSamples(featureCount: engine.program.stages[stage].outputCount, output(ofStage: stage))
    case (.backward, .some(let stage)):
      badSamples(featureCount: engine.program.stages[stage].outputCount) {
        $0.gradientValue(ofStage: stage, sample: $1, unit: $2)
      }
    default: []
    }
  }

  /// The first thing that is wrong.
  private struct Finding {
    var sentence: String
    var phase: DivergenceReport.Phase
    var stage: Int?
    var unit: Int?
    var sample: Int?
    var value = Float.nan
  }

  private typealias Place = (sample: Int, feature: Int, value: Float)

  private var rate: Float { run.optimizerStep(step).learningRate }
  private var shards: [ComputedShard] { engine.computedShards(sampleCount: samples.count) }
  /// The places of the samples whose activations are still there.
  private var samples: Range<Int> { run.computedSamples(ofStep: step) }

  /// What a user calls the parameters of a block.
  private func name(of block: ParameterBlock) -> String {
    let isNorm = engine.program.stages[block.stage].operation.isNormalization
    return switch block.role {
    case .weight: engine.program.stages[block.stage].dense == nil ? "vectors" : "weights"
    case .bias: isNorm ? "shifts" : "biases"
    case .slope: isNorm ? "gains" : "slopes"
    }
  }

  /// The first tensor whose gradient is too large; with `hogwild` nobody knows it any more.
  private var gradientFinding: Finding {
    let bad = engine.blocks.indices.first { !engine.memory.squareSums[$0].isFinite }
    guard engine.shape.reduction != .hogwild, let bad else {
      return Finding(sentence: "the loss is, but its gradients are too large", phase: .gradient, value: .infinity)
    }
    let block = engine.blocks[bad]
    var finding = Finding(
      sentence:
        "the loss is, but the gradient of the \(name(of: block)) of \(engine.program.stageNames[block.stage]) is not",
      phase: .gradient, stage: block.stage, value: Float(engine.memory.squareSums[bad]))
    // The way back goes from the last layer down, so the uppermost bad one is the first.
    for stage in engine.network.stagesBackward {
      guard let place = firstBadGradient(stage) else { continue }
      (finding.phase, finding.stage) = (.backward, stage)
      (finding.unit, finding.sample, finding.value) = (place.feature, place.sample, place.value)
      break
    }
    return finding
  }

  private func firstBadGradient(_ stage: Int) -> Place? {
    firstBad(featureCount: engine.network.stages[stage].stage.outputCount) {
      $0.gradientValue(ofStage: stage, sample: $1, unit: $2)
    }
  }

  private var lossFinding: Finding {
    let network = engine.network
    if let place = firstBad(featureCount: network.inputCount, { $0.inputValue(sample: $1, feature: $2) }) {
      return finding(
        "the scaled input \(place.feature) of training row \(row(place.sample)) is \(text(place.value))", .input, nil,
        place)
    }
    for index in network.stages.indices {
      let stage = network.stages[index].stage, name = engine.program.stageNames[index]
      if let bad = badParameter(stage) {
        return Finding(
          sentence:
            "a parameter of \(name) became \(text(bad)) in \(updateDiverged ? "its update" : "the step before")",
          phase: .parameters, stage: index, value: bad)
      }
      if let place = firstBad(featureCount: stage.outputCount, output(ofStage: index)) {
        return finding(
          "\(name) gives \(text(place.value)) at unit \(place.feature + 1) for training row \(row(place.sample))",
          .forward, index, place)
      }
    }
    return Finding(
      sentence: "the outputs are finite, but too far from the targets for the loss to be", phase: .loss,
      value: .infinity)
  }

  private func finding(
    _ sentence: String, _ phase: DivergenceReport.Phase, _ stage: Int?, _ place: Place
  ) -> Finding {
    Finding(
      sentence: sentence, phase: phase, stage: stage, unit: place.feature, sample: place.sample, value: place.value)
  }

  private func output(ofStage index: Int) -> (BoundNetwork, _ sample: Int, _ unit: Int) -> Float {
    { network, sample, unit in network.outputValue(ofStage: index, sample: sample, unit: unit) }
  }

  /// A NaN's sign means nothing and differs between instruction sets.
  private func text(_ value: Float) -> String { value.isNaN ? "nan" : "\(value)" }

  /// The data set row of a sample of the step.
  private func row(_ sample: Int) -> UInt32 { run.order[samples.lowerBound + sample] }

  /// The first value that is not finite among `featureCount` features of every sample.
  private func firstBad(
    featureCount: Int, _ valueAt: (_ network: BoundNetwork, _ sample: Int, _ feature: Int) -> Float
  ) -> Place? {
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

  /// The samples with a value that is not finite among `featureCount` features.
  private func badSamples(
    featureCount: Int, _ valueAt: (_ network: BoundNetwork, _ sample: Int, _ feature: Int) -> Float
  ) -> [Int] {
    shards.flatMap { shard in
      shard.samples.filter { sample in
        (0..<featureCount).contains { !valueAt(shard.network, sample - shard.samples.lowerBound, $0).isFinite }
      }
    }
  }

  /// Of the input and of every stage, what the step has left.
  private var ranges: [DivergenceReport.ValueRange] {
    let network = engine.network
    let input = range("input", featureCount: network.inputCount) { $0.inputValue(sample: $1, feature: $2) }
    return [input]
      + network.stages.indices.map { index in
        range(
          engine.program.stageNames[index], featureCount: network.stages[index].stage.outputCount,
          output(ofStage: index))
      }
  }

  private func range(
    _ name: String, featureCount: Int, _ valueAt: (_ network: BoundNetwork, _ sample: Int, _ feature: Int) -> Float
  ) -> DivergenceReport.ValueRange {
    var least = Float.infinity, largest = -Float.infinity, badCount = 0
    for shard in shards {
      for sample in shard.samples {
        for feature in 0..<featureCount {
          let value = valueAt(shard.network, sample - shard.samples.lowerBound, feature)
          guard value.isFinite else {
            badCount += 1
            continue
          }
          least = min(least, value)
          largest = max(largest, value)
        }
      }
    }
    return DivergenceReport.ValueRange(
      name: name, finite: least <= largest ? least...largest : nil, badCount: badCount)
  }

  private func badParameter(_ stage: Stage) -> Float? {
    if stage.dense == nil, let bad = stage.weights.map({ engine.parameters[$0] }).first(where: { !$0.isFinite }) {
      return bad
    }
    if let shape = stage.dense {
      for input in 0..<shape.inputCount {
        for output in 0..<shape.outputCount {
          let place = PanelLayout.weightIndex(input: input, output: output, outputCount: shape.outputCount)
          let weight = engine.parameters[stage.weights.lowerBound + place]
          if !weight.isFinite { return weight }
        }
      }
    }
    return [stage.bias, stage.slopes, stage.runningMean, stage.runningVariance].joined().map { engine.parameters[$0] }
      .first { !$0.isFinite }
  }
}
