import NeuronKernels

/// One caller's part of every layer's units, where several share a shard.
package struct UnitPart: Sendable, Hashable {
  package let index: Int
  package let count: Int

  /// Part `index` of `count`.
  package init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// All units.
  package static var whole: UnitPart { UnitPart(index: 0, count: 1) }

  /// Of `unitCount` units, this caller's.
  func units(of unitCount: Int) -> Range<Int> { bound(index, unitCount)..<bound(index + 1, unitCount) }

  /// Of `featureCount` features, this caller's whole panels; the last of all may be ragged.
  func panels(of featureCount: Int) -> Range<Int> {
    let panels = PanelLayout.panelCount(featureCount)
    let first = bound(index, panels) * PanelLayout.laneCount, end = bound(index + 1, panels) * PanelLayout.laneCount
    return min(first, featureCount)..<min(end, featureCount)
  }

  private func bound(_ part: Int, _ total: Int) -> Int { part * total / count }
}
