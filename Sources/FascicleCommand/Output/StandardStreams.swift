import Glibc

/// Why output could not be written.
package struct OutputError: Error, Sendable, CustomStringConvertible {
  /// What happened, as a sentence without its full stop.
  package let description: String

  init(writingTo target: String, errorNumber: Int32) {
    description = "writing to \(target) failed: \(String(cString: strerror(errorNumber)))"
  }
}

/// Data and results.
enum StandardOutput {
  /// Writes `text` at once, unbuffered, so that it keeps its order with what goes to standard error.
  static func write(_ text: String) throws(OutputError) {
    try writeAll(text, to: STDOUT_FILENO, name: "standard output")
  }
}

/// Progress, warnings and errors; nobody can be told when this fails.
enum StandardError {
  static func write(_ text: String) { try? writeAll(text, to: STDERR_FILENO, name: "standard error") }
}

/// Writes all bytes of `text`, in as many calls as it takes.
func writeAll(_ text: String, to descriptor: Int32, name: String) throws(OutputError) {
  var text = text
  let errorNumber: Int32 = text.withUTF8 { bytes in
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return errno }
      rest = rest.dropFirst(count)
    }
    return 0
  }
  if errorNumber != 0 { throw OutputError(writingTo: name, errorNumber: errorNumber) }
}
