import Fascicle

/// The state of a run that a checkpoint's file holds, every byte of which was checked.
struct CheckpointInspection: InspectionReport {
  let path: String
  let state: TrainingState

  /// Reads the file.
  ///
  /// - Throws: ``ModelExchangeError`` with the part that is not as it was written.
  init(path: String) throws {
    self.path = path
    do {
      state = try CheckpointFolder.state(ofFile: path)
    } catch let error as ModelExchangeError where error.code == .damaged {
      throw ModelExchangeError(
        code: .damaged, message: error.message,
        hint: error.hint ?? "the checkpoint is damaged; '--resume auto' goes on from the one before it")
    }
  }

  var text: String {
    var lines = LabelledLines()
    lines.add(
      "checkpoint",
      "after \(NumberFormat.grouped(state.steps)) \(state.steps == 1 ? "step" : "steps"), "
        + "\(NumberFormat.grouped(state.epochs)) finished \(state.epochs == 1 ? "epoch" : "epochs")")
    if let name = setting("optimizer.name") { lines.add("optimizer", name) }
    if let loss = setting("loss") { lines.add("loss", loss) }
    if let report = state.reports.last { lines.add("last epoch", "train loss \(NumberFormat.loss(report.trainLoss))") }
    lines.add("digests", "all right: the header and \(state.tensors.count) tensors are as they were written")
    lines.addBlank()
    var table = TextTable([.left, .left, .right])
    table.add(["tensor", "type", "bytes"])
    for tensor in state.tensors {
      table.add([
        tensor.name, tensor.elementType == .float32 ? "F32" : "U8", NumberFormat.grouped(tensor.bytes.count),
      ])
    }
    table.add(["in all", "", NumberFormat.grouped(state.byteCount)])
    lines.add("tensors", table.lines)
    return lines.text
  }

  var event: JSONEvent {
    var fields: [String: JSONValue] = [
      "steps": .whole(state.steps), "epochs": .whole(state.epochs), "digests": .text("ok"),
      "settings": .object(
        Dictionary(state.settings.map { ($0.name, JSONValue.text($0.value)) }) { first, _ in first }),
      "tensors": .list(
        state.tensors.map {
          .object(["name": .text($0.name), "bytes": .whole($0.bytes.count)])
        }),
    ]
    if let report = state.reports.last { fields["train_loss"] = .number(report.trainLoss) }
    return .inspection(kind: "checkpoint", path: path, fields)
  }

  private func setting(_ name: String) -> String? { state.settings.first { $0.name == name }?.value }
}
