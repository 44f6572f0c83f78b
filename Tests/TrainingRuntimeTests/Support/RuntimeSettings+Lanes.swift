import Fascicle

extension RuntimeSettings {
  /// The reduction `segmented` with so many lanes on so many workers.
  static func lanes(_ lanes: Int, workers: Int, pinned: Bool = false) -> RuntimeSettings {
    RuntimeSettings(workers: .exactly(workers), pinsWorkers: pinned, reduction: .segmented, lanes: .exactly(lanes))
  }
}
