import Fascicle

/// The checkpoints of a folder, each of them checked to its last byte.
struct CheckpointFolderReport: InspectionReport {
  private let path: String
  private let files: [File]

  /// A file, and what it holds or why it cannot be used.
  private struct File {
    let name: String
    let outcome: Result<TrainingState, any Error>

    var isWhole: Bool { (try? outcome.get()) != nil }
  }

  /// Reads the files.
  ///
  /// - Throws: ``ModelExchangeError`` when the folder cannot be read, or when none of its checkpoints can be used.
  init(folder: String) throws {
    path = folder
    files = try CheckpointFolder(folder).fileNames().map { name in
      File(name: name, outcome: Result { try CheckpointFolder.state(ofFile: "\(folder)/\(name)") })
    }
    if !files.contains(where: \.isWhole), case .failure(let error) = files.last?.outcome { throw error }
  }

  var text: String {
    var lines = LabelledLines(), table = TextTable([.left, .right, .right, .left])
    table.add(["checkpoint", "epochs", "steps", "digests"])
    for file in files {
      switch file.outcome {
      case .success(let state):
        table.add([file.name, NumberFormat.grouped(state.epochs), NumberFormat.grouped(state.steps), "all right"])
      case .failure(let error): table.add([file.name, "", "", "damaged: \(error)"])
      }
    }
    lines.add("checkpoints", table.lines)
    if let newest = files.last(where: \.isWhole) { lines.add("resume", "'--resume auto' goes on from \(newest.name)") }
    return lines.text
  }

  var event: JSONEvent {
    let checkpoints = files.map { file -> JSONValue in
      switch file.outcome {
      case .success(let state):
        .object([
          "name": .text(file.name), "digests": .text("ok"), "epochs": .whole(state.epochs),
          "steps": .whole(state.steps),
        ])
      case .failure(let error):
        .object(["name": .text(file.name), "digests": .text("damaged"), "error": .text("\(error)")])
      }
    }
    return .inspection(kind: "checkpoints", path: path, ["checkpoints": .list(checkpoints)])
  }
}
