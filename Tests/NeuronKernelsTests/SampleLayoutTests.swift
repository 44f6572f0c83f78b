import NeuronKernels
import Testing

/// Transpose and gather move values without rounding, so their equations hold exactly, on every table.
@Suite struct SampleLayoutTests {
  @Test(arguments: InstructionSet.runnable) func transposePutsEverySampleInItsRow(set: InstructionSet) throws {
    for (samples, features) in [(1, 1), (17, 33), (33, 16), (47, 40), (64, 784)] {
      let values = (0..<samples * features).map { Float($0 + 1) }
      let transpose = TransposeCase(
        samples: samples, features: features, firstSample: 3, capacity: PanelLayout.paddedCount(samples) + 5,
        values: values)
      let result = try transpose.run(on: KernelSet(set))
      let lanes = PanelLayout.lineCount(features)
      let expected = (0..<samples).flatMap { s in
        (0..<lanes).map { $0 < features ? Double(values[s * features + $0]) : 0 }
      }
      #expect(result.blocks[0].values == expected)
      #expect(result.violations.isEmpty)
    }
  }

  @Test(arguments: InstructionSet.runnable) func gatherScalesThePickedRows(set: InstructionSet) throws {
    for (samples, features) in [(1, 1), (17, 33), (33, 16), (47, 40), (64, 784)] {
      let gather = exactGather(samples, features)
      let result = try gather.run(on: KernelSet(set))
      let rows = (0..<samples).flatMap { s in
        (0..<features).map { f in
          Double(gather.data[Int(gather.indices[s]) * features + f] * gather.scale[f] + gather.shift[f])
        }
      }
      #expect(result.blocks[0].values == rows)
      let lanes = PanelLayout.lineCount(features)
      let transposed = (0..<PanelLayout.lineCount(samples)).flatMap { s in
        (0..<lanes).map { s < samples && $0 < features ? rows[s * features + $0] : 0 }
      }
      #expect(result.blocks[1].values == transposed)
      #expect(result.violations.isEmpty)
    }
  }

  /// Bytes, powers of two as scales and whole shifts: nothing to round.
  private func exactGather(_ samples: Int, _ features: Int) -> GatherCase {
    var random = TestRandom(seed: samples)
    let data = GatherData.uint8((0..<20 * features).map { _ in UInt8(random.integer(below: 256)) })
    return GatherCase(
      samples: samples, features: features, firstSample: 2, capacity: PanelLayout.paddedCount(samples) + 2, data: data,
      indices: random.indices(samples, below: 20), scale: random.wholeFloats(features, reach: 2).map { $0 / 4 },
      shift: random.wholeFloats(features, reach: 9))
  }
}
