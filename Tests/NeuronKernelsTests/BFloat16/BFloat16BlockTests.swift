import NeuronKernels
import Testing

/// The dot product of blocks, laid bare: a forward pass gives blocks(bias, weights, input) and nothing else.
struct BFloat16BlockTests {
  /// Whole blocks, ragged ones, and one pair alone.
  static let inputCounts = [1, 2, 31, 32, 33, 64, 70, 200]

  @Test(arguments: inputCounts) func everyTableComputesTheDefinition(inputs: Int) throws {
    try expectDefinition(inputs: inputs) { random in UInt16(truncatingIfNeeded: random.bits()) & 0xbfff }
  }

  @Test(arguments: inputCounts) func everyTableComputesTheDefinitionWhereSumsUnderflow(inputs: Int) throws {
    // Elements around 2⁻⁶³: products lie around the smallest normal number, and so do the sums they meet.
    try expectDefinition(inputs: inputs) { random in UInt16(truncatingIfNeeded: random.bits()) & 0x80ff | 0x1f80 }
  }

  @Test(arguments: inputCounts) func everyTableComputesTheDefinitionForAnyBits(inputs: Int) throws {
    try expectDefinition(inputs: inputs) { random in UInt16(truncatingIfNeeded: random.bits()) }
  }

  @Test func aBlockIsSummedBeforeItMeetsTheRest() throws {
    // 2²⁴ + (1 + 1): pair by pair each 1 would be lost.
    let one = BFloat16Definition.rounded(1)
    let sums = try sums([[one, one]], [[one, one]], bias: [0x1p24])
    #expect(sums.allSatisfy { $0.values == [0x1p24 + 2] })
  }
}

extension BFloat16BlockTests {
  private func expectDefinition(inputs: Int, draw: (inout TestRandom) -> UInt16) throws {
    var random = TestRandom(seed: inputs)
    let (samples, outputs) = (45, 39)
    func rows(_ count: Int) -> [[UInt16]] { (0..<count).map { _ in (0..<inputs).map { _ in draw(&random) } } }
    let input = rows(samples), weights = rows(outputs)
    let bias = (0..<outputs).map { _ in BFloat16Definition.float(draw(&random)) }
    let expected = input.flatMap { x in
      weights.indices.map { BFloat16Definition.blocks(bias[$0], pairs(weights[$0]), pairs(x)) }
    }
    for (label, values) in try sums(input, weights, bias: bias) {
      let wrong = values.indices.filter {
        values[$0].bitPattern != expected[$0].bitPattern && !(values[$0].isNaN && expected[$0].isNaN)
      }
      #expect(
        wrong.isEmpty,
        "\(label): \(wrong.count) wrong, first \(wrong.first.map { (values[$0], expected[$0]) } ?? (0, 0))")
    }
  }

  private func pairs(_ halves: [UInt16]) -> [UInt32] {
    stride(from: 0, to: halves.count, by: 2).map { place in
      UInt32(halves[place]) | (place + 1 < halves.count ? UInt32(halves[place + 1]) << 16 : 0)
    }
  }

  /// What every table makes of the rows of input and weights, [samples][outputs].
  private func sums(
    _ input: [[UInt16]], _ weights: [[UInt16]], bias: [Float]
  ) throws -> [(label: String, values: [Float])] {
    let (samples, inputs, outputs) = (input.count, input[0].count, weights.count)
    let halves = { (rows: [[UInt16]]) in rows.flatMap { $0.map(BFloat16Definition.float) } }
    let weightPanels = PanelPacking.weightPanels(halves(weights), inputs: inputs, outputs: outputs)
    let inputPanels = PanelPacking.panels(halves(input), samples: samples, features: inputs)
    return try BFloat16Tables.all(.blocks).map { kernels in
      let memory = KernelMemory()
      let count = PanelLayout.paddedCount(samples) * PanelLayout.panelRows(outputs)
      let output = memory.output("output", count)
      try #require(kernels.bfloat16).denseForward(
        sampleCount: samples, shape: DenseShape(inputCount: inputs, outputCount: outputs), rows: 0..<outputs,
        weights: memory.input("weights", words(weightPanels)), bias: memory.input("bias", bias),
        input: memory.input("input", pairWords(inputPanels, features: inputs)),
        output: BFloat16Destination(floats: output.pointer), preactivation: nil, activation: .linear)
      #expect(memory.result().violations.isEmpty)
      return (kernels.label, PanelPacking.rows(output.values, samples: samples, features: outputs))
    }
  }

  /// Panels of floats that are bfloat16 already, subnormal ones too, as they stand.
  private func words(_ panels: [Float]) -> [UInt16] { panels.map { UInt16($0.bitPattern >> 16) } }

  private func pairWords(_ panels: [Float], features: Int) -> [UInt32] {
    let lanes = PanelLayout.laneCount, rows = PanelLayout.panelRows(features)
    let pairRows = BFloat16Packing.pairRows(features)
    var words = [UInt32](repeating: 0, count: panels.count / (rows * lanes) * pairRows * lanes)
    for (place, value) in panels.enumerated() where place / lanes % rows < features {
      let (panel, feature, lane) = (place / lanes / rows, place / lanes % rows, place % lanes)
      words[(panel * pairRows + feature / 2) * lanes + lane] |=
        (value.bitPattern >> 16) << (feature % 2 == 0 ? 0 : 16)
    }
    return words
  }
}
