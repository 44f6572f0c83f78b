import NeuronKernels
import WorkerTeam

/// The samples of a minibatch that one worker, or one group of workers, takes through the network.
///
/// Shares are whole panels where that is as fair as half panels, since half a panel makes the kernels read every weight
/// for 16 samples instead of 32.
struct SampleShare: Sendable, Hashable {
  /// Places in the minibatch, from 0.
  let samples: Range<Int>

  /// Share `index` of `count` of a minibatch of `sampleCount` samples.
  init(_ index: Int, of count: Int, sampleCount: Int) {
    let panels = PanelLayout.panelCount(sampleCount), halves = PanelLayout.halfPanelCount(sampleCount)
    let isFair = 2 * Self.largest(panels, count) <= Self.largest(halves, count)
    let unit = isFair ? PanelLayout.laneCount : PanelLayout.halfLaneCount
    let units = IndexPartition.range(ofPart: index, parts: count, count: isFair ? panels : halves)
    samples = min(units.lowerBound * unit, sampleCount)..<min(units.upperBound * unit, sampleCount)
  }

  /// No samples.
  static let none = SampleShare(0, of: 1, sampleCount: 0)

  private static func largest(_ units: Int, _ count: Int) -> Int { (units + count - 1) / count }

  /// The upper half of a panel that the share begins with, where it begins there.
  var leadingHalf: Range<Int> {
    guard samples.lowerBound % PanelLayout.laneCount != 0 else { return samples.lowerBound..<samples.lowerBound }
    return samples.lowerBound..<min(samples.lowerBound + PanelLayout.halfLaneCount, samples.upperBound)
  }

  /// What follows the leading half, from a whole panel on.
  var panels: Range<Int> { leadingHalf.upperBound..<samples.upperBound }
}
