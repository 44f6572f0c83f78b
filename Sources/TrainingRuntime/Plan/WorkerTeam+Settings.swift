import HardwareTopology
import WorkerTeam

extension RuntimeSettings {
  /// Refuses a number of workers that cannot be meant.
  func requireWorkersInRange() throws(TrainingRuntimeError) {
    guard case .exactly(let count) = workers else { return }
    guard (1...Self.maximumWorkerCount).contains(count) else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "workers must be between 1 and \(Self.maximumWorkerCount), but is \(count)",
        hint: "leave it automatic to use what this machine really has")
    }
  }

  /// Where all workers stand that a run may use.
  func largestPlacement(on machine: Machine, budget: ProcessorBudget) -> WorkerPlacement {
    let count = if case .exactly(let count) = workers { count } else { budget.limit }
    return WorkerPlacement.plan(machine: machine, budget: budget, workerCount: count)
  }
}

extension WorkerTeam {
  /// The team that the settings ask for; automatic means as many workers as the budget allows.
  static func make(_ runtime: RuntimeSettings, machine: Machine, budget: ProcessorBudget) throws -> WorkerTeam {
    let placement = runtime.largestPlacement(on: machine, budget: budget)
    return try WorkerTeam(
      processors: placement.workers.map { runtime.pinsWorkers ? $0.processor : nil },
      options: WorkerTeam.Options(usableProcessors: budget.limit))
  }
}
