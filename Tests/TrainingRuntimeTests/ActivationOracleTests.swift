import Fascicle
import Testing

@Suite("Activations beside PyTorch and Keras")
struct ActivationOracleTests {
  /// Of the largest element of each tensor; the numbers beside are double precision.
  static let bound = 2e-6
  static let trajectoryBound = 2e-5

  @Test("values and gradients are theirs", arguments: ActivationOracle.file.cases, InstructionSet.runnable)
  func valuesAndGradients(oracle: ActivationOracle.Case, set: InstructionSet) throws {
    let departure = try oracle.departure(on: KernelSet(set))
    print("\(oracle), \(set): values and gradients \(Departure.text(departure)) from \(oracle.source)")
    #expect(departure < Self.bound)
  }

  @Test("ten steps of training are theirs", arguments: ActivationOracle.file.cases)
  func trajectories(oracle: ActivationOracle.Case) throws {
    let departure = try oracle.trajectoryDeparture(workers: 2)
    print("\(oracle): ten steps \(Departure.text(departure)) from \(oracle.source)")
    #expect(departure < Self.trajectoryBound)
  }

  @Test("a row that is broken on purpose is refused")
  func brokenRow() throws {
    let broken = ActivationOracle.file.broken
    #expect(try broken.departure(on: .selected()) > Self.bound)
    #expect(try broken.trajectoryDeparture(workers: 1) > Self.trajectoryBound)
  }

  @Test("no activation is left out")
  func completeness() {
    #expect(Set(ActivationOracle.file.cases.map(\.name)) == Set(ActivationFunction.names))
  }
}

/// The numbers of `Oracle/activations.json`; `Oracle/README.md` describes it.
enum ActivationOracle {
  static let file: File = OracleFile.decoded("activations")

  struct File: Decodable, Sendable {
    let cases: [Case]
    let broken: Case
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let name: String
    let source: String
    let parameters: [String: Parameter]
    let inputs: [Float]
    let weights: [Float]
    let values: [Double]
    let gradients: [Double]
    let trajectory: Trajectory
  }

  struct Parameter: Decodable, Sendable {
    let number: Float?
    let word: String?
  }

  struct Trajectory: Decodable, Sendable {
    let widths: [Int]
    let rate: Float
    let seed: UInt64
    let parameters: [OracleFile.LayerParameters]
    let batches: [OracleFile.Samples]
    let losses: [Double]
    let final: [OracleFile.LayerParameters]
  }
}

extension ActivationOracle.Case {
  var description: String { "\(function)" }
  var testDescription: String { description }

  var function: ActivationFunction {
    let values = parameters.mapValues { parameter in
      parameter.word.map { ActivationParameter.Value.word($0) } ?? .number(parameter.number ?? .nan)
    }
    guard let function = ActivationFunction.named(name)?.with(values) else {
      fatalError("the oracle's activation \(name) has no counterpart")
    }
    return function
  }

  /// How far y and ∂(Σ weights·y)/∂z of two samples of sixteen units are from the oracle's.
  func departure(on kernels: KernelSet) throws -> Double {
    let units = 16, function = function
    let slopes = [Float](repeating: function.initialSlope ?? 0, count: units)
    return slopes.withUnsafeBufferPointer { slopes in
      let activation = function.kernelActivation(slopes: slopes.baseAddress)
      let output = panel(inputs), gradient = panel(weights), kept = panel(inputs)
      defer { for panel in [output, gradient, kept] { panel.deallocate() } }
      let keeps = activation.kind.readsPreactivation
      // Without memory for z randomized leaky ReLU takes its mean slope, and leaves no derivative behind.
      let isMean = activation.kind == .rreLU
      if isMean { for place in 0..<units * 32 { kept[place] = (activation.a + activation.b) / 2 } }
      kernels.activationForward(
        sampleCount: 2, featureCount: units, values: output, preactivation: keeps ? kept : nil, activation: activation)
      kernels.activationBackward(
        sampleCount: 2, featureCount: units, gradient: gradient, output: output, preactivation: keeps ? kept : nil,
        activation: activation)
      return Departure.worst([
        Departure.of(rows(output), from: values), Departure.of(rows(gradient), from: gradients),
      ])
    }
  }

  /// How far losses and final parameters of ten steps of gradient descent are from the oracle's.
  func trajectoryDeparture(workers: Int) throws -> Double {
    let run = trajectory, function = function
    let network = Network(
      inputs: run.widths[0],
      layers: run.widths.dropFirst().enumerated().map { index, units in
        .dense(Dense(units, activation: index == 0 ? function : .linear))
      })
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(learningRate: run.rate), normalization: .none, seed: run.seed,
      runtime: .unpinned(workers))
    trainer.epochOrder = .sequential
    var parameters = run.parameters.map(\.stageParameters)
    if !function.fusesWithDense { parameters.insert(StageParameters(weights: [], bias: []), at: 1) }
    trainer.stageParameters = parameters
    let losses = try run.batches.map { batch in
      let samples = try Dataset(
        features: batch.inputs, featureCount: run.widths[0], targets: batch.targets ?? [], targetCount: 3)
      return try trainer.fit(DataSubset(allOf: samples), epochs: 1, batchSize: 9).epochs[0].trainLoss
    }
    let stages = trainer.stageParameters.filter { !$0.weights.isEmpty }
    return Departure.worst(
      [Departure.of(losses, from: run.losses), stages.count == run.final.count ? 0 : .nan]
        + zip(stages, run.final).map { stage, layer in layer.departure(of: stage) })
  }

  private func panel(_ rows: [Float]) -> UnsafeMutablePointer<Float> {
    let units = rows.count / 2
    let panel = UnsafeMutableRawPointer.allocate(byteCount: units * 128, alignment: 64)
      .bindMemory(to: Float.self, capacity: units * 32)
    panel.initialize(repeating: 0, count: units * 32)
    for (index, value) in rows.enumerated() { panel[index % units * 32 + index / units] = value }
    return panel
  }

  private func rows(_ panel: UnsafeMutablePointer<Float>) -> [Float] {
    (0..<values.count).map { panel[$0 % 16 * 32 + $0 / 16] }
  }
}
