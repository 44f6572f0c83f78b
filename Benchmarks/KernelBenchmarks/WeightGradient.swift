import BenchmarkInstruments
import CNeuronKernels

/// `g = Σ dz·x` over a minibatch, block by block into one small buffer, as phase B of a training step calls it.
final class WeightGradient: CheckedWork {
  private let kernels: KernelTable
  private let shape: DenseShape
  private let outputGradient, transposed, gradient: Block<Float>
  private let tiles: [Tile]

  /// Rows of one input panel.
  private struct Tile {
    let panel: Int
    let rows: Range<Int>
  }

  init(_ shape: DenseShape, _ kernels: KernelTable) throws {
    self.kernels = kernels
    self.shape = shape
    outputGradient = try Block<Float>(random: shape.samples * shape.outputRows, seed: 1)
    transposed = try Block<Float>(random: shape.samples * shape.paddedInputs, seed: 2)
    gradient = try Block<Float>(zeros: Self.rowCount * 32)
    tiles = Self.tiles(of: shape)
  }

  func run() {
    for tile in tiles { compute(tile, kernels, into: gradient) }
  }

  func check() throws {
    let expected = try Block<Float>(zeros: Self.rowCount * 32)
    for tile in [tiles[0], tiles[tiles.count / 2], tiles[tiles.count - 1]] {
      compute(tile, kernels, into: gradient)
      compute(tile, .reference, into: expected)
      try requireSameBits(
        gradient.pointer, expected.pointer, count: tile.rows.count * 32, "g[panel \(tile.panel)][rows \(tile.rows)]")
    }
  }

  private func compute(_ tile: Tile, _ kernels: KernelTable, into gradient: Block<Float>) {
    var arguments = nk_weight_gradient(
      samples: shape.samples, outputs: shape.outputs, first_row: tile.rows.lowerBound, rows: tile.rows.count,
      inputs: min(32, shape.inputs - tile.panel * 32), first_row_ahead: 0, rows_ahead: 0,
      output_gradient: outputGradient.pointer,
      input_transposed: transposed.pointer + tile.panel * shape.samples * 32, gradient: gradient.pointer,
      update_reads: (nil, nil, nil))
    kernels.functions.pointee.weight_gradient(&arguments)
  }

  /// The height of a block, and what a group's inputs may take of the second-level cache: those of training's plan.
  private static let rowCount = 12
  private static let groupBytes = 576 << 10

  /// All tiles in the order in which training walks them: rows before panels inside a group that fits the cache.
  private static func tiles(of shape: DenseShape) -> [Tile] {
    let panels = 0..<shape.paddedInputs / 32
    let groupSize = max(1, groupBytes / (shape.samples * 32 * MemoryLayout<Float>.stride))
    return stride(from: 0, to: panels.count, by: groupSize).flatMap { first in
      stride(from: 0, to: shape.outputs, by: rowCount).flatMap { row in
        panels[first..<min(first + groupSize, panels.count)].map { panel in
          Tile(panel: panel, rows: row..<min(row + rowCount, shape.outputs))
        }
      }
    }
  }
}
