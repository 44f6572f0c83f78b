import CNeuronKernels

/// A loss as the kernels take it; a trivial value.
package struct KernelLoss: Sendable, Hashable {
  /// The kinds in the order of `nk_loss_kind`, which gives their equations.
  package enum Kind: UInt32, CaseIterable, Sendable {
    case meanSquaredError, meanAbsoluteError, meanAbsolutePercentageError, meanSquaredLogarithmicError
    case huber, logCosh, quantile, binaryCrossEntropy, binaryFocal, poisson, logPoisson, hinge, squaredHinge
    case crossEntropy, klDivergence, focal, categoricalHinge, cosineSimilarity, gaussianNLL
  }

  package var kind: Kind
  package var a: Float
  package var b: Float
  /// Whether z stays where the loss forms p of it.
  package var keepsValues: Bool
  /// The value of a single output above which it stands for class 1.
  package var threshold: Float

  package init(_ kind: Kind, a: Float = 1, b: Float = 0, keepsValues: Bool = false, threshold: Float = 0.5) {
    self.kind = kind
    self.a = a
    self.b = b
    self.keepsValues = keepsValues
    self.threshold = threshold
  }

  fileprivate var cValue: nk_loss {
    nk_loss(kind: nk_loss_kind(kind.rawValue), a: a, b: b, keeps_values: keepsValues, threshold: threshold)
  }
}

/// What a loss compares with, and how much each sample counts; all but the indices by data set row; see `nk_loss_head`.
package struct LossTargets {
  package var indices: UnsafePointer<UInt32>
  package var labels: UnsafePointer<UInt32>?
  package var targets: UnsafePointer<Float>?
  package var sampleWeights: UnsafePointer<Float>?
  /// By class, where there are labels.
  package var classWeights: UnsafePointer<Float>?

  package init(
    indices: UnsafePointer<UInt32>, labels: UnsafePointer<UInt32>?, targets: UnsafePointer<Float>?,
    sampleWeights: UnsafePointer<Float>? = nil, classWeights: UnsafePointer<Float>? = nil
  ) {
    self.indices = indices
    self.labels = labels
    self.targets = targets
    self.sampleWeights = sampleWeights
    self.classWeights = classWeights
  }

  /// Asks for a row's label and weight; a hint, without effect on any result.
  package func prefetch(row: UInt32) {
    if let labels { nk_prefetch(labels + Int(row)) }
    if let sampleWeights { nk_prefetch(sampleWeights + Int(row)) }
  }

  /// The same from sample `sample` on.
  package func advanced(toSample sample: Int) -> LossTargets {
    var rest = self
    rest.indices += sample
    return rest
  }
}

/// Where a loss head leaves losses and hits: one slot for every half panel, so that shards of any size give the same sums.
package struct LossSlots {
  package var lossSums: UnsafeMutablePointer<Double>
  package var correctCounts: UnsafeMutablePointer<UInt32>

  package init(lossSums: UnsafeMutablePointer<Double>, correctCounts: UnsafeMutablePointer<UInt32>) {
    self.lossSums = lossSums
    self.correctCounts = correctCounts
  }

  /// The slots from the half panel of sample `sample`, a multiple of 16, on.
  package func advanced(toSample sample: Int) -> LossSlots {
    let slot = sample / PanelLayout.halfLaneCount
    return LossSlots(lossSums: lossSums + slot, correctCounts: correctCounts + slot)
  }
}

extension KernelSet {
  /// Loss, hits and, where `gradient` is not nil, the gradient of a minibatch; see `nk_loss_head`.
  package func applyLoss(
    _ loss: KernelLoss, sampleCount: Int, outputCount: Int, targets: LossTargets, gradientScale: Float,
    values: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>?, slots: LossSlots
  ) {
    var arguments = nk_loss_head(
      loss: loss.cValue, samples: sampleCount, outputs: outputCount, indices: targets.indices, labels: targets.labels,
      targets: targets.targets, sample_weights: targets.sampleWeights, class_weights: targets.classWeights,
      gradient_scale: gradientScale, values: values, gradient: gradient, loss_sums: slots.lossSums,
      correct_counts: slots.correctCounts)
    table.loss_head(&arguments)
  }
}
