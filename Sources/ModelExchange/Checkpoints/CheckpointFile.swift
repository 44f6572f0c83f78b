import NeuronKernels
import TrainingRuntime

/// The form of a checkpoint's file: safetensors, every byte of which is under a digest.
///
///     8 bytes         length of the header
///     header          JSON: the run's record, and for every tensor its place and SHA-256
///     data            the tensors, then `manifest_sha256`: SHA-256 of the length and the header
///
/// So a reader checks the header before it believes a word of it, and then each tensor by name.
enum CheckpointFile {
  static let format = "fascicle checkpoint"
  static let version = "1"
  static let manifestName = "manifest_sha256"
  /// Before a tensor's name, the key of its digest in the header.
  static let digestPrefix = "sha256."
  /// Bytes of the largest header that is read: the reports of a million epochs.
  static let headerByteLimit = 1 << 30

  /// The length and the header of a state's file.
  static func head(_ state: TrainingState) -> [UInt8] {
    var metadata: [JSONNode.Member] = [
      .init("format", .text(format)), .init("version", .text(version)),
      .init("producer", .text("fascicle \(packageVersion)")), .init("record", .text(state.record.value.json.line)),
    ]
    var members: [JSONNode.Member] = [], end = 0
    func add(_ name: String, _ type: String, count: Int, byteCount: Int) {
      let start = end
      end += byteCount
      members.append(
        .init(
          name,
          .object([
            .init("dtype", .text(type)), .init("shape", .list([.whole(count)])),
            .init("data_offsets", .list([.whole(start), .whole(end)])),
          ])))
    }
    for tensor in state.tensors {
      add(
        tensor.name, tensor.elementType == .float32 ? "F32" : "U8",
        count: tensor.bytes.count / tensor.elementType.byteCount, byteCount: tensor.bytes.count)
      metadata.append(
        .init(digestPrefix + tensor.name, .text(SHA256.hexadecimal(SHA256.digest(tensor.bytes)))))
    }
    add(manifestName, "U8", count: SHA256.byteCount, byteCount: SHA256.byteCount)
    var header = JSONNode.object([.init("__metadata__", .object(metadata))] + members).line
    header += String(repeating: " ", count: (64 - (8 + header.utf8.count) % 64) % 64)
    let length = UInt64(header.utf8.count).littleEndian
    return withUnsafeBytes(of: length) { Array($0) } + Array(header.utf8)
  }

  /// Writes a state into a file that is not in its place yet.
  static func write(_ state: TrainingState, to file: ReplacementFile) throws(ModelExchangeError) {
    let head = head(state), digest = head.withUnsafeBytes { SHA256.digest($0) }
    try file.write(head)
    for tensor in state.tensors { try file.write(tensor.bytes) }
    try file.write(digest)
  }
}

// MARK: - Reading

extension CheckpointFile {
  /// Reads a state, and checks every byte of it.
  ///
  /// - Throws: ``ModelExchangeError`` `.missing`, `.readFailed`, `.outOfMemory`; `.damaged` with the part that is not as it was
  ///   written; `.unsupported` for another version's file.
  static func read(_ path: String, files: any FileOperations) throws(ModelExchangeError) -> TrainingState {
    let file = try OpenFile(path, files: files)
    let smallest = 8 + SHA256.byteCount
    guard file.byteCount >= smallest else {
      throw .damaged(path, "a checkpoint has \(smallest) bytes at least, but this has \(file.byteCount)")
    }
    let lengthBytes = try file.read(8)
    let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(min(headerByteLimit, file.byteCount - smallest)) else {
      throw .damaged(
        path, "the header claims \(length) bytes, but the file has \(file.byteCount)",
        hint: "it is cut short, or no checkpoint")
    }
    let header = try file.read(Int(length))
    let data = try file.read(storing: file.byteCount - 8 - Int(length))
    let manifest = SHA256()
    lengthBytes.withUnsafeBytes(manifest.update)
    header.withUnsafeBytes(manifest.update)
    let dataCount = data.byteCount - SHA256.byteCount
    let stored = UnsafeRawBufferPointer(start: data.baseAddress + dataCount, count: SHA256.byteCount)
    guard stored.elementsEqual(manifest.finish()) else {
      throw .damaged(path, "the header is not as it was written: its SHA-256 differs")
    }
    return try state(path, header: header, data: data, tensorByteCount: dataCount)
  }

  private static func state(
    _ path: String, header: [UInt8], data: AlignedStorage, tensorByteCount: Int
  ) throws(ModelExchangeError) -> TrainingState {
    let json = JSONPlace(try parse(header, path), file: path)
    let metadata = try json["__metadata__"]
    guard try metadata["format"].text() == format else {
      throw .damaged(path, "it is a safetensors file, but no checkpoint")
    }
    let version = try metadata["version"].text()
    guard version == self.version else {
      throw ModelExchangeError(
        code: .unsupported,
        message: "\(path): checkpoints of version \(version) are not understood, only those of version \(self.version)")
    }
    var tensors: [TrainingState.Tensor] = []
    for tensor in try SafetensorsHeader(json, dataByteCount: data.byteCount).tensors {
      let bytes = UnsafeRawBufferPointer(start: data.baseAddress + tensor.bytes.lowerBound, count: tensor.bytes.count)
      if tensor.name == manifestName {
        guard tensor.bytes == tensorByteCount..<data.byteCount else {
          throw .damaged(path, "\(manifestName) is not at the end")
        }
        continue
      }
      guard try metadata[digestPrefix + tensor.name].text() == SHA256.hexadecimal(SHA256.digest(bytes)) else {
        throw .damaged(path, "the tensor \(tensor.name) is not as it was written: its SHA-256 differs")
      }
      tensors.append(.init(name: tensor.name, elementType: try elementType(tensor, path), bytes: bytes))
    }
    let text = try metadata["record"].text()
    do {
      let record = try RunRecord(RecordValue(try parse(Array(text.utf8), path)))
      return TrainingState(record: record, tensors: tensors, owner: data)
    } catch let error as RecordError {
      throw .damaged(path, error.message)
    } catch let error as ModelExchangeError {
      throw error
    } catch {
      throw .damaged(path, "\(error)")
    }
  }

  private static func elementType(
    _ tensor: SafetensorsHeader.Tensor, _ path: String
  ) throws(ModelExchangeError) -> TrainingState.ElementType {
    switch tensor.elementType {
    case "F32": return .float32
    case "U8": return .bytes
    default: throw .damaged(path, "\(tensor.name) must be of type F32 or U8, but is \(tensor.elementType)")
    }
  }

  private static func parse(_ bytes: [UInt8], _ path: String) throws(ModelExchangeError) -> JSONNode {
    do {
      return try JSONParser.parse(bytes)
    } catch {
      throw .damaged(path, "\(error.message) at byte \(error.offset) of its JSON text")
    }
  }
}

/// A file that is read from its first byte to its last, by calls that tests may replace.
private final class OpenFile {
  let byteCount: Int
  private let path: String
  private let files: any FileOperations
  private let file: Int32

  init(_ path: String, files: any FileOperations) throws(ModelExchangeError) {
    self.path = path
    self.files = files
    let file: Int32
    do throws(SystemRefusal) {
      file = try files.repeated { () throws(SystemRefusal) in try files.open(path) }
    } catch {
      throw .unreadable(path, error)
    }
    do throws(SystemRefusal) {
      byteCount = try files.repeated { () throws(SystemRefusal) in try files.byteCount(file) }
    } catch {
      try? files.close(file)
      throw .unreadable(path, error)
    }
    self.file = file
  }

  deinit { try? files.close(file) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ModelExchangeError) {
    let count: Int
    do {
      count = try files.readAll(file, into: buffer)
    } catch {
      throw .unreadable(path, error)
    }
    guard count == buffer.count else { throw .damaged(path, "the file ends while it is read") }
  }

  func read(_ count: Int) throws(ModelExchangeError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count), failure: ModelExchangeError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ModelExchangeError) { try read(into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The next bytes in memory of their own, which the system may refuse.
  func read(storing count: Int) throws(ModelExchangeError) -> AlignedStorage {
    let storage: AlignedStorage
    do { storage = try AlignedStorage(byteCount: count) } catch { throw ModelExchangeError(error) }
    try read(into: UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: count))
    return storage
  }
}

extension ModelExchangeError {
  static func unreadable(_ path: String, _ refusal: SystemRefusal) -> ModelExchangeError {
    let isMissing = refusal.errorNumber == 2
    return ModelExchangeError(
      code: isMissing ? .missing : .readFailed, message: "reading \(path) failed: \(refusal.words)")
  }
}
