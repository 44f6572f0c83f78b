import Fascicle
import Glibc
import Synchronization

/// Calls that go through, but for one, or from one on, or that do as little as they may.
final class FaultyFiles: FileOperations {
  enum Fault: Sendable, CustomStringConvertible {
    /// One call is refused.
    case refusal(call: Int, errorNumber: Int32)
    /// This call and all after it are refused: what a process sees that was killed, and its successor does not.
    case death(call: Int)
    /// Every other call is interrupted by a signal.
    case interruptions
    /// Reads and writes do a few bytes at a time.
    case trickle

    var description: String {
      switch self {
      case .refusal(let call, let number): "call \(call) refused with \(number)"
      case .death(let call): "dead from call \(call) on"
      case .interruptions: "interruptions"
      case .trickle: "trickle"
      }
    }
  }

  private let files: any FileOperations
  private let fault: Fault
  private let calls = Mutex(0)

  init(_ files: any FileOperations, _ fault: Fault) {
    self.files = files
    self.fault = fault
  }

  var callCount: Int { calls.withLock { $0 } }

  private func count() throws(SystemRefusal) {
    let call = calls.withLock { calls in
      calls += 1
      return calls
    }
    switch fault {
    case .refusal(call, let errorNumber): throw SystemRefusal(errorNumber)
    case .death(let first) where call >= first: throw SystemRefusal(EIO)
    case .interruptions where call % 2 == 1: throw SystemRefusal(EINTR)
    default: return
    }
  }

  private var mostBytes: Int { if case .trickle = fault { 7 } else { .max } }

  func open(_ path: String) throws(SystemRefusal) -> Int32 {
    try count()
    return try files.open(path)
  }

  func create(_ path: String) throws(SystemRefusal) -> Int32 {
    try count()
    return try files.create(path)
  }

  // Not counted: what a refusal means is another test's.
  func claimFolder(_ path: String) throws(SystemRefusal) -> Int32 { try files.claimFolder(path) }

  func openFolder(_ path: String) throws(SystemRefusal) -> Int32 {
    try count()
    return try files.openFolder(path)
  }

  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) -> Int {
    try count()
    return try files.write(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(mostBytes)))
  }

  func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemRefusal) -> Int {
    try count()
    return try files.read(file, into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(mostBytes)))
  }

  func byteCount(_ file: Int32) throws(SystemRefusal) -> Int {
    try count()
    return try files.byteCount(file)
  }

  func synchronize(_ file: Int32) throws(SystemRefusal) {
    try count()
    try files.synchronize(file)
  }

  func close(_ file: Int32) throws(SystemRefusal) {
    // The descriptor is gone whatever `close` says.
    defer { try? files.close(file) }
    try count()
  }

  func rename(_ path: String, to newPath: String) throws(SystemRefusal) {
    try count()
    try files.rename(path, to: newPath)
  }

  func remove(_ path: String) throws(SystemRefusal) {
    try count()
    try files.remove(path)
  }

  func makeFolder(_ path: String) throws(SystemRefusal) {
    try count()
    try files.makeFolder(path)
  }

  func folderExists(_ path: String) -> Bool { files.folderExists(path) }

  func names(in folder: String) throws(SystemRefusal) -> [String] {
    try count()
    return try files.names(in: folder)
  }
}
