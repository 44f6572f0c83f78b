import NeuronKernels

/// The way of one shard, a run of whole panels of the minibatch, through the network and back.
///
/// A shard reads the shared parameters and writes only its own panels, so shards run side by side without a word to each
/// other. It knows nothing of threads.
package struct ShardPass {
  package let program: NetworkProgram
  package let kernels: KernelSet
  package let workspace: ActivationWorkspace
  package let parameters: UnsafePointer<Float>
  /// The shard's first sample, a multiple of 32.
  package let firstSample: Int
  /// The shard's samples, at least 1.
  package let sampleCount: Int

  package init(
    program: NetworkProgram, kernels: KernelSet, workspace: ActivationWorkspace, parameters: UnsafePointer<Float>,
    firstSample: Int, sampleCount: Int
  ) {
    self.program = program
    self.kernels = kernels
    self.workspace = workspace
    self.parameters = parameters
    self.firstSample = firstSample
    self.sampleCount = sampleCount
  }

  /// Brings the samples in: panels, and the transposed copy that the first weight gradient reads.
  package func gather(_ source: GatherSource, indices: UnsafePointer<UInt32>) {
    kernels.gather(
      sampleCount: sampleCount, source: source, indices: indices, firstSample: firstSample,
      capacity: workspace.layout.sampleCapacity, panels: workspace.input + firstSample * program.inputCount,
      transposed: workspace.inputTransposed)
  }

  /// Runs all stages; `keepsTransposed` also writes what the weight gradients will read.
  ///
  /// A last softmax that is fused with its loss is left to ``applyLoss(_:gradientScale:withGradient:slots:)``.
  package func forward(keepsTransposed: Bool) {
    for index in program.stages.indices {
      let stage = program.stages[index]
      let input = index == 0 ? shard(workspace.input, program.inputCount) : output(index - 1)
      if keepsTransposed, index > 0, let transposed = workspace.inputTransposed(index) {
        kernels.transpose(
          sampleCount: sampleCount, featureCount: stage.inputCount, firstSample: firstSample,
          capacity: workspace.layout.sampleCapacity, panels: input, transposed: transposed)
      }
      run(stage, index, input: input)
    }
  }

  private func run(_ stage: Stage, _ index: Int, input: UnsafePointer<Float>) {
    let kept = workspace.preactivation(index).map { shard($0, stage.outputCount) }
    if let shape = stage.dense {
      kernels.denseForward(
        sampleCount: sampleCount, shape: shape, weights: parameters + stage.weights.lowerBound,
        bias: stage.bias.isEmpty ? nil : parameters + stage.bias.lowerBound, input: input, output: output(index),
        preactivation: kept, activation: appliedActivation(index))
    } else {
      output(index).update(from: input, count: PanelLayout.paddedCount(sampleCount) * stage.outputCount)
      kernels.activationForward(
        sampleCount: sampleCount, featureCount: stage.outputCount, values: output(index), preactivation: kept,
        activation: appliedActivation(index))
    }
  }

  /// Loss and hits of the shard's panels, and ∂loss/∂y of the last stage; softmax with cross-entropy gives ∂loss/∂z.
  package func applyLoss(_ targets: LossTargets, gradientScale: Float, withGradient: Bool, slots: LossSlots) {
    let last = program.stages.count - 1
    let gradient = withGradient ? gradient(last) : nil
    switch program.loss {
    case .categoricalCrossEntropy:
      kernels.softmaxCrossEntropy(
        sampleCount: sampleCount, outputCount: program.outputCount, targets: targets, gradientScale: gradientScale,
        values: output(last), gradient: gradient, slots: slots)
    case .meanSquaredError:
      kernels.meanSquaredError(
        sampleCount: sampleCount, outputCount: program.outputCount, targets: targets, gradientScale: gradientScale,
        values: output(last), gradient: gradient, slots: slots)
    }
  }

  /// Takes the gradient from the loss down to the lowest stage that learns, leaving ∂loss/∂z in every stage's gradient.
  package func backward() {
    let last = program.stages.count - 1
    if !program.fusesSoftmaxWithLoss { derive(last) }
    for index in stride(from: last, to: program.lowestLearningStage, by: -1) {
      if let shape = program.stages[index].dense {
        backwardThroughDense(index, shape)
      } else {
        gradient(index - 1).update(
          from: gradient(index), count: PanelLayout.paddedCount(sampleCount) * program.stages[index].outputCount)
        derive(index - 1)
      }
    }
  }

  /// Weights of stage `index`, and the derivative of the stage below in the same pass.
  private func backwardThroughDense(_ index: Int, _ shape: DenseShape) {
    let below = program.stages[index - 1]
    kernels.denseBackward(
      sampleCount: sampleCount, shape: shape, weights: parameters + program.stages[index].weights.lowerBound,
      outputGradient: gradient(index), inputGradient: gradient(index - 1), below: activation(below),
      belowOutput: output(index - 1), belowPreactivation: workspace.preactivation(index - 1).map { shard($0, below.outputCount) })
  }

  private func derive(_ index: Int) {
    let stage = program.stages[index]
    kernels.activationBackward(
      sampleCount: sampleCount, featureCount: stage.outputCount, gradient: gradient(index), output: output(index),
      preactivation: workspace.preactivation(index).map { shard($0, stage.outputCount) }, activation: activation(stage))
  }

  /// The activation that the forward pass applies: none where the loss head will.
  private func appliedActivation(_ index: Int) -> KernelActivation {
    let isFused = program.fusesSoftmaxWithLoss && index == program.stages.count - 1
    return isFused ? .linear : activation(program.stages[index])
  }

  private func activation(_ stage: Stage) -> KernelActivation {
    stage.activation.kernelActivation(slopes: stage.slopes.isEmpty ? nil : parameters + stage.slopes.lowerBound)
  }

  private func output(_ stage: Int) -> UnsafeMutablePointer<Float> {
    shard(workspace.output(stage), program.stages[stage].outputCount)
  }

  private func gradient(_ stage: Int) -> UnsafeMutablePointer<Float> {
    shard(workspace.gradient(stage), program.stages[stage].outputCount)
  }

  /// The shard's own panels of panels that hold `featureCount` features.
  private func shard(_ panels: UnsafeMutablePointer<Float>, _ featureCount: Int) -> UnsafeMutablePointer<Float> {
    panels + firstSample * featureCount
  }
}
