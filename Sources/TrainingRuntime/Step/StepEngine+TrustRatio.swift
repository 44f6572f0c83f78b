import GradientOptimizers

/// The step of an optimizer that goes along each tensor's direction by a trust ratio.
extension StepEngine {
  /// Turns the gradients of a worker's blocks into directions, meets the others, and returns the ratios; nil where the
  /// optimizer has none.
  ///
  /// - Parameters:
  ///   - gradients: of the whole vector, replaced by the directions.
  ///   - scales: the gradients' factors.
  ///   - meet: returns when every worker has formed its directions.
  func trustRatios(
    owned: Range<Int>, gradients: UnsafeMutablePointer<Float>,
    scales: inout GradientScales, step: OptimizerStep, coefficients: SIMD8<Float>, meet: () throws -> Void
  ) rethrows -> TrustRatios? {
    guard let optimizer = trustRatioOptimizer else { return nil }
    for index in owned {
      formDirection(
        ofBlock: index, by: optimizer, gradient: gradients + blocks[index].offset, scale: scales.scale(ofBlock: index),
        step: step, coefficients: coefficients)
    }
    try meet()
    return TrustRatios(self, optimizer: optimizer)
  }

  /// Replaces a block's gradient by the optimizer's direction, and books both norms' shares.
  private func formDirection(
    ofBlock index: Int, by optimizer: some TrustRatioOptimizer, gradient: UnsafeMutablePointer<Float>, scale: Float,
    step: OptimizerStep, coefficients: SIMD8<Float>
  ) {
    let block = blocks[index]
    // What is frozen goes nowhere: `update` leaves it out, and so do the norms.
    guard !learning(of: block).isFrozen else {
      (memory.directionSquareSums[index], memory.parameterSquareSums[index]) = (0, 0)
      return
    }
    if factoredMoments?.hasScaled(index) != true { clipValues(gradient, count: block.count) }
    let own = slice(of: block, gradient: gradient, scale: scale, step: step, coefficients: coefficients)
    if let factoredMoments {
      factoredMoments.formDirection(ofBlock: index, block, in: gradient) { own.withState($0) }
    } else {
      optimizer.formDirection(own, in: gradient)
    }
    memory.directionSquareSums[index] = kernels.sumOfSquares(gradient, count: block.count)
    memory.parameterSquareSums[index] = kernels.sumOfSquares(parameters + block.offset, count: block.count)
  }
}

extension StepEngine {
  /// How many parameters the tensor of a block has, padding left out.
  func parameterCount(ofTensorOf block: ParameterBlock) -> Int {
    let stage = network.stages[block.stage].stage
    return switch block.role {
    case .weight: stage.dense.map { $0.inputCount * $0.outputCount } ?? stage.weights.count
    case .bias: stage.bias.count
    case .slope: stage.slopes.count
    }
  }
}

/// The trust ratios of a step, as the blocks' owners ask for them in the blocks' order.
struct TrustRatios {
  private let engine: StepEngine
  private let optimizer: any TrustRatioOptimizer
  private var ratio: Float = 1
  /// The blocks that ``ratio`` is for.
  private var blocks = 0..<0

  init(_ engine: StepEngine, optimizer: any TrustRatioOptimizer) {
    self.engine = engine
    self.optimizer = optimizer
  }

  /// The ratio of a block's tensor: all its blocks' sums are added in the blocks' order, so every worker finds the same.
  mutating func ratio(ofBlock index: Int) -> Float {
    if !blocks.contains(index) {
      blocks = engine.tensor(ofBlock: index)
      ratio = optimizer.trustRatio(
        parameterNorm: norm(engine.memory.parameterSquareSums), directionNorm: norm(engine.memory.directionSquareSums),
        count: engine.parameterCount(ofTensorOf: engine.blocks[index]))
    }
    return ratio
  }

  private func norm(_ squareSums: UnsafePointer<Double>) -> Double {
    var sum = 0.0
    for index in blocks { sum += squareSums[index] }
    return sum.squareRoot()
  }
}
