import NeuronKernels

/// Loss and hits of an evaluation, one slot a panel, which whoever computes the panel writes.
///
/// Added up in order, they give the same loss for any number of workers.
final class LossSlotStorage: @unchecked Sendable {
  let slots: LossSlots
  private let rowCount: Int
  private let panelCount: Int

  init(rowCount: Int) {
    self.rowCount = rowCount
    panelCount = PanelLayout.panelCount(rowCount)
    slots = LossSlots(lossSums: .allocate(capacity: panelCount), correctCounts: .allocate(capacity: panelCount))
    slots.lossSums.initialize(repeating: 0, count: panelCount)
    slots.correctCounts.initialize(repeating: 0, count: panelCount)
  }

  deinit {
    slots.lossSums.deallocate()
    slots.correctCounts.deallocate()
  }

  /// Loss and accuracy, once all slots are written.
  func evaluation(hasLabels: Bool) -> Evaluation {
    var loss = 0.0, hits = 0
    for panel in 0..<panelCount {
      loss += slots.lossSums[panel]
      hits += Int(slots.correctCounts[panel])
    }
    return Evaluation(
      loss: loss / Double(rowCount), accuracy: hasLabels ? Double(hits) / Double(rowCount) : nil, sampleCount: rowCount)
  }
}
