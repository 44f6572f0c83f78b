import NeuronKernels

/// One forward pass with bfloat16 operands.
struct BFloat16ForwardCase: KernelCase {
  let forward: DenseForwardCase
  let rows: Range<Int>

  var description: String { "bfloat16 \(forward), outputs \(rows)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let (inputs, outputs) = (forward.shape.inputCount, forward.shape.outputCount)
    let memory = KernelMemory()
    let panelCount = PanelLayout.panelCount(forward.samples)
    let outputCount = panelCount * PanelLayout.laneCount * PanelLayout.panelRows(outputs)
    let output = memory.output("output", outputCount)
    let preactivation =
      forward.keepsPreactivation ? forward.activation.preactivation(memory, count: outputCount) : nil
    let pairs = memory.watched(
      "pairs",
      [UInt32](repeating: 0, count: panelCount * BFloat16Packing.pairRows(outputs) * PanelLayout.laneCount))
    let weights = PanelPacking.weightPanels(forward.weights, inputs: inputs, outputs: outputs)
    let input = PanelPacking.panels(forward.input, samples: forward.samples, features: inputs)
    kernels.bfloat16?.denseForward(
      sampleCount: forward.samples, shape: forward.shape, rows: rows,
      weights: memory.input("weights", BFloat16Packing.rows(weights)),
      bias: forward.bias.map { memory.input("bias", $0) },
      input: memory.input("input", BFloat16Packing.pairs(input, features: inputs)),
      output: BFloat16Destination(floats: output.pointer, pairs: pairs.pointer), preactivation: preactivation?.pointer,
      activation: forward.activation.argument(memory))
    func block(_ name: String, _ panels: [Float]) -> OutputBlock {
      let values = PanelPacking.rows(panels, samples: forward.samples, features: outputs)
      return OutputBlock(name, values.indices.filter { rows.contains($0 % outputs) }.map { values[$0] })
    }
    return memory.result(
      block("output", output.values), block("pairs", BFloat16Packing.panels(pairs.values, features: outputs)),
      preactivation.map { block("preactivation", $0.values) } ?? OutputBlock("", [Float]()))
  }
}

/// One backward pass with bfloat16 operands, y read as floats or as pairs.
struct BFloat16BackwardCase: KernelCase {
  let backward: DenseBackwardCase
  let readsPairs: Bool

  var description: String { "bfloat16 \(backward)\(readsPairs ? ", y as pairs" : "")" }

  func run(on kernels: KernelSet) -> KernelResult {
    let (samples, inputs, outputs) = (backward.samples, backward.shape.inputCount, backward.shape.outputCount)
    let memory = KernelMemory()
    let panelCount = PanelLayout.panelCount(samples)
    let floatCount = panelCount * PanelLayout.laneCount * PanelLayout.panelRows(inputs)
    let floats = memory.output("input gradient", floatCount)
    let rows = memory.watched("rows", [UInt16](repeating: 0, count: floatCount))
    let pairs = memory.watched(
      "pairs", [UInt32](repeating: 0, count: panelCount * BFloat16Packing.pairRows(inputs) * PanelLayout.laneCount))
    let preactivation =
      backward.below.kind.readsPreactivation
      ? memory.watched(
        "preactivation", PanelPacking.panels(backward.belowPreactivation, samples: samples, features: inputs)) : nil
    let weights = PanelPacking.weightPanels(backward.weights, inputs: inputs, outputs: outputs)
    let gradient = PanelPacking.panels(backward.outputGradient, samples: samples, features: outputs)
    let below = PanelPacking.panels(backward.belowOutput, samples: samples, features: inputs)
    kernels.bfloat16?.denseBackward(
      sampleCount: samples, shape: backward.shape, rows: 0..<inputs,
      weights: memory.input(
        "weights", BFloat16Packing.columns(weights, outputs: outputs, kernels.bfloat16?.arithmetic ?? .pairs)),
      outputGradient: memory.input("output gradient", BFloat16Packing.pairs(gradient, features: outputs)),
      inputGradient: BFloat16Destination(floats: floats.pointer, rows: rows.pointer, pairs: pairs.pointer),
      below: BFloat16Below(
        activation: backward.below.argument(memory), output: readsPairs ? nil : memory.input("below", below),
        outputPairs: readsPairs ? memory.input("below pairs", BFloat16Packing.pairs(below, features: inputs)) : nil,
        preactivation: preactivation?.pointer))
    func block(_ name: String, _ panels: [Float]) -> OutputBlock {
      OutputBlock(name, PanelPacking.rows(panels, samples: samples, features: inputs))
    }
    return memory.result(
      block("input gradient", floats.values), block("rows", rows.values.map(BFloat16Definition.float)),
      block("pairs", BFloat16Packing.panels(pairs.values, features: inputs)),
      preactivation.map { block("slope share", $0.values) } ?? OutputBlock("", [Float]()))
  }
}

/// Rows of one input panel's weight gradient, and the sums beside it, with bfloat16 operands.
struct BFloat16GradientCase: KernelCase {
  let gradient: WeightGradientCase

  var description: String { "bfloat16 \(gradient)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let weights = memory.output("gradient", gradient.rows.count * PanelLayout.laneCount)
    let sums = memory.output("sums", gradient.rows.count)
    // NaN beyond the last sample must not matter.
    let panels = PanelPacking.panels(
      gradient.outputGradient, samples: gradient.samples, features: gradient.outputs, filler: .nan)
    let outputGradient = memory.input("output gradient", BFloat16Packing.rows(panels))
    kernels.bfloat16?.weightGradient(
      sampleCount: gradient.samples, outputCount: gradient.outputs, rows: gradient.rows, inputCount: gradient.inputs,
      outputGradient: outputGradient,
      inputSamplePairs: memory.input(
        "input",
        BFloat16Packing.samplePairs(gradient.input, samples: gradient.samples, features: gradient.inputs)),
      gradient: weights.pointer)
    kernels.bfloat16?.sampleSums(
      sampleCount: gradient.samples, featureCount: gradient.outputs, rows: gradient.rows, values: outputGradient,
      sums: sums.pointer)
    return memory.result(OutputBlock("gradient", weights.values), OutputBlock("sums", sums.values))
  }
}
