import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// The penalty that draws the rows of some stages' weights to right angles, and its memory.
///
///     penalty = f·‖W·Wᵀ − I‖²        ∂penalty/∂W = 4·f·((W·Wᵀ)·W − W)
///
/// A row's gradient takes all other rows, so all products are formed before any weight changes: W·Wᵀ in tiles of 32 rows,
/// which are samples to the kernels, then, once everybody has met, (W·Wᵀ)·W block by block, where it waits for phase B.
/// Each number is formed by one worker in one order.
final class OrthogonalPenalty: @unchecked Sendable {
  /// A tile of W·Wᵀ: some rows of a stage.
  struct Tile: Sendable, Hashable {
    let stage: Int
    let panel: Int
  }

  /// How much memory the penalties of a network take.
  struct Layout: Sendable, Hashable {
    /// For each stage, where its W·Wᵀ begins; nil without a penalty.
    let grams: [Int?]
    let tiles: [Tile]
    let gramCount: Int
    /// Floats of a tile's rows, transposed, of the widest stage.
    let tileCount: Int
    let vectorCount: Int
    let workerCount: Int

    /// Nil where no stage has the penalty.
    init?(_ program: NetworkProgram, workerCount: Int) {
      var grams: [Int?] = [], tiles: [Tile] = [], next = 0, widest = 0
      for (index, stage) in program.stages.enumerated() {
        guard let shape = stage.dense, stage.learning.orthogonal > 0, !stage.learning.isFrozen else {
          grams.append(nil)
          continue
        }
        let panels = PanelLayout.panelCount(shape.outputCount)
        grams.append(next)
        tiles += (0..<panels).map { Tile(stage: index, panel: $0) }
        next += panels * PanelLayout.panelRows(shape.outputCount) * PanelLayout.laneCount
        widest = max(widest, PanelLayout.panelRows(shape.inputCount) * PanelLayout.laneCount)
      }
      guard !tiles.isEmpty else { return nil }
      self.grams = grams
      self.tiles = tiles
      gramCount = next
      tileCount = widest
      vectorCount = program.vectorCount
      self.workerCount = workerCount
    }

    var byteCount: Int { (gramCount + vectorCount + workerCount * tileCount) * MemoryLayout<Float>.stride }
  }

  private let layout: Layout
  private let storage: AlignedStorage
  private let tiles: UnsafeMutableBufferPointer<Tile>
  private let grams: UnsafeMutableBufferPointer<Int>

  init?(_ program: NetworkProgram, workerCount: Int) throws(NeuronKernelsError) {
    guard let layout = Layout(program, workerCount: workerCount) else { return nil }
    self.layout = layout
    storage = try AlignedStorage(byteCount: layout.byteCount)
    tiles = .allocate(capacity: layout.tiles.count)
    _ = tiles.initialize(from: layout.tiles)
    grams = .allocate(capacity: layout.grams.count)
    _ = grams.initialize(from: layout.grams.map { $0 ?? 0 })
  }

  deinit {
    tiles.deallocate()
    grams.deallocate()
  }

  private var memory: UnsafeMutablePointer<Float> { storage.baseAddress.assumingMemoryBound(to: Float.self) }
  private var products: UnsafeMutablePointer<Float> { memory + layout.gramCount }

  /// Forms this worker's tiles of W·Wᵀ, from weights that nobody changes meanwhile.
  func formGrams(_ engine: StepEngine, worker: Int, of workerCount: Int) {
    let scratch = products + layout.vectorCount + worker * layout.tileCount
    for index in IndexPartition.range(ofPart: worker, parts: workerCount, count: tiles.count) {
      let tile = tiles[index], stage = engine.network.stages[tile.stage].stage
      guard let shape = stage.dense else { continue }
      let weights = engine.parameters + stage.weights.lowerBound, first = tile.panel * PanelLayout.laneCount
      let count = min(PanelLayout.laneCount, shape.outputCount - first)
      for input in 0..<shape.inputCount {
        let lanes = scratch + input * PanelLayout.laneCount
        for lane in 0..<PanelLayout.laneCount {
          lanes[lane] =
            lane < count
            ? weights[
              PanelLayout.weightIndex(input: input, output: first + lane, outputCount: shape.outputCount)] : 0
        }
      }
      engine.kernels.denseForward(
        sampleCount: count, shape: shape, weights: weights, bias: nil, input: scratch,
        output: gram(tile.stage) + tile.panel * PanelLayout.panelRows(shape.outputCount) * PanelLayout.laneCount,
        preactivation: nil, activation: .linear)
    }
  }

  /// Forms a block's (W·Wᵀ)·W, once W·Wᵀ is complete.
  func formProduct(_ engine: StepEngine, of block: ParameterBlock) {
    let stage = engine.network.stages[block.stage].stage
    guard block.role == .weight, stage.learning.orthogonal > 0, !stage.learning.isFrozen, let shape = stage.dense else {
      return
    }
    let panel = PanelLayout.panelRows(shape.outputCount) * PanelLayout.laneCount
    engine.kernels.weightGradient(
      sampleCount: shape.outputCount, outputCount: shape.outputCount, rows: block.rows,
      inputCount: min(PanelLayout.laneCount, shape.inputCount - block.panel * PanelLayout.laneCount),
      outputGradient: gram(block.stage),
      inputTransposed: engine.parameters + stage.weights.lowerBound + block.panel * panel,
      gradient: products + block.offset)
  }

  /// Adds the penalty's gradient to a block's, from the weights that formed it.
  func add(_ engine: StepEngine, of block: ParameterBlock, factor: Float, to gradient: UnsafeMutablePointer<Float>) {
    engine.kernels.combine(gradient, .penalty, with: products + block.offset, count: block.count, b: 4 * factor)
    engine.kernels.combine(
      gradient, .penalty, with: engine.parameters + block.offset, count: block.count, b: -4 * factor)
  }

  private func gram(_ stage: Int) -> UnsafeMutablePointer<Float> { memory + grams[stage] }
}

extension StepEngine {
  /// Forms what the penalties on angles need of all weights; every worker calls it before anybody's phase B.
  func formOrthogonalPenalties(
    owned: Range<Int>, worker: WorkerContext, clock: UnsafeMutablePointer<StepClock>
  ) throws {
    guard let orthogonalPenalty else { return }
    orthogonalPenalty.formGrams(self, worker: worker.index, of: worker.workerCount)
    clock.pointee.lap(.gradientAndUpdate)
    try worker.barrier()
    clock.pointee.lap(.barrier)
    for index in owned { orthogonalPenalty.formProduct(self, of: blocks[index]) }
    clock.pointee.lap(.gradientAndUpdate)
  }
}
