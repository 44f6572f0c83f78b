import Fascicle
import Glibc
import Synchronization

/// A disk in memory that remembers every change, and can say what might be left of them after a crash.
///
/// What a file's `fsync` covered stays, and what a folder's covered of its names; of everything else any part may be there, in
/// any order, the last write of a file torn, and what was not written of a file's length reads as zeros.
final class SimulatedDisk: FileOperations, @unchecked Sendable {
  enum Change {
    case write(file: Int, offset: Int, bytes: [UInt8])
    case link(path: String, file: Int)
    case rename(path: String, to: String, file: Int)
    case remove(path: String)
    case synchronize(file: Int)
    case synchronizeFolder
  }

  private struct State {
    var changes: [Change] = []
    var names: [String: Int] = [:]
    var contents: [Int: [UInt8]] = [:]
    var open: [Int32: (file: Int, offset: Int)] = [:]
    var nextFile = 1
    var nextDescriptor: Int32 = 3
  }

  private let state = Mutex(State())
  /// Whether `fsync` does what it should; a disk that lies is what tests must find out.
  private let isHonest: Bool

  static let folder = "/disk"
  private static let folderDescriptor: Int32 = 2

  init(isHonest: Bool = true) { self.isHonest = isHonest }

  private convenience init(names: [String: Int], contents: [Int: [UInt8]]) {
    self.init()
    state.withLock {
      $0.names = names
      $0.contents = contents
    }
  }

  var changeCount: Int { state.withLock { $0.changes.count } }
  var paths: [String] { state.withLock { $0.names.keys.sorted() } }

  /// A file's bytes.
  subscript(path: String) -> [UInt8]? {
    get { state.withLock { state in state.names[path].map { state.contents[$0] ?? [] } } }
    set {
      state.withLock { state in
        if let file = state.names[path], let newValue { state.contents[file] = newValue }
      }
    }
  }

  // MARK: - Calls

  func open(_ path: String) throws(SystemRefusal) -> Int32 {
    let descriptor: Int32? = state.withLock { state in
      state.names[path].map { file in
        state.nextDescriptor += 1
        state.open[state.nextDescriptor] = (file, 0)
        return state.nextDescriptor
      }
    }
    guard let descriptor else { throw SystemRefusal(ENOENT) }
    return descriptor
  }

  func create(_ path: String) throws(SystemRefusal) -> Int32 {
    let descriptor: Int32? = state.withLock { state in
      guard state.names[path] == nil else { return nil }
      let file = state.nextFile
      state.nextFile += 1
      state.names[path] = file
      state.contents[file] = []
      state.changes.append(.link(path: path, file: file))
      state.nextDescriptor += 1
      state.open[state.nextDescriptor] = (file, 0)
      return state.nextDescriptor
    }
    guard let descriptor else { throw SystemRefusal(EEXIST) }
    return descriptor
  }

  func openFolder(_ path: String) throws(SystemRefusal) -> Int32 { Self.folderDescriptor }

  func claimFolder(_ path: String) throws(SystemRefusal) -> Int32 { Self.folderDescriptor }

  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemRefusal) -> Int {
    state.withLock { state in
      let place = state.open[file]!
      state.contents[place.file]! += Array(bytes)
      state.changes.append(.write(file: place.file, offset: place.offset, bytes: Array(bytes)))
      state.open[file]!.offset += bytes.count
      return bytes.count
    }
  }

  func read(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemRefusal) -> Int {
    state.withLock { state in
      let place = state.open[file]!, bytes = state.contents[place.file]!.dropFirst(place.offset).prefix(buffer.count)
      buffer.copyBytes(from: bytes)
      state.open[file]!.offset += bytes.count
      return bytes.count
    }
  }

  func byteCount(_ file: Int32) throws(SystemRefusal) -> Int {
    state.withLock { state in state.contents[state.open[file]!.file]!.count }
  }

  func synchronize(_ file: Int32) throws(SystemRefusal) {
    guard isHonest else { return }
    state.withLock { state in
      state.changes.append(
        file == Self.folderDescriptor ? .synchronizeFolder : .synchronize(file: state.open[file]!.file))
    }
  }

  func close(_ file: Int32) throws(SystemRefusal) { state.withLock { $0.open[file] = nil } }

  func rename(_ path: String, to newPath: String) throws(SystemRefusal) {
    let isThere = state.withLock { state in
      guard let file = state.names.removeValue(forKey: path) else { return false }
      state.names[newPath] = file
      state.changes.append(.rename(path: path, to: newPath, file: file))
      return true
    }
    if !isThere { throw SystemRefusal(ENOENT) }
  }

  func remove(_ path: String) throws(SystemRefusal) {
    let isThere = state.withLock { state in
      guard state.names.removeValue(forKey: path) != nil else { return false }
      state.changes.append(.remove(path: path))
      return true
    }
    if !isThere { throw SystemRefusal(ENOENT) }
  }

  func makeFolder(_ path: String) throws(SystemRefusal) { throw SystemRefusal(EEXIST) }

  func folderExists(_ path: String) -> Bool { true }

  func names(in folder: String) throws(SystemRefusal) -> [String] {
    state.withLock { $0.names.keys.map { String($0.dropFirst(Self.folder.count + 1)) } }
  }

  // MARK: - Crashes

  /// A disk as it may be after a crash behind the first `count` changes.
  ///
  /// - Parameter random: decides what is left of what was not made durable.
  func afterCrash(behind count: Int, _ random: inout PhiloxStream) -> SimulatedDisk {
    let changes = state.withLock { Array($0.changes.prefix(count)) }
    var durable: Set<Int> = []
    var synchronized: Set<Int> = [], hasFolder = false
    for index in changes.indices.reversed() {
      switch changes[index] {
      case .synchronize(let file): synchronized.insert(file)
      case .synchronizeFolder: hasFolder = true
      case .write(let file, _, _): if synchronized.contains(file) { durable.insert(index) }
      case .link, .rename, .remove: if hasFolder { durable.insert(index) }
      }
    }
    var names: [String: Int] = [:], contents: [Int: [UInt8]] = [:]
    // A crash loses nothing, everything, or anything in between.
    let mode = random.integer(in: 0...4)
    func survives(_ index: Int) -> Bool {
      durable.contains(index) || mode == 0 || (mode > 1 && random.integer(in: 0...1) == 0)
    }
    for index in changes.indices {
      switch changes[index] {
      case .write(let file, let offset, let bytes):
        guard survives(index) else { continue }
        var bytes = bytes
        if !durable.contains(index), mode > 2 { Self.tear(&bytes, mode: mode, &random) }
        var content = contents[file] ?? []
        if content.count < offset + bytes.count {
          content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
        }
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        contents[file] = content
      case .link(let path, let file): if survives(index) { names[path] = file }
      case .rename(let path, let new, let file):
        guard survives(index) else { continue }
        if names[path] == file { names[path] = nil }
        names[new] = file
      case .remove(let path): if survives(index) { names[path] = nil }
      case .synchronize, .synchronizeFolder: break
      }
    }
    for file in names.values where contents[file] == nil { contents[file] = [] }
    return SimulatedDisk(names: names, contents: contents)
  }

  /// Leaves a part of a write: its beginning, or some of its sectors.
  private static func tear(_ bytes: inout [UInt8], mode: Int, _ random: inout PhiloxStream) {
    guard bytes.count > 1 else { return }
    if mode == 3 {
      bytes = Array(bytes.prefix(random.integer(in: 0...bytes.count)))
    } else {
      for sector in stride(from: 0, to: bytes.count, by: 512) where random.integer(in: 0...1) == 0 {
        for index in sector..<min(sector + 512, bytes.count) { bytes[index] = 0 }
      }
    }
  }
}

extension PhiloxStream {
  mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next(below: UInt32(range.upperBound - range.lowerBound + 1)))
  }
}
