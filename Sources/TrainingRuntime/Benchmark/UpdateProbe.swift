import GradientOptimizers
import NeuronKernels
import WorkerTeam

extension Trainer {
  /// Seconds that the optimizer's updates of a step take by themselves, each worker's own blocks, on average.
  ///
  /// A run of its own: a clock around each block's update would cost more than the update of a small block. Gradients are
  /// zero, and lie in the first-level cache as they do in a step; parameters and state come from where they lie, but no
  /// product hides the wait for them, so beyond the caches it is an upper bound. The parameters are of no use afterwards.
  /// - Throws: what the worker team refuses.
  /// - Precondition: `fit` has been called.
  func secondsOfUpdates() throws -> Double {
    guard let engine else { preconditionFailure("expected a call of fit before its updates are timed") }
    let times = try team.measurements(activeWorkers: engine.workerCount) { worker in
      var best = Double.infinity
      for round in 0..<Self.updateRounds {
        try worker.barrier()
        let start = MonotonicTime.nanoseconds()
        engine.updateWithoutGradients(worker, number: round + 1)
        best = min(best, Double(MonotonicTime.nanoseconds() - start))
      }
      return best
    }
    return times.reduce(0, +) / Double(times.count) * 1e-9
  }

  private static let updateRounds = 9
}

extension StepEngine {
  /// Applies the optimizer to a worker's blocks with zeros for gradients.
  fileprivate func updateWithoutGradients(_ worker: WorkerContext, number: Int) {
    let scratch = memory.scratchGradient(worker: worker.index)
    scratch.update(repeating: 0, count: ParameterBlock.largestCount)
    let step = OptimizerStep(number: number, learningRate: 0)
    apply(optimizer, to: ownedBlocks(worker: worker.index, of: worker.workerCount), gradient: scratch, step: step)
  }

  private func apply(
    _ optimizer: some GradientOptimizer, to owned: Range<Int>, gradient: UnsafePointer<Float>, step: OptimizerStep
  ) {
    let coefficients = optimizer.coefficients(for: step)
    for index in owned {
      let block = blocks[index]
      update(
        block, by: optimizer, gradient: gradient, scale: 1, step: step, coefficients: coefficients, averagingShare: 0)
    }
  }
}
