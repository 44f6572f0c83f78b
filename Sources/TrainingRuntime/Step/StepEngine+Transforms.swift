import GradientOptimizers

/// What is done around the update of a block, while it is in the cache.
extension StepEngine {
  /// Brings a block's gradient into the limits of ``GradientClipping/value(_:)``.
  func clipValues(_ gradient: UnsafePointer<Float>, count: Int) {
    guard case .value(let limit) = clipping else { return }
    // The worker's own scratch or the engine's own vector, which nobody reads afterwards.
    kernels.clipValues(UnsafeMutablePointer(mutating: gradient), count: count, limit: limit)
  }

  /// Lets the slow weights begin where the others do.
  func beginLookahead(_ block: ParameterBlock, step: OptimizerStep) {
    guard step.number == 1, let slow = slowWeights else { return }
    (slow + block.offset).update(from: parameters + block.offset, count: block.count)
  }

  /// Moves slow weights and average after a block's update.
  func followUpdate(_ block: ParameterBlock, step: OptimizerStep, averagingShare: Float) {
    let updated = parameters + block.offset
    if let lookahead = transforms.lookahead, let slow = slowWeights, step.number % lookahead.steps == 0 {
      blend(slow + block.offset, towards: updated, count: block.count, share: lookahead.share)
      updated.update(from: slow + block.offset, count: block.count)
    }
    average(block, share: averagingShare)
  }

  /// Moves a block's average by this share towards the parameters.
  func average(_ block: ParameterBlock, share: Float) {
    guard share > 0, let average = averageWeights else { return }
    blend(average + block.offset, towards: parameters + block.offset, count: block.count, share: share)
  }

  private func blend(
    _ values: UnsafeMutablePointer<Float>, towards target: UnsafePointer<Float>, count: Int, share: Float
  ) {
    // A whole share replaces, whatever was there.
    if share == 1 { return values.update(from: target, count: count) }
    kernels.blend(values, towards: target, count: count, share: share)
  }
}

/// The factors of the gradients of a step, as the blocks' owners ask for them in the blocks' order.
struct GradientScales {
  private let engine: StepEngine
  private let squareSums: UnsafePointer<Double>
  private var scale: Float = 1
  /// The blocks that ``scale`` is for.
  private var blocks: Range<Int>

  /// Nil when the norm of the whole gradient is not a finite number.
  ///
  /// All blocks' sums are added in the blocks' order, so every worker decides alike.
  init?(_ engine: StepEngine, squareSums: UnsafePointer<Double>) {
    self.engine = engine
    self.squareSums = squareSums
    let norm = Self.norm(of: engine.blocks.indices, squareSums)
    guard norm.isFinite else { return nil }
    if case .tensorNorm = engine.clipping {
      blocks = 0..<0
    } else {
      blocks = engine.blocks.indices
      scale = engine.clipping.scale(norm: norm)
    }
  }

  /// The factor of a block's gradient.
  mutating func scale(ofBlock index: Int) -> Float {
    if !blocks.contains(index) {
      blocks = engine.tensor(ofBlock: index)
      scale = engine.clipping.scale(norm: Self.norm(of: blocks, squareSums))
    }
    return scale
  }

  private static func norm(of blocks: Range<Int>, _ squareSums: UnsafePointer<Double>) -> Double {
    var sum = 0.0
    for index in blocks { sum += squareSums[index] }
    return sum.squareRoot()
  }
}

extension StepEngine {
  /// The blocks of the tensor that a block is of; they stand side by side.
  func tensor(ofBlock index: Int) -> Range<Int> {
    let block = blocks[index]
    var first = index, end = index + 1
    while first > 0, blocks[first - 1].isOfTensor(of: block) { first -= 1 }
    while end < blocks.count, blocks[end].isOfTensor(of: block) { end += 1 }
    return first..<end
  }
}

extension ParameterBlock {
  fileprivate func isOfTensor(of other: ParameterBlock) -> Bool { stage == other.stage && role == other.role }
}
