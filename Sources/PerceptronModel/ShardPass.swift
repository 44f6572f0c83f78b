import NeuronKernels

/// The way of one shard, a run of samples of the minibatch, through the network and back, layer by layer.
///
/// A shard reads the shared parameters and writes only its own lanes of its own panels, so shards run side by side without
/// a word to each other. Where several callers share one shard, each computes its part of every layer's units, and all
/// meet between layers. A shard knows nothing of threads.
package struct ShardPass {
  let network: BoundNetwork
  let kernels: KernelSet
  let firstSample: Int
  let sampleCount: Int
  let part: UnitPart
  let draws: ActivationDraws?
  /// What a sample's share of the mean loss is multiplied with, and of the penalties on outputs.
  let gradientScale: Float

  /// A pass over `sampleCount` samples, at least one, from `firstSample` on.
  ///
  /// - Parameters:
  ///   - draws: where random draws stand; nil where nothing is learned, and their means are taken.
  ///   - gradientScale: one over the minibatch's samples; 0 where nothing is learned.
  /// - Precondition: `firstSample` is a multiple of 32, or of 16 with at most 16 samples: the upper half of a panel.
  package init(
    _ network: BoundNetwork, kernels: KernelSet, firstSample: Int, sampleCount: Int, part: UnitPart = .whole,
    draws: ActivationDraws? = nil, gradientScale: Float = 0
  ) {
    assert(firstSample % PanelLayout.laneCount == 0 || sampleCount <= PanelLayout.halfLaneCount)
    self.network = network
    self.kernels = kernels
    self.firstSample = firstSample
    self.sampleCount = sampleCount
    self.part = part
    self.draws = draws
    self.gradientScale = gradientScale
  }

  /// Brings the samples in: panels, and the transposed copy that the first weight gradient reads.
  package func gather(_ source: GatherSource, indices: UnsafePointer<UInt32>) {
    let rows = part.panels(of: network.inputCount)
    guard !rows.isEmpty else { return }
    if let bfloat16 { return bfloat16.gather(source, rows: rows, indices: indices) }
    kernels.gather(
      sampleCount: sampleCount, source: source, rows: rows, indices: indices, firstSample: firstSample,
      capacity: network.sampleCapacity, panels: shard(network.input.unsafelyUnwrapped, network.inputCount),
      transposed: network.inputTransposed.unsafelyUnwrapped)
  }

  /// Runs all stages; `keepsTransposed` also writes what the weight gradients will read.
  ///
  /// A last activation that is fused with its loss is left to ``applyLoss(_:withGradient:slots:)``.
  package func forward(keepsTransposed: Bool) {
    for index in network.stages.indices { forward(stage: index, keepsTransposed: keepsTransposed) }
  }

  /// Runs one stage.
  package func forward(stage index: Int, keepsTransposed: Bool) {
    if let bfloat16 { return bfloat16.forward(stage: index, keepsTransposed: keepsTransposed) }
    let bound = network.stages[index]
    let input =
      index == 0 ? shard(network.input.unsafelyUnwrapped, network.inputCount) : output(network.stages[index - 1])
    let isFused = network.fusesLastActivation && index == network.stages.count - 1
    let activation: KernelActivation = isFused ? .linear : bound.activation
    guard let shape = bound.stage.dense else { return apply(index, to: input, activation: activation) }
    if keepsTransposed, index > 0 { transpose(input, of: bound) }
    let units = part.units(of: shape.outputCount)
    kernels.denseForward(
      sampleCount: sampleCount, shape: shape, rows: units, weights: bound.weights, bias: bound.bias, input: input,
      output: output(bound), preactivation: preparedPreactivation(ofStage: index, units: units), activation: activation)
  }

  private func transpose(_ input: UnsafePointer<Float>, of bound: BoundStage) {
    let rows = part.panels(of: bound.stage.inputCount)
    guard let transposed = bound.inputTransposed, !rows.isEmpty else { return }
    kernels.transpose(
      sampleCount: sampleCount, featureCount: bound.stage.inputCount, rows: rows, firstSample: firstSample,
      capacity: network.sampleCapacity, panels: input, transposed: transposed)
  }

  /// Where a stage leaves z for the way back, with the random slopes of `units` drawn that it finds there.
  func preparedPreactivation(ofStage index: Int, units: Range<Int>) -> UnsafeMutablePointer<Float>? {
    let bound = network.stages[index]
    guard let kept = preactivation(bound), bound.stage.activation.drawsSlopes else { return preactivation(bound) }
    guard let draws else { return nil }
    kernels.randomSlopes(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, rows: units, draws: draws, stage: index,
      activation: bound.activation, slopes: kept)
    return kept
  }

  /// Loss and hits of the shard's half panels, and ∂loss/∂z of the last stage; for the whole shard, by one caller.
  ///
  /// - Parameter slots: the minibatch's; the shard writes its own.
  package func applyLoss(_ targets: LossTargets, withGradient: Bool, slots: LossSlots) {
    let last = network.last
    let outputGradient = withGradient ? gradient(last) : nil
    kernels.applyLoss(
      network.loss, sampleCount: sampleCount, outputCount: last.stage.outputCount, targets: targets,
      gradientScale: gradientScale, values: output(last), gradient: outputGradient, slots: slots)
    guard withGradient else { return }
    // Where the last activation is fused, the loss gives ∂loss/∂z as it is.
    if !network.fusesLastActivation { finishGradient(of: network.stages.count - 1) }
    bfloat16?.packGradient(of: last)
  }

  /// Takes the gradient from the last stage down to the lowest that learns, leaving ∂loss/∂z in every stage's gradient.
  package func backward() {
    for index in network.stagesBackward { backward(through: index) }
  }

  /// Takes the gradient from one stage to the one below.
  package func backward(through index: Int) {
    if let bfloat16 { return bfloat16.backward(through: index) }
    let bound = network.stages[index], below = network.stages[index - 1]
    guard let shape = bound.stage.dense else {
      passDown(bound, to: below)
      return finishGradient(of: index - 1)
    }
    kernels.denseBackward(
      sampleCount: sampleCount, shape: shape, rows: part.units(of: shape.inputCount), weights: bound.weights,
      outputGradient: gradient(bound), inputGradient: gradient(below), below: fusedActivation(of: below),
      belowOutput: output(below), belowPreactivation: preactivation(below))
    if !below.fusesBackward { finishGradient(of: index - 1) }
  }

  /// What a product derives by itself on its way to the stage below.
  func fusedActivation(of below: BoundStage) -> KernelActivation { below.fusesBackward ? below.activation : .linear }

  /// The same way where products multiply bfloat16.
  private var bfloat16: BFloat16Pass? { kernels.bfloat16.map { BFloat16Pass(self, products: $0) } }

  /// Copies the shard's panels, or the half of one that it owns.
  func copyPanels(
    from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, featureCount: Int
  ) {
    let halves = PanelLayout.halfPanelCount(sampleCount)
    let whole = halves / 2 * PanelLayout.laneCount * PanelLayout.panelRows(featureCount)
    target.update(from: source, count: whole)
    guard halves % 2 == 1 else { return }
    // The other half of the last panel is another shard's.
    for row in 0..<featureCount {
      let offset = whole + row * PanelLayout.laneCount
      (target + offset).update(from: source + offset, count: PanelLayout.halfLaneCount)
    }
  }

  func output(_ bound: BoundStage) -> UnsafeMutablePointer<Float> {
    shard(bound.output.unsafelyUnwrapped, bound.stage.outputCount)
  }

  func gradient(_ bound: BoundStage) -> UnsafeMutablePointer<Float> {
    shard(bound.gradient.unsafelyUnwrapped, bound.stage.outputCount)
  }

  func preactivation(_ bound: BoundStage) -> UnsafeMutablePointer<Float>? {
    bound.preactivation.map { shard($0, bound.stage.outputCount) }
  }

  /// The shard's own part of panels that hold `featureCount` features.
  func shard(_ panels: UnsafeMutablePointer<Float>, _ featureCount: Int) -> UnsafeMutablePointer<Float> {
    panels + PanelLayout.shardOffset(sample: firstSample, featureCount: featureCount)
  }
}
