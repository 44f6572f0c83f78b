import BenchmarkInstruments
import CNeuronKernels

/// A comparison with the reference that stays quick for any size: half of the first and half of the last panel.
enum SampledPanels {
  /// Samples of a panel that are compared; the fewest that the reference computes.
  static let sampleCount = 16

  /// Expects panels of `values`, `[panel][rows][32]` of `width` rows and spare ones, to be what `reference` leaves in `expected` for them, bit for bit.
  static func check(
    _ name: String, of values: Block<Float>, width: Int, samples: Int, against expected: Block<Float>,
    reference: (_ panel: Int) -> Void
  ) throws {
    for panel in Set([0, samples / 32 - 1]) {
      reference(panel)
      for feature in 0..<width {
        try requireSameBits(
          values.pointer + (panel * nk_panel_rows(width) + feature) * 32, expected.pointer + feature * 32,
          count: sampleCount,
          "\(name)[panel \(panel)][\(feature)]")
      }
    }
  }
}
