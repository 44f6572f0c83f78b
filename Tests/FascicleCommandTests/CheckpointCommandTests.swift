import Foundation
import Glibc
import Testing

@Suite("Runs that keep their state")
struct CheckpointCommandTests {
  /// A run of about a second, whose steps are short.
  private static let run = [
    "train", "--quiet", "network.layers.0.dense=300", "training.epochs=60", "training.earlyStopping.patience=60",
  ]
  private static let workers = ["--workers", "2"]
  private static let checkpoints = ["checkpoint.folder=kept", "checkpoint.everySteps=20"]

  private static func sha256(_ outcome: Driver.Outcome) throws -> String {
    let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("weights") }, "\(outcome.error)")
    return String(try #require(line.split(separator: " ").last))
  }

  /// Signals that stop a run, with its status; under `nohup` a SIGHUP is ignored, by these tests' runs as well.
  private static var stops: [(Int32, Int32)] {
    var action = sigaction()
    sigaction(SIGHUP, nil, &action)
    let isIgnored =
      unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    let always: [(Int32, Int32)] = [(SIGINT, 130), (SIGTERM, 143), (SIGUSR2, 75)]
    return isIgnored ? always : always + [(SIGHUP, 129)]
  }

  private static func uninterrupted() throws -> String { try sha256(Driver.run(run + workers)) }

  /// How many milliseconds to let a run live.
  private static func pause(_ milliseconds: UInt32) { usleep(milliseconds * 1000) }

  @Test("kill -9 at random moments loses nothing, also at another number of workers")
  func kills() throws {
    let expected = try Self.uninterrupted()
    try withFolder { folder in
      var random = SystemRandomNumberGenerator(), kills = 0
      let arguments = Self.run + Self.checkpoints + ["--resume", "auto", "--output", "out"]
      for attempt in 0..<60 where kills < 5 {
        let process = Driver.process(arguments + ["--workers", attempt % 2 == 0 ? "2" : "1"], in: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        Self.pause(UInt32.random(in: 50...400, using: &random))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { kills += 1 }
      }
      let outcome = try Driver.run(arguments + ["--workers", "1"], in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try Self.sha256(outcome) == expected)
      #expect(kills > 0)
      // Each epoch is in the log once, in order.
      let log = try String(contentsOf: folder.appendingPathComponent("out/metrics.jsonl"), encoding: .utf8)
      let events = try log.split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      let epochs = events.filter { $0["event"] as? String == "epoch" }.compactMap { $0["epoch"] as? Int }
      #expect(epochs == Array(1...60))
    }
  }

  @Test(
    "a signal finishes the step, keeps the state and ends with its status; the run goes on from there",
    arguments: stops)
  func signals(signal: Int32, status: Int32) throws {
    let expected = try Self.uninterrupted()
    try withFolder { folder in
      let arguments = Self.run + ["checkpoint.folder=kept", "checkpoint.everyEpochs=none", "checkpoint.keepBest=false"]
      let process = Driver.process(arguments + Self.workers, in: folder), output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      try output.fileHandleForWriting.close()
      // The folder is made when the run begins, after which it listens.
      while process.isRunning, !FileManager.default.fileExists(atPath: folder.appendingPathComponent("kept").path) {
        sched_yield()
      }
      Self.pause(100)
      kill(process.processIdentifier, signal)
      let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == status, "\(report)")
      #expect(report.contains("its state is kept in checkpoint-000001-step-"))
      let outcome = try Driver.run(arguments + ["--workers", "1", "--resume", "auto"], in: folder)
      #expect(try Self.sha256(outcome) == expected)
    }
  }

  @Test("SIGUSR1 has the state kept, and the run goes on")
  func request() throws {
    try withFolder { folder in
      let process = Driver.process(
        [
          "train", "--json", "--quiet", "training.epochs=1000000", "checkpoint.folder=kept",
          "checkpoint.everyEpochs=none", "checkpoint.keepBest=false",
        ], in: folder)
      let output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      try output.fileHandleForWriting.close()
      var seen = "", isAsked = false, isStopped = false
      while true {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { break }
        seen = String((seen + String(decoding: data, as: UTF8.self)).suffix(20_000))
        if !isAsked, seen.contains("\"event\":\"epoch\"") {
          isAsked = true
          kill(process.processIdentifier, SIGUSR1)
        }
        if isAsked, !isStopped, seen.contains("\"event\":\"checkpoint\"") {
          isStopped = true
          kill(process.processIdentifier, SIGTERM)
        }
      }
      process.waitUntilExit()
      #expect(isStopped && process.terminationStatus == 143)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("kept").path)
      #expect(names.count >= 2)
    }
  }

  /// Four quick epochs in a folder, whose checkpoints stay.
  private static func short(_ folder: URL, _ more: [String] = []) throws -> Driver.Outcome {
    try Driver.run(
      ["train", "--quiet", "training.epochs=4", "checkpoint.folder=kept", "checkpoint.everySteps=30"] + more,
      in: folder)
  }

  private static func newest(in folder: URL) throws -> URL {
    let kept = folder.appendingPathComponent("kept")
    let names = try FileManager.default.contentsOfDirectory(atPath: kept.path).sorted()
    return kept.appendingPathComponent(try #require(names.last))
  }

  @Test("a damaged checkpoint is named, and the one before it used")
  func damage() throws {
    try withFolder { folder in
      let expected = try Self.sha256(Self.short(folder)), file = try Self.newest(in: folder)
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 100] ^= 4
      try bytes.write(to: file)
      let outcome = try Self.short(folder, ["--resume", "auto"])
      #expect(outcome.error.contains("warning: \(file.path): the tensor "))
      #expect(outcome.error.contains("is not as it was written: its SHA-256 differs; the one before it is used"))
      #expect(try Self.sha256(outcome) == expected)
      let one = try Self.short(folder, ["--resume", file.path])
      #expect(one.status == 65 && one.error.contains("is not as it was written"))
    }
  }

  @Test("other settings and other data are refused by name")
  func mismatches() throws {
    try withFolder { folder in
      #expect(try Self.short(folder).status == 0)
      let rate = try Self.short(folder, ["optimizer.learningRate=0.01", "--resume", "auto"])
      #expect(rate.status == 78)
      #expect(rate.error.contains("optimizer.learningRate (0.001 then, 0.01 now)"), "\(rate.error)")
      let data = try Self.short(folder, ["training.validation=0.2", "--resume", "auto"])
      #expect(data.status == 78 && data.error.contains("other training samples: 1294 samples then"), "\(data.error)")
      // What changes no bit may change.
      #expect(
        try Self.short(folder, ["runtime.workers=1", "training.diagnosis=false", "--resume", "auto"]).status == 0)
    }
  }

  @Test("a folder that cannot be used ends the run before it begins, and nobody guesses where states lie")
  func places() throws {
    try withFolder { folder in
      try Data().write(to: folder.appendingPathComponent("file"))
      let used = try Driver.run(["train", "--quiet", "training.epochs=1", "checkpoint.folder=file/kept"], in: folder)
      #expect(used.status == 74)
      #expect(used.error.contains("error: the checkpoint folder ") && used.error.contains("cannot be used"))
      let unknown = try Driver.run(["train", "training.epochs=1", "--resume", "auto"], in: folder)
      #expect(unknown.status == 78 && unknown.error.contains("checkpoint.folder=DIR"), "\(unknown.error)")
      let missing = try Driver.run(["train", "training.epochs=1", "--resume", "nowhere"], in: folder)
      #expect(missing.status == 66 && missing.error.contains("reading nowhere failed"), "\(missing.error)")
      let section = try Driver.run(["train", "training.epochs=1", "checkpoint.keepLast=2"], in: folder)
      #expect(section.status == 78 && section.error.contains("checkpoint.folder is missing"), "\(section.error)")
      let output = try Driver.run(
        ["train", "--quiet", "training.epochs=1", "checkpoint.keepLast=2", "--output", "out"], in: folder)
      #expect(output.status == 0, "\(output.error)")
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("out/checkpoints").path))
    }
  }

  @Test(
    "a second run in the same folder is refused while the first one lives, however that ends",
    arguments: [["--output", "used"], ["checkpoint.folder=used"]])
  func claims(keys: [String]) throws {
    try withFolder { folder in
      let endless = ["train", "--json", "--quiet", "training.epochs=1000000", "checkpoint.everyEpochs=none"]
      let process = Driver.process(endless + ["checkpoint.folder=kept"] + keys, in: folder), output = Pipe()
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      try output.fileHandleForWriting.close()
      // The first epoch's event comes after the folders are claimed.
      var seen = ""
      while !seen.contains("\"event\":\"epoch\"") {
        let data = output.fileHandleForReading.availableData
        try #require(!data.isEmpty, "the run ended by itself: \(seen)")
        seen += String(decoding: data, as: UTF8.self)
      }
      let short = ["train", "--quiet", "training.epochs=1"] + keys
      let second = try Driver.run(short, in: folder)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(second.status == 69)
      #expect(second.error.hasPrefix("error: "))
      #expect(second.error.contains("used: another run is writing to this folder; "), "\(second.error)")
      let third = try Driver.run(short, in: folder)
      #expect(third.status == 0, "\(third.error)")
    }
  }

  /// Whether this user may have a small file system made.
  private static var canMount: Bool {
    (try? withFolder { folder in
      guard mount("none", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
      return umount2(folder.path, 2) == 0
    }) == true
  }

  @Test("a disk that is full is told of, and the run goes on or stops as it is told to", .enabled(if: canMount))
  func fullDisk() throws {
    try withFolder { folder in
      let kept = folder.appendingPathComponent("kept").path
      try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
      try #require(mount("none", kept, "tmpfs", 0, "size=64k") == 0)
      defer { umount2(kept, 2) }
      let goesOn = try Self.short(folder)
      #expect(goesOn.status == 0 && goesOn.error.contains("No space left on device"), "\(goesOn.error)")
      let stops = try Self.short(folder, ["checkpoint.onError=stop"])
      #expect(stops.status == 74)
      #expect(stops.error.contains("error: writing \(kept)/checkpoint-"), "\(stops.error)")
    }
  }
}
