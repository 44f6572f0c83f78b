import NeuronKernels
import Testing

/// The kernels for a few samples: every table gives the reference's bits, and a row the bits that a panel's lane gets.
struct SampleRowTests {
  static let sampleCounts = [1, 2, 3, 4, 5, 7, 8, 9, 16]
  static let featureCounts = [1, 2, 15, 16, 17, 33, 64, 65, 130, 145]

  private func stage(_ index: Int, _ samples: Int, _ shape: DenseShape, strange: Bool = false) -> DenseForwardCase {
    var random = TestRandom(seed: index)
    let kind = CaseActivation.fusedKinds[index % CaseActivation.fusedKinds.count]
    let count = samples * shape.inputCount
    return DenseForwardCase(
      samples: samples, shape: shape, activation: CaseActivation(kind, units: shape.outputCount, &random),
      keepsPreactivation: false, weights: random.floats(shape.inputCount * shape.outputCount),
      bias: random.integer(below: 3) == 0 ? nil : random.floats(shape.outputCount),
      input: strange ? random.strangeFloats(count) : random.floats(count))
  }

  private var stages: [DenseForwardCase] {
    let shapes = Self.featureCounts.flatMap { inputs in
      Self.featureCounts.map { DenseShape(inputCount: inputs, outputCount: $0) }
    }
    let wide = [DenseShape(inputCount: 1030, outputCount: 300), DenseShape(inputCount: 3, outputCount: 2050)]
    return (shapes + wide).flatMap { shape in Self.sampleCounts.map { ($0, shape) } }
      .enumerated().map { stage($0, $1.0, $1.1) }
  }

  private func cut(_ index: Int) -> Int { [1, 3, 8, 1000][index % 4] }

  @Test func rowForwardGivesTheReferenceBitsHoweverItsBlocksAreCut() throws {
    try expectSameBits(
      "rowForward", stages.enumerated().lazy.map { RowForwardCase(stage: $1, cut: cut($0 / 9)) })
  }

  @Test func aRowGetsTheBitsOfAPanelsLane() throws {
    for set in InstructionSet.runnable {
      let kernels = try KernelSet(set)
      var comparison = BitComparison()
      for (index, stage) in stages.enumerated() {
        let row = RowForwardCase(stage: stage, cut: cut(index)).run(on: kernels).blocks
        comparison.compare(row, with: [stage.run(on: kernels).blocks[0]], in: "\(stage)")
      }
      #expect(comparison.count > 100_000)
      #expect(comparison.mismatches == 0, "\(set): \(comparison.firstMismatch ?? "")")
    }
  }

  @Test func infinitiesAndNaNTravelAlike() throws {
    let shape = DenseShape(inputCount: 9, outputCount: 35)
    let cases = (0..<160).map { RowForwardCase(stage: stage($0, 3, shape, strange: true), cut: 2) }
    try expectSameBits("rowForward, strange values", cases)
    for set in InstructionSet.runnable {
      var comparison = BitComparison()
      for rows in cases {
        comparison.compare(
          rows.run(on: try KernelSet(set)).blocks, with: [rows.stage.run(on: try KernelSet(set)).blocks[0]],
          in: "\(rows)")
      }
      #expect(comparison.mismatches == 0, "\(set): \(comparison.firstMismatch ?? "")")
    }
  }

  @Test func rowActivationGivesTheReferenceBits() throws {
    var cases: [RowActivationCase] = []
    for kind in CaseActivation.kinds {
      for (samples, features) in [1, 2, 5].flatMap({ samples in Self.featureCounts.map { (samples, $0) } }) {
        var random = TestRandom(seed: cases.count)
        cases.append(
          RowActivationCase(
            samples: samples, features: features, activation: CaseActivation(kind, units: features, &random),
            values: cases.count % 2 == 0
              ? random.floats(samples * features, reach: 40) : random.strangeFloats(samples * features)))
      }
    }
    try expectSameBits("rowActivation", cases)
  }

  @Test func rowGatherGivesTheReferenceBitsAndReadsNothingBeyondTheRows() throws {
    var floatCases: [RowGatherCase<Float>] = [], byteCases: [RowGatherCase<UInt8>] = []
    for features in Self.featureCounts {
      var random = TestRandom(seed: features)
      let scale = random.floats(features), shift = random.floats(features)
      let floats = random.strangeFloats(5 * features)
      let bytes = (0..<5 * features).map { _ in UInt8(random.integer(below: 256)) }
      for indices in [random.indices(5, below: 4), nil] {
        floatCases.append(
          RowGatherCase(
            features: features, data: floats, indices: indices, sampleCount: 5, scale: scale, shift: shift))
        byteCases.append(
          RowGatherCase(features: features, data: bytes, indices: indices, sampleCount: 5, scale: scale, shift: shift))
      }
    }
    try expectSameBits("rowGather of floats", floatCases)
    try expectSameBits("rowGather of bytes", byteCases)
  }

  @Test func aWrongWeightIsNoticed() throws {
    let kernels = try KernelSet.selected()
    let stage = stage(0, 3, DenseShape(inputCount: 20, outputCount: 33))
    var weights = stage.weights
    weights[32 * 20 + 19] += 1
    let wrong = DenseForwardCase(
      samples: stage.samples, shape: stage.shape, activation: stage.activation, keepsPreactivation: false,
      weights: weights, bias: stage.bias, input: stage.input)
    var comparison = BitComparison()
    comparison.compare(
      RowForwardCase(stage: wrong, cut: 8).run(on: kernels).blocks, with: [stage.run(on: kernels).blocks[0]], in: "")
    #expect(comparison.mismatches == 3)
  }
}
