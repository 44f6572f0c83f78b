import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

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
  let batchSize: Int
  let workerCount: Int
  /// How phase A is shared out when all workers run.
  let split: PhaseASplit
  let vectorCount: Int
  let stateSlotCount: Int
  let parameters: UnsafeMutablePointer<Float>
  /// Optimizer state, `stateSlotCount` vectors one after the other; nil without state.
  let optimizerState: UnsafeMutablePointer<Float>?
  let memory: StepMemory
  let blocks: UnsafeMutableBufferPointer<ParameterBlock>
  /// What earlier calls of `fit` have learned of these steps; the calling thread's between broadcasts.
  var pace: WorkerPace?
  private let binding: NetworkBinding
  private let storage: ParameterStorage
  private let shares: UnsafeMutableBufferPointer<Range<Int>>

  init(
    program: NetworkProgram, kernels: KernelSet, optimizer: any GradientOptimizer, clipping: GradientClipping,
    batchSize: Int, workerCount: Int, split: PhaseASplit, storage: ParameterStorage
  ) throws(NeuronKernelsError) {
    let blocks = ParameterBlock.all(of: program, batchSize: batchSize)
    self.program = program
    self.kernels = kernels
    self.optimizer = optimizer
    self.clipping = clipping
    self.batchSize = batchSize
    self.workerCount = workerCount
    self.split = split
    self.storage = storage
    vectorCount = program.vectorCount
    stateSlotCount = storage.stateSlotCount
    parameters = storage.parameters
    optimizerState = storage.optimizerState
    memory = try StepMemory(
      StepMemoryLayout(
        program: program, batchSize: batchSize, blockCount: blocks.count, keepsGradients: clipping != .none,
        workerCount: workerCount))
    binding = NetworkBinding(
      program, layout: memory.layout.workspace, workspace: memory.workspace, parameters: storage.parameters)
    self.blocks = .allocate(capacity: blocks.count)
    _ = self.blocks.initialize(from: blocks)
    let partition = IndexPartition(costs: blocks.map { $0.cost(batchSize: batchSize) }, parts: workerCount)
    shares = .allocate(capacity: workerCount)
    _ = shares.initialize(from: partition)
  }

  deinit {
    blocks.deallocate()
    shares.deallocate()
  }

  var network: BoundNetwork { binding.network }

  /// The blocks that a worker owns when `count` workers run: all of the plan's, or one.
  func ownedBlocks(worker: Int, of count: Int) -> Range<Int> {
    count == 1 ? blocks.startIndex..<blocks.endIndex : shares[worker]
  }
}
