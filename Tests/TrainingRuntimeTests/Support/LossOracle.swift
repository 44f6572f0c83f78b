import Fascicle
import Testing

/// The numbers of `Oracle/losses.json`; `Oracle/README.md` describes it.
enum LossOracle {
  static let file: File = OracleFile.decoded("losses")

  struct File: Decodable, Sendable {
    let cases: [Case]
    let broken: Case
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let name: String
    let source: String
    let activation: String
    let parameters: [String: ActivationOracle.Parameter]
    let head: Head
    let trajectory: Trajectory
  }

  /// Five samples: what the head is given, the mean loss and the gradient of that.
  struct Head: Decodable, Sendable {
    let outputs: [Float]
    let labels: [Int]?
    let targets: [Float]?
    let value: Double
    let gradients: [Double]
  }

  struct Trajectory: Decodable, Sendable {
    let widths: [Int]
    let activation: String
    let rate: Float
    let seed: UInt64
    let parameters: [OracleFile.LayerParameters]
    let batches: [OracleFile.Samples]
    let losses: [Double]
    let final: [OracleFile.LayerParameters]
  }
}

extension LossOracle.Case {
  static let headSampleCount = 5

  var description: String { "\(loss) of \(head.labels == nil ? "values" : "labels") after \(activation)" }
  var testDescription: String { description }

  var loss: Loss {
    let values = parameters.mapValues { parameter in
      parameter.word.map { LossParameter.Value.word($0) } ?? .number(parameter.number ?? .nan)
    }
    guard let loss = Loss.named(name)?.with(values) else { fatalError("the oracle's loss \(name) has no counterpart") }
    return loss
  }

  private var function: ActivationFunction {
    guard let function = ActivationFunction.named(activation) else {
      fatalError("the oracle's activation \(activation) has no counterpart")
    }
    return function
  }

  /// How far the mean loss of the head's samples and its gradient are from the oracle's.
  func headDeparture(on kernels: KernelSet) -> Double {
    let count = Self.headSampleCount, outputCount = head.outputs.count / count
    let outcome = LossHeadCall(
      loss.kernelLoss(outputCount: outputCount), rows: head.outputs, outputCount: outputCount, labels: head.labels,
      targets: head.targets
    ).run(on: kernels)
    return Departure.worst([
      Departure.of([outcome.losses.reduce(0, +) / Double(count)], from: [head.value]),
      Departure.of(outcome.gradient, from: head.gradients),
    ])
  }

  /// How far losses and final parameters of ten steps of gradient descent are from the oracle's.
  func trajectoryDeparture(_ runtime: RuntimeSettings) throws -> Double {
    let run = trajectory, outputs = run.widths[2]
    let network = Network(inputs: run.widths[0]) {
      Dense(run.widths[1], activation: .tanh)
      Dense(outputs, activation: function)
    }
    let trainer = try Trainer(
      network, loss: loss, optimizer: SGD(learningRate: run.rate), normalization: .none, seed: run.seed,
      runtime: runtime)
    trainer.epochOrder = .sequential
    trainer.stageParameters = run.parameters.map(\.stageParameters)
    let losses = try run.batches.map { batch in
      let samples = try Self.dataset(batch, inputs: run.widths[0], outputs: outputs, loss: loss)
      return try trainer.fit(DataSubset(allOf: samples), epochs: 1, batchSize: 9).epochs[0].trainLoss
    }
    return Departure.worst(
      [Departure.of(losses, from: run.losses)]
        + zip(trainer.stageParameters, run.final).map { stage, layer in layer.departure(of: stage) })
  }

  private static func dataset(
    _ batch: OracleFile.Samples, inputs: Int, outputs: Int, loss: Loss
  ) throws -> Dataset {
    if let labels = batch.labels {
      return try Dataset(
        features: batch.inputs, featureCount: inputs, labels: labels, classCount: outputs == 1 ? 2 : outputs)
    }
    return try Dataset(
      features: batch.inputs, featureCount: inputs, targets: batch.targets ?? [],
      targetCount: loss == .gaussianNLL ? outputs / 2 : outputs)
  }
}
