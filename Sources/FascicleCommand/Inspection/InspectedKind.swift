import Fascicle
import TrainingData

/// What a path names, by its content.
enum InspectedKind {
  case modelFolder, checkpoint, safetensors, idx, npy, libsvm, table

  /// Looks at the first bytes, behind gzip where there is some.
  ///
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable or of no known kind.
  init(path: String) throws {
    if Folder.exists(path) {
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
    } else if start.isLIBSVM {
      self = .libsvm
    } else if start.isText, bytes.first != UInt8(ascii: "{"), Self.hint(path) == nil {
      self = .table
    } else {
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(path): \(bytes.isEmpty ? "the file is empty" : "not a file of a known kind"), expected a table, LIBSVM, NumPy, "
          + "IDX, safetensors, or the folder of a model",
        hint: Self.hint(path))
    }
  }

  private static func hint(_ path: String) -> String? {
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") { return "'fascicle validate \(path)' checks a configuration" }
    if path.hasSuffix("model.json") { return "inspect the folder that it lies in" }
    return nil
  }
}
