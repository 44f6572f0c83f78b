import NeuronKernels

/// The way of one shard, a run of whole panels of the minibatch, through the network and back.
///
/// A shard reads the shared parameters and writes only its own panels, so shards run side by side without a word to each
/// other. It knows nothing of threads.
package struct ShardPass {
  let network: BoundNetwork
  let kernels: KernelSet
  let firstSample: Int
  let sampleCount: Int

  /// A pass over `sampleCount` samples, at least one, from `firstSample` on, a multiple of 32.
  package init(_ network: BoundNetwork, kernels: KernelSet, firstSample: Int, sampleCount: Int) {
    self.network = network
    self.kernels = kernels
    self.firstSample = firstSample
    self.sampleCount = sampleCount
  }

  /// Brings the samples in: panels, and the transposed copy that the first weight gradient reads.
  package func gather(_ source: GatherSource, indices: UnsafePointer<UInt32>) {
    if let bfloat16 { return bfloat16.gather(source, indices: indices) }
    kernels.gather(
      sampleCount: sampleCount, source: source, indices: indices, firstSample: firstSample,
      capacity: network.sampleCapacity, panels: shard(network.input.unsafelyUnwrapped, network.inputCount),
      transposed: network.inputTransposed.unsafelyUnwrapped)
  }

  /// Runs all stages; `keepsTransposed` also writes what the weight gradients will read.
  ///
  /// A last softmax that is fused with its loss is left to ``applyLoss(_:gradientScale:withGradient:slots:)``.
  package func forward(keepsTransposed: Bool) {
    if let bfloat16 {
      for index in network.stages.indices { bfloat16.forward(stage: index, keepsTransposed: keepsTransposed) }
      return
    }
    var input = shard(network.input.unsafelyUnwrapped, network.inputCount)
    for index in network.stages.indices {
      let bound = network.stages[index]
      if keepsTransposed, index > 0, let transposed = bound.inputTransposed {
        kernels.transpose(
          sampleCount: sampleCount, featureCount: bound.stage.inputCount, firstSample: firstSample,
          capacity: network.sampleCapacity, panels: input, transposed: transposed)
      }
      let isFused = network.fusesSoftmaxWithLoss && index == network.stages.count - 1
      run(bound, input: input, activation: isFused ? .linear : bound.activation)
      input = output(bound)
    }
  }

  private func run(_ bound: BoundStage, input: UnsafePointer<Float>, activation: KernelActivation) {
    if let shape = bound.stage.dense {
      kernels.denseForward(
        sampleCount: sampleCount, shape: shape, weights: bound.weights, bias: bound.bias, input: input,
        output: output(bound), preactivation: preactivation(bound), activation: activation)
    } else {
      output(bound).update(from: input, count: paddedSampleCount * bound.stage.outputCount)
      kernels.activationForward(
        sampleCount: sampleCount, featureCount: bound.stage.outputCount, values: output(bound),
        preactivation: preactivation(bound), activation: activation)
    }
  }

  /// Loss and hits of the shard's panels, and ∂loss/∂y of the last stage; softmax with cross-entropy gives ∂loss/∂z.
  ///
  /// - Parameter slots: the shard's own, one a panel.
  package func applyLoss(_ targets: LossTargets, gradientScale: Float, withGradient: Bool, slots: LossSlots) {
    let last = network.last
    let outputGradient = withGradient ? gradient(last) : nil
    switch network.loss {
    case .categoricalCrossEntropy:
      kernels.softmaxCrossEntropy(
        sampleCount: sampleCount, outputCount: last.stage.outputCount, targets: targets, gradientScale: gradientScale,
        values: output(last), gradient: outputGradient, slots: slots)
    case .meanSquaredError:
      kernels.meanSquaredError(
        sampleCount: sampleCount, outputCount: last.stage.outputCount, targets: targets, gradientScale: gradientScale,
        values: output(last), gradient: outputGradient, slots: slots)
    }
  }

  /// Takes the gradient from the loss down to the lowest stage that learns, leaving ∂loss/∂z in every stage's gradient.
  package func backward() {
    if let bfloat16 {
      bfloat16.settleLast()
      for index in stride(from: network.stages.count - 1, to: network.lowestLearningStage, by: -1) {
        bfloat16.backward(through: index)
      }
      return
    }
    if !network.fusesSoftmaxWithLoss { derive(network.last) }
    for index in stride(from: network.stages.count - 1, to: network.lowestLearningStage, by: -1) {
      backward(through: network.stages[index], to: network.stages[index - 1])
    }
  }

  private func backward(through bound: BoundStage, to below: BoundStage) {
    if let shape = bound.stage.dense {
      kernels.denseBackward(
        sampleCount: sampleCount, shape: shape, weights: bound.weights, outputGradient: gradient(bound),
        inputGradient: gradient(below), below: below.activation, belowOutput: output(below),
        belowPreactivation: preactivation(below))
    } else {
      gradient(below).update(from: gradient(bound), count: paddedSampleCount * bound.stage.outputCount)
      derive(below)
    }
  }

  private func derive(_ bound: BoundStage) {
    kernels.activationBackward(
      sampleCount: sampleCount, featureCount: bound.stage.outputCount, gradient: gradient(bound), output: output(bound),
      preactivation: preactivation(bound), activation: bound.activation)
  }

  /// The same pass where products multiply bfloat16.
  private var bfloat16: BFloat16Pass? { kernels.bfloat16.map { BFloat16Pass(self, products: $0) } }

  private var paddedSampleCount: Int { PanelLayout.paddedCount(sampleCount) }

  private func output(_ bound: BoundStage) -> UnsafeMutablePointer<Float> {
    shard(bound.output.unsafelyUnwrapped, bound.stage.outputCount)
  }

  private func gradient(_ bound: BoundStage) -> UnsafeMutablePointer<Float> {
    shard(bound.gradient.unsafelyUnwrapped, bound.stage.outputCount)
  }

  private func preactivation(_ bound: BoundStage) -> UnsafeMutablePointer<Float>? {
    bound.preactivation.map { shard($0, bound.stage.outputCount) }
  }

  /// The shard's own panels of panels that hold `featureCount` features.
  private func shard(_ panels: UnsafeMutablePointer<Float>, _ featureCount: Int) -> UnsafeMutablePointer<Float> {
    panels + firstSample * featureCount
  }
}
