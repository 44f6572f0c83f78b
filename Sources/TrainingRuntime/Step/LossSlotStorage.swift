import NeuronKernels

/// Loss and hits of an evaluation, a slot for every half panel, which whoever computes it writes.
///
/// Added up in order, they give the same loss for any number of workers.
final class LossSlotStorage: @unchecked Sendable {
  let slots: LossSlots
  private let rowCount: Int
  private let slotCount: Int

  init(rowCount: Int) {
    self.rowCount = rowCount
    slotCount = PanelLayout.halfPanelCount(rowCount)
    slots = LossSlots(lossSums: .allocate(capacity: slotCount), correctCounts: .allocate(capacity: slotCount))
    slots.lossSums.initialize(repeating: 0, count: slotCount)
    slots.correctCounts.initialize(repeating: 0, count: slotCount)
  }

  deinit {
    slots.lossSums.deallocate()
    slots.correctCounts.deallocate()
  }

  /// Loss and accuracy, once all slots are written.
  func evaluation(hasLabels: Bool) -> Evaluation {
    var loss = 0.0, hits = 0
    for slot in 0..<slotCount {
      loss += slots.lossSums[slot]
      hits += Int(slots.correctCounts[slot])
    }
    return Evaluation(
      loss: loss / Double(rowCount), accuracy: hasLabels ? Double(hits) / Double(rowCount) : nil, sampleCount: rowCount)
  }
}
