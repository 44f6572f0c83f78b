import NeuronKernels

/// One forward pass of a dense stage.
struct DenseForwardCase: KernelCase {
  let samples: Int
  let shape: DenseShape
  let activation: CaseActivation
  let keepsPreactivation: Bool
  /// Rows [outputs][inputs].
  let weights: [Float]
  let bias: [Float]?
  /// Rows [samples][inputs].
  let input: [Float]

  var description: String {
    "denseForward \(activation), \(samples) × \(shape.inputCount) → \(shape.outputCount)"
      + (bias == nil ? "" : ", bias") + (keepsPreactivation ? ", z kept" : "")
  }

  func run(on kernels: KernelSet) -> KernelResult {
    let (inputs, outputs) = (shape.inputCount, shape.outputCount)
    let memory = KernelMemory()
    let outputCount = PanelLayout.paddedCount(samples) * PanelLayout.panelRows(outputs)
    let output = memory.output("output", outputCount)
    let preactivation = keepsPreactivation ? activation.preactivation(memory, count: outputCount) : nil
    kernels.denseForward(
      sampleCount: samples, shape: shape,
      weights: memory.input("weights", PanelPacking.weightPanels(weights, inputs: inputs, outputs: outputs)),
      bias: bias.map { memory.input("bias", $0) },
      input: memory.input("input", PanelPacking.panels(input, samples: samples, features: inputs)),
      output: output.pointer, preactivation: preactivation?.pointer, activation: activation.argument(memory))
    return memory.result(
      OutputBlock("output", PanelPacking.rows(output.values, samples: samples, features: outputs)),
      OutputBlock(
        "preactivation",
        preactivation.map { PanelPacking.rows($0.values, samples: samples, features: outputs) } ?? []))
  }
}

/// One backward pass of a dense stage, through the activation below it.
struct DenseBackwardCase: KernelCase {
  let samples: Int
  let shape: DenseShape
  let below: CaseActivation
  /// Rows [outputs][inputs].
  let weights: [Float]
  /// Rows [samples][outputs].
  let outputGradient: [Float]
  /// [samples][inputs]: what the stage below gave, and its z.
  let belowOutput: [Float]
  let belowPreactivation: [Float]

  var description: String {
    "denseBackward to \(below), \(samples) × \(shape.inputCount) ← \(shape.outputCount)"
  }

  func run(on kernels: KernelSet) -> KernelResult {
    let (inputs, outputs) = (shape.inputCount, shape.outputCount)
    let memory = KernelMemory()
    let inputGradient = memory.output(
      "input gradient", PanelLayout.paddedCount(samples) * PanelLayout.panelRows(inputs))
    let preactivation =
      below.kind.readsPreactivation
      ? memory.watched(
        "preactivation", PanelPacking.panels(belowPreactivation, samples: samples, features: inputs)) : nil
    kernels.denseBackward(
      sampleCount: samples, shape: shape,
      weights: memory.input("weights", PanelPacking.weightPanels(weights, inputs: inputs, outputs: outputs)),
      outputGradient: memory.input(
        "output gradient", PanelPacking.panels(outputGradient, samples: samples, features: outputs)),
      inputGradient: inputGradient.pointer, below: below.argument(memory),
      belowOutput: below.kind == .linear
        ? nil : memory.input("below output", PanelPacking.panels(belowOutput, samples: samples, features: inputs)),
      belowPreactivation: preactivation?.pointer)
    return memory.result(
      OutputBlock("input gradient", PanelPacking.rows(inputGradient.values, samples: samples, features: inputs)),
      OutputBlock(
        "slope share", preactivation.map { PanelPacking.rows($0.values, samples: samples, features: inputs) } ?? []))
  }
}

/// Rows of one input panel's weight gradient.
struct WeightGradientCase: KernelCase {
  let samples: Int
  let outputs: Int
  let rows: Range<Int>
  /// How many of the panel's 32 lanes are real.
  let inputs: Int
  /// Rows [samples][outputs].
  let outputGradient: [Float]
  /// Rows [samples][inputs].
  let input: [Float]

  /// Other rows of the same output gradients, which change nothing: none, all of them, or the last.
  private var rowsAhead: Range<Int> { [0..<0, 0..<outputs, outputs - 1..<outputs][samples % 3] }

  var description: String { "weightGradient rows \(rows) of \(outputs), \(inputs) inputs, \(samples) samples" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let gradient = memory.output("gradient", rows.count * PanelLayout.laneCount)
    kernels.weightGradient(
      sampleCount: samples, outputCount: outputs, rows: rows, inputCount: inputs,
      outputGradient: memory.input(
        "output gradient", PanelPacking.panels(outputGradient, samples: samples, features: outputs)),
      inputTransposed: memory.input(
        "input", PanelPacking.transposed(input, samples: samples, features: inputs)),
      gradient: gradient.pointer, rowsAhead: rowsAhead)
    return memory.result(OutputBlock("gradient", gradient.values))
  }
}

/// Sums over the samples of some features.
struct SampleSumsCase: KernelCase {
  let samples: Int
  let features: Int
  let rows: Range<Int>
  /// Rows [samples][features].
  let values: [Float]

  var description: String { "sampleSums rows \(rows) of \(features), \(samples) samples" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let sums = memory.output("sums", rows.count)
    kernels.sampleSums(
      sampleCount: samples, featureCount: features, rows: rows,
      values: memory.input(
        "values", PanelPacking.panels(values, samples: samples, features: features, filler: 1e30)),
      sums: sums.pointer)
    return memory.result(OutputBlock("sums", sums.values))
  }
}
