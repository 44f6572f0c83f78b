import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Looks for samples of an epoch that make units fire which were silent in the sampled steps.
///
/// Forward passes over the epoch's rows with the weights held still, a fixed number of rows at a time, until every layer has
/// too few silent units to be worth a verdict, or the rows end. A healthy layer is acquitted after the first rows.
final class SilentUnits: @unchecked Sendable {
  /// Rows between looks at what is left; the same for any number of workers.
  static let rowsAtOnce = 2048

  struct Unit: Sendable {
    let stage: Int
    let unit: Int
  }

  private let engine: StepEngine
  private let units: [Unit]
  /// A flag for each unit and worker: 1 where the worker has seen it fire.
  private let flags: UnsafeMutablePointer<UInt8>
  private let stride: Int

  /// - Parameter units: which were silent.
  init(engine: StepEngine, units: [Unit]) {
    self.engine = engine
    self.units = units
    // Lines of their own, so that workers don't write the same.
    stride = (units.count + 127) / 128 * 128
    flags = .allocate(capacity: max(1, stride * engine.workerCount))
    flags.initialize(repeating: 0, count: max(1, stride * engine.workerCount))
  }

  deinit { flags.deallocate() }

  /// The units that no row makes fire; those of layers with fewer than `needed` by stage may be too many.
  func search(
    _ feed: SampleFeed, rows: UnsafeBufferPointer<UInt32>, team: WorkerTeam, needed: [Int: Int]
  ) throws -> [Unit] {
    for first in Swift.stride(from: 0, to: rows.count, by: Self.rowsAtOnce) {
      let chunk = UnsafeBufferPointer(rebasing: rows[first..<min(first + Self.rowsAtOnce, rows.count)])
      let pass = ForwardChunk(search: self, feed: feed, rows: chunk)
      try team.broadcast(activeWorkers: engine.workerCount) { worker in pass.run(worker) }
      let counts = Dictionary(silent.map { ($0.stage, 1) }, uniquingKeysWith: +)
      if counts.allSatisfy({ $0.value < needed[$0.key] ?? 1 }) { break }
    }
    return silent
  }

  /// Those that no worker has seen fire.
  private var silent: [Unit] {
    units.indices.filter { index in
      (0..<engine.workerCount).allSatisfy { flags[$0 * stride + index] == 0 }
    }.map { units[$0] }
  }

  /// One chunk of rows, shared out in whole panels.
  private struct ForwardChunk: @unchecked Sendable {
    let search: SilentUnits
    let feed: SampleFeed
    let rows: UnsafeBufferPointer<UInt32>

    func run(_ worker: WorkerContext) {
      let room = PanelLayout.panelCount(search.engine.memory.layout.workspace.sampleCapacity) / worker.workerCount
      let share = IndexPartition.range(
        ofPart: worker.index, parts: worker.workerCount, count: PanelLayout.panelCount(rows.count))
      for first in Swift.stride(from: share.lowerBound, to: share.upperBound, by: room) {
        look(at: first..<min(first + room, share.upperBound), workspacePanel: worker.index * room, worker.index)
      }
    }

    private func look(at panels: Range<Int>, workspacePanel: Int, _ worker: Int) {
      let first = panels.lowerBound * PanelLayout.laneCount
      let count = min(panels.upperBound * PanelLayout.laneCount, rows.count) - first
      let place = workspacePanel * PanelLayout.laneCount
      let pass = ShardPass(
        search.engine.network, kernels: search.engine.kernels, firstSample: place, sampleCount: count)
      pass.gather(feed.source, indices: rows.baseAddress.unsafelyUnwrapped + first)
      pass.forward(keepsTransposed: false)
      let flags = search.flags + worker * search.stride
      for (index, unit) in search.units.enumerated() where flags[index] == 0 {
        if search.engine.network.fires(stage: unit.stage, unit: unit.unit, firstSample: place, sampleCount: count) {
          flags[index] = 1
        }
      }
    }
  }
}
