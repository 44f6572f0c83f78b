import Synchronization
import Glibc
import TrainingRuntime

/// A folder that keeps the state of a run in files, the last few and the best.
///
///     let folder = CheckpointFolder("runs/one/checkpoints")
///     try trainer.fit(training, epochs: 100, checkpoints: Checkpoints(folder), resuming: folder.newest()?.state)
///
/// begins a run, or goes on with it where it was interrupted, whatever interrupted it.
///
/// A file is written beside the others, made durable, renamed into its place, and its name made durable; only then are older
/// ones removed. So whoever looks, at any moment or after any crash, finds whole files only, the one that was kept last
/// included. Files that no run of this object has kept or gone on from are left alone.
///
/// - Concurrency: one run at a time, also of several processes: a second one is refused. Any number of readers.
public final class CheckpointFolder: CheckpointStore {
  /// The folder.
  public let path: String
  /// How many of the latest states stay, besides the best.
  public let keptCount: Int
  private let files: any FileOperations
  private let known = Mutex(Known())

  private struct Known {
    /// Files that are this run's, oldest first.
    var own: [CheckpointName] = []
    var nextNumber = 1
    /// While a run is under way.
    var claim: FolderClaim?
  }

  /// A state that was found, and what was found damaged before it.
  public struct Found: Sendable {
    /// The state.
    public let state: TrainingState
    /// The path of its file.
    public let path: String
    /// Why newer files cannot be used, each with its path.
    public let damage: [ModelExchangeError]
  }

  /// A folder that keeps the last states, three unless told otherwise; it is made when a run begins.
  ///
  /// - Precondition: `keptCount` is at least 1 (checked).
  public convenience init(_ path: String, keptCount: Int = 3) {
    self.init(path, keptCount: keptCount, files: SystemFiles())
  }

  package init(_ path: String, keptCount: Int, files: any FileOperations) {
    precondition(keptCount >= 1, "expected at least 1 checkpoint to keep, got \(keptCount)")
    self.path = path
    self.keptCount = keptCount
    self.files = files
  }
}

// MARK: - Keeping

extension CheckpointFolder {
  /// Makes the folder where it is missing, claims it, and removes what a run left half written when it died.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`, or `.inUse` while another run writes to it.
  public func begin() throws {
    do {
      try files.makeFolders(path)
    } catch {
      throw Self.unusable(path, error)
    }
    let claim = try FolderClaim(path, files: files)
    do {
      let names = try files.repeated { () throws(SystemRefusal) in try files.names(in: path) }
      for name in names where CheckpointName.isUnfinished(name) {
        try? files.repeated { () throws(SystemRefusal) in try files.remove("\(path)/\(name)") }
      }
      try requireWritable()
      let last = names.compactMap { CheckpointName($0)?.number }.max() ?? 0
      known.withLock {
        $0.nextNumber = max($0.nextNumber, last + 1)
        $0.claim = claim
      }
    } catch {
      throw Self.unusable(path, error)
    }
  }

  /// Finds out before the run, not at its first checkpoint, that nothing may be written there; a disk that is full may have
  /// room by then.
  private func requireWritable() throws(SystemRefusal) {
    let probe = "\(path)/\(CheckpointName.probe)"
    do {
      let file = try files.repeated { () throws(SystemRefusal) in try files.create(probe) }
      try? files.close(file)
      try? files.repeated { () throws(SystemRefusal) in try files.remove(probe) }
    } catch {
      if [EROFS, EACCES, EPERM].contains(error.errorNumber) { throw error }
    }
  }

  /// Leaves the folder to other runs.
  public func end() { known.withLock { $0.claim = nil } }

  private static func unusable(_ path: String, _ refusal: SystemRefusal) -> ModelExchangeError {
    ModelExchangeError(
      code: .writeFailed, message: "the checkpoint folder \(path) cannot be used: \(refusal.words)")
  }

  /// Writes a state into a new file, and removes those that are neither among the last nor the best any more.
  ///
  /// - Throws: ``ModelExchangeError`` `.writeFailed`; what was kept before is whole.
  public func keep(_ state: TrainingState, isBest: Bool) throws -> String {
    let name = known.withLock { known in
      defer { known.nextNumber += 1 }
      return CheckpointName(number: known.nextNumber, step: state.steps, isBest: isBest)
    }
    let file = try ReplacementFile(folder: path, name: name.text, files: files)
    try CheckpointFile.write(state, to: file)
    try file.synchronize()
    try file.replace()
    known.withLock { $0.own.append(name) }
    do {
      try files.synchronizeFolder(path)
    } catch {
      throw ReplacementFile.failure("\(path)/\(name.text)", errorNumber: error.errorNumber)
    }
    removeOld()
    return name.text
  }

  /// Removes this run's files but the last ones and the best; one that cannot be removed is tried again next time.
  private func removeOld() {
    let own = known.withLock { $0.own }
    let best = own.last(where: \.isBest)
    for name in own.dropLast(keptCount) where name != best {
      do {
        try files.repeated { () throws(SystemRefusal) in try files.remove("\(path)/\(name.text)") }
      } catch {
        if error.errorNumber != 2 { continue }
      }
      known.withLock { $0.own.removeAll { $0 == name } }
    }
  }
}

// MARK: - Finding

extension CheckpointFolder {
  /// The newest state that is whole; nil where the folder has none at all.
  ///
  /// A run that goes on from it goes on with the folder: its older files are the run's from then on.
  ///
  /// - Throws: ``ModelExchangeError`` when there are files, but none that can be used, or the folder cannot be read.
  public func newest() throws -> Found? {
    let names = try checkpointNames()
    var damage: [ModelExchangeError] = []
    for (index, name) in names.enumerated().reversed() {
      let file = "\(path)/\(name.text)"
      do {
        let state = try CheckpointFile.read(file, files: files)
        known.withLock { $0.own = Array(names[...index]) }
        return Found(state: state, path: file, damage: damage)
      } catch {
        if error.code == .outOfMemory { throw error }
        damage.append(error)
      }
    }
    guard let first = damage.first else { return nil }
    throw ModelExchangeError(
      code: first.code,
      message: names.count == 1 ? first.message : "\(first.message) (and \(names.count - 1) older in \(path) alike)",
      hint: "no checkpoint there can be used; to begin anew, do not resume")
  }

  /// The state of one of the folder's files; a run that goes on from it goes on with the folder's older files.
  ///
  /// - Throws: ``ModelExchangeError`` as ``state(ofFile:)``.
  public func state(named name: String) throws -> TrainingState {
    let state = try CheckpointFile.read("\(path)/\(name)", files: files)
    let names = try checkpointNames()
    if let index = names.firstIndex(where: { $0.text == name }) {
      known.withLock { $0.own = Array(names[...index]) }
    }
    return state
  }

  /// The names of the folder's checkpoints, whole or not, oldest first; none where there is no folder.
  public func fileNames() throws -> [String] { try checkpointNames().map(\.text) }

  /// How many checkpoints the folder has, whole or not; none where there is no folder.
  public func count() throws -> Int { try checkpointNames().count }

  /// Reads the state of one file.
  ///
  /// - Throws: ``ModelExchangeError`` `.missing`, `.readFailed`, `.outOfMemory`, `.damaged` or `.unsupported`.
  public static func state(ofFile path: String) throws -> TrainingState {
    try CheckpointFile.read(path, files: SystemFiles())
  }

  /// The names of all checkpoints, oldest first.
  private func checkpointNames() throws -> [CheckpointName] {
    do {
      guard files.folderExists(path) else { return [] }
      let names = try files.repeated { () throws(SystemRefusal) in try files.names(in: path) }
      return names.compactMap { CheckpointName($0) }.sorted { $0.number < $1.number }
    } catch {
      throw ModelExchangeError.unreadable(path, error)
    }
  }
}
