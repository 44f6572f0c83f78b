import NeuronKernels
import TrainingData

/// A data set as the step reads it: rows where they lie, the scaling beside them, labels or targets.
///
/// Holds the data set, so its pointers live as long as the feed; nothing is copied but the scaling constants.
struct SampleFeed: @unchecked Sendable {
  let dataset: Dataset
  let source: GatherSource
  let labels: UnsafePointer<UInt32>?
  let targets: UnsafePointer<Float>?
  private let constants: AlignedStorage

  init(_ dataset: Dataset, transform: FeatureTransform) throws(NeuronKernelsError) {
    let padded = PanelLayout.paddedCount(dataset.featureCount)
    let constants = try AlignedStorage(byteCount: 2 * padded * MemoryLayout<Float>.stride)
    let scale = constants.baseAddress.bindMemory(to: Float.self, capacity: 2 * padded)
    for (feature, value) in transform.scale.enumerated() { scale[feature] = value }
    for (feature, value) in transform.shift.enumerated() { scale[padded + feature] = value }
    self.dataset = dataset
    self.constants = constants
    self.source = GatherSource(
      data: dataset.features.baseAddress, element: dataset.features.elementType == .uint8 ? .uint8 : .float32,
      featureCount: dataset.featureCount, scale: scale, shift: scale + padded)
    let wanted = LossFeed(dataset)
    self.labels = wanted.labels
    self.targets = wanted.targets
  }

  var hasLabels: Bool { labels != nil }

  /// What the loss of the samples at `indices` compares with.
  func lossTargets(_ indices: UnsafePointer<UInt32>) -> LossTargets {
    LossTargets(indices: indices, labels: labels, targets: targets)
  }
}

/// What a data set's samples should be answered with, as the loss kernels read it; valid while the data set lives.
struct LossFeed {
  let labels: UnsafePointer<UInt32>?
  let targets: UnsafePointer<Float>?

  init(_ dataset: Dataset) {
    switch dataset.targets {
    case .classes(_, let labels):
      // Labels are checked to be non-negative, so their bits are those of an unsigned number.
      self.labels = UnsafeRawPointer(labels.baseAddress).assumingMemoryBound(to: UInt32.self)
      self.targets = nil
    case .values(_, let rows):
      self.labels = nil
      self.targets = rows.baseAddress
    }
  }
}
