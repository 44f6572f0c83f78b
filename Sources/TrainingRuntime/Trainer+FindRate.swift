import Glibc
import GradientOptimizers
import NeuronKernels
import TrainingData

extension Trainer {
  /// Sweeps over learning rates: steps whose rate rises from `lowest` to `highest` in geometric progression.
  ///
  ///     let sweep = try trainer.findLearningRate(training)
  ///     print(sweep.suggestedRate ?? 0)
  ///
  /// The sweep sets out from the trainer's parameters and optimizer state, trains through the samples in the order of coming
  /// epochs, and ends early once the loss has left. Everything is then as it was before, so that a run begins with the same
  /// bits as without a sweep.
  ///
  /// - Parameters:
  ///   - training: the samples.
  ///   - lowest: the first step's rate, above 0.
  ///   - highest: the last step's rate, above `lowest`.
  ///   - steps: how many rates are tried, at least 10.
  ///   - batchSize: samples of a minibatch.
  ///   - classWeights: as in ``fit(_:epochs:batchSize:validation:classWeights:earlyStopping:checkpoints:resuming:callbacks:observer:)``.
  ///   - observer: is asked before every step whether to go on; what was measured until then is judged.
  /// - Throws: ``TrainingRuntimeError`` for arguments out of range, for optimizers that follow no rate, and for the reduction
  ///   `hogwild`, whose steps have no order; what `fit` throws before it trains.
  /// - Complexity: memory of a copy of parameters and optimizer state.
  public func findLearningRate(
    _ training: DataSubset, from lowest: Float = 1e-6, to highest: Float = 10, steps: Int = 100, batchSize: Int = 128,
    classWeights: ClassWeights = .none, observer: () -> TrainingCommand = { .proceed }
  ) throws -> RateSweep {
    try require(steps, "the number of steps of a sweep", atLeast: 10)
    try require(batchSize, "the batch size", atLeast: 1)
    try requireSweepable(from: lowest, to: highest)
    try requireFit(of: training)
    let weights = try classWeights.weights(for: training)
    let swept = try makePlan(sampleCount: training.sampleCount, batchSize: min(batchSize, training.sampleCount))
    let scaling = try self.transform ?? measuredTransform(of: training)
    let engine = try engine(swept.shape)
    let snapshot = try TrainerSnapshot(for: storage)
    snapshot.save(self)
    let sweep = Swift.Result {
      try refreshOperands(of: engine)
      return try self.sweep(
        RateSteps(lowest: lowest, highest: highest, count: steps), engine: engine, workerCount: swept.workerCount,
        training, feed: SampleFeed(training.dataset, transform: scaling, classWeights: weights), observer: observer)
    }
    snapshot.restore(self)
    try refreshOperands(of: engine)
    let found = try sweep.get()
    try training.dataset.features.requireUnchanged()
    return found
  }

  /// Steps through the rates, epoch by epoch.
  private func sweep(
    _ rates: RateSteps, engine: StepEngine, workerCount: Int, _ training: DataSubset, feed: SampleFeed,
    observer: () -> TrainingCommand
  ) throws -> RateSweep {
    let order = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: training.sampleCount)
    defer { order.deallocate() }
    var losses: [Double] = [], run: EpochRun?, step = 0, divergedRate: Float?
    while losses.count < rates.count, divergedRate == nil, observer() == .proceed {
      if run == nil || step == run?.stepsPerEpoch {
        run = beginSweepEpoch(
          stepsBefore: losses.count, epoch: epochCount + losses.count / max(1, run?.stepsPerEpoch ?? 1), order: order,
          engine, training, feed)
        step = 0
      }
      guard let run else { break }
      run.sweptRate = rates.rate(losses.count)
      (run.lossSum, run.divergedStep) = (0, nil)
      let skipped = run.skippedSteps
      try engine.train(run, steps: step..<step + 1, team: team, workerCount: workerCount) {}
      if run.divergedStep != nil || run.skippedSteps > skipped {
        divergedRate = run.sweptRate
      } else {
        losses.append(run.lossSum / Double(run.samples(ofStep: step).count))
        if rates.hasLeft(losses) { divergedRate = run.sweptRate }
      }
      step += 1
    }
    return RateSweep(rates: losses.indices.map(rates.rate), losses: losses, divergedRate: divergedRate)
  }

  private func beginSweepEpoch(
    stepsBefore: Int, epoch: Int, order: UnsafeMutableBufferPointer<UInt32>, _ engine: StepEngine,
    _ training: DataSubset, _ feed: SampleFeed
  ) -> EpochRun {
    epochOrder.write(training.rows, epoch: epoch, into: order)
    return EpochRun(
      feed: feed, order: UnsafeBufferPointer(order), batchSize: engine.batchSize,
      minibatchesPerStep: engine.transforms.accumulation, stepsBefore: stepsBefore, earlierSteps: stepCount,
      totalSteps: .max, baseRate: optimizer.learningRate, schedule: .constant, seed: seed, plateauFactor: 1,
      number: epoch + 1)
  }

  private func requireSweepable(from lowest: Float, to highest: Float) throws(TrainingRuntimeError) {
    guard lowest > 0, highest > lowest, highest.isFinite else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "a sweep must rise from a learning rate above 0 to a larger one, but is from \(lowest) to \(highest)",
        hint: "leave both out to sweep from 1e-6 to 10")
    }
    guard runtime.reduction != .hogwild else {
      throw TrainingRuntimeError(
        code: .setting, message: "no learning rate can be found with the reduction hogwild, whose steps have no order",
        hint: "sweep with the reduction segmented or ownerComputes")
    }
    guard !(optimizer is Rprop), !(optimizer is Quickprop), !(optimizer is LBFGS) else {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "the optimizer \(optimizer.name) finds the lengths of its steps itself, so there is no rate to sweep over",
        hint: "leave its learningRate as it is, or use another optimizer such as adam")
    }
  }
}

/// Rates in geometric progression.
private struct RateSteps {
  let lowest: Float
  let highest: Float
  let count: Int

  /// The rate of a step, from 0.
  func rate(_ step: Int) -> Float {
    Float(Double(lowest) * pow(Double(highest) / Double(lowest), Double(step) / Double(count - 1)))
  }

  /// Whether the latest losses are far above the least: their mean, so that one hard minibatch does not end a sweep.
  func hasLeft(_ losses: [Double]) -> Bool {
    let width = 3
    guard losses.count >= 2 * width else { return false }
    func mean(_ end: Int) -> Double { losses[end - width..<end].reduce(0, +) / Double(width) }
    let least = (width...losses.count).map(mean).min() ?? .infinity
    // A loss may be negative; then its distance from the first is what grows.
    let scale = max(abs(least), (losses[0] - least) / RateSweep.divergenceFactor)
    return mean(losses.count) - least > (RateSweep.divergenceFactor - 1) * scale
  }
}
