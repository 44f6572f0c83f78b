import NeuronKernels

/// One in-place activation.
struct ActivationForwardCase: KernelCase {
  let samples: Int
  let features: Int
  let activation: CaseActivation
  let keepsPreactivation: Bool
  /// Rows [samples][features].
  let values: [Float]

  var description: String { "activationForward \(activation), \(samples) × \(features)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let inOut = memory.watched("values", PanelPacking.panels(values, samples: samples, features: features))
    let preactivation =
      keepsPreactivation
      ? activation.preactivation(memory, count: PanelLayout.paddedCount(samples) * PanelLayout.panelRows(features))
      : nil
    kernels.activationForward(
      sampleCount: samples, featureCount: features, values: inOut.pointer, preactivation: preactivation?.pointer,
      activation: activation.argument(memory))
    return memory.result(
      OutputBlock("values", PanelPacking.rows(inOut.values, samples: samples, features: features)),
      OutputBlock(
        "preactivation",
        preactivation.map { PanelPacking.rows($0.values, samples: samples, features: features) } ?? []))
  }
}

/// One in-place derivative.
struct ActivationBackwardCase: KernelCase {
  let samples: Int
  let features: Int
  let activation: CaseActivation
  /// All [samples][features].
  let gradient: [Float]
  let output: [Float]
  let preactivation: [Float]

  var description: String { "activationBackward \(activation), \(samples) × \(features)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let inOut = memory.watched("gradient", PanelPacking.panels(gradient, samples: samples, features: features))
    let slopeShare =
      activation.kind.readsPreactivation
      ? memory.watched("preactivation", PanelPacking.panels(preactivation, samples: samples, features: features)) : nil
    kernels.activationBackward(
      sampleCount: samples, featureCount: features, gradient: inOut.pointer,
      output: memory.input("output", PanelPacking.panels(output, samples: samples, features: features)),
      preactivation: slopeShare?.pointer, activation: activation.argument(memory))
    return memory.result(
      OutputBlock("gradient", PanelPacking.rows(inOut.values, samples: samples, features: features)),
      OutputBlock(
        "slope share", slopeShare.map { PanelPacking.rows($0.values, samples: samples, features: features) } ?? []))
  }
}
