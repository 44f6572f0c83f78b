import Fascicle

extension RuntimeSettings {
  /// `count` workers, wherever the kernel puts them: the tests share their processors with others.
  static func unpinned(_ count: Int) -> RuntimeSettings {
    RuntimeSettings(workers: .exactly(count), pinsWorkers: false)
  }
}
