import GradientOptimizers
import NeuronKernels
import PerceptronModel

/// How large the memory of gradient lanes is.
struct LaneMemoryLayout: Sendable, Hashable {
  let laneCount: Int
  let workspace: ActivationWorkspaceLayout
  let halfPanelCount: Int
  let vectorCount: Int
  let keepsGradients: Bool

  /// A lane for each share of a minibatch, or for each worker that takes whole ones; nil where there are no lanes.
  init?(program: NetworkProgram, shape: StepShape, needsNorm: Bool) {
    let sampleCapacity: Int
    switch shape.reduction {
    case .ownerComputes:
      return nil
    case .segmented:
      laneCount = shape.teams?.laneCount ?? 1
      // The first lane's share is the largest.
      let panels = LaneShare.panels(ofLane: 0, of: laneCount, sampleCount: shape.batchSize)
      sampleCapacity = panels.count * PanelLayout.laneCount
      keepsGradients = true
    case .hogwild:
      laneCount = shape.workerCount
      sampleCapacity = shape.batchSize
      keepsGradients = needsNorm
    }
    workspace = ActivationWorkspaceLayout(program, sampleCapacity: sampleCapacity)
    halfPanelCount = PanelLayout.halfPanelCount(workspace.sampleCapacity)
    vectorCount = program.vectorCount
  }

  /// Bytes of one lane's workspace; the parts behind it begin on a line, as vectors and panels are whole lines.
  var workspaceBytes: Int { workspace.floatCount * MemoryLayout<Float>.stride }
  var gradientBytes: Int { keepsGradients ? vectorCount * MemoryLayout<Float>.stride : 0 }
  var slotBytes: Int { halfPanelCount * (MemoryLayout<Double>.stride + MemoryLayout<UInt32>.stride) }
  var laneBytes: Int { workspaceBytes + gradientBytes + slotBytes }
}

/// The memory of one lane: its share of the minibatch on the way through the network, and the gradient over that share.
///
/// A trivial value; ``LaneMemory`` owns what it points to.
struct GradientLane {
  /// The network bound to the lane's own workspace.
  let network: BoundNetwork
  /// The whole gradient over the lane's samples; nil where nobody needs it as a whole.
  let gradients: UnsafeMutablePointer<Float>?
  /// One slot for every half panel of the lane.
  let slots: LossSlots

  /// Adds the losses of the lane's first samples to `sum`, slot by slot.
  func addLosses(sampleCount: Int, to sum: inout Double) {
    for slot in 0..<PanelLayout.halfPanelCount(sampleCount) { sum += slots.lossSums[slot] }
  }

  /// Hits among the lane's first samples.
  func correctCount(sampleCount: Int) -> Int {
    var count = 0
    for slot in 0..<PanelLayout.halfPanelCount(sampleCount) { count += Int(slots.correctCounts[slot]) }
    return count
  }
}

/// All lanes of a run, each in pages of its own that lie near those who touch them first.
final class LaneMemory: @unchecked Sendable {
  let layout: LaneMemoryLayout
  let lanes: UnsafeMutableBufferPointer<GradientLane>
  /// The lanes' gradients as the summing kernel takes them.
  let gradients: UnsafeMutablePointer<UnsafePointer<Float>?>
  private let storages: [FirstTouchStorage]
  private let bindings: [NetworkBinding]

  init(
    _ layout: LaneMemoryLayout, program: NetworkProgram, parameters: UnsafePointer<Float>
  ) throws(NeuronKernelsError) {
    var storages: [FirstTouchStorage] = [], bindings: [NetworkBinding] = []
    for _ in 0..<layout.laneCount {
      let storage = try FirstTouchStorage(byteCount: layout.laneBytes)
      bindings.append(
        NetworkBinding(
          program, layout: layout.workspace, workspace: storage.baseAddress.assumingMemoryBound(to: Float.self),
          parameters: parameters))
      storages.append(storage)
    }
    self.layout = layout
    self.storages = storages
    self.bindings = bindings
    lanes = .allocate(capacity: layout.laneCount)
    gradients = .allocate(capacity: layout.laneCount)
    for (index, storage) in storages.enumerated() {
      let lane = Self.lane(storage, network: bindings[index].network, layout: layout)
      lanes.initializeElement(at: index, to: lane)
      (gradients + index).initialize(to: lane.gradients.map { UnsafePointer($0) })
    }
  }

  deinit {
    lanes.deallocate()
    gradients.deallocate()
  }

  private static func lane(
    _ storage: FirstTouchStorage, network: BoundNetwork, layout: LaneMemoryLayout
  ) -> GradientLane {
    let gradients = storage.baseAddress + layout.workspaceBytes
    let sums = (gradients + layout.gradientBytes).assumingMemoryBound(to: Double.self)
    let counts = UnsafeMutableRawPointer(sums + layout.halfPanelCount).assumingMemoryBound(to: UInt32.self)
    return GradientLane(
      network: network, gradients: layout.keepsGradients ? gradients.assumingMemoryBound(to: Float.self) : nil,
      slots: LossSlots(lossSums: sums, correctCounts: counts))
  }

  /// Makes a worker's part of its lanes exist near it; every worker does so once, before the first step.
  func touch(_ seat: LaneTeams.Seat) {
    for lane in seat.lanes { storages[lane].touch(part: seat.rank, of: seat.teamSize) }
  }
}
