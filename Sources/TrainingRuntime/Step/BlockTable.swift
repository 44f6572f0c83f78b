import GradientOptimizers
import PerceptronModel
import WorkerTeam

/// All parameter blocks of a network, and which worker owns which, in memory that steps reach without counting references.
///
/// A wide network has a hundred thousand blocks, so whatever is made on the way is gone before the steps' memory is taken.
final class BlockTable: @unchecked Sendable {
  let blocks: UnsafeMutableBufferPointer<ParameterBlock>
  /// The blocks of each worker, in order.
  let shares: UnsafeMutableBufferPointer<Range<Int>>
  /// Rows whose lengths are constrained.
  let constrainedRows: UnsafeMutableBufferPointer<ConstrainedRows>
  /// Units whose gradients are clipped by the norms of their parameters.
  let clippedUnits: UnsafeMutableBufferPointer<ClippedUnits>

  init(_ program: NetworkProgram, shape: StepShape, clipping: GradientClipping) {
    let all = ParameterBlock.all(of: program, batchSize: shape.batchSize)
    blocks = .allocate(capacity: all.count)
    _ = blocks.initialize(from: all)
    let rows = ConstrainedRows.all(of: program)
    constrainedRows = .allocate(capacity: rows.count)
    _ = constrainedRows.initialize(from: rows)
    let units = ClippedUnits.all(of: program, for: clipping)
    clippedUnits = .allocate(capacity: units.count)
    _ = clippedUnits.initialize(from: units)
    shares = .allocate(capacity: shape.workerCount)
    _ = shares.initialize(
      from: IndexPartition(costs: all.map { $0.cost(batchSize: shape.batchSize) }, parts: shape.workerCount))
  }

  deinit {
    blocks.deallocate()
    shares.deallocate()
    constrainedRows.deallocate()
    clippedUnits.deallocate()
  }
}
