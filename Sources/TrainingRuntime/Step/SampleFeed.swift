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
  let sampleWeights: UnsafePointer<Float>?
  let classWeights: UnsafePointer<Float>?
  private let constants: AlignedStorage

  /// - Parameter classWeights: how much a sample of each class counts; nil for all alike.
  init(
    _ dataset: Dataset, transform: FeatureTransform, classWeights: [Float]? = nil
  ) throws(NeuronKernelsError) {
    let padded = PanelLayout.paddedCount(dataset.featureCount), count = 2 * padded + (classWeights?.count ?? 0)
    let constants = try AlignedStorage(byteCount: count * MemoryLayout<Float>.stride)
    let scale = constants.baseAddress.bindMemory(to: Float.self, capacity: count)
    for (index, weight) in (classWeights ?? []).enumerated() { scale[2 * padded + index] = weight }
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
    self.sampleWeights = wanted.sampleWeights
    self.classWeights = classWeights == nil ? nil : UnsafePointer(scale + 2 * padded)
  }

  var hasLabels: Bool { labels != nil }

  /// What the loss of the samples at `indices` compares with.
  func lossTargets(_ indices: UnsafePointer<UInt32>) -> LossTargets {
    LossTargets(
      indices: indices, labels: labels, targets: targets, sampleWeights: sampleWeights, classWeights: classWeights)
  }
}

/// What a data set's samples should be answered with, as the loss kernels read it; valid while the data set lives.
struct LossFeed {
  let labels: UnsafePointer<UInt32>?
  let targets: UnsafePointer<Float>?
  let sampleWeights: UnsafePointer<Float>?

  init(_ dataset: Dataset) {
    sampleWeights = dataset.sampleWeights?.baseAddress
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
