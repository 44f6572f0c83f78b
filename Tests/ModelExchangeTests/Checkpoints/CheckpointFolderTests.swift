import Fascicle
import Foundation
import Testing

@Suite("A folder of checkpoints")
struct CheckpointFolderTests {
  private static func names(_ folder: String) throws -> [String] { try File.names(in: folder) }

  @Test("the last few and the best stay, and nothing else is touched")
  func retention() throws {
    try withFolder { path in
      try File.write([1], to: "\(path)/notes.txt")
      try File.write([1], to: "\(path)/checkpoint-000007-step-9.safetensors")
      try File.write([1], to: "\(path)/.checkpoint-000008-step-9.safetensors.17.tmp")
      let folder = CheckpointFolder(path, keptCount: 2)
      try folder.begin()
      for number in 0..<6 { _ = try folder.keep(SmallState.numbered(number), isBest: number == 1 || number == 2) }
      #expect(
        try Self.names(path) == [
          "checkpoint-000007-step-9.safetensors", "checkpoint-000010-step-3-best.safetensors",
          "checkpoint-000012-step-3.safetensors", "checkpoint-000013-step-3.safetensors", "notes.txt",
        ])
    }
  }

  @Test("who goes on from a folder goes on with its files")
  func goesOn() throws {
    try withFolder { path in
      let first = CheckpointFolder(path, keptCount: 3)
      try first.begin()
      for number in 1...3 { _ = try first.keep(SmallState.numbered(number), isBest: number == 1) }
      first.end()
      let second = CheckpointFolder(path, keptCount: 1)
      #expect(try #require(try second.newest()).state.isSame(as: SmallState.numbered(3)))
      try second.begin()
      _ = try second.keep(SmallState.numbered(4), isBest: false)
      #expect(
        try Self.names(path) == [
          "checkpoint-000001-step-3-best.safetensors", "checkpoint-000004-step-3.safetensors",
        ])
    }
  }

  @Test("one run at a time writes to a folder")
  func claim() throws {
    try withFolder { path in
      let first = CheckpointFolder(path), second = CheckpointFolder(path)
      try first.begin()
      for folder in [second, first] {
        let error = #expect(throws: ModelExchangeError.self) { try folder.begin() }
        #expect(error?.code == .inUse && error?.message.hasPrefix("\(path): another run") == true)
      }
      _ = try first.keep(SmallState.numbered(1), isBest: false)
      first.end()
      try second.begin()
      // A call of `fit` leaves its folder to the next one, also when the objects live on.
      second.end()
      try first.begin()
    }
  }

  @Test("an empty or missing folder has no state, and one that cannot be made is an error")
  func noFolder() throws {
    try withFolder { path in
      #expect(try CheckpointFolder(path).newest() == nil)
      #expect(try CheckpointFolder("\(path)/none").newest() == nil)
      let deep = CheckpointFolder("\(path)/some/where")
      try deep.begin()
      #expect(Folder.exists("\(path)/some/where"))
      try File.write([1], to: "\(path)/file")
      let error = #expect(throws: ModelExchangeError.self) { try CheckpointFolder("\(path)/file/under").begin() }
      #expect(error?.code == .writeFailed && error?.message.contains("\(path)/file/under cannot be used") == true)
    }
  }

  @Test("a reader never meets a file that is not whole")
  func concurrentReader() throws {
    try withFolder { path in
      let folder = CheckpointFolder(path, keptCount: 2)
      try folder.begin()
      _ = try folder.keep(SmallState.numbered(0), isBest: false)
      let reader = Reader(path)
      let thread = Thread { reader.run() }
      thread.start()
      for number in 1...100 { _ = try folder.keep(SmallState.numbered(number), isBest: false) }
      reader.stop()
      #expect(reader.problems.isEmpty, "\(reader.problems.prefix(3))")
      #expect(reader.readCount > 0)
    }
  }

  @Test("a run goes on from files as if it had never stopped, and its folder may vanish meanwhile")
  func runs() throws {
    try withFolder { path in
      let features = (0..<300).map { Float($0 * 37 % 23) - 3.5 }
      let data = DataSubset(allOf: try Dataset(features: features, featureCount: 3, labels: (0..<100).map { $0 % 2 }))
      func trainer(_ workers: Int) throws -> Trainer {
        try Trainer(
          SmallModel.network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.05), seed: 5,
          runtime: RuntimeSettings(workers: .exactly(workers), pinsWorkers: false))
      }
      let whole = try trainer(2)
      _ = try whole.fit(data, epochs: 8, batchSize: 8)
      let stopped = try trainer(2)
      _ = try stopped.fit(data, epochs: 8, batchSize: 8, checkpoints: Checkpoints(CheckpointFolder(path))) { event in
        if case .epochEnded(let report) = event, report.epoch == 3 { .stop } else { .proceed }
      }
      let folder = CheckpointFolder(path), found = try #require(try folder.newest()), resumed = try trainer(1)
      #expect(found.state.epochs == 3)
      let history = try resumed.fit(
        data, epochs: 8, batchSize: 8, checkpoints: Checkpoints(folder), resuming: found.state
      ) { event in
        // The folder is gone from the fifth epoch on.
        guard case .epochEnded(let report) = event, report.epoch == 5 else { return .proceed }
        // A state may be on its way into it.
        while Folder.exists(path) { try? FileManager.default.removeItem(atPath: path) }
        return .proceed
      }
      #expect(resumed.weightsSHA256() == whole.weightsSHA256())
      #expect(history.epochs.map(\.epoch) == Array(1...8))
      let failure = try #require(history.checkpoints.latestFailure)
      #expect("\(failure.error)".contains("writing \(path)/checkpoint-"))
      #expect("\(failure.error)".contains("No such file or directory"))
    }
  }

  /// Reads the newest state again and again.
  private final class Reader: @unchecked Sendable {
    private let folder: CheckpointFolder
    private let lock = NSCondition()
    private var isStopped = false, hasEnded = false
    private(set) var problems: [String] = []
    private(set) var readCount = 0

    init(_ path: String) { folder = CheckpointFolder(path) }

    func run() {
      while lock.withLock({ !isStopped }) {
        do {
          let found = try folder.newest()
          // One that was removed between its name and its reading is missing, but never damaged.
          problems += (found?.damage ?? []).filter { $0.code != .missing }.map(\.message)
          if found == nil { problems.append("no state") }
          readCount += 1
        } catch {
          if (error as? ModelExchangeError)?.code != .missing { problems.append("\(error)") }
        }
      }
      lock.lock()
      hasEnded = true
      lock.broadcast()
      lock.unlock()
    }

    func stop() {
      lock.lock()
      isStopped = true
      while !hasEnded { lock.wait() }
      lock.unlock()
    }
  }
}
