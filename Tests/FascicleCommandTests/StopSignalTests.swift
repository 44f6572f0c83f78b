import Foundation
import Glibc
import Testing

@Suite("Signals")
struct StopSignalTests {
  /// More epochs than anybody waits for.
  private static let endless = "training.epochs=1000000"
  /// `F_SETPIPE_SZ` of `fcntl.h`, which Swift does not see.
  private static let setPipeSize: Int32 = 1031

  @Test(
    "the first signal finishes the step, prints the summary so far and ends with its status",
    arguments: [SIGINT, SIGTERM])
  func firstSignal(signal: Int32) throws {
    try withFolder { folder in
      let output = folder.appendingPathComponent("output")
      try Data().write(to: output)
      let process = Driver.process(["train", Self.endless])
      let progress = Pipe()
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = progress
      try process.run()
      try progress.fileHandleForWriting.close()
      // Two rows: the run is under way.
      var seen = ""
      while !seen.contains(" 2/1000000") {
        let data = progress.fileHandleForReading.availableData
        try #require(!data.isEmpty, "the run ended by itself: \(seen)")
        seen += String(decoding: data, as: UTF8.self)
      }
      kill(process.processIdentifier, signal)
      while !progress.fileHandleForReading.availableData.isEmpty {}
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 128 + signal)
      let report = try String(contentsOf: output, encoding: .utf8)
      #expect(report.contains("stopped     by \(signal == SIGINT ? "SIGINT" : "SIGTERM")"))
      for phrase in ["test ", "samples/s", "weights     sha256 ", "at the peak"] { #expect(report.contains(phrase)) }
    }
  }

  @Test("a second signal ends a run at once that can't come to its end")
  func secondSignal() throws {
    let process = Driver.process(["train", "--json", "--quiet", Self.endless])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    // Nobody reads the events, so that the run stands still: the last event can never be written.
    let reader = output.fileHandleForReading.fileDescriptor
    #expect(fcntl(reader, Self.setPipeSize, 4096) == 4096)
    try process.run()
    try output.fileHandleForWriting.close()
    var waiting: Int32 = 0
    while waiting < 3500, process.isRunning {
      #expect(ioctl(reader, UInt(FIONREAD), &waiting) == 0)
      sched_yield()
    }
    // Signals of a kind that wait to be taken are one, so a single second one could be lost in the first.
    while process.isRunning {
      kill(process.processIdentifier, SIGINT)
      sched_yield()
    }
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == SIGINT)
  }
}
