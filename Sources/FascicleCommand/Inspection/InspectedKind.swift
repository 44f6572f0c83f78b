import Fascicle
import TrainingData

/// What a path names, by its content.
enum InspectedKind {
  case modelFolder, safetensors, idx, npy

  /// Looks at the first bytes.
  ///
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable or of no known kind.
  init(path: String) throws {
    if Folder.exists(path) {
      self = .modelFolder
      return
    }
    if try NPZArchive.isArchive(path) || FeatureStorage.isNPY(path) {
      self = .npy
      return
    }
    let start = try InputFile(path: path).start(byteCount: 9)
    // An IDX file begins with two zeros, and a gzip file can hold nothing else here. A safetensors file begins with the
    // length of its header, which is a JSON object.
    if start.starts(with: [0x1f, 0x8b]) || (start.starts(with: [0, 0]) && start.last != UInt8(ascii: "{")) {
      self = .idx
    } else if start.count == 9, start[8] == UInt8(ascii: "{") {
      self = .safetensors
    } else {
      throw TrainingDataError(
        .unrecognizedFormat,
        "\(path): \(start.isEmpty ? "the file is empty" : "not a file of a known kind"), expected "
          + "IDX, gzip, NumPy or safetensors, or the folder of a model",
        hint: Self.hint(path))
    }
  }

  private static func hint(_ path: String) -> String? {
    if path.hasSuffix(".yaml") || path.hasSuffix(".yml") { return "'fascicle validate \(path)' checks a configuration" }
    if path.hasSuffix("model.json") { return "inspect the folder that it lies in" }
    return nil
  }
}

extension InputFile {
  /// The first bytes, fewer where the file has fewer.
  fileprivate func start(byteCount: Int) throws(TrainingDataError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(TrainingDataError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    return Array(bytes.prefix(count))
  }
}
