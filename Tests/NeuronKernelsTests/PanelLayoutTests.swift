import NeuronKernels
import Testing

struct PanelLayoutTests {
  @Test func countsRoundUpToPanelsAndLines() {
    #expect(PanelLayout.laneCount == 32)
    let expected: [(count: Int, panels: Int, padded: Int, line: Int)] = [
      (0, 0, 0, 0), (1, 1, 32, 16), (16, 1, 32, 16), (17, 1, 32, 32), (32, 1, 32, 32), (33, 2, 64, 48),
      (784, 25, 800, 784),
    ]
    for (count, panels, padded, line) in expected {
      #expect(PanelLayout.panelCount(count) == panels)
      #expect(PanelLayout.paddedCount(count) == padded)
      #expect(PanelLayout.lineCount(count) == line)
    }
  }

  @Test func indicesFollowTheDrawnLayouts() {
    #expect(PanelLayout.activationIndex(sample: 33, feature: 2, featureCount: 10) == (1 * 10 + 2) * 32 + 1)
    #expect(PanelLayout.weightIndex(input: 70, output: 3, outputCount: 5) == (2 * 5 + 3) * 32 + 6)
    #expect(PanelLayout.transposedIndex(sample: 7, feature: 40, capacity: 64) == (1 * 64 + 7) * 32 + 8)
  }

  @Test func panelsAreNeverALargePowerOfTwoApart() {
    for count in [1, 10, 256, 511, 513, 784] { #expect(PanelLayout.panelRows(count) == count) }
    for count in [512, 1024, 1536, 4096] {
      #expect(PanelLayout.panelRows(count) > count && PanelLayout.panelRows(count) % 512 != 0)
    }
    #expect(PanelLayout.weightIndex(input: 32, output: 0, outputCount: 512) == PanelLayout.panelRows(512) * 32)
  }

  @Test(arguments: [33, 512]) func everyElementHasItsOwnPlaceInsideTheStorage(features: Int) {
    let samples = 47, rows = PanelLayout.panelRows(features)
    let pairs = (0..<samples).flatMap { s in (0..<features).map { (s, $0) } }
    let activations = Set(pairs.map { PanelLayout.activationIndex(sample: $0, feature: $1, featureCount: features) })
    #expect(activations.count == pairs.count)
    #expect(activations.max()! < PanelLayout.paddedCount(samples) * rows)
    let weights = Set(pairs.map { PanelLayout.weightIndex(input: $0, output: $1, outputCount: features) })
    #expect(weights.count == pairs.count)
    #expect(weights.max()! < PanelLayout.paddedCount(samples) * rows)
    let transposed = Set(pairs.map { PanelLayout.transposedIndex(sample: $0, feature: $1, capacity: samples) })
    #expect(transposed.count == pairs.count)
    #expect(transposed.max()! < PanelLayout.paddedCount(features) * samples)
  }

  @Test func packingAndUnpackingGivesTheRowsBack() {
    for (samples, features) in [(1, 1), (17, 33), (64, 10)] {
      let rows = (0..<samples * features).map(Float.init)
      let panels = PanelPacking.panels(rows, samples: samples, features: features)
      #expect(PanelPacking.rows(panels, samples: samples, features: features) == rows)
    }
  }
}
