import Foundation
import Glibc
import Testing

@Suite("On a terminal")
struct TerminalTests {
  /// What a terminal of 80 columns received as standard error, until `enough` and then until the end.
  private func transcript(
    of arguments: [String], environment: [String: String], enough: (String) -> Bool
  ) throws -> String {
    var master: Int32 = -1, slave: Int32 = -1
    var size = winsize(ws_row: 25, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&master, &slave, nil, nil, &size) == 0)
    defer { close(master) }
    // Otherwise the driver would hold the terminal open for itself.
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    let process = Driver.process(arguments, environment: environment)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle(fileDescriptor: slave)
    try process.run()
    close(slave)

    var text = ""
    var hasStopped = false
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(master, &chunk, chunk.count)
      // A terminal that its last writer has left gives an error, not an end.
      guard count > 0 else { break }
      text += String(decoding: chunk.prefix(count), as: UTF8.self)
      if !hasStopped, enough(text) {
        hasStopped = true
        kill(process.processIdentifier, SIGINT)
      }
    }
    process.waitUntilExit()
    return text
  }

  @Test("the epoch at hand is told on one line that is rewritten, short enough never to wrap")
  func liveLine() throws {
    let arguments = ["train", "training.epochs=1000000", "network.layers.0.dense=16384"]
    let text = try transcript(of: arguments, environment: ["TERM": "xterm", "NO_COLOR": "1"]) {
      $0.components(separatedBy: "\r\u{1b}[K").count > 3
    }
    let lines = text.components(separatedBy: "\r\u{1b}[K").dropFirst().filter { $0.contains("━") && !$0.contains("\n") }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line.contains("/1000000  ") && line.contains(" samples/s  ") && line.hasSuffix(" left"), "\(line)")
      #expect(line.count < 80)
    }
    #expect(!text.contains("\u{1b}[2m"), "NO_COLOR was set")
  }

  @Test(
    "colour is for terminals that show it, and for people who want it",
    arguments: [
      (["TERM": "xterm", "NO_COLOR": ""], true), (["TERM": "xterm", "NO_COLOR": "1"], false),
      (["TERM": "dumb", "NO_COLOR": ""], false), (["TERM": "", "NO_COLOR": ""], false),
    ])
  func colour(environment: [String: String], isWanted: Bool) throws {
    let text = try transcript(of: ["train", "training.epochs=3"], environment: environment) { _ in false }
    #expect(text.contains("epoch"))
    #expect(text.contains("\u{1b}[2m") == isWanted)
    #expect(text.contains("3/3"))
  }
}
