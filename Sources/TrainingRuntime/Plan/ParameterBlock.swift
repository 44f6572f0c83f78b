import NeuronKernels
import PerceptronModel
import GradientOptimizers

/// A run of parameters whose gradient one worker computes and applies in one go.
///
/// Weight blocks are a few rows of one input panel: contiguous in the parameter vector, and small enough that the gradient
/// is still in the first-level cache when the optimizer reads it.
struct ParameterBlock: Sendable, Hashable {
  let stage: Int
  let role: ParameterRole
  /// The input panel of a weight block.
  let panel: Int
  /// Outputs (weights, biases) or units (slopes) of the stage; elements of an embedding's vectors, from the first.
  let rows: Range<Int>
  /// Where the block begins in the parameter vector, on a 64-byte line.
  let offset: Int
  /// Floats, a multiple of 16, padding at the end included.
  let count: Int
  /// Whether the weights are the vectors of an embedding.
  var isOfVectors = false
  /// Real inputs of a weight block, fewer than 32 only in a stage's last panel.
  var inputCount = PanelLayout.laneCount
  /// Whether the layer has no options of its own: no penalty, constraint or rate, and it is not frozen.
  var learnsPlainly = false
  /// Rows of output gradients that other blocks will read soon, for this one's product to ask for.
  var rowsAhead = 0..<0

  /// Whether these are rows of one panel of a dense stage's weights.
  var isOfPanel: Bool { role == .weight && !isOfVectors }

  /// Rows of a bias or slope block: four lines of the vector.
  static let vectorRows = 64
  /// Floats of the largest block.
  static let largestCount = OperandPrecision.bfloat16(.blocks).blockRows * PanelLayout.laneCount

  /// All blocks of a network, in the order in which a worker walks its share.
  ///
  /// Weight blocks go by groups of panels whose transposed inputs fit the second-level cache together, rows before panels
  /// inside a group, so that output gradients are read once a group and not once a panel. The list depends on the network
  /// and the batch size alone; its order changes no bit.
  static func all(of program: NetworkProgram, batchSize: Int) -> [ParameterBlock] {
    let panelBytes = batchSize * PanelLayout.laneCount * program.operands.byteCount
    let groupSize = max(1, cacheShare / max(1, panelBytes))
    var blocks: [ParameterBlock] = []
    blocks.reserveCapacity(count(of: program))
    for (index, stage) in program.stages.enumerated() {
      addWeightBlocks(
        stage, index, batchSize: batchSize, groupSize: groupSize, operands: program.operands, to: &blocks)
      blocks += tableBlocks(stage, index)
      blocks += vectorBlocks(stage, stage.bias, .bias, index) + vectorBlocks(stage, stage.slopes, .slope, index)
    }
    return blocks
  }

  /// How many blocks a network has, whatever the batch size.
  static func count(of program: NetworkProgram) -> Int {
    program.stages.reduce(0) { count, stage in
      let weights =
        stage.dense.map { PanelLayout.panelCount($0.inputCount) * program.operands.blockCount(outputs: $0.outputCount) }
        ?? (stage.weights.count + largestCount - 1) / largestCount
      let vectors = [stage.bias, stage.slopes].map { ($0.count + vectorRows - 1) / vectorRows }
      return count + weights + vectors[0] + vectors[1]
    }
  }

  /// What a group's transposed inputs may take of a second-level cache of a mebibyte.
  private static let cacheShare = 576 << 10
  /// Bytes of output gradients that come back from far enough to be asked for ahead of time.
  private static let farGradients = 8 << 20

  /// Blocks of whole units of rows; only the last of an odd number of rows may have less.
  private static func addWeightBlocks(
    _ stage: Stage, _ index: Int, batchSize: Int, groupSize: Int, operands: OperandPrecision,
    to blocks: inout [ParameterBlock]
  ) {
    guard let shape = stage.dense else { return }
    let panelCount = PanelLayout.panelCount(shape.inputCount)
    let tileCount = operands.blockCount(outputs: shape.outputCount)
    let unit = operands.rowsTogether
    let unitCount = (shape.outputCount + unit - 1) / unit
    func rows(ofTile tile: Int) -> Range<Int> {
      let units = evenPart(tile, of: tileCount, count: unitCount)
      return units.lowerBound * unit..<min(units.upperBound * unit, shape.outputCount)
    }
    let asksAhead = batchSize * shape.outputCount * MemoryLayout<Float>.stride > farGradients
    for group in stride(from: 0, to: panelCount, by: groupSize) {
      let panels = group..<min(group + groupSize, panelCount)
      for tile in 0..<tileCount {
        let here = rows(ofTile: tile)
        // The next group begins with the first rows again.
        let next = asksAhead ? rows(ofTile: (tile + 1) % tileCount) : 0..<0
        for panel in panels {
          let line = (panel * PanelLayout.panelRows(shape.outputCount) + here.lowerBound) * PanelLayout.laneCount
          blocks.append(
            ParameterBlock(
              stage: index, role: .weight, panel: panel, rows: here, offset: stage.weights.lowerBound + line,
              count: here.count * PanelLayout.laneCount,
              inputCount: min(PanelLayout.laneCount, shape.inputCount - panel * PanelLayout.laneCount),
              learnsPlainly: stage.learning.isPlain,
              rowsAhead: part(panel - group, of: panels.count, from: next)))
        }
      }
    }
  }

  /// Blocks of an embedding's vectors: as many elements as fit, since each goes through the samples' categories once.
  private static func tableBlocks(_ stage: Stage, _ index: Int) -> [ParameterBlock] {
    guard stage.embeddingTable != nil else { return [] }
    return stride(from: 0, to: stage.weights.count, by: largestCount).map { first in
      let elements = first..<min(first + largestCount, stage.weights.count)
      return ParameterBlock(
        stage: index, role: .weight, panel: 0, rows: elements, offset: stage.weights.lowerBound + first,
        count: PanelLayout.lineCount(elements.count), isOfVectors: true, learnsPlainly: stage.learning.isPlain)
    }
  }

  private static func vectorBlocks(
    _ stage: Stage, _ places: Range<Int>, _ role: ParameterRole, _ index: Int
  ) -> [ParameterBlock] {
    stride(from: 0, to: places.count, by: vectorRows).map { first in
      let rows = first..<min(first + vectorRows, places.count)
      return ParameterBlock(
        stage: index, role: role, panel: 0, rows: rows, offset: places.lowerBound + first,
        count: PanelLayout.lineCount(rows.count), learnsPlainly: stage.learning.isPlain)
    }
  }

  /// Part `part` of some rows cut into `parts`.
  private static func part(_ part: Int, of parts: Int, from rows: Range<Int>) -> Range<Int> {
    let places = evenPart(part, of: parts, count: rows.count)
    return rows.lowerBound + places.lowerBound..<rows.lowerBound + places.upperBound
  }

  /// Part `part` of `count` rows cut into parts whose heights differ by at most one.
  private static func evenPart(_ part: Int, of parts: Int, count: Int) -> Range<Int> {
    let height = count / parts, taller = count % parts
    let first = part * height + min(part, taller)
    return first..<first + height + (part < taller ? 1 : 0)
  }

  /// The block's share of a step, in multiply-adds of 16 lanes: what the split between workers balances.
  func cost(batchSize: Int) -> Int {
    let updateCost = count / 2
    if isOfVectors { return batchSize / 4 + updateCost }
    return role == .weight ? rows.count * 2 * batchSize + updateCost : rows.count * batchSize / 8 + updateCost
  }
}

extension OperandPrecision {
  /// Bytes of an operand.
  fileprivate var byteCount: Int { self == .float32 ? 4 : 2 }

  /// Rows of a weight block: the height that every instruction set's tiles divide well (13 and 6 rows at most), or that
  /// of a square.
  var blockRows: Int { self == .bfloat16(.blocks) ? 32 : 12 }

  /// Weight blocks of one input panel.
  func blockCount(outputs: Int) -> Int { (outputs + blockRows - 1) / blockRows }

  /// Rows of weights that a cut between blocks leaves together: pairs have one owner, because the backward product reads
  /// their words together, and squares are best whole.
  fileprivate var rowsTogether: Int {
    switch self {
    case .float32: 1
    case .bfloat16(.pairs): 2
    case .bfloat16(.blocks): blockRows
    }
  }
}
