import Foundation
import Glibc
import Testing

/// The built `fascicle`, which lies beside the tests.
enum Driver {
  /// What a run of the driver left behind.
  struct Outcome: Sendable {
    /// The exit status; 128 and the signal's number when a signal killed it.
    let status: Int32
    let output: String
    let error: String

    /// The objects of standard output, one a line.
    func events() throws -> [[String: Any]] {
      try output.split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "no object: \(line)")
      }
    }
  }

  private static let executable: URL = {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    let tests = String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("fascicle")
  }()

  /// A driver that has not been started; its streams go nowhere until they are set.
  static func process(_ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Without a cache no test depends on an earlier one, nor leaves anything in the user's home.
    process.environment = ProcessInfo.processInfo.environment.merging(["FASCICLE_CACHE": "off"]) { $1 }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// Runs the driver to its end.
  static func run(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    try withFolder { streams in
      let process = process(arguments, in: folder, environment: environment)
      // Files, for a pipe that nobody empties would stop the driver.
      let urls = ["output", "error"].map { streams.appendingPathComponent($0) }
      for url in urls { try Data().write(to: url) }
      process.standardOutput = try FileHandle(forWritingTo: urls[0])
      process.standardError = try FileHandle(forWritingTo: urls[1])
      try process.run()
      process.waitUntilExit()
      let texts = try urls.map { try String(contentsOf: $0, encoding: .utf8) }
      return Outcome(status: status(of: process), output: texts[0], error: texts[1])
    }
  }

  /// How a process ended, as shells count.
  static func status(of process: Process) -> Int32 {
    process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
  }
}

/// Gives `body` an empty folder, which is removed afterwards.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
