import NeuronKernels

/// One call of a loss head.
struct LossCase: KernelCase {
  let loss: KernelLoss
  let samples: Int
  let outputs: Int
  let indices: [UInt32]
  /// By data set row.
  let labels: [UInt32]?
  /// Rows [data set rows][outputs].
  let targets: [Float]?
  let wantsGradient: Bool
  let gradientScale: Float
  /// [samples][outputs]: y, or z where the loss forms p of it.
  let values: [Float]
  /// By data set row, and by class.
  var sampleWeights: [Float]?
  var classWeights: [Float]?

  var description: String {
    "\(loss.kind)\(loss.keepsValues ? ", keeping" : ""), \(samples) × \(outputs)" + (labels == nil ? "" : ", labels")
      + (targets == nil ? "" : ", targets")
      + (wantsGradient ? ", gradient" : "")
  }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let slotCount = PanelLayout.halfPanelCount(samples)
    let packed = PanelPacking.panels(values, samples: samples, features: outputs)
    let inOut = memory.watched("values", packed)
    let gradient =
      wantsGradient ? memory.output("gradient", PanelLayout.paddedCount(samples) * PanelLayout.panelRows(outputs)) : nil
    let lossSums = memory.watched("loss sums", [Double](repeating: Double(poison), count: slotCount))
    let correctCounts = memory.watched("correct counts", [UInt32](repeating: .max, count: slotCount))
    let lossTargets = LossTargets(
      indices: memory.input("indices", indices), labels: labels.map { memory.input("labels", $0) },
      targets: targets.map { memory.input("targets", $0) },
      sampleWeights: sampleWeights.map { memory.input("sample weights", $0) },
      classWeights: classWeights.map { memory.input("class weights", $0) })
    let slots = LossSlots(lossSums: lossSums.pointer, correctCounts: correctCounts.pointer)
    if loss.keepsValues { memory.expectUnchanged("values", inOut, packed) }
    kernels.applyLoss(
      loss, sampleCount: samples, outputCount: outputs, targets: lossTargets, gradientScale: gradientScale,
      values: inOut.pointer, gradient: gradient?.pointer, slots: slots)
    // The gradient's lanes beyond the last sample are promised to be zero up to the end of the half panel.
    let padded = slotCount * PanelLayout.halfLaneCount
    return memory.result(
      OutputBlock("values", PanelPacking.rows(inOut.values, samples: samples, features: outputs)),
      OutputBlock(
        "gradient", gradient.map { PanelPacking.rows($0.values, samples: padded, features: outputs) } ?? []),
      OutputBlock("loss sums", lossSums.values),
      OutputBlock("correct counts", correctCounts.values.map(Double.init)))
  }
}
