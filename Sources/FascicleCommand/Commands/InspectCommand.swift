import ArgumentParser
import Fascicle

/// `fascicle inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what a file or a model's folder holds: types, shapes, first values, damage.",
    discussion: """
      What a file is, its content says and not its name: a table, LIBSVM or IDX, plain
      or with gzip; arrays of NumPy (.npy, .npz); safetensors, ours or another
      program's; ONNX; a checkpoint or a folder of them; a run's metrics.jsonl; or the
      folder of a model. It is read and checked to its last byte, and its SHA-256 is
      told.

      Examples:
        fascicle inspect passengers.csv
        fascicle inspect train-images-idx3-ubyte.gz
        fascicle inspect runs/one/checkpoints/checkpoint-000002-step-82-best.safetensors
        fascicle inspect runs/one/model.safetensors
        fascicle inspect runs/one
      """)

  @Argument(help: ArgumentHelp("A file, or the folder of a model.", valueName: "PATH"))
  var path: String

  @Flag(help: "Write one JSON object in place of the report.")
  var json = false

  func run() throws {
    let report = try report()
    let digest = Folder.exists(path) ? nil : try FileDigest(path: path)
    guard !json else { return try StandardOutput.write(report.event.adding(digest).line()) }
    let size = digest.map { "  \(NumberFormat.grouped($0.byteCount)) bytes, sha256 \($0.sha256)\n" } ?? ""
    try StandardOutput.write("\(path)\n\(size)\n\(report.text)")
  }

  private func report() throws -> any InspectionReport {
    switch try InspectedKind(path: path) {
    case .modelFolder: try ModelReport(folder: modelFolder)
    case .checkpointFolder: try CheckpointFolderReport(folder: path)
    case .eventLog: try EventLogReport(path: path)
    case .onnx: try ONNXReport(path: path)
    case .safetensors: SafetensorsReport(path: path, contents: try SafetensorsContents(path: path))
    case .checkpoint: try CheckpointInspection(path: path)
    case .npy: NPYReport(path: path, contents: try NPYContents(path: path))
    case .libsvm: TableReport(path: path, table: try .libsvm(path))
    case .table: TableReport(path: path, table: try .csv(path))
    case .idx: IDXReport(path: path, contents: try IDXContents(path: path))
    }
  }

  /// The folder that is meant, also where its `model.json` was named.
  private var modelFolder: String {
    guard path.hasSuffix("model.json") else { return path }
    let folder = path.dropLast("model.json".count)
    return folder.isEmpty ? "." : String(folder)
  }
}

extension JSONEvent {
  /// The event with a file's size and digest.
  fileprivate func adding(_ digest: FileDigest?) -> JSONEvent {
    guard let digest else { return self }
    return JSONEvent(
      name: name,
      fields: fields.merging(["bytes": .whole(digest.byteCount), "sha256": .text(digest.sha256)]) { first, _ in first })
  }
}
