import NeuronKernels
import Testing

/// The dot product of pairs, laid bare: a forward pass of two inputs gives dot(bias, weights, input) and nothing else.
struct BFloat16DotTests {
  @Test func everyTableComputesTheDefinitionForEveryEvenElement() throws {
    try expectDefinition("even", inputs: (0...0xffff).map { UInt32($0) | 0x3f80_0000 })
  }

  @Test func everyTableComputesTheDefinitionForEveryOddElement() throws {
    try expectDefinition("odd", inputs: (0...0xffff).map { UInt32($0) << 16 | 0xbf80 })
  }

  @Test func everyTableComputesTheDefinitionWhereSumsUnderflow() throws {
    var random = TestRandom(seed: 1)
    // Elements around 2⁻⁶³: products lie around the smallest normal number, and so do the sums they meet.
    let inputs = (0..<1 << 16).map { _ in UInt32(truncatingIfNeeded: random.bits()) & 0x807f_807f | 0x2000_2000 }
    let weights = (0..<8).map { _ in UInt32(truncatingIfNeeded: random.bits()) & 0x80ff_80ff | 0x1f80_1f80 }
    let sums: [Float] = [
      .leastNormalMagnitude, -.leastNormalMagnitude, .leastNormalMagnitude.nextUp, -.leastNormalMagnitude * 1.5, 0,
      -0.0,
      .leastNonzeroMagnitude, -.leastNormalMagnitude / 2,
    ]
    try expectDefinition("underflow", inputs: inputs, weights: weights, sums: sums)
  }

  @Test func tininessIsFoundAfterRounding() throws {
    // 2⁻¹²⁶ − k·2⁻¹⁵³ for k = 1 … 8: up to 2⁻¹⁵¹ below, rounding with unbounded exponent gives 2⁻¹²⁶ again.
    let inputs = (1...8).map { UInt32(BFloat16Definition.rounded(Float($0) * 0x1p-77)) }
    let weight = UInt32(BFloat16Definition.rounded(-0x1p-76))
    for kernels in try BFloat16Tables.all(.pairs) {
      let dots = try dots(inputs, [weight], [.leastNormalMagnitude], on: kernels)
      #expect(dots.map { $0 == 0 } == [false, false, false, false, true, true, true, true], "\(kernels.label)")
    }
  }

  @Test func theOddElementsAreAddedFirst() throws {
    // (2²⁴ + 1) − 2²⁴: the one added first is lost.
    let big = UInt32(BFloat16Definition.rounded(0x1p24)), one = UInt32(BFloat16Definition.rounded(1))
    for kernels in try BFloat16Tables.all(.pairs) {
      #expect(try dots([big << 16 | one], [one << 16 | one], [-0x1p24], on: kernels) == [1], "\(kernels.label)")
      #expect(try dots([one << 16 | big], [one << 16 | one], [-0x1p24], on: kernels) == [1], "\(kernels.label)")
      #expect(try dots([big << 16 | one], [one << 16 | one], [1], on: kernels) == [0x1p24], "\(kernels.label)")
      #expect(try dots([one << 16 | big], [one << 16 | one], [1], on: kernels) == [0x1p24 + 2], "\(kernels.label)")
    }
  }
}

extension BFloat16DotTests {
  private static let weights: [UInt32] = [
    0x3f80_3f80, 0xbf80_3f80, 0x3eab_4049, 0x7f7f_0080, 0x0080_ff7f, 0x7f80_3f80, 0x0001_8000, 0x7fc0_0000,
  ]
  private static let sums: [Float] = [0, -0.0, 1, -1, 0x1p-126, -0x1.fffffep127, .infinity, .nan]

  private func expectDefinition(
    _ what: String, inputs: [UInt32], weights: [UInt32] = weights, sums: [Float] = sums
  ) throws {
    for kernels in try BFloat16Tables.all(.pairs) {
      var mismatches = 0, first = ""
      // Every input meets every weight, and over the turns every sum.
      for turn in [0, 3, 6] {
        let turned = weights.indices.map { sums[($0 + turn) % sums.count] }
        let dots = try dots(inputs, weights, turned, on: kernels)
        for (place, dot) in dots.enumerated() {
          let (input, unit) = (inputs[place / weights.count], place % weights.count)
          let expected = BFloat16Definition.dot(turned[unit], weights[unit], input)
          if dot.bitPattern == expected.bitPattern || (dot.isNaN && expected.isNaN) { continue }
          mismatches += 1
          if first.isEmpty { first = "dot(\(turned[unit]), \(weights[unit]), \(input)) = \(dot), not \(expected)" }
        }
      }
      #expect(mismatches == 0, "\(what), \(kernels.label): \(first)")
    }
  }

  /// dot(sums[o], weights[o], inputs[b]), sample by sample.
  private func dots(_ inputs: [UInt32], _ weights: [UInt32], _ sums: [Float], on kernels: KernelSet) throws -> [Float] {
    let samples = inputs.count, outputs = weights.count, lanes = PanelLayout.laneCount
    var rows = [UInt16](repeating: 0, count: outputs * lanes)
    for (output, weight) in weights.enumerated() {
      rows[output * lanes] = UInt16(truncatingIfNeeded: weight)
      rows[output * lanes + 1] = UInt16(weight >> 16)
    }
    let padded = inputs + [UInt32](repeating: 0, count: PanelLayout.paddedCount(samples) - samples)
    let memory = KernelMemory(), output = memory.output("output", padded.count * outputs)
    try #require(kernels.bfloat16).denseForward(
      sampleCount: samples, shape: DenseShape(inputCount: 2, outputCount: outputs), rows: 0..<outputs,
      weights: memory.input("weights", rows), bias: memory.input("bias", sums), input: memory.input("input", padded),
      output: BFloat16Destination(floats: output.pointer), preactivation: nil, activation: .linear)
    #expect(memory.result().violations.isEmpty)
    return PanelPacking.rows(output.values, samples: samples, features: outputs)
  }
}
