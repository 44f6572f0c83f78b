import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// The second moments of ``/GradientOptimizers/Adafactor`` on their way to directions, and the memory for that.
///
///     barrier   the gradient is complete
///     own panels of 32 inputs    sums of squares by column, which move C, and of each row's 32 elements
///     barrier
///     own rows                   sums over a row's panels, which move R
///     barrier
///     own blocks                 g·(√mean(C)/√R)·(1/√C), in the gradient's place
///
/// mean(C) is mean(R) but for rounding, and known one barrier earlier. Every sum is one worker's, in one order, so the number
/// of workers changes no bit. R, C, and the moments of what is not factored outlive a call of `fit`:
/// ``ParameterStorage/factoredMoments``.
final class FactoredMoments: @unchecked Sendable {
  /// A tensor and where its numbers stand, as a trivial value.
  struct Tensor: Sendable, Hashable {
    let stage: Int
    let role: ParameterRole
    /// Where the tensor begins in the parameter vector.
    let parameters: Int
    /// Units and inputs of a matrix that is factored; nil of what keeps a moment for each parameter.
    let sides: DenseShape?
    /// Where its moments begin in the state: C, then R, or v.
    let moments: Int
    /// Where its factors of columns begin in the scratch, then those of rows, then the rows' sums panel by panel.
    let factors: Int

    var panelCount: Int { sides.map { PanelLayout.panelCount($0.inputCount) } ?? 0 }
    /// Floats between the sums of two panels.
    var rowCapacity: Int { sides.map { PanelLayout.lineCount($0.outputCount) } ?? 0 }
    var columnCapacity: Int { panelCount * PanelLayout.laneCount }
  }

  /// Where everything stands.
  struct Layout: Sendable, Hashable {
    let tensors: [Tensor]
    let stateCount: Int
    let scratchCount: Int

    /// Nil where the optimizer is another.
    init?(_ program: NetworkProgram, optimizer: any GradientOptimizer) {
      guard let adafactor = optimizer as? Adafactor else { return nil }
      var tensors: [Tensor] = [], state = 0, scratch = 0
      for (index, stage) in program.stages.enumerated() where stage.learns {
        for (role, places) in [(ParameterRole.weight, stage.weights), (.bias, stage.bias), (.slope, stage.slopes)]
        where !places.isEmpty {
          let sides = role == .weight ? stage.dense : nil
          let isFactored = sides.map { adafactor.factors(($0.inputCount, $0.outputCount)) } ?? false
          let tensor = Tensor(
            stage: index, role: role, parameters: places.lowerBound, sides: isFactored ? sides : nil, moments: state,
            factors: scratch)
          tensors.append(tensor)
          state += isFactored ? tensor.columnCapacity + tensor.rowCapacity : PanelLayout.lineCount(places.count)
          scratch += tensor.columnCapacity + (1 + tensor.panelCount) * tensor.rowCapacity
        }
      }
      self.tensors = tensors
      stateCount = state
      scratchCount = scratch
    }

    var stateBytes: Int { stateCount * MemoryLayout<Float>.stride }
    var scratchBytes: Int { scratchCount * MemoryLayout<Float>.stride }
  }

  /// A panel, or up to 32 rows, of a factored tensor.
  struct Part {
    let tensor: Int
    let index: Int
  }

  let adafactor: Adafactor
  private let state: UnsafeMutablePointer<Float>
  private let scratchStorage: AlignedStorage?
  private let tensors: UnsafeMutableBufferPointer<Tensor>
  private let panels: UnsafeMutableBufferPointer<Part>
  private let rowTiles: UnsafeMutableBufferPointer<Part>
  /// For each block its tensor; −1 of what is frozen.
  private let numbers: UnsafeMutableBufferPointer<Int>
  /// For each tensor its first block.
  private let firstBlocks: UnsafeMutableBufferPointer<Int>

  /// - Parameter state: the moments, as the layout places them; nil with another optimizer.
  init?(
    _ program: NetworkProgram, optimizer: any GradientOptimizer, blocks: UnsafeMutableBufferPointer<ParameterBlock>,
    state: UnsafeMutablePointer<Float>?
  ) throws(NeuronKernelsError) {
    guard let adafactor = optimizer as? Adafactor, let state,
      let layout = Layout(program, optimizer: optimizer)
    else { return nil }
    self.adafactor = adafactor
    self.state = state
    scratchStorage = layout.scratchCount > 0 ? try AlignedStorage(byteCount: layout.scratchBytes) : nil
    tensors = .copy(of: layout.tensors)
    panels = .copy(of: Self.parts(layout.tensors) { $0.panelCount })
    rowTiles = .copy(of: Self.parts(layout.tensors) { PanelLayout.panelCount($0.sides?.outputCount ?? 0) })
    numbers = .copy(
      of: blocks.map { block in
        layout.tensors.firstIndex { $0.stage == block.stage && $0.role == block.role } ?? -1
      })
    firstBlocks = .copy(
      of: layout.tensors.map { tensor in
        blocks.firstIndex { $0.stage == tensor.stage && $0.role == tensor.role } ?? 0
      })
  }

  deinit {
    tensors.deallocate()
    panels.deallocate()
    rowTiles.deallocate()
    numbers.deallocate()
    firstBlocks.deallocate()
  }

  private static func parts(_ tensors: [Tensor], count: (Tensor) -> Int) -> [Part] {
    tensors.enumerated().flatMap { number, tensor in
      (0..<count(tensor)).map { Part(tensor: number, index: $0) }
    }
  }

  private var scratch: UnsafeMutablePointer<Float> {
    scratchStorage.unsafelyUnwrapped.baseAddress.assumingMemoryBound(to: Float.self)
  }

  /// This worker's share of parts.
  private func share(_ parts: UnsafeMutableBufferPointer<Part>, _ worker: WorkerContext) -> Range<Int> {
    IndexPartition.range(ofPart: worker.index, parts: worker.workerCount, count: parts.count)
  }
}

extension UnsafeMutableBufferPointer {
  /// Memory of its own with these elements, which whoever asks for it gives back.
  fileprivate static func copy(of elements: [Element]) -> Self {
    let copy = Self.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return copy
  }
}

// MARK: - Rows and columns

extension FactoredMoments {
  /// Brings the gradients of this worker's panels to their limits, sums their squares and moves C.
  fileprivate func moveColumns(
    _ engine: StepEngine, _ gradients: UnsafeMutablePointer<Float>, scales: inout GradientScales, share: Float,
    worker: WorkerContext
  ) {
    for index in self.share(panels, worker) {
      let part = panels[index], tensor = tensors[part.tensor]
      guard let sides = tensor.sides else { continue }
      let rowCount = sides.outputCount, lanes = PanelLayout.laneCount
      let gradient = gradients + tensor.parameters + part.index * PanelLayout.panelRows(rowCount) * lanes
      engine.clipValues(gradient, count: rowCount * lanes)
      let scale = scales.scale(ofBlock: firstBlocks[part.tensor])
      if scale != 1 { engine.kernels.combine(gradient, .scale, with: gradient, count: rowCount * lanes, a: scale) }
      let sums =
        scratch + tensor.factors + tensor.columnCapacity + (1 + part.index) * tensor.rowCapacity
      let columns = Self.sumSquares(gradient, rowCount: rowCount, rowSums: sums)
      let first = part.index * lanes, factor = 1 / Float(rowCount)
      move(columns.0 * factor, tensor, at: first, share: share)
      move(columns.1 * factor, tensor, at: first + lanes / 2, share: share)
    }
  }

  /// Moves 16 of a tensor's moments towards means of squares, and leaves one over their roots.
  private func move(_ means: AdafactorLanes, _ tensor: Tensor, at index: Int, share: Float) {
    let moments = UnsafeMutableRawPointer(state + tensor.moments + index)
    let moved = adafactor.moved(moments.load(as: AdafactorLanes.self), towards: means, share: share)
    moments.storeBytes(of: moved, as: AdafactorLanes.self)
    UnsafeMutableRawPointer(scratch + tensor.factors + index).storeBytes(
      of: 1 / moved.squareRoot(), as: AdafactorLanes.self)
  }

  /// The squares of `values` [rows][32]: summed by column, 64 rows at a time, and by row into `rowSums`.
  private static func sumSquares(
    _ values: UnsafePointer<Float>, rowCount: Int, rowSums: UnsafeMutablePointer<Float>
  ) -> (AdafactorLanes, AdafactorLanes) {
    let bytes = UnsafeRawPointer(values)
    var low = AdafactorLanes.zero, high = AdafactorLanes.zero
    for first in stride(from: 0, to: rowCount, by: 64) {
      var nearLow = AdafactorLanes.zero, nearHigh = AdafactorLanes.zero
      for row in first..<min(first + 64, rowCount) {
        let a = bytes.load(fromByteOffset: row * 128, as: AdafactorLanes.self)
        let b = bytes.load(fromByteOffset: row * 128 + 64, as: AdafactorLanes.self)
        let squares = (a * a, b * b)
        nearLow += squares.0
        nearHigh += squares.1
        rowSums[row] = Self.sum(squares.0 + squares.1)
      }
      low += nearLow
      high += nearHigh
    }
    return (low, high)
  }

  /// The sum of 16 numbers, by halves.
  private static func sum(_ values: AdafactorLanes) -> Float {
    let eight = values.lowHalf + values.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// Sums this worker's rows over all panels and moves R.
  fileprivate func moveRows(share: Float, worker: WorkerContext) {
    var number = -1, root: Float = 0
    for index in self.share(rowTiles, worker) {
      let part = rowTiles[index], tensor = tensors[part.tensor]
      guard let sides = tensor.sides else { continue }
      if part.tensor != number {
        number = part.tensor
        root = rootOfMean(tensor, columns: sides.inputCount)
      }
      let factors = scratch + tensor.factors + tensor.columnCapacity, sums = factors + tensor.rowCapacity
      let moments = state + tensor.moments + tensor.columnCapacity, first = part.index * PanelLayout.laneCount
      for row in first..<min(first + PanelLayout.laneCount, sides.outputCount) {
        var sum: Float = 0
        for panel in 0..<tensor.panelCount { sum += sums[panel * tensor.rowCapacity + row] }
        let mean = sum / Float(sides.inputCount) + adafactor.epsilon
        moments[row] += (mean - moments[row]) * share
        factors[row] = root / moments[row].squareRoot()
      }
    }
  }

  /// √mean(C) over the real columns.
  private func rootOfMean(_ tensor: Tensor, columns: Int) -> Float {
    let moments = state + tensor.moments
    var sum = 0.0
    for column in 0..<columns { sum += Double(moments[column]) }
    return Float((sum / Double(columns)).squareRoot())
  }
}

// MARK: - Directions

extension FactoredMoments {
  /// Replaces a block's gradient by the direction, once all factors of its tensor are formed.
  ///
  /// - Parameter slice: makes the slice of a block that is not factored, with its own moments for state.
  func formDirection(
    ofBlock index: Int, _ block: ParameterBlock, in direction: UnsafeMutablePointer<Float>,
    slice: (_ moments: UnsafeMutablePointer<Float>) -> ParameterSlice
  ) {
    guard numbers[index] >= 0 else { return }
    let tensor = tensors[numbers[index]]
    guard tensor.sides != nil else {
      return adafactor.formDirection(
        slice(state + tensor.moments + block.offset - tensor.parameters), in: direction)
    }
    let columns = UnsafeRawPointer(scratch + tensor.factors + block.panel * PanelLayout.laneCount)
    let low = columns.load(as: AdafactorLanes.self), high = columns.load(fromByteOffset: 64, as: AdafactorLanes.self)
    let rows = scratch + tensor.factors + tensor.columnCapacity + block.rows.lowerBound
    let bytes = UnsafeMutableRawPointer(direction)
    for row in 0..<block.rows.count {
      let factor = rows[row], place = row * 128
      let a = bytes.load(fromByteOffset: place, as: AdafactorLanes.self)
      let b = bytes.load(fromByteOffset: place + 64, as: AdafactorLanes.self)
      bytes.storeBytes(of: a * factor * low, toByteOffset: place, as: AdafactorLanes.self)
      bytes.storeBytes(of: b * factor * high, toByteOffset: place + 64, as: AdafactorLanes.self)
    }
  }

  /// Whether a block's gradient has been brought to its limits already.
  func hasScaled(_ index: Int) -> Bool { numbers[index] >= 0 && tensors[numbers[index]].sides != nil }
}

extension StepEngine {
  /// Moves the moments of rows and columns; every worker calls it, and nothing happens with another optimizer.
  ///
  /// - Parameters:
  ///   - gradients: of the whole vector, complete before anybody calls this; those of factored tensors are brought to their
  ///     limits.
  ///   - scales: the gradients' factors.
  func moveFactoredMoments(
    _ gradients: UnsafeMutablePointer<Float>, scales: inout GradientScales, coefficients: SIMD8<Float>,
    worker: WorkerContext, clock: UnsafeMutablePointer<StepClock>
  ) throws {
    guard let factoredMoments else { return }
    factoredMoments.moveColumns(self, gradients, scales: &scales, share: coefficients[2], worker: worker)
    try meet(worker, clock)
    factoredMoments.moveRows(share: coefficients[2], worker: worker)
    try meet(worker, clock)
  }
}
