import NeuronKernels
import Testing

/// Rounding to bfloat16, over a stride of all floats.
struct BFloat16RoundingTests {
  @Test func everyTableRoundsToTheNearestOrTheEvenOfTwo() throws {
    let values = Self.values
    for kernels in try BFloat16Tables.all(.pairs) {
      let rows = try packed(values, on: kernels)
      let wrong = values.indices.filter { place in
        let expected = BFloat16Definition.rounded(values[place])
        return rows[place] != expected && !(values[place].isNaN && BFloat16Definition.float(rows[place]).isNaN)
      }
      #expect(wrong.isEmpty, "\(kernels.label): \(wrong.first.map { values[$0] } ?? 0)")
    }
  }

  /// The sweep has every upper half; the middle between two, and its neighbours, are added for a stride of them.
  private static let values: [Float] = {
    var values = ActivationSweep.inputs
    for middle in stride(from: UInt32(0x8000), to: UInt32.max - 0x1_0000, by: 7 << 16) {
      for bits in middle - 1...middle + 1 { values.append(Float(bitPattern: bits)) }
    }
    while values.count % PanelLayout.laneCount != 0 { values.append(0) }
    return values
  }()

  @Test func theDefinitionIsWhatItSays() {
    #expect(BFloat16Definition.rounded(1) == 0x3f80)
    #expect(BFloat16Definition.rounded(1 + 0x1p-8) == 0x3f80, "the middle, down to the even")
    #expect(BFloat16Definition.rounded(1 + 0x1p-7 + 0x1p-8) == 0x3f82, "the middle, up to the even")
    #expect(BFloat16Definition.rounded(-(1 + 0x1p-8).nextUp) == 0xbf81)
    #expect(BFloat16Definition.rounded(.greatestFiniteMagnitude) == 0x7f80)
    #expect(BFloat16Definition.rounded(-.leastNormalMagnitude / 2) == 0x8000)
  }

  /// Samples of one feature as rows of bfloat16, which are those samples one after the other.
  private func packed(_ values: [Float], on kernels: KernelSet) throws -> [UInt16] {
    let rows = GuardedBuffer([UInt16](repeating: 0, count: values.count))
    let source = GuardedBuffer(values)
    try #require(kernels.bfloat16).pack(
      sampleCount: values.count, featureCount: 1, rows: 0..<1, values: source.pointer, valueRows: rows.pointer,
      valuePairs: nil)
    #expect(rows.guardsAreIntact)
    return rows.values
  }
}
