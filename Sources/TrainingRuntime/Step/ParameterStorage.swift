import GradientOptimizers
import NeuronKernels
import PerceptronModel

/// The parameters of a network and the state that its optimizer keeps for them: what outlives a call of `fit`.
final class ParameterStorage: Sendable {
  let vectorCount: Int
  let stateSlotCount: Int
  private let parameterBytes: AlignedStorage
  private let stateBytes: AlignedStorage?
  private let spareBytes: AlignedStorage?
  private let factoredBytes: AlignedStorage?
  /// Floats of ``factoredMoments``.
  let factoredCount: Int

  /// Draws the initial parameters; the state is zero.
  init(
    _ program: NetworkProgram, optimizer: any GradientOptimizer, transforms: UpdateTransforms, seed: UInt64
  ) throws(NeuronKernelsError) {
    vectorCount = program.vectorCount
    stateSlotCount = optimizer.stateSlotCount + transforms.stateSlotCount
    let vectorBytes = vectorCount * MemoryLayout<Float>.stride
    parameterBytes = try AlignedStorage(byteCount: program.vectorCountWithOperands * MemoryLayout<Float>.stride)
    stateBytes = stateSlotCount > 0 ? try AlignedStorage(byteCount: vectorBytes * stateSlotCount) : nil
    let isEvaluatedElsewhere = optimizer is any EvaluationPointOptimizer || transforms.stateSlotCount > 0
    spareBytes = isEvaluatedElsewhere ? try AlignedStorage(byteCount: vectorBytes) : nil
    factoredCount = FactoredMoments.Layout(program, optimizer: optimizer)?.stateCount ?? 0
    factoredBytes =
      factoredCount > 0 ? try AlignedStorage(byteCount: factoredCount * MemoryLayout<Float>.stride) : nil
    program.initialize(parameters, seed: seed)
  }

  /// The parameter vector, and behind it the operands that are made of it, where they are not the weights themselves.
  var parameters: UnsafeMutablePointer<Float> { parameterBytes.baseAddress.assumingMemoryBound(to: Float.self) }

  /// Room for the parameters to evaluate, where those are not the ones that are trained.
  var spare: UnsafeMutablePointer<Float>? { spareBytes?.baseAddress.assumingMemoryBound(to: Float.self) }

  /// Second moments by row and column, as ``FactoredMoments/Layout`` places them; nil where the optimizer keeps none.
  var factoredMoments: UnsafeMutablePointer<Float>? {
    factoredBytes?.baseAddress.assumingMemoryBound(to: Float.self)
  }

  /// Slot after slot, each a whole vector.
  var optimizerState: UnsafeMutablePointer<Float>? { stateBytes?.baseAddress.assumingMemoryBound(to: Float.self) }
}
