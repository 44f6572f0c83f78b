import Fascicle
import TrainingData

/// What a path names, by its content.
enum InspectedKind {
  case modelFolder, checkpointFolder, checkpoint, safetensors, onnx, idx, npy, libsvm, table, eventLog

  /// Looks at the first bytes, behind gzip where there is some.
  ///
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable or of no known kind.
  init(path: String) throws {
    if Folder.exists(path) {
      self = try CheckpointFolder(path).fileNames().isEmpty ? .modelFolder : .checkpointFolder
      return
    }
    if path.split(separator: "/").last == "model.json" {
      self = .modelFolder
      return
    }
    if try NPZArchive.isArchive(path) {
      self = .npy
      return
    }
    let start = try FileStart(path: path), bytes = start.bytes
    // A safetensors file begins with the length of its header, which is a JSON object; a checkpoint says so in its first words.
    let isSafetensors = bytes.count >= 9 && bytes[8] == UInt8(ascii: "{") && !start.isCompressed
    // Where its beginning is damaged, its name tells, or what remains of the header; reading it tells the damage.
    if CheckpointTraces.areInName(of: path) || !start.isText && CheckpointTraces.areInHeader(of: path) {
      self = .checkpoint
    } else if isSafetensors {
      let head = String(decoding: bytes.prefix(256), as: UTF8.self)
      self = head.contains("\"fascicle checkpoint\"") ? .checkpoint : .safetensors
    } else if bytes.starts(with: [0, 0]) {
      self = .idx
    } else if start.isNPY {
      self = .npy
    } else if bytes.starts(with: Self.onnxStart) {
      self = .onnx
    } else if bytes.starts(with: "{\"".utf8), path.hasSuffix(".jsonl") {
      self = .eventLog
    } else if start.isLIBSVM {
      self = .libsvm
    } else if start.isText, bytes.first != UInt8(ascii: "{"), Self.hint(path) == nil {
      self = .table
    } else {
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(path): \(bytes.isEmpty ? "the file is empty" : "not a file of a known kind"), expected a table, LIBSVM, NumPy, "
          + "IDX, safetensors, ONNX, a run's .jsonl, or the folder of a model",
        hint: Self.hint(path))
    }
  }

  /// The field that every writer puts first: the version of the format, with a number below 128.
  private static let onnxStart: [UInt8] = [0x08]

  private static func hint(_ path: String) -> String? {
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") { return "'fascicle validate \(path)' checks a configuration" }
    return nil
  }
}
