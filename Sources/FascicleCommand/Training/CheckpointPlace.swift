import Fascicle
import Glibc
import RunConfiguration

/// Where a run's checkpoints lie, of what the configuration and the command line say.
enum CheckpointPlace {
  /// The configuration with its folder filled in; nil where no state is kept.
  ///
  /// - Throws: ``RunConfigurationError`` when nobody said where.
  static func resolve(
    _ configuration: CheckpointConfiguration?, output: String?, resume: String?, title: String
  ) throws -> CheckpointConfiguration? {
    guard var configuration else {
      guard resume == "auto" else { return nil }
      throw CheckpointPlaceError(
        message: "--resume auto needs to know where the checkpoints lie, but the run keeps none",
        hint: "add checkpoint.folder=DIR, or give --resume the path of a checkpoint")
    }
    configuration.folder = configuration.folder ?? output.map { "\($0)/checkpoints" }
    guard configuration.folder != nil else {
      throw CheckpointPlaceError(
        message: "\(title): checkpoint.folder is missing, and there is no --output to put checkpoints into",
        hint: "add checkpoint.folder=DIR, or --output DIR")
    }
    return configuration
  }
}

/// Nobody said where checkpoints lie.
struct CheckpointPlaceError: Error, CustomStringConvertible {
  let message: String
  let hint: String

  var description: String { "\(message)\n\(hint)" }
}

/// The state that a run goes on from, and how it was found.
struct ResumedState {
  let state: TrainingState
  let path: String
  /// What is said of it on standard error.
  let notes: [String]

  /// Finds what `--resume` means; nil to begin anew.
  ///
  /// - Throws: ``ModelExchangeError`` when there is something, but nothing that can be used.
  static func find(_ resume: String?, in folder: CheckpointFolder?) throws -> ResumedState? {
    guard let resume else { return nil }
    if resume == "auto" { return try folder.flatMap { try newest(in: $0) } }
    if Folder.exists(resume) {
      // The run's own folder remembers what it goes on from.
      let asked = folder.flatMap { isSame($0.path, resume) ? $0 : nil } ?? CheckpointFolder(resume)
      if let found = try newest(in: asked) { return found }
      throw ModelExchangeError(code: .missing, message: "\(resume): there is no checkpoint in this folder")
    }
    let slash = resume.lastIndex(of: "/"), parent = slash.map { String(resume[..<$0]) } ?? "."
    let name = slash.map { String(resume[resume.index(after: $0)...]) } ?? resume
    let state =
      if let folder, isSame(folder.path, parent) {
        try folder.state(named: name)
      } else {
        try CheckpointFolder.state(ofFile: resume)
      }
    return ResumedState(state: state, path: resume, notes: [])
  }

  /// Whether two paths name the same folder.
  private static func isSame(_ path: String, _ other: String) -> Bool {
    func real(_ path: String) -> String? {
      guard let resolved = realpath(path, nil) else { return nil }
      defer { free(resolved) }
      return String(cString: resolved)
    }
    guard let first = real(path) else { return false }
    return first == real(other)
  }

  private static func newest(in folder: CheckpointFolder) throws -> ResumedState? {
    guard let found = try folder.newest() else { return nil }
    return ResumedState(
      state: found.state, path: found.path,
      notes: found.damage.map { "warning: \($0); the one before it is used" })
  }

  /// Where the run goes on, in words.
  var place: String {
    "\(path): after \(NumberFormat.grouped(state.steps)) \(state.steps == 1 ? "step" : "steps"), "
      + "\(NumberFormat.grouped(state.epochs)) finished \(state.epochs == 1 ? "epoch" : "epochs")"
  }

  /// `resumed`.
  var event: JSONEvent {
    JSONEvent(
      name: "resumed",
      fields: ["path": .text(path), "epochs": .whole(state.epochs), "steps": .whole(state.steps)])
  }
}

extension CheckpointReport {
  /// `checkpoint`.
  var event: JSONEvent {
    JSONEvent(
      name: "checkpoint",
      fields: [
        "name": .text(name), "epochs": .whole(epochs), "steps": .whole(steps), "bytes": .whole(byteCount),
        "seconds": .number(seconds), "best": .flag(isBest),
      ])
  }
}

extension CheckpointFailure {
  /// `warning`.
  var event: JSONEvent {
    JSONEvent(
      name: "warning",
      fields: ["message": .text(sentence), "epochs": .whole(epochs), "steps": .whole(steps)])
  }

  /// What went wrong, and what it means.
  var sentence: String { "the state after step \(steps) is not kept: \(error)" }
}
