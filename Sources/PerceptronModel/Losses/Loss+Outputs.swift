import NeuronKernels

/// How a loss's outputs and targets belong together.
extension Loss {
  /// Whether class labels can be targets.
  public var acceptsLabels: Bool { form.traits.contains(.labels) }

  /// Whether rows of values can be targets.
  public var acceptsValues: Bool { form.traits.contains(.values) }

  /// Outputs that a network needs for so many target values a sample.
  public func outputCount(forTargets width: Int) -> Int { self == .gaussianNLL ? 2 * width : width }

  /// Whether `outputs` outputs can tell `count` classes apart: one for each, or a single one for two.
  public func accepts(classCount count: Int, outputs: Int) -> Bool {
    count <= outputs || (count == 2 && outputs == 1 && !form.traits.contains(.exclusive))
  }

  /// The value of a single output above which it stands for class 1.
  package var threshold: Float { form.threshold }

  /// Whether the outputs of a sample are scores of classes of which one is right, whatever the targets look like.
  package var tellsClasses: Bool { form.traits.contains(.exclusive) && self != .cosineSimilarity }

  /// The activation that is computed together with the loss, when it is the last layer's.
  package var fusedActivation: ActivationFunction? { form.fused }

  /// The loss as the kernels take it, for a network of so many outputs.
  package func kernelLoss(outputCount: Int) -> KernelLoss {
    let form = form, numbers = form.numbers(outputCount)
    return KernelLoss(
      form.kind, a: numbers.a, b: numbers.b, keepsValues: form.fused == nil, threshold: form.threshold)
  }
}
