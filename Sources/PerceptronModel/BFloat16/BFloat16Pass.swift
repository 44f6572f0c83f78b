import NeuronKernels

/// The way of one shard through a network whose products multiply bfloat16: ``ShardPass`` in that precision.
///
/// Products leave activations and gradients in the forms that the next products read; floats are written beside them only
/// where the layout keeps them.
struct BFloat16Pass {
  private let network: BoundNetwork
  private let kernels: KernelSet
  private let products: BFloat16Kernels
  private let firstSample: Int
  private let sampleCount: Int

  init(_ pass: ShardPass, products: BFloat16Kernels) {
    self.network = pass.network
    self.kernels = pass.kernels
    self.products = products
    self.firstSample = pass.firstSample
    self.sampleCount = pass.sampleCount
  }

  /// Brings the samples in: as pairs for a dense stage, as floats for an activation that stands first.
  func gather(_ source: GatherSource, indices: UnsafePointer<UInt32>) {
    if let panels = network.input {
      kernels.gather(
        sampleCount: sampleCount, source: source, indices: indices, firstSample: firstSample,
        capacity: network.sampleCapacity, panels: shard(panels, network.inputCount),
        transposed: network.inputTransposed.unsafelyUnwrapped)
      return
    }
    let first = network.stages[0].bfloat16
    products.gather(
      sampleCount: sampleCount, source: source, indices: indices, firstSample: firstSample,
      capacity: network.sampleCapacity, pairs: pairs(first.inputPairs.unsafelyUnwrapped, network.inputCount),
      samplePairs: first.inputSamplePairs.unsafelyUnwrapped)
  }

  /// Runs one stage.
  func forward(stage index: Int, keepsTransposed: Bool) {
    let bound = network.stages[index]
    guard let shape = bound.stage.dense else {
      return activate(bound, input: index == 0 ? network.input : network.stages[index - 1].output)
    }
    if keepsTransposed, index > 0 { transposeInput(of: bound) }
    let isFused = network.fusesSoftmaxWithLoss && index == network.stages.count - 1
    products.denseForward(
        sampleCount: sampleCount, shape: shape, rows: units(of: shape.outputCount), weights: bound.bfloat16.weightRows.unsafelyUnwrapped, bias: bound.bias,
        input: pairs(bound.bfloat16.inputPairs.unsafelyUnwrapped, shape.inputCount),
        output: BFloat16Destination(
          floats: floats(bound.output, bound), pairs: bound.bfloat16.outputPairs.map { pairs($0, shape.outputCount) }),
        preactivation: floats(bound.preactivation, bound), activation: isFused ? .linear : bound.activation)
  }

  private func transposeInput(of bound: BoundStage) {
    let inputCount = bound.stage.inputCount
    products.transpose(
      sampleCount: sampleCount, featureCount: inputCount, rows: 0..<inputCount, firstSample: firstSample, capacity: network.sampleCapacity,
      pairs: pairs(bound.bfloat16.inputPairs.unsafelyUnwrapped, inputCount),
      samplePairs: bound.bfloat16.inputSamplePairs.unsafelyUnwrapped)
  }

  /// An activation that stands alone works on floats, and rounds them for the dense stage above.
  private func activate(_ bound: BoundStage, input: UnsafeMutablePointer<Float>?) {
    let count = bound.stage.outputCount
    let output = shard(bound.output.unsafelyUnwrapped, count)
    output.update(from: shard(input.unsafelyUnwrapped, count), count: paddedSampleCount * count)
    kernels.activationForward(
      sampleCount: sampleCount, featureCount: count, values: output, preactivation: floats(bound.preactivation, bound),
      activation: bound.activation)
    guard let outputPairs = bound.bfloat16.outputPairs else { return }
    products.pack(
      sampleCount: sampleCount, featureCount: count, rows: 0..<count, values: output,
      valueRows: nil, valuePairs: pairs(outputPairs, count))
  }

  /// Leaves the last stage's ∂loss/∂z, once the loss has left its gradient.
  func settleLast() { settle(network.last, isDerived: network.fusesSoftmaxWithLoss) }

  /// Takes the gradient from one stage to the one below.
  func backward(through index: Int) {
    let bound = network.stages[index], below = network.stages[index - 1]
    guard let shape = bound.stage.dense else {
      let count = bound.stage.outputCount
      shard(below.gradient.unsafelyUnwrapped, count)
        .update(from: shard(bound.gradient.unsafelyUnwrapped, count), count: paddedSampleCount * count)
      return settle(below, isDerived: false)
    }
    products.denseBackward(
      sampleCount: sampleCount, shape: shape, rows: units(of: shape.inputCount),
      weights: bound.bfloat16.weightPairs.unsafelyUnwrapped,
      outputGradient: gradientPairs(bound).unsafelyUnwrapped,
      inputGradient: BFloat16Destination(
        floats: floats(below.gradient, below), rows: gradientRows(below), pairs: gradientPairs(below)),
      below: BFloat16Below(
        activation: below.activation, output: floats(below.output, below),
        outputPairs: below.bfloat16.outputPairs.map { pairs($0, shape.inputCount) },
        preactivation: floats(below.preactivation, below)))
  }

  /// Turns a stage's ∂loss/∂y, which stands in floats, into ∂loss/∂z in every form that is read of it.
  private func settle(_ bound: BoundStage, isDerived: Bool) {
    let count = bound.stage.outputCount
    let gradient = shard(bound.gradient.unsafelyUnwrapped, count)
    if !isDerived {
      kernels.activationBackward(
        sampleCount: sampleCount, featureCount: count, gradient: gradient,
        output: shard(bound.output.unsafelyUnwrapped, count), preactivation: floats(bound.preactivation, bound),
        activation: bound.activation)
    }
    products.pack(
      sampleCount: sampleCount, featureCount: count, rows: 0..<count, values: gradient,
      valueRows: gradientRows(bound), valuePairs: gradientPairs(bound))
  }

  private func units(of count: Int) -> Range<Int> { 0..<count }

  private var paddedSampleCount: Int { PanelLayout.paddedCount(sampleCount) }

  /// The shard's own panels of floats.
  private func shard(_ panels: UnsafeMutablePointer<Float>, _ featureCount: Int) -> UnsafeMutablePointer<Float> {
    panels + firstSample * featureCount
  }

  /// The shard's own panels of a stage's output size, where they are kept.
  private func floats(_ panels: UnsafeMutablePointer<Float>?, _ bound: BoundStage) -> UnsafeMutablePointer<Float>? {
    panels.map { shard($0, bound.stage.outputCount) }
  }

  /// The shard's own pairs.
  private func pairs(_ panels: UnsafeMutablePointer<UInt32>, _ featureCount: Int) -> UnsafeMutablePointer<UInt32> {
    panels + firstSample * PanelLayout.pairCount(featureCount)
  }

  private func gradientRows(_ bound: BoundStage) -> UnsafeMutablePointer<UInt16>? {
    bound.bfloat16.gradientRows.map { $0 + firstSample * bound.stage.outputCount }
  }

  private func gradientPairs(_ bound: BoundStage) -> UnsafeMutablePointer<UInt32>? {
    bound.bfloat16.gradientPairs.map { $0 + firstSample * bound.bfloat16.gradientStride }
  }
}
