import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Who does what in a step, one case a reduction, with the memory that it needs beyond every step's.
enum StepSchedule {
  case ownerComputes
  case segmented(LaneMemory, LaneSeating)
  case hogwild(HogwildState)

  /// - Parameter costs: of each block of parameters.
  init(
    _ shape: StepShape, _ layout: LaneMemoryLayout?, program: NetworkProgram, parameters: UnsafePointer<Float>,
    costs: @autoclosure () -> [Int]
  ) throws(NeuronKernelsError) {
    guard let layout else {
      self = .ownerComputes
      return
    }
    let memory = try LaneMemory(layout, program: program, parameters: parameters)
    if let teams = shape.teams {
      self = .segmented(memory, LaneSeating(teams, costs: costs()))
    } else {
      self = .hogwild(try HogwildState(memory: memory))
    }
  }
}

/// Samples of a minibatch and the network in whose workspace they lie after a step.
struct ComputedShard {
  let samples: Range<Int>
  let network: BoundNetwork
}

extension StepEngine {
  /// Runs steps of an epoch on the first `workerCount` workers of a team; the only place that looks at the reduction.
  func train(
    _ epoch: EpochRun, steps: Range<Int>, team: WorkerTeam, workerCount: Int, whileWaiting: () -> Void
  ) throws {
    if let quasiNewton {
      return try quasiNewton.train(
        self, epoch, steps: steps, team: team, workerCount: workerCount, whileWaiting: whileWaiting)
    }
    switch schedule {
    case .ownerComputes:
      try team.broadcast(activeWorkers: workerCount, whileWaiting: whileWaiting) { worker in
        try TrainingWorker(engine: self, epoch: epoch, worker: worker).run(steps: steps)
      }
    case .segmented(let memory, let seating):
      try team.broadcast(groups: seating.groups(of: workerCount), whileWaiting: whileWaiting) { worker in
        try SegmentedWorker(engine: self, memory: memory, seating: seating, epoch: epoch, worker: worker)
          .run(steps: steps)
      }
    case .hogwild(let state):
      state.begin(steps)
      try team.broadcast(activeWorkers: workerCount, whileWaiting: whileWaiting) { worker in
        HogwildWorker(engine: self, state: state, epoch: epoch, worker: worker).run()
      }
      state.finish(epoch)
    }
  }

  /// Has every worker touch its own lanes first, so that they lie near it.
  func placeLanes(team: WorkerTeam) throws {
    switch schedule {
    case .ownerComputes: return
    case .segmented(let memory, let seating):
      try team.broadcast(activeWorkers: workerCount) { worker in memory.touch(seating.teams.seats[worker.index]) }
    case .hogwild(let state):
      try team.broadcast(activeWorkers: workerCount) { worker in
        state.memory.touch(LaneTeams.Seat(lanes: worker.index..<worker.index + 1, rank: 0, teamSize: 1))
      }
    }
  }

  /// How stale gradients were since the call of `fit` began; nil where nobody runs ahead.
  var staleness: StalenessHistogram? {
    if case .hogwild(let state) = schedule { state.staleness } else { nil }
  }

  /// Begins the accounts of a call of `fit`.
  func resetAccounts() {
    quasiNewton?.forget()
    for worker in 0..<workerCount { memory.clock(worker: worker).pointee = StepClock() }
    if case .hogwild(let state) = schedule { state.resetTallies() }
  }

  /// Where the activations of the step that ended last lie; after a loss that is not a number, of the step that had it.
  func computedShards(sampleCount: Int) -> [ComputedShard] {
    switch schedule {
    case .ownerComputes: return [ComputedShard(samples: 0..<sampleCount, network: network)]
    case .segmented(let memory, _):
      return memory.lanes.enumerated().map { index, lane in
        ComputedShard(
          samples: LaneShare.samples(ofLane: index, of: memory.lanes.count, sampleCount: sampleCount),
          network: lane.network)
      }
    case .hogwild(let state):
      guard let worker = state.diverged?.worker else { return [] }
      return [ComputedShard(samples: 0..<sampleCount, network: state.memory.lanes[worker].network)]
    }
  }
}
