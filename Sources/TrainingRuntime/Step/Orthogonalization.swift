import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// The directions of ``/GradientOptimizers/Muon`` on their way to orthogonal ones, and its memory.
///
///     A = X·Xᵀ        B = b·A + c·A²        X := a·X + B·X        five times
///
/// X is a layer's direction, or its transpose where the layer has more units than inputs, so that A is small. A matrix lies as
/// weights do, [columns/32][rows][32 columns], and each product is one of the kernel that forms weight gradients, of which A's
/// rows, or X's, are the samples. Between the products all workers meet. Each tile of 32 × 32 elements is one worker's, summed
/// in one order, so the number of workers changes no bit.
final class Orthogonalization: @unchecked Sendable {
  /// A matrix on its way, as a trivial value.
  struct Matrix {
    let stage: Int
    /// The stage's blocks of weights.
    let blocks: Range<Int>
    /// Rows and columns of X; the shorter side first.
    let rowCount: Int
    let columnCount: Int
    let isTransposed: Bool
    let outputCount: Int
    /// Where the weights begin in the parameter vector.
    let weights: Int
    /// What the layer's step is multiplied with: √max(1, units/inputs).
    let scale: Float
    /// Where X, the next X, Xᵀ, A and B begin in the memory.
    let places: (Int, Int, Int, Int, Int)
    /// Rows of memory of each panel of Xᵀ.
    let transposedCapacity: Int

    var rowStride: Int { PanelLayout.panelRows(rowCount) }
  }

  /// A tile of some matrix: up to 32 rows and 32 columns.
  struct Tile {
    let matrix: Int
    let rows: Range<Int>
    let panel: Int
  }

  /// How much memory a network's matrices take.
  struct Layout {
    let stages: [Int]
    let floatCount: Int

    /// Nil where the optimizer is another, or has no matrix.
    init?(_ program: NetworkProgram, optimizer: any GradientOptimizer) {
      guard let muon = optimizer as? Muon else { return nil }
      let dense = program.stages.indices.filter { program.stages[$0].dense != nil }
      stages = dense.enumerated().filter { position, stage in
        muon.takesMatrix(position, of: dense.count) && !program.stages[stage].learning.isFrozen
      }.map(\.element)
      guard !stages.isEmpty else { return nil }
      floatCount = stages.reduce(0) { $0 + Self.places(program.stages[$1], first: $0).end }
    }

    var byteCount: Int { floatCount * MemoryLayout<Float>.stride }

    /// Where a stage's parts begin when the first begins at `first`, and their floats.
    static func places(_ stage: Stage, first: Int) -> (places: (Int, Int, Int, Int, Int), capacity: Int, end: Int) {
      let rows = min(stage.inputCount, stage.outputCount), columns = max(stage.inputCount, stage.outputCount)
      let lanes = PanelLayout.laneCount, rowStride = PanelLayout.panelRows(rows) * lanes
      let capacity = PanelLayout.panelRows(PanelLayout.lineCount(columns))
      let values = PanelLayout.panelCount(columns) * rowStride, squares = PanelLayout.panelCount(rows) * rowStride
      let transposed = PanelLayout.panelCount(rows) * capacity * lanes
      let counts = [values, values, transposed, squares, squares]
      let p0 = first, p1 = p0 + counts[0], p2 = p1 + counts[1], p3 = p2 + counts[2], p4 = p3 + counts[3]
      return ((p0, p1, p2, p3, p4), capacity, counts.reduce(0, +))
    }
  }

  /// How often the iteration runs.
  static let iterationCount = 5
  private static let a: Float = 3.4445, b: Float = -4.775, c: Float = 2.0315
  private static let smallestNorm = 1e-7

  let muon: Muon
  private let storage: AlignedStorage
  private let matrices: UnsafeMutableBufferPointer<Matrix>
  /// For each stage, the number of its matrix; −1 without.
  private let numbers: UnsafeMutableBufferPointer<Int>
  /// Tiles of X and of A.
  private let tiles: UnsafeMutableBufferPointer<Tile>
  private let squareTiles: UnsafeMutableBufferPointer<Tile>

  init?(
    _ program: NetworkProgram, optimizer: any GradientOptimizer, blocks: UnsafeMutableBufferPointer<ParameterBlock>
  ) throws(NeuronKernelsError) {
    guard let muon = optimizer as? Muon, let layout = Layout(program, optimizer: optimizer) else { return nil }
    self.muon = muon
    storage = try AlignedStorage(byteCount: layout.byteCount)
    var all: [Matrix] = [], first = 0
    for stage in layout.stages {
      let (places, capacity, end) = Layout.places(program.stages[stage], first: first)
      all.append(Matrix(program.stages[stage], stage, blocks, places: places, transposedCapacity: capacity))
      first += end
    }
    matrices = .allocate(capacity: all.count)
    _ = matrices.initialize(from: all)
    numbers = .allocate(capacity: program.stages.count)
    numbers.initialize(repeating: -1)
    for (number, matrix) in all.enumerated() { numbers[matrix.stage] = number }
    let whole = Self.tiles(all, columns: \.columnCount), squares = Self.tiles(all, columns: \.rowCount)
    tiles = .allocate(capacity: whole.count)
    _ = tiles.initialize(from: whole)
    squareTiles = .allocate(capacity: squares.count)
    _ = squareTiles.initialize(from: squares)
  }

  deinit {
    matrices.deallocate()
    numbers.deallocate()
    tiles.deallocate()
    squareTiles.deallocate()
  }

  private static func tiles(_ matrices: [Matrix], columns: KeyPath<Matrix, Int>) -> [Tile] {
    let size = PanelLayout.laneCount
    return matrices.enumerated().flatMap { index, matrix in
      (0..<PanelLayout.panelCount(matrix[keyPath: columns])).flatMap { panel in
        stride(from: 0, to: matrix.rowCount, by: size).map { first in
          Tile(matrix: index, rows: first..<min(first + size, matrix.rowCount), panel: panel)
        }
      }
    }
  }

  /// Whether a block is of a matrix that is made orthogonal.
  func contains(_ block: ParameterBlock) -> Bool { block.role == .weight && numbers[block.stage] >= 0 }

  private var memory: UnsafeMutablePointer<Float> { storage.baseAddress.assumingMemoryBound(to: Float.self) }
}

extension Orthogonalization.Matrix {
  fileprivate init(
    _ stage: Stage, _ index: Int, _ blocks: UnsafeMutableBufferPointer<ParameterBlock>,
    places: (Int, Int, Int, Int, Int), transposedCapacity: Int
  ) {
    let own = blocks.indices.filter { blocks[$0].stage == index && blocks[$0].role == .weight }
    self.init(
      stage: index, blocks: own[0]..<own[own.count - 1] + 1, rowCount: min(stage.inputCount, stage.outputCount),
      columnCount: max(stage.inputCount, stage.outputCount), isTransposed: stage.outputCount > stage.inputCount,
      outputCount: stage.outputCount, weights: stage.weights.lowerBound,
      scale: Float(max(1, Double(stage.outputCount) / Double(stage.inputCount)).squareRoot()), places: places,
      transposedCapacity: transposedCapacity)
  }

  /// Where an element of X stands in the vector of gradients.
  fileprivate func place(row: Int, column: Int) -> Int {
    let (input, output) = isTransposed ? (row, column) : (column, row)
    return weights + PanelLayout.weightIndex(input: input, output: output, outputCount: outputCount)
  }
}

// MARK: - The steps of the iteration

extension Orthogonalization {
  private func share(_ tiles: UnsafeMutableBufferPointer<Tile>, _ worker: WorkerContext) -> Range<Int> {
    IndexPartition.range(ofPart: worker.index, parts: worker.workerCount, count: tiles.count)
  }

  /// Brings directions to length 1, as X and Xᵀ.
  fileprivate func begin(
    _ gradients: UnsafePointer<Float>, squareSums: UnsafePointer<Double>, kernels: KernelSet, worker: WorkerContext
  ) {
    var number = -1, inverse: Float = 0
    for index in share(tiles, worker) {
      let tile = tiles[index], matrix = matrices[tile.matrix]
      if tile.matrix != number {
        number = tile.matrix
        var squares = 0.0
        for block in matrix.blocks { squares += squareSums[block] }
        inverse = Float(1 / max(squares.squareRoot(), Self.smallestNorm))
      }
      let first = tile.panel * PanelLayout.laneCount, x = self.tile(tile, at: matrix.places.0)
      for row in tile.rows {
        let lanes = x + (row - tile.rows.lowerBound) * PanelLayout.laneCount
        for lane in 0..<PanelLayout.laneCount {
          lanes[lane] =
            first + lane < matrix.columnCount
            ? gradients[matrix.place(row: row, column: first + lane)] * inverse : 0
        }
      }
      transpose(tile, at: matrix.places.0, kernels)
    }
  }

  /// A = X·Xᵀ.
  fileprivate func formSquares(isOdd: Bool, kernels: KernelSet, worker: WorkerContext) {
    for index in share(squareTiles, worker) {
      let tile = squareTiles[index], matrix = matrices[tile.matrix]
      let columns = memory + matrix.places.2 + tile.panel * matrix.transposedCapacity * PanelLayout.laneCount
      multiply(
        tile, depth: matrix.columnCount, columnCount: matrix.rowCount, left: current(matrix, isOdd: isOdd),
        right: columns, into: self.tile(tile, at: matrix.places.3), kernels)
    }
  }

  /// B = b·A + c·A².
  fileprivate func formPolynomials(kernels: KernelSet, worker: WorkerContext) {
    for index in share(squareTiles, worker) {
      let tile = squareTiles[index], matrix = matrices[tile.matrix]
      let square = memory + matrix.places.3, result = self.tile(tile, at: matrix.places.4)
      multiply(
        tile, depth: matrix.rowCount, columnCount: matrix.rowCount, left: square,
        right: square + tile.panel * matrix.rowStride * PanelLayout.laneCount, into: result, kernels)
      let count = tile.rows.count * PanelLayout.laneCount
      kernels.combine(result, .scale, with: result, count: count, a: Self.c)
      kernels.combine(result, .penalty, with: self.tile(tile, at: matrix.places.3), count: count, b: Self.b)
    }
  }

  /// The next X = a·X + B·X, as X and Xᵀ; the last time to the gradients' place.
  fileprivate func advance(
    isOdd: Bool, into gradients: UnsafeMutablePointer<Float>?, kernels: KernelSet, worker: WorkerContext
  ) {
    for index in share(tiles, worker) {
      let tile = tiles[index], matrix = matrices[tile.matrix]
      let x = current(matrix, isOdd: isOdd), next = isOdd ? matrix.places.0 : matrix.places.1
      let result = self.tile(tile, at: next)
      multiply(
        tile, depth: matrix.rowCount, columnCount: matrix.columnCount, left: memory + matrix.places.4,
        right: x + tile.panel * matrix.rowStride * PanelLayout.laneCount, into: result, kernels)
      kernels.combine(
        result, .penalty, with: self.tile(tile, at: isOdd ? matrix.places.1 : matrix.places.0),
        count: tile.rows.count * PanelLayout.laneCount, b: Self.a)
      guard let gradients else {
        transpose(tile, at: next, kernels)
        continue
      }
      let first = tile.panel * PanelLayout.laneCount
      for row in tile.rows {
        let lanes = result + (row - tile.rows.lowerBound) * PanelLayout.laneCount
        for lane in 0..<min(PanelLayout.laneCount, matrix.columnCount - first) {
          gradients[matrix.place(row: row, column: first + lane)] = lanes[lane] * matrix.scale
        }
      }
    }
  }

  private func current(_ matrix: Matrix, isOdd: Bool) -> UnsafePointer<Float> {
    UnsafePointer(memory + (isOdd ? matrix.places.1 : matrix.places.0))
  }

  /// A tile of the matrix that begins at a place, of as many rows as X.
  private func tile(_ tile: Tile, at place: Int) -> UnsafeMutablePointer<Float> {
    memory + place
      + (tile.panel * matrices[tile.matrix].rowStride + tile.rows.lowerBound) * PanelLayout.laneCount
  }

  /// Tile := left·right over `depth`; `right` one panel of columns.
  private func multiply(
    _ tile: Tile, depth: Int, columnCount: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    kernels.weightGradient(
      sampleCount: depth, outputCount: matrices[tile.matrix].rowCount, rows: tile.rows,
      inputCount: min(PanelLayout.laneCount, columnCount - tile.panel * PanelLayout.laneCount), outputGradient: left,
      inputTransposed: right, gradient: result)
  }

  /// Copies a tile of X to Xᵀ.
  private func transpose(_ tile: Tile, at place: Int, _ kernels: KernelSet) {
    let matrix = matrices[tile.matrix], first = tile.panel * PanelLayout.laneCount
    kernels.transpose(
      sampleCount: min(PanelLayout.laneCount, matrix.columnCount - first), featureCount: matrix.rowCount,
      rows: tile.rows, firstSample: first, capacity: matrix.transposedCapacity,
      panels: memory + place + tile.panel * matrix.rowStride * PanelLayout.laneCount,
      transposed: memory + matrix.places.2)
  }
}

extension StepEngine {
  /// Turns the gradients of Muon's matrices into orthogonal directions; every worker calls it, and nothing happens with
  /// another optimizer.
  ///
  /// - Parameters:
  ///   - gradients: of the whole vector, complete before anybody calls this.
  ///   - scales: the gradients' factors, which the directions contain.
  func orthogonalize(
    _ gradients: UnsafeMutablePointer<Float>, owned: Range<Int>, scales: inout GradientScales, step: OptimizerStep,
    worker: WorkerContext, clock: UnsafeMutablePointer<StepClock>
  ) throws {
    guard let orthogonalization else { return }
    for index in owned where orthogonalization.contains(blocks[index]) {
      let block = blocks[index], gradient = gradients + block.offset
      clipValues(gradient, count: block.count)
      orthogonalization.muon.formDirection(
        slice(
          of: block, gradient: gradient, scale: scales.scale(ofBlock: index), step: step, coefficients: .zero),
        in: gradient)
      memory.directionSquareSums[index] = kernels.sumOfSquares(gradient, count: block.count)
    }
    try meet(worker, clock)
    orthogonalization.begin(gradients, squareSums: memory.directionSquareSums, kernels: kernels, worker: worker)
    try meet(worker, clock)
    for iteration in 0..<Orthogonalization.iterationCount {
      let isOdd = iteration % 2 == 1, isLast = iteration == Orthogonalization.iterationCount - 1
      orthogonalization.formSquares(isOdd: isOdd, kernels: kernels, worker: worker)
      try meet(worker, clock)
      orthogonalization.formPolynomials(kernels: kernels, worker: worker)
      try meet(worker, clock)
      orthogonalization.advance(isOdd: isOdd, into: isLast ? gradients : nil, kernels: kernels, worker: worker)
      try meet(worker, clock)
    }
  }

  /// Waits for everybody, within what takes whole tensors.
  func meet(_ worker: WorkerContext, _ clock: UnsafeMutablePointer<StepClock>) throws {
    clock.pointee.lap(.gradientAndUpdate)
    try worker.barrier()
    clock.pointee.lap(.barrier)
  }
}
