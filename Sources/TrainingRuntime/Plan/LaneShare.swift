import NeuronKernels
import WorkerTeam

/// A lane's share of a minibatch: whole panels, decided by the number of samples and of lanes and by nothing else.
///
/// Shares differ by one panel at most. A minibatch of fewer panels than lanes leaves the last lanes empty.
enum LaneShare {
  static func panels(ofLane lane: Int, of laneCount: Int, sampleCount: Int) -> Range<Int> {
    IndexPartition.range(ofPart: lane, parts: laneCount, count: PanelLayout.panelCount(sampleCount))
  }

  /// The samples of panels: 32 each, but for the minibatch's last.
  static func samples(ofPanels panels: Range<Int>, sampleCount: Int) -> Range<Int> {
    min(
      panels.lowerBound * PanelLayout.laneCount, sampleCount)..<min(
        panels.upperBound * PanelLayout.laneCount, sampleCount)
  }

  static func samples(ofLane lane: Int, of laneCount: Int, sampleCount: Int) -> Range<Int> {
    samples(ofPanels: panels(ofLane: lane, of: laneCount, sampleCount: sampleCount), sampleCount: sampleCount)
  }
}
