import NeuronKernels

/// A stage with the addresses of its parameters and of its minibatch's activations; a trivial value.
package struct BoundStage {
  package let stage: Stage
  package let weights: UnsafePointer<Float>
  package let bias: UnsafePointer<Float>?
  /// The activation, learned slopes included.
  let activation: KernelActivation
  /// Panels of y; nil where operands in bfloat16 are all that is kept of it.
  package let output: UnsafeMutablePointer<Float>?
  /// Panels of ∂loss/∂y on the way in, of ∂loss/∂z once the stage's activation has been passed; nil as `output` may be.
  package let gradient: UnsafeMutablePointer<Float>?
  /// Panels of z where the way back needs them; afterwards each sample's ∂loss/∂slope.
  package let preactivation: UnsafeMutablePointer<Float>?
  /// The transposed copy of a dense stage's input; nil where it is kept in bfloat16.
  package let inputTransposed: UnsafeMutablePointer<Float>?
  /// The operands in bfloat16; all nil in single precision.
  let bfloat16: BFloat16Operands
  /// Panels of one row: what a normalization multiplied each sample with.
  let inverses: UnsafeMutablePointer<Float>?
  /// Panels that a residual connection adds.
  let added: UnsafeMutablePointer<Float>?
  /// The stage's normalization, where it is one.
  let normalization: FeatureNormalization?
  /// The stage's batch normalization, where it is one.
  let batchNormalization: BoundBatchNormalization?
  /// Whether the product above takes the gradient through the stage's activation as well.
  let fusesBackward: Bool
}

/// A network program with its memory: what a step works on, prepared once so that the step only follows pointers.
///
/// Copies are cheap and touch no reference count; the ``NetworkBinding`` that made one must outlive it.
package struct BoundNetwork {
  package let stages: UnsafeBufferPointer<BoundStage>
  let loss: KernelLoss
  /// Whether the last activation is computed together with the loss.
  let fusesLastActivation: Bool
  package let lowestLearningStage: Int
  package let sampleCapacity: Int
  package let inputCount: Int
  /// Panels of the network's input; nil where it is gathered in bfloat16.
  package let input: UnsafeMutablePointer<Float>?
  /// The transposed copy of the network's input; nil where it is gathered in bfloat16.
  package let inputTransposed: UnsafeMutablePointer<Float>?

  package var last: BoundStage { stages[stages.count - 1] }

  /// The stages that the gradient passes through on its way to the lowest that learns, from the last down.
  package var stagesBackward: StrideTo<Int> { stride(from: stages.count - 1, to: lowestLearningStage, by: -1) }
}

/// Owns the table of a ``BoundNetwork``; the parameters and the workspace stay their owners'.
package final class NetworkBinding: @unchecked Sendable {
  private let table: UnsafeMutableBufferPointer<BoundStage>
  package let network: BoundNetwork

  /// Binds `program` to `parameters`, a vector of its `vectorCount` floats with the operands made of them behind, and to `workspace`, `layout.floatCount` floats.
  package init(
    _ program: NetworkProgram, layout: ActivationWorkspaceLayout, workspace: UnsafeMutablePointer<Float>,
    parameters: UnsafePointer<Float>
  ) {
    table = .allocate(capacity: program.stages.count)
    for (index, stage) in program.stages.enumerated() {
      let places = layout.places[index]
      let bound = BoundStage(
        stage: stage, weights: parameters + stage.weights.lowerBound,
        bias: stage.bias.isEmpty ? nil : parameters + stage.bias.lowerBound,
        activation: stage.activation.kernelActivation(
          slopes: stage.slopes.isEmpty ? nil : parameters + stage.slopes.lowerBound),
        output: places.output.map { workspace + $0 }, gradient: places.gradient.map { workspace + $0 },
        preactivation: places.preactivation.map { workspace + $0 },
        inputTransposed: places.inputTransposed.map { workspace + $0 },
        bfloat16: BFloat16Operands(
          program.weightOperands(ofStage: index), places.bfloat16, parameters: parameters, workspace: workspace),
        inverses: places.inverses.map { workspace + $0 },
        added: layout.added(by: stage).map { workspace + $0 }, normalization: stage.normalization(parameters),
        batchNormalization: stage.batchNormalization(
          parameters, statistics: places.statistics.map { workspace + $0 }),
        fusesBackward: program.fusesBackward(index))
      table.initializeElement(at: index, to: bound)
    }
    network = BoundNetwork(
      stages: UnsafeBufferPointer(table), loss: program.kernelLoss,
      fusesLastActivation: program.fusesLastActivation, lowestLearningStage: program.lowestLearningStage,
      sampleCapacity: layout.sampleCapacity, inputCount: program.inputCount,
      input: layout.input.map { workspace + $0 }, inputTransposed: layout.inputTransposed.map { workspace + $0 })
  }

  deinit { table.deallocate() }
}
