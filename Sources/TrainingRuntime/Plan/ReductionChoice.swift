import HardwareTopology
import NeuronKernels

/// The reduction that a run gets, with how many lanes, and why.
package struct ReductionChoice: Sendable, Hashable {
  package let reduction: GradientReduction
  /// Gradients that are summed; 1 where none are.
  package let laneCount: Int
  package let reason: String

  /// Who serves which lane among the workers that train; nil without lanes.
  func teams(for placement: WorkerPlacement) -> LaneTeams? {
    reduction == .segmented ? LaneTeams(placement: placement, laneCount: laneCount) : nil
  }

  /// Takes the reduction asked for, or `ownerComputes` where there would be a single lane.
  ///
  /// The number of lanes decides bits. So it follows from where the workers may stand and from the minibatch, not from how
  /// many workers a measurement prefers this time.
  /// - Parameter placement: all workers that the run may use.
  /// - Throws: ``TrainingRuntimeError`` when more lanes are asked for than a minibatch has panels.
  package static func make(
    _ runtime: RuntimeSettings, placement: WorkerPlacement, batchSize: Int
  ) throws(TrainingRuntimeError) -> ReductionChoice {
    switch runtime.reduction {
    case .ownerComputes:
      return ReductionChoice(
        reduction: .ownerComputes, laneCount: 1, reason: "each worker forms the whole gradient of its own parameters")
    case .hogwild:
      return ReductionChoice(
        reduction: .hogwild, laneCount: 1,
        reason: "workers do not wait for one another, so no two runs give the same bits")
    case .segmented:
      return try segmented(runtime.lanes, placement: placement, batchSize: batchSize)
    }
  }

  private static func segmented(
    _ request: LaneRequest, placement: WorkerPlacement, batchSize: Int
  ) throws(TrainingRuntimeError) -> ReductionChoice {
    let panelCount = PanelLayout.panelCount(batchSize)
    switch request {
    case .exactly(let count):
      try requirePanels(panelCount, forLanes: count, batchSize: batchSize)
      return count == 1
        ? ownerComputes(because: "one is asked for") : segmented(count, "\(count) lanes asked for")
    case .automatic:
      let domainCount = placement.domains.count
      let count = min(domainCount, panelCount, GradientReduction.maximumLaneCount)
      if domainCount == 1 { return ownerComputes(because: "all workers share one last-level cache") }
      if count == 1 { return ownerComputes(because: "a minibatch has one panel") }
      let caches = "one for each last-level cache that workers may use"
      return segmented(
        count,
        count == domainCount
          ? "\(count) lanes, \(caches)"
          : "\(count) lanes, the most for a minibatch of \(panelCount) panels; \(domainCount) caches could have one each"
      )
    }
  }

  private static func segmented(_ laneCount: Int, _ reason: String) -> ReductionChoice {
    ReductionChoice(
      reduction: .segmented, laneCount: laneCount,
      reason: "\(reason); the bits are the same for any number of workers with \(laneCount) lanes")
  }

  private static func ownerComputes(because single: String) -> ReductionChoice {
    ReductionChoice(
      reduction: .ownerComputes, laneCount: 1,
      reason: "in place of segmented, which would have a single lane: \(single)")
  }

  private static func requirePanels(
    _ panelCount: Int, forLanes laneCount: Int, batchSize: Int
  ) throws(TrainingRuntimeError) {
    guard laneCount > panelCount else { return }
    let width = PanelLayout.laneCount
    throw TrainingRuntimeError(
      code: .setting,
      message: "\(laneCount) lanes need a panel of \(width) samples each, but a minibatch of \(batchSize) has "
        + "\(panelCount)",
      hint: "use a batch of at least \((laneCount - 1) * width + 1) samples, or fewer lanes")
  }
}

extension RuntimeSettings {
  /// Refuses a number of lanes that is out of range, or that the reduction has no use for.
  func requireSoundLanes() throws(TrainingRuntimeError) {
    guard case .exactly(let count) = lanes else { return }
    guard (1...GradientReduction.maximumLaneCount).contains(count) else {
      throw TrainingRuntimeError(
        code: .setting, message: "lanes must be between 1 and \(GradientReduction.maximumLaneCount), but is \(count)",
        hint: "leave it automatic to have one for each last-level cache")
    }
    guard reduction == .segmented else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "lanes belong to the reduction segmented, but the reduction is \(reduction.rawValue)",
        hint: "ask for reduction: segmented, or leave lanes automatic")
    }
  }
}
