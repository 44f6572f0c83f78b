import GradientOptimizers

/// Where the network is evaluated: at its parameters, or where the optimizer or an average of the weights says.
extension Trainer {
  /// The optimizer that has its own point of evaluation, once a step has been made.
  private var pointOptimizer: (any EvaluationPointOptimizer)? {
    stepCount > 0 ? optimizer as? any EvaluationPointOptimizer : nil
  }

  /// The average of the weights, or else the slow ones, once there are any.
  private var transformedWeights: UnsafePointer<Float>? {
    guard let state = storage.optimizerState else { return nil }
    let own = optimizer.stateSlotCount * program.vectorCount
    if transforms.averaging.hasBegun(steps: stepCount, epochs: epochCount) { return UnsafePointer(state + own) }
    guard transforms.lookahead != nil, stepCount > 0 else { return nil }
    return UnsafePointer(state + (storage.stateSlotCount - 1) * program.vectorCount)
  }

  /// Gives `body` the parameters to evaluate, digest or save; training's own stay as they are.
  func withEvaluationParameters<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    guard let spare = storage.spare, writeEvaluationPoint(to: spare) else { return try body(storage.parameters) }
    return try body(spare)
  }

  /// Runs `body` with the workers' network at the point of evaluation, and then puts back what was trained.
  func atEvaluationPoint<Result>(of engine: StepEngine, _ body: () throws -> Result) throws -> Result {
    guard let spare = storage.spare, writeEvaluationPoint(to: spare) else { return try body() }
    swapParameters(with: spare)
    let outcome = Swift.Result {
      try refreshOperands(of: engine)
      return try body()
    }
    swapParameters(with: spare)
    try refreshOperands(of: engine)
    return try outcome.get()
  }

  private func swapParameters(with spare: UnsafeMutablePointer<Float>) {
    for index in 0..<program.vectorCount { swap(&storage.parameters[index], &spare[index]) }
  }

  /// Writes the point to evaluate at; false where it is the parameters themselves.
  private func writeEvaluationPoint(to point: UnsafeMutablePointer<Float>) -> Bool {
    if let transformed = transformedWeights {
      point.update(from: transformed, count: program.vectorCount)
      copyRunningStatistics(to: point)
      return true
    }
    guard let pointOptimizer else { return false }
    let step = OptimizerStep(number: stepCount, learningRate: optimizer.learningRate)
    pointOptimizer.writeEvaluationPoint(
      point,
      of: ParameterSlice(
        count: program.vectorCount, parameters: storage.parameters, gradients: storage.parameters, gradientScale: 1,
        role: .weight, step: step, coefficients: .zero, kernels: kernels, firstState: storage.optimizerState,
        stateStride: program.vectorCount))
    copyRunningStatistics(to: point)
    // The rule has never seen what is frozen.
    for stage in program.stages where stage.learning.isFrozen {
      for places in [stage.weights, stage.bias, stage.slopes] {
        (point + places.lowerBound).update(from: storage.parameters + places.lowerBound, count: places.count)
      }
    }
    return true
  }
}
