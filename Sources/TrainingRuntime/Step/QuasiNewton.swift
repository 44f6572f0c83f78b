import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// The steps of ``/GradientOptimizers/LBFGS``, and their memory.
///
/// The calling thread leads: it has the workers evaluate loss and gradient, form the direction and book the pair of a step, and
/// decides in between by numbers that are sums over blocks in the blocks' order. Workers touch their own blocks alone.
///
/// - Concurrency: what is not a pointer is the calling thread's, between broadcasts.
final class QuasiNewton: @unchecked Sendable {
  /// Bytes besides parameters, state and gradient.
  static func byteCount(vectorCount: Int, blockCount: Int, workerCount: Int, history: Int) -> Int {
    3 * vectorCount * MemoryLayout<Float>.stride
      + slotCount(blockCount, workerCount, history) * MemoryLayout<Double>.stride
  }

  private static func slotCount(_ blockCount: Int, _ workerCount: Int, _ history: Int) -> Int {
    4 * blockCount + (workerCount + 1) * history
  }

  private let lbfgs: LBFGS
  private let vectorCount: Int
  private let blockCount: Int
  private let vectors: AlignedStorage
  private let slots: AlignedStorage
  /// Whether parameters that a step has left give the same loss again.
  private let isRepeatable: Bool

  /// The loss of the parameters as they are, with its gradient in the engine's vector; nil where that is not known.
  private var current: Evaluation?
  /// Pairs in the optimizer's state; nil where they have to be counted.
  private var pairCount: Int?
  /// yᵀs/yᵀy of the latest pair.
  private var inverseCurvature = 1.0

  /// Sums over all samples, and what is made small.
  private struct Evaluation {
    var lossSum: Double
    var correctCount: Int
    var value: Double
    var slope: Double
  }

  init?(
    _ program: NetworkProgram, optimizer: any GradientOptimizer, blockCount: Int, workerCount: Int
  ) throws(NeuronKernelsError) {
    guard let lbfgs = optimizer as? LBFGS else { return nil }
    self.lbfgs = lbfgs
    self.blockCount = blockCount
    vectorCount = program.vectorCount
    vectors = try AlignedStorage(byteCount: 3 * program.vectorCount * MemoryLayout<Float>.stride)
    slots = try AlignedStorage(
      byteCount: Self.slotCount(blockCount, workerCount, lbfgs.history) * MemoryLayout<Double>.stride)
    isRepeatable = !program.stages.contains { stage in
      if case .rreLU = stage.activation { return true }
      return stage.operation.isIdentityForAnswers
    }
  }

  /// Forgets what is known of parameters and state, which somebody else may have changed.
  func forget() {
    current = nil
    pairCount = nil
  }

  private var direction: UnsafeMutablePointer<Float> { vectors.baseAddress.assumingMemoryBound(to: Float.self) }
  private var start: UnsafeMutablePointer<Float> { direction + vectorCount }
  private var startGradient: UnsafeMutablePointer<Float> { start + vectorCount }
  /// A number for each block; four rows of them.
  private func row(_ index: Int) -> UnsafeMutablePointer<Double> {
    slots.baseAddress.assumingMemoryBound(to: Double.self) + index * blockCount
  }
  /// yᵀs of each pair.
  private var products: UnsafeMutablePointer<Double> { row(4) }
  /// A worker's own factors of the pairs.
  private func factors(worker: Int) -> UnsafeMutablePointer<Double> { products + (1 + worker) * lbfgs.history }

  private func sum(_ row: Int) -> Double {
    let values = self.row(row)
    var sum = 0.0
    for block in 0..<blockCount { sum += values[block] }
    return sum
  }
}

// MARK: - A step, as the calling thread leads it

extension QuasiNewton {
  /// Makes steps of an epoch; each is the whole data set.
  func train(
    _ engine: StepEngine, _ epoch: EpochRun, steps: Range<Int>, team: WorkerTeam, workerCount: Int,
    whileWaiting: () -> Void
  ) throws {
    for step in steps {
      let pass = Pass(engine: engine, epoch: epoch, step: step, team: team, workerCount: workerCount)
      if !isRepeatable { current = nil }
      let before = try current ?? evaluate(at: nil, pass, whileWaiting)
      guard before.value.isFinite else {
        epoch.divergedStep = step
        return
      }
      current = before
      try descend(from: before, pass, whileWaiting)
      epoch.record(before.lossSum, correctCount: before.correctCount, step: step)
      if epoch.endsAfterThisStep { return }
    }
  }

  /// What a step is made in.
  private struct Pass {
    let engine: StepEngine
    let epoch: EpochRun
    let step: Int
    let team: WorkerTeam
    let workerCount: Int

    var learningRate: Double { Double(epoch.optimizerStep(step).learningRate) }
  }

  private func descend(from before: Evaluation, _ pass: Pass, _ whileWaiting: () -> Void) throws {
    var count = try pairCount ?? countPairs(pass)
    var slope = try formDirection(pairs: count, pass)
    if count > 0, !(slope < 0) {
      // Rounding has turned it uphill: begin again with the gradient.
      try giveUpPairs(pass)
      count = 0
      slope = try formDirection(pairs: 0, pass)
    }
    pairCount = count
    guard slope < -WolfeSearch.smallestChange else { return }
    let largest = largestElement
    let first = count > 0 ? 1 : min(1, 1 / gradientSize)
    var latest = 0.0
    let search = WolfeSearch(
      start: WolfeSearch.Point(length: 0, value: before.value, slope: slope), largestElement: largest,
      evaluationLimit: lbfgs.evaluations)
    let best = try search.search(from: first * pass.learningRate) { length in
      let found = try self.evaluate(at: Float(length), pass, whileWaiting)
      latest = length
      self.current = found
      return WolfeSearch.Point(length: length, value: found.value, slope: found.slope)
    }
    if best.length != latest { current = try evaluate(at: Float(best.length), pass, whileWaiting) }
    guard best.length > 0 else {
      // Nothing along the line is better: the pairs have led astray.
      return try giveUpPairs(pass)
    }
    try bookPair(length: Float(best.length), count: count, pass)
  }

  /// How many pairs the state holds: those behind the last one are zero.
  private func countPairs(_ pass: Pass) throws -> Int {
    var count = 0
    while count < lbfgs.history {
      let product = try productOfPair(count, pass)
      guard product > 0 else { break }
      products[count] = product
      inverseCurvature = product / sum(1)
      count += 1
    }
    return count
  }

  private func productOfPair(_ index: Int, _ pass: Pass) throws -> Double {
    let engine = pass.engine
    try forOwnBlocks(pass) { block, number in
      let s = self.pair(index, of: engine) + block.offset
      let y = self.pair(self.lbfgs.history + index, of: engine) + block.offset
      self.row(0)[number] = BlockSums.dot(s, y, count: block.count)
      self.row(1)[number] = BlockSums.dot(y, y, count: block.count)
    }
    return sum(0)
  }

  /// A vector of the optimizer's state.
  private func pair(_ index: Int, of engine: StepEngine) -> UnsafeMutablePointer<Float> {
    engine.optimizerState.unsafelyUnwrapped + index * vectorCount
  }

  /// Keeps the step's change of parameters and gradient, the oldest pair leaving where there is no more room.
  private func bookPair(length: Float, count: Int, _ pass: Pass) throws {
    let engine = pass.engine
    try forOwnBlocks(pass) { block, number in
      let kernels = engine.kernels, gradients = engine.memory.gradients.unsafelyUnwrapped
      let s = self.direction + block.offset, y = self.startGradient + block.offset
      kernels.combine(s, .scale, with: s, count: block.count, a: length)
      // y = g − g₀, formed in the place of g₀.
      kernels.combine(y, .scale, with: y, count: block.count, a: -1)
      kernels.combine(y, .add, with: gradients + block.offset, count: block.count)
      self.row(0)[number] = BlockSums.dot(s, y, count: block.count)
      self.row(1)[number] = BlockSums.dot(y, y, count: block.count)
    }
    let product = sum(0), square = sum(1)
    guard product > Self.smallestProduct else { return }
    let history = lbfgs.history, isFull = count == history, place = isFull ? history - 1 : count
    if isFull { for index in 1..<history { products[index - 1] = products[index] } }
    products[place] = product
    inverseCurvature = product / square
    pairCount = place + 1
    try forOwnBlocks(pass) { block, _ in
      self.keep(self.direction, of: block, at: place, shifts: isFull, first: 0, engine)
      self.keep(self.startGradient, of: block, at: place, shifts: isFull, first: history, engine)
    }
  }

  /// Copies a block of a vector behind the `place` older ones, of which the oldest leaves where all shift.
  private func keep(
    _ vector: UnsafeMutablePointer<Float>, of block: ParameterBlock, at place: Int, shifts: Bool, first: Int,
    _ engine: StepEngine
  ) {
    func part(_ index: Int) -> UnsafeMutablePointer<Float> { pair(first + index, of: engine) + block.offset }
    if shifts {
      for index in 1..<max(1, lbfgs.history) { part(index - 1).update(from: part(index), count: block.count) }
    }
    part(place).update(from: vector + block.offset, count: block.count)
  }

  /// Empties the state, so that nobody counts these pairs again.
  private func giveUpPairs(_ pass: Pass) throws {
    pairCount = 0
    let engine = pass.engine, count = 2 * lbfgs.history
    try forOwnBlocks(pass) { block, _ in
      for index in 0..<count {
        (self.pair(index, of: engine) + block.offset).update(repeating: 0, count: block.count)
      }
    }
  }

  /// sᵀy below which a pair says nothing.
  private static let smallestProduct = 1e-10

  private var largestElement: Double {
    var largest = 0.0
    for block in 0..<blockCount { largest = max(largest, row(2)[block]) }
    return largest
  }

  /// ‖g‖₁ of the latest direction's gradient.
  private var gradientSize: Double { sum(1) }

  private func forOwnBlocks(_ pass: Pass, _ body: @Sendable (ParameterBlock, _ number: Int) -> Void) throws {
    let engine = pass.engine
    try pass.team.broadcast(activeWorkers: pass.workerCount) { worker in
      for number in engine.ownedBlocks(worker: worker.index, of: worker.workerCount) {
        body(engine.blocks[number], number)
      }
    }
  }
}

// MARK: - What workers do

extension QuasiNewton {
  /// Loss and gradient `length` along the direction, or of the parameters as they are.
  private func evaluate(at length: Float?, _ pass: Pass, _ whileWaiting: () -> Void) throws -> Evaluation {
    let engine = pass.engine, epoch = pass.epoch, step = pass.step
    let totals = Totals()
    try pass.team.broadcast(activeWorkers: pass.workerCount, whileWaiting: whileWaiting) { worker in
      let owned = engine.ownedBlocks(worker: worker.index, of: worker.workerCount)
      if let length {
        for number in owned { self.move(engine.blocks[number], engine, to: length) }
        try worker.barrier()
      }
      let sums = try TrainingWorker(engine: engine, epoch: epoch, worker: worker).formGradient(ofStep: step)
      if sums.loss.isFinite {
        for number in owned { self.finishGradient(engine.blocks[number], number, engine) }
      }
      if worker.index == 0 { (totals.loss, totals.correctCount) = sums }
    }
    let count = Double(epoch.samples(ofStep: step).count)
    guard totals.loss.isFinite else {
      return Evaluation(lossSum: totals.loss, correctCount: 0, value: .infinity, slope: .infinity)
    }
    let value = totals.loss / count + 0.5 * Double(lbfgs.weightDecay) * sum(3)
    return Evaluation(
      lossSum: totals.loss, correctCount: totals.correctCount, value: value.isFinite ? value : .infinity, slope: sum(0))
  }

  /// What worker 0 leaves for the calling thread.
  private final class Totals: @unchecked Sendable {
    var loss = Double.nan
    var correctCount = 0
  }

  private func move(_ block: ParameterBlock, _ engine: StepEngine, to length: Float) {
    guard !engine.isFrozen(block) else { return }
    let parameters = engine.parameters + block.offset
    parameters.update(from: start + block.offset, count: block.count)
    engine.kernels.combine(
      parameters, .penalty, with: direction + block.offset, count: block.count, b: length)
    engine.refreshOperands(of: block)
  }

  /// Adds the decay to a block's gradient, and books its share of the slope and of the parameters' squares.
  private func finishGradient(_ block: ParameterBlock, _ number: Int, _ engine: StepEngine) {
    let gradient = engine.memory.gradients.unsafelyUnwrapped + block.offset
    let parameters = engine.parameters + block.offset
    let decays = lbfgs.weightDecay > 0 && engine.decays(block) && !engine.isFrozen(block)
    if decays {
      engine.kernels.combine(gradient, .penalty, with: parameters, count: block.count, b: lbfgs.weightDecay)
    }
    row(0)[number] = BlockSums.dot(gradient, direction + block.offset, count: block.count)
    row(3)[number] = decays ? BlockSums.dot(parameters, parameters, count: block.count) : 0
  }

  /// Forms the direction by two loops over the pairs, and keeps where it sets out from; returns the slope along it.
  private func formDirection(pairs count: Int, _ pass: Pass) throws -> Double {
    let engine = pass.engine, curvature = inverseCurvature
    try pass.team.broadcast(activeWorkers: pass.workerCount) { worker in
      try self.formDirection(pairs: count, curvature: curvature, engine, worker)
    }
    return sum(0)
  }

  private func formDirection(
    pairs count: Int, curvature: Double, _ engine: StepEngine, _ worker: WorkerContext
  ) throws {
    let owned = engine.ownedBlocks(worker: worker.index, of: worker.workerCount), kernels = engine.kernels
    let gradients = engine.memory.gradients.unsafelyUnwrapped, factors = factors(worker: worker.index)
    for number in owned {
      let block = engine.blocks[number], offset = block.offset
      (start + offset).update(from: engine.parameters + offset, count: block.count)
      (startGradient + offset).update(from: gradients + offset, count: block.count)
      (direction + offset).update(from: gradients + offset, count: block.count)
      kernels.combine(direction + offset, .scale, with: direction + offset, count: block.count, a: -1)
    }
    // Two rows take turns: who writes one has met all who have read it.
    var turn = 0
    for index in (0..<count).reversed() {
      let product = try dot(with: index, row: turn, engine, owned, worker)
      factors[index] = product / products[index]
      add(Float(-factors[index]), ofPair: lbfgs.history + index, engine, owned)
      turn = 1 - turn
    }
    if count > 0 {
      for number in owned {
        let block = engine.blocks[number], d = direction + block.offset
        kernels.combine(d, .scale, with: d, count: block.count, a: Float(curvature))
      }
    }
    for index in 0..<count {
      let product = try dot(with: lbfgs.history + index, row: turn, engine, owned, worker)
      add(Float(factors[index] - product / products[index]), ofPair: index, engine, owned)
      turn = 1 - turn
    }
    if count > 0 { try worker.barrier() }
    for number in owned {
      let block = engine.blocks[number], d = direction + block.offset, g = gradients + block.offset
      row(0)[number] = BlockSums.dot(g, d, count: block.count)
      row(1)[number] = BlockSums.size(g, count: block.count)
      row(2)[number] = BlockSums.largest(d, count: block.count)
    }
  }

  /// The direction's product with a vector of the state, the same for every worker.
  private func dot(
    with index: Int, row: Int, _ engine: StepEngine, _ owned: Range<Int>, _ worker: WorkerContext
  ) throws -> Double {
    let vector = pair(index, of: engine), values = self.row(row)
    for number in owned {
      let block = engine.blocks[number]
      values[number] = BlockSums.dot(vector + block.offset, direction + block.offset, count: block.count)
    }
    try worker.barrier()
    return sum(row)
  }

  private func add(_ factor: Float, ofPair index: Int, _ engine: StepEngine, _ owned: Range<Int>) {
    let vector = pair(index, of: engine)
    for number in owned {
      let block = engine.blocks[number]
      engine.kernels.combine(
        direction + block.offset, .penalty, with: vector + block.offset, count: block.count, b: factor)
    }
  }
}

/// Sums over a block in double precision, in one order: four sums, element i in sum i mod 4, then their sum.
enum BlockSums {
  /// Σ a·b.
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    var s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0
    for i in stride(from: 0, to: count, by: 4) {
      s0 += Double(a[i]) * Double(b[i])
      s1 += Double(a[i + 1]) * Double(b[i + 1])
      s2 += Double(a[i + 2]) * Double(b[i + 2])
      s3 += Double(a[i + 3]) * Double(b[i + 3])
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// Σ |a|.
  static func size(_ a: UnsafePointer<Float>, count: Int) -> Double {
    var sum = 0.0
    for i in 0..<count { sum += Double(a[i].magnitude) }
    return sum
  }

  /// max |a|.
  static func largest(_ a: UnsafePointer<Float>, count: Int) -> Double {
    var largest: Float = 0
    for i in 0..<count { largest = max(largest, a[i].magnitude) }
    return Double(largest)
  }
}
