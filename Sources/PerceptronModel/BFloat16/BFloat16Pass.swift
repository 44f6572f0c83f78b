import NeuronKernels

/// A shard's way through a network whose products multiply bfloat16, stage by stage: what ``ShardPass`` does otherwise.
///
/// Products leave activations and gradients in the forms that the next products read; floats are written beside them only
/// where the layout keeps them. Callers that share a shard have whole pairs of every layer's units each.
struct BFloat16Pass {
  private let pass: ShardPass
  private let products: BFloat16Kernels
  private var network: BoundNetwork { pass.network }
  private var sampleCount: Int { pass.sampleCount }

  init(_ pass: ShardPass, products: BFloat16Kernels) {
    self.pass = pass
    self.products = products
  }

  /// Brings the samples in: as pairs for a dense stage, as floats for an activation that stands first.
  func gather(_ source: GatherSource, rows: Range<Int>, indices: UnsafePointer<UInt32>) {
    if let panels = network.input {
      pass.kernels.gather(
        sampleCount: sampleCount, source: source, rows: rows, indices: indices, firstSample: pass.firstSample,
        capacity: network.sampleCapacity, panels: pass.shard(panels, network.inputCount),
        transposed: network.inputTransposed.unsafelyUnwrapped)
      return
    }
    let first = network.stages[0].bfloat16
    products.gather(
      sampleCount: sampleCount, source: source, rows: rows, indices: indices, firstSample: pass.firstSample,
      capacity: network.sampleCapacity, pairs: pairs(first.inputPairs.unsafelyUnwrapped, network.inputCount),
      samplePairs: first.inputSamplePairs.unsafelyUnwrapped)
  }

  func forward(stage index: Int, keepsTransposed: Bool) {
    let bound = network.stages[index]
    guard let shape = bound.stage.dense else {
      return activate(index, input: index == 0 ? network.input : network.stages[index - 1].output)
    }
    if keepsTransposed, index > 0 { transposeInput(of: bound) }
    let isFused = network.fusesLastActivation && index == network.stages.count - 1
    products.denseForward(
      sampleCount: sampleCount, shape: shape, rows: units(of: shape.outputCount),
      weights: bound.bfloat16.weightRows.unsafelyUnwrapped, bias: bound.bias,
      input: pairs(bound.bfloat16.inputPairs.unsafelyUnwrapped, shape.inputCount),
      output: BFloat16Destination(
        floats: floats(bound.output, bound), pairs: bound.bfloat16.outputPairs.map { pairs($0, shape.outputCount) }),
      preactivation: pass.preparedPreactivation(ofStage: index, units: units(of: shape.outputCount)),
      activation: isFused ? .linear : bound.activation)
  }

  private func transposeInput(of bound: BoundStage) {
    let inputCount = bound.stage.inputCount, rows = pass.part.panels(of: inputCount)
    guard !rows.isEmpty else { return }
    products.transpose(
      sampleCount: sampleCount, featureCount: inputCount, rows: rows, firstSample: pass.firstSample,
      capacity: network.sampleCapacity, pairs: pairs(bound.bfloat16.inputPairs.unsafelyUnwrapped, inputCount),
      samplePairs: bound.bfloat16.inputSamplePairs.unsafelyUnwrapped)
  }

  /// A stage without products works on floats, and rounds them for the dense stage above.
  private func activate(_ index: Int, input: UnsafeMutablePointer<Float>?) {
    let bound = network.stages[index]
    let count = bound.stage.outputCount, output = pass.output(bound)
    let isFused = network.fusesLastActivation && index == network.stages.count - 1
    pass.apply(
      index, to: pass.shard(input.unsafelyUnwrapped, bound.stage.inputCount),
      activation: isFused ? .linear : bound.activation)
    guard let outputPairs = bound.bfloat16.outputPairs else { return }
    products.pack(
      sampleCount: sampleCount, featureCount: count, rows: 0..<count, values: output, valueRows: nil,
      valuePairs: pairs(outputPairs, count))
  }

  func backward(through index: Int) {
    let bound = network.stages[index], below = network.stages[index - 1]
    guard let shape = bound.stage.dense else {
      pass.passDown(bound, to: below)
      pass.finishGradient(of: index - 1)
      packGradient(of: below)
      return
    }
    products.denseBackward(
      sampleCount: sampleCount, shape: shape, rows: units(of: shape.inputCount),
      weights: bound.bfloat16.weightColumns.unsafelyUnwrapped, outputGradient: gradientPairs(bound).unsafelyUnwrapped,
      inputGradient: BFloat16Destination(
        floats: floats(below.gradient, below), rows: gradientRows(below), pairs: gradientPairs(below)),
      below: BFloat16Below(
        activation: pass.fusedActivation(of: below), output: floats(below.output, below),
        outputPairs: below.bfloat16.outputPairs.map { pairs($0, shape.inputCount) },
        preactivation: pass.preactivation(below)))
    guard !below.fusesBackward else { return }
    pass.finishGradient(of: index - 1)
    packGradient(of: below)
  }

  /// Rounds a stage's ∂loss/∂z, where it stands in floats alone, into every form that is read of it.
  func packGradient(of bound: BoundStage) {
    let count = bound.stage.outputCount
    products.pack(
      sampleCount: sampleCount, featureCount: count, rows: 0..<count, values: pass.gradient(bound),
      valueRows: gradientRows(bound), valuePairs: gradientPairs(bound))
  }

  /// The caller's units, whole pairs of them.
  private func units(of count: Int) -> Range<Int> {
    let pairs = pass.part.units(of: PanelLayout.pairCount(count))
    return min(2 * pairs.lowerBound, count)..<min(2 * pairs.upperBound, count)
  }

  /// The shard's part of a stage's floats, where they are kept.
  private func floats(_ panels: UnsafeMutablePointer<Float>?, _ bound: BoundStage) -> UnsafeMutablePointer<Float>? {
    panels.map { pass.shard($0, bound.stage.outputCount) }
  }

  /// The shard's part of panels of pairs.
  private func pairs(_ panels: UnsafeMutablePointer<UInt32>, _ featureCount: Int) -> UnsafeMutablePointer<UInt32> {
    panels + PanelLayout.shardOffset(sample: pass.firstSample, featureCount: PanelLayout.pairCount(featureCount))
  }

  private func gradientRows(_ bound: BoundStage) -> UnsafeMutablePointer<UInt16>? {
    bound.bfloat16.gradientRows.map {
      $0 + PanelLayout.shardOffset(sample: pass.firstSample, featureCount: bound.stage.outputCount)
    }
  }

  private func gradientPairs(_ bound: BoundStage) -> UnsafeMutablePointer<UInt32>? {
    bound.bfloat16.gradientPairs.map {
      $0 + PanelLayout.shardOffset(sample: pass.firstSample, featureCount: bound.bfloat16.gradientStride)
    }
  }
}
