import HardwareTopology
import NeuronKernels
import Synchronization
import WorkerTeam

/// What rates are of: the processor, the kernels, where workers run, and how they were measured.
struct RatesKey: Sendable, Hashable {
  let text: String

  /// Raised whenever the probes, the kernels' tiles or the fields change their meaning.
  private static let version = 1

  init(kernels: KernelSet, machine: Machine, budget: ProcessorBudget, pinsWorkers: Bool) {
    let placement = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: budget.limit)
    let processors = ProcessorSet(placement.workers.map(\.processor))
    // A model name with a line break would break the file's lines.
    let model = String(machine.modelName.map { $0.isNewline ? " " : $0 })
    text =
      "\(model), \(machine.processors.count) processors; \(kernels.instructionSet.rawValue); "
      + "\(budget.limit) workers on \(processors)\(pinsWorkers ? "" : ", unpinned"); version \(Self.version)"
  }
}

extension MachineRates {
  /// Rates by key that this process has measured or read.
  private static let known = Mutex<[RatesKey: MachineRates]>([:])

  /// Rates measured earlier, by this process or a recent one; nil where they would have to be measured.
  static func known(for key: RatesKey, cache: RatesCache = .standard()) -> MachineRates? {
    if let rates = known.withLock({ $0[key] }) { return rates }
    guard let rates = cache.rates(for: key.text) else { return nil }
    known.withLock { $0[key] = rates }
    return rates
  }

  /// The known rates, and what is not known of them measured now on `team`, which makes it known.
  ///
  /// - Parameter withMemory: whether memory matters, as it does for what no cache holds.
  static func find(
    for key: RatesKey, withMemory: Bool, kernels: KernelSet, cache: RatesCache = .standard(),
    team: () throws -> WorkerTeam
  ) throws -> MachineRates {
    let earlier = known(for: key, cache: cache)
    if let earlier, earlier.knowsMemory || !withMemory { return earlier }
    let team = try team()
    var rates = try earlier ?? measured(kernels: kernels, team: team)
    if withMemory { try TeamProbe(kernels: kernels, team: team).measureMemory(into: &rates) }
    known.withLock { $0[key] = rates }
    cache.keep(rates, for: key.text)
    return rates
  }
}
