import NeuronKernels
import Testing

/// The random slopes of randomized leaky ReLU.
struct RandomSlopeTests {
  private let activation = KernelActivation(.rreLU, a: 0.125, b: 1.0 / 3)

  /// Panels of slopes for the units `rows`; NaN where nothing was drawn.
  private func slopes(
    samples: Int, units: Int, rows: Range<Int>? = nil, first: Int = 0, step: Int = 3, stage: Int = 2,
    on set: InstructionSet
  ) throws -> [Float] {
    let buffer = GuardedBuffer(
      [Float](repeating: .nan, count: PanelLayout.paddedCount(samples) * PanelLayout.panelRows(units)))
    try KernelSet(set).randomSlopes(
      sampleCount: samples, featureCount: units, rows: rows ?? 0..<units,
      draws: ActivationDraws(seed: 0x1234_5678_9ABC_DEF0, step: step, firstSample: first), stage: stage,
      activation: activation, slopes: buffer.pointer)
    return buffer.values
  }

  private func same(_ a: [Float], _ b: [Float]) -> Bool {
    zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }

  /// The definition, from the package's generator.
  @Test(arguments: InstructionSet.runnable) func slopesAreThoseOfTheGenerator(set: InstructionSet) throws {
    for (samples, units) in [(1, 1), (17, 5), (33, 8), (64, 39)] {
      let drawn = try slopes(samples: samples, units: units, first: 100, on: set)
      for sample in 0..<samples {
        for unit in 0..<units {
          let words = Philox4x32.block(
            key: 0x1234_5678_9ABC_DEF0,
            counter: (UInt64(100 + sample) << 32 | UInt64(unit / 4), (4 << 16 | 2) << 32 | 3))
          let expected = ((1.0 / 3 as Float) - 0.125) * Philox4x32.unitFloat(words[unit % 4]) + 0.125
          let place = PanelLayout.activationIndex(sample: sample, feature: unit, featureCount: units)
          #expect(abs(drawn[place] - expected) <= expected.ulp)
        }
      }
    }
  }

  @Test func everyTableDrawsTheSameBits() throws {
    for (samples, units) in [(1, 1), (16, 3), (40, 21)] {
      let expected = try slopes(samples: samples, units: units, on: .reference)
      for set in vectorSets {
        #expect(same(try slopes(samples: samples, units: units, on: set), expected), "\(set)")
      }
    }
  }

  /// However units and samples are shared out, each has its slope.
  @Test(arguments: InstructionSet.runnable) func sharingOutChangesNothing(set: InstructionSet) throws {
    let whole = try slopes(samples: 64, units: 11, on: set)
    let parts = try [0..<3, 3..<9, 9..<11].map { try slopes(samples: 64, units: 11, rows: $0, on: set) }
    let joined = whole.indices.map { index in parts.map { $0[index] }.first { !$0.isNaN } ?? .nan }
    #expect(same(joined, whole))
    let upper = try slopes(samples: 32, units: 11, first: 32, on: set)
    #expect(same(upper, Array(whole.suffix(32 * 11))))
  }

  @Test func stepsStagesAndSamplesDifferAndStayInRange() throws {
    let base = try slopes(samples: 32, units: 64, on: .reference)
    for other in [
      try slopes(samples: 32, units: 64, step: 4, on: .reference),
      try slopes(samples: 32, units: 64, stage: 3, on: .reference),
      try slopes(samples: 32, units: 64, first: 32, on: .reference),
    ] { #expect(zip(base, other).count { $0 == $1 } < 4) }
    #expect(base.allSatisfy { $0 >= 0.125 && $0 < 1.0 / 3 })
    let mean = base.reduce(0, +) / Float(base.count)
    #expect(abs(mean - 0.2292) < 0.01)
  }
}
