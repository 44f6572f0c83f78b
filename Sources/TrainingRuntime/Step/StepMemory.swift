import GradientOptimizers
import NeuronKernels
import PerceptronModel
import Synchronization

/// How large each block of memory of a run is.
struct StepMemoryLayout: Sendable, Hashable {
  let workspace: ActivationWorkspaceLayout
  let halfPanelCount: Int
  let blockCount: Int
  let vectorCount: Int
  let keepsGradients: Bool
  let workerCount: Int

  /// Room for a minibatch, unless it goes to lanes, and for a few panels of each worker when evaluating.
  ///
  /// - Parameter keepsGradients: whether the whole gradient is kept, unless lanes keep it.
  init(program: NetworkProgram, shape: StepShape, blockCount: Int, keepsGradients: Bool) {
    let hasLanes = shape.reduction != .ownerComputes, workerCount = shape.workerCount
    let capacity = max(hasLanes ? 0 : shape.batchSize, Self.evaluationPanels * workerCount * PanelLayout.laneCount)
    self.workspace = ActivationWorkspaceLayout(program, sampleCapacity: capacity)
    self.halfPanelCount = PanelLayout.halfPanelCount(workspace.sampleCapacity)
    self.blockCount = blockCount
    self.vectorCount = program.vectorCount
    self.keepsGradients = keepsGradients && !hasLanes
    self.workerCount = workerCount
  }

  /// Panels that a worker evaluates at once: enough that reading the weights is shared by 128 samples.
  static let evaluationPanels = 4

  var workspaceBytes: Int { workspace.floatCount * MemoryLayout<Float>.stride }
  var gradientBytes: Int { keepsGradients ? vectorCount * MemoryLayout<Float>.stride : 0 }
  /// A worker's scratch gradient, counters and cursor, each on lines of its own.
  var workerBytes: Int { workerCount * Self.workerStride }
  var slotBytes: Int {
    halfPanelCount * (MemoryLayout<Double>.stride + MemoryLayout<UInt32>.stride)
      + 3 * blockCount * MemoryLayout<Double>.stride
  }

  static let scratchBytes = ParameterBlock.largestCount * MemoryLayout<Float>.stride
  static let clockBytes = 128
  static let arrivalBytes = 128
  static let cursorBytes = 128
  static let workerStride = scratchBytes + clockBytes + arrivalBytes + cursorBytes
}

/// The memory that steps work in, besides parameters and optimizer state; taken once, never inside a step.
final class StepMemory: Sendable {
  let layout: StepMemoryLayout
  private let workspaceStorage: AlignedStorage
  private let gradientStorage: AlignedStorage?
  private let workerStorage: AlignedStorage
  private let slotStorage: AlignedStorage

  init(_ layout: StepMemoryLayout) throws(NeuronKernelsError) {
    self.layout = layout
    workspaceStorage = try AlignedStorage(byteCount: layout.workspaceBytes)
    gradientStorage = layout.keepsGradients ? try AlignedStorage(byteCount: layout.gradientBytes) : nil
    workerStorage = try AlignedStorage(byteCount: layout.workerBytes)
    slotStorage = try AlignedStorage(byteCount: layout.slotBytes)
    for worker in 0..<layout.workerCount { blockCursor(worker: worker).initialize(to: Atomic(0)) }
  }

  /// All activations, as `layout.workspace` places them.
  var workspace: UnsafeMutablePointer<Float> { workspaceStorage.baseAddress.assumingMemoryBound(to: Float.self) }

  /// The whole gradient, where its norm must be known before the update, or where several minibatches add to it.
  var gradients: UnsafeMutablePointer<Float>? { gradientStorage?.baseAddress.assumingMemoryBound(to: Float.self) }

  /// One slot for every half panel of the minibatch.
  var lossSlots: LossSlots {
    let sums = slotStorage.baseAddress.assumingMemoryBound(to: Double.self)
    let counts = UnsafeMutableRawPointer(sums + layout.halfPanelCount + 3 * layout.blockCount)
    return LossSlots(lossSums: sums, correctCounts: counts.assumingMemoryBound(to: UInt32.self))
  }

  /// One slot a parameter block: the sum of its gradient's squares.
  var squareSums: UnsafeMutablePointer<Double> {
    slotStorage.baseAddress.assumingMemoryBound(to: Double.self) + layout.halfPanelCount
  }

  /// One slot a parameter block: the sum of its direction's squares, where a trust ratio asks for it.
  var directionSquareSums: UnsafeMutablePointer<Double> { squareSums + layout.blockCount }

  /// One slot a parameter block: the sum of its parameters' squares, where a trust ratio asks for it.
  var parameterSquareSums: UnsafeMutablePointer<Double> { squareSums + 2 * layout.blockCount }

  /// Where a worker forms the gradient of one block.
  func scratchGradient(worker: Int) -> UnsafeMutablePointer<Float> {
    (workerStorage.baseAddress + worker * StepMemoryLayout.workerStride).assumingMemoryBound(to: Float.self)
  }

  /// A worker's clock.
  func clock(worker: Int) -> UnsafeMutablePointer<StepClock> {
    (workerStorage.baseAddress + worker * StepMemoryLayout.workerStride + StepMemoryLayout.scratchBytes)
      .assumingMemoryBound(to: StepClock.self)
  }

  /// When a worker came to each ``StepClock/Meeting`` of the step at hand: words of their own beside the clock, since worker 0
  /// reads one while the worker writes the other and its clock.
  func arrivals(worker: Int) -> UnsafeMutablePointer<UInt64> {
    (UnsafeMutableRawPointer(clock(worker: worker)) + StepMemoryLayout.clockBytes).assumingMemoryBound(to: UInt64.self)
  }

  /// Where a worker's own blocks begin that nobody has taken; see ``BlockClaims``.
  func blockCursor(worker: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    (UnsafeMutableRawPointer(arrivals(worker: worker)) + StepMemoryLayout.arrivalBytes)
      .assumingMemoryBound(to: Atomic<Int>.self)
  }
}
