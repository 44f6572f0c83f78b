import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// What an engine is made for: the plan's figures that decide its memory and who does what.
struct StepShape: Sendable, Hashable {
  let batchSize: Int
  let workerCount: Int
  /// How phase A is shared out when all workers run and there are no lanes.
  let split: PhaseASplit
  let reduction: GradientReduction
  /// Who serves which lane; nil for reductions without lanes.
  let teams: LaneTeams?
}

/// What all workers share while they train: the bound network, the blocks of parameters and who owns them, and memory.
///
/// Everything a step reads is reached through pointers that are fixed when the engine is made, so a step allocates nothing
/// and touches no reference count.
///
/// - Concurrency: workers write only their own shard's panels, their own blocks and their own scratch; the barriers of
///   ``TrainingWorker`` order the rest.
final class StepEngine: @unchecked Sendable {
  let program: NetworkProgram
  let kernels: KernelSet
  let optimizer: any GradientOptimizer
  let clipping: GradientClipping
  let transforms: UpdateTransforms
  let shape: StepShape
  let vectorCount: Int
  let stateSlotCount: Int
  let parameters: UnsafeMutablePointer<Float>
  /// Optimizer state, `stateSlotCount` vectors one after the other; nil without state.
  let optimizerState: UnsafeMutablePointer<Float>?
  /// Whether the whole gradient's norm is formed before any update.
  let needsNorm: Bool
  /// The optimizer, where it takes a direction in place of the gradient, times a ratio of norms: kept as what it is, since to
  /// ask a large value anew takes memory.
  let trustRatioOptimizer: (any TrustRatioOptimizer)?
  /// Whether there is such an optimizer; asked at every block, where the value itself would be copied.
  let hasTrustRatio: Bool
  /// Whether the optimizer's rule is all that changes a block whose layer learns plainly.
  let updatesPlainly: Bool
  /// Whether workers meet on a sample's way, for sums over the minibatch.
  let meetsWithinPasses: Bool
  /// Whether workers can share a sample, asked once: the answer is looked up by names, which takes memory.
  let splitsByUnits: Bool
  let memory: StepMemory
  let blocks: UnsafeMutableBufferPointer<ParameterBlock>
  let schedule: StepSchedule
  /// Rows whose lengths are constrained.
  let constrainedRows: UnsafeMutableBufferPointer<ConstrainedRows>
  /// Units whose gradients are clipped by the norms of their parameters.
  let clippedUnits: UnsafeMutableBufferPointer<ClippedUnits>
  /// What earlier calls of `fit` have learned of these steps; the calling thread's between broadcasts.
  var pace: WorkerPace?
  /// The penalty on angles between units' weights, where a layer has it.
  let orthogonalPenalty: OrthogonalPenalty?
  /// The directions of Muon's matrices, where the optimizer has any.
  let orthogonalization: Orthogonalization?
  /// The rows' and columns' moments of Adafactor, where that is the optimizer.
  let factoredMoments: FactoredMoments?
  /// The steps of L-BFGS, where that is the optimizer.
  let quasiNewton: QuasiNewton?
  private let binding: NetworkBinding
  private let storage: ParameterStorage
  private let table: BlockTable

  init(
    program: NetworkProgram, kernels: KernelSet, optimizer: any GradientOptimizer, clipping: GradientClipping,
    transforms: UpdateTransforms, shape: StepShape, storage: ParameterStorage
  ) throws(NeuronKernelsError) {
    let table = BlockTable(program, shape: shape, clipping: clipping), blocks = table.blocks
    self.program = program
    self.kernels = kernels
    self.optimizer = optimizer
    self.clipping = clipping
    self.transforms = transforms
    self.shape = shape
    self.storage = storage
    self.table = table
    self.blocks = blocks
    constrainedRows = table.constrainedRows
    clippedUnits = table.clippedUnits
    vectorCount = program.vectorCount
    stateSlotCount = storage.stateSlotCount
    parameters = storage.parameters
    optimizerState = storage.optimizerState
    let needsNorm = Self.needsNorm(optimizer, clipping: clipping, transforms: transforms)
    self.needsNorm = needsNorm
    meetsWithinPasses = program.meetsWithinPasses
    splitsByUnits = program.splitsByUnits
    trustRatioOptimizer = optimizer as? any TrustRatioOptimizer
    hasTrustRatio = trustRatioOptimizer != nil
    updatesPlainly = Self.updatesPlainly(
      optimizer, clipping: clipping, transforms: transforms, operands: program.operands)
    memory = try StepMemory(
      StepMemoryLayout(
        program: program, shape: shape, blockCount: blocks.count,
        keepsGradients: Self.keepsGradients(optimizer, clipping: clipping, transforms: transforms)))
    schedule = try StepSchedule(
      shape, LaneMemoryLayout(program: program, shape: shape, needsNorm: needsNorm), program: program,
      parameters: storage.parameters, costs: blocks.map { $0.cost(batchSize: shape.batchSize) })
    orthogonalPenalty = try OrthogonalPenalty(program, workerCount: shape.workerCount)
    orthogonalization = try Orthogonalization(program, optimizer: optimizer, blocks: blocks)
    factoredMoments = try FactoredMoments(
      program, optimizer: optimizer, blocks: blocks, state: storage.factoredMoments)
    quasiNewton = try QuasiNewton(
      program, optimizer: optimizer, blockCount: blocks.count, workerCount: shape.workerCount)
    binding = NetworkBinding(
      program, layout: memory.layout.workspace, workspace: memory.workspace, parameters: storage.parameters)
  }

  /// Whether a step must know norms before any update.
  static func needsNorm(
    _ optimizer: any GradientOptimizer, clipping: GradientClipping, transforms: UpdateTransforms
  ) -> Bool {
    clipping.needsNorm || transforms.skipLimit > 0 || optimizer is any TrustRatioOptimizer || optimizer is Muon
  }

  /// Whether nothing is done to a block but the optimizer's rule, as far as its layer has no say.
  private static func updatesPlainly(
    _ optimizer: any GradientOptimizer, clipping: GradientClipping, transforms: UpdateTransforms,
    operands: OperandPrecision
  ) -> Bool {
    if case .value = clipping { return false }
    return operands == .float32 && transforms.lookahead == nil && transforms.averaging == .none && !(optimizer is Muon)
  }

  /// Whether the whole gradient is kept until the update.
  static func keepsGradients(
    _ optimizer: any GradientOptimizer, clipping: GradientClipping, transforms: UpdateTransforms
  ) -> Bool {
    transforms.accumulation > 1 || optimizer is LBFGS
      || needsNorm(optimizer, clipping: clipping, transforms: transforms)
  }

  /// The average of the weights, behind the optimizer's own state.
  var averageWeights: UnsafeMutablePointer<Float>? {
    transforms.averaging == .none ? nil : optimizerState.map { $0 + optimizer.stateSlotCount * vectorCount }
  }
  /// The slow weights, behind everything else.
  var slowWeights: UnsafeMutablePointer<Float>? {
    transforms.lookahead == nil ? nil : optimizerState.map { $0 + (stateSlotCount - 1) * vectorCount }
  }
  var batchSize: Int { shape.batchSize }

  /// Whether every parameter is a finite number: one pass over them, between epochs.
  var parametersAreFinite: Bool {
    let exponent = SIMD16<UInt32>(repeating: 0x7f80_0000)
    // The vector is whole lines.
    return stride(from: 0, to: vectorCount, by: 16).allSatisfy { line in
      let bits = UnsafeRawPointer(parameters + line).loadUnaligned(as: SIMD16<UInt32>.self)
      return !any((bits & exponent) .== exponent)
    }
  }
  var workerCount: Int { shape.workerCount }
  var split: PhaseASplit { shape.split }
  /// The network bound to the memory that workers share: of a whole minibatch where there are no lanes, else of what they
  /// evaluate at once.
  var network: BoundNetwork { binding.network }

  /// The blocks that a worker owns when `count` workers run: all of the plan's, or one.
  func ownedBlocks(worker: Int, of count: Int) -> Range<Int> {
    count == 1 ? blocks.startIndex..<blocks.endIndex : table.shares[worker]
  }
}
