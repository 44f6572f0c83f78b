import Fascicle
import FoundationEssentials
import Glibc
import RunConfiguration

/// Keeps the events of a run: on standard output, in a folder, in both or in neither.
final class EventLog {
  private let writesJSON: Bool
  private let path: String?
  private let descriptor: Int32
  /// Two runs would mix their lines, and write over each other's models.
  private let claim: FolderClaim?

  /// Opens the log; with a folder, makes it, writes `config.yaml` and appends to `metrics.jsonl`.
  ///
  /// A resumed run goes on with the lines that its state knows of: epochs that will come again are taken out first, all of
  /// them where the run was to go on but nothing was kept.
  ///
  /// - Throws: ``OutputError`` when the folder can't be made or written to, ``ModelExchangeError`` while another run does.
  init(
    writesJSON: Bool, folder: String?, configuration: RunConfiguration, resumed: TrainingState? = nil,
    beginsAnew: Bool = false
  ) throws {
    self.writesJSON = writesJSON
    guard let folder else {
      path = nil
      claim = nil
      descriptor = -1
      return
    }
    let errorNumber = Folder.make(folder)
    guard errorNumber == 0 else { throw OutputError(writingTo: folder, errorNumber: errorNumber) }
    claim = try FolderClaim(folder)
    try Self.write(configuration.yaml, to: "\(folder)/config.yaml")
    if resumed != nil || beginsAnew { try Self.goOn("\(folder)/metrics.jsonl", from: resumed) }
    path = "\(folder)/metrics.jsonl"
    descriptor = try Self.open("\(folder)/metrics.jsonl", O_APPEND)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Writes an event at once, so that a run that dies leaves all its lines.
  func add(_ event: @autoclosure () -> JSONEvent) throws {
    // Most runs keep no events, and making one takes longer than many a step.
    guard writesJSON || path != nil else { return }
    let line = try event().line()
    if writesJSON { try StandardOutput.write(line) }
    if let path { try writeAll(line, to: descriptor, name: path) }
  }

  private static func goOn(_ path: String, from state: TrainingState?) throws {
    // Without an old log there is nothing to take out, and the reports of the state begin a new one.
    let old = (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)) ?? ""
    var text = ""
    if let state {
      let kept = ResumedLog.lines(of: old, epochs: state.epochs, rollBacks: state.rollBackCount)
      text = kept.lines.map { $0 + "\n" }.joined()
      for report in state.reports where !kept.epochs.contains(report.epoch) { text += try report.event.line() }
    } else {
      text = ResumedLog.linesOfEndedRuns(of: old).map { $0 + "\n" }.joined()
    }
    guard text != old else { return }
    try write(text, to: path + ".new")
    guard rename(path + ".new", path) == 0 else { throw OutputError(writingTo: path, errorNumber: errno) }
  }

  private static func write(_ text: String, to path: String) throws(OutputError) {
    let descriptor = try open(path, O_TRUNC)
    defer { close(descriptor) }
    try writeAll(text, to: descriptor, name: path)
  }

  private static func open(_ path: String, _ mode: Int32) throws(OutputError) -> Int32 {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0o666)
    guard descriptor >= 0 else { throw OutputError(writingTo: path, errorNumber: errno) }
    return descriptor
  }
}
