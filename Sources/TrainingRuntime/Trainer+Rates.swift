import GradientOptimizers
import NeuronKernels
import WorkerTeam

extension Trainer {
  /// The peak of fused multiply-adds of the processors that this trainer's workers share, in GFLOP/s.
  ///
  /// Measured when first asked for, in about three milliseconds, and after every call of `fit` that was long enough not to
  /// notice; the figure is the latest.
  /// - Throws: what the worker team refuses.
  public func fmaPeakGflops() throws -> Double {
    if let measuredPeak { return measuredPeak }
    return try measureFMAPeak()
  }

  /// Measures the peak anew: more workers than processors add none.
  @discardableResult
  func measureFMAPeak() throws -> Double {
    let workers = plan?.workerCount ?? team.workerCount
    let peak = try FMAPeak.ofTeam(
      kernels, team: team, activeWorkers: min(workers, team.workerCount, budget.limit), milliseconds: 3)
    measuredPeak = peak * 1e-9
    return peak * 1e-9
  }

  /// What predicts this trainer's steps.
  ///
  /// - Parameter measures: whether to measure the machine where its rates are not known; a number of workers that was
  ///   asked for needs no prediction, so nobody should wait for one.
  /// - Returns: nil where the rates are not known and were not to be measured.
  package func costModel(batchSize: Int, measures: Bool) throws -> CostModel? {
    let shape = TeamShape(machine: machine, budget: budget)
    let kept = program.vectorCount * MemoryLayout<Float>.stride * (1 + optimizer.stateSlotCount)
    let needsMemory = kept > shape.cachedBytes(workers: 1)
    guard let rates = try rates(measures: measures, withMemory: needsMemory).map(inOwnPrecision) else { return nil }
    return CostModel(
      program: program, batchSize: batchSize, stateSlotCount: optimizer.stateSlotCount, rates: rates, team: shape,
      meetingCount: meetingCount, accumulation: transforms.accumulation,
      wholeTensors: WholeTensorWork(program, optimizer: optimizer, clipping: clipping, transforms: transformsInForce))
  }

  /// How often all workers meet in a step of this trainer's.
  package var meetingCount: Int {
    let learning = program.stages.map(\.learning).filter { !$0.isFrozen }
    return 2 + (needsNorm ? 1 : 0) + (optimizer is any TrustRatioOptimizer ? 1 : 0)
      + (learning.contains { $0.orthogonal > 0 } ? 1 : 0)
      + (ConstrainedRows.all(of: program).isEmpty ? 0 : 1) + meetingsOverWholeTensors
  }

  /// Meetings between what turns the whole gradient into something else: units that are clipped, rows and columns of
  /// Adafactor's, Muon's iterations.
  private var meetingsOverWholeTensors: Int {
    var count = 0
    if case .adaptive = clipping { count += 1 }
    if optimizer is Adafactor { count += 2 }
    if optimizer is Muon { count += 2 + 3 * Orthogonalization.iterationCount }
    return count
  }

  private func rates(measures: Bool, withMemory: Bool) throws -> MachineRates? {
    // Rates are kept for single precision.
    let kernels = self.kernels.withoutBFloat16
    let key = RatesKey(kernels: kernels, machine: machine, budget: budget, pinsWorkers: runtime.pinsWorkers)
    guard measures else { return MachineRates.known(for: key) }
    return try MachineRates.find(for: key, withMemory: withMemory, kernels: kernels) {
      // The rates are those of all that the budget allows, whatever this trainer's team.
      if case .automatic = runtime.workers { return team }
      return try WorkerTeam.make(automaticRuntime, machine: machine, budget: budget)
    }
  }

  /// With bfloat16 operands products take less or, emulated, more time: by as much as the peaks of the two differ.
  private func inOwnPrecision(_ rates: MachineRates) -> MachineRates {
    guard kernels.bfloat16 != nil else { return rates }
    return rates.withProducts(taking: rates.fmaRate / max(1, FMAPeak.ofThisCore(kernels, milliseconds: 0.5)))
  }

  private var automaticRuntime: RuntimeSettings {
    var settings = runtime
    settings.workers = .automatic
    return settings
  }
}
