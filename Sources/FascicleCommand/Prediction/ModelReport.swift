import Fascicle

/// What is known of a trained model.
struct ModelReport: InspectionReport {
  private let folder: String
  private let model: TrainedModel

  /// Reads the model in a folder.
  init(folder: String) throws {
    self.folder = folder
    model = try TrainedModel(folder: folder)
  }

  /// The layers, and where the parameters come from.
  var text: String {
    var lines = LabelledLines()
    lines.add("loss", "\(model.loss)")
    lines.add("features", scaling)
    if let preparation = model.preparation { lines.add("table", columns(preparation)) }
    if let scales = model.targetScales { lines.add("targets", Self.shown(scales)) }
    if let names = model.classNames { lines.add("classes", names.joined(separator: ", ")) }
    if let record = model.record {
      lines.add("trained", trained(record))
      if let test = record.test { lines.add("test", tested(test)) }
    }
    lines.add("weights", "sha256 \(model.weightsSHA256())")
    return (LayerTable(model.network).lines + [""]).map { $0 + "\n" }.joined() + lines.text
  }

  /// The same for programs.
  var event: JSONEvent {
    var fields: [String: JSONValue] = [
      "inputs": .whole(model.featureCount), "outputs": .whole(model.outputCount),
      "parameters": .whole(model.parameterCount), "layers": .list(model.network.layers.map { .text($0.summary) }),
      "loss": .text("\(model.loss)"), "weights_sha256": .text(model.weightsSHA256()),
    ]
    if let names = model.classNames { fields["classes"] = .list(names.map(JSONValue.text)) }
    if let record = model.record {
      fields["seed"] = .text("\(record.seed)")
      fields["epochs"] = .whole(record.epochCount)
      fields["steps"] = .whole(record.stepCount)
      fields["optimizer"] = .text(record.optimizer)
    }
    return .inspection(kind: "model", path: folder, fields)
  }

  private var scaling: String {
    let transform = model.transform, count = NumberFormat.grouped(model.featureCount)
    if transform.isIdentity { return "\(count), taken as they are" }
    let isUniform = Set(transform.scale).count == 1 && Set(transform.shift).count == 1
    return isUniform
      ? "\(count), x·\(transform.scale[0]) + \(transform.shift[0])" : "\(count), each scaled by its own numbers"
  }

  private static func shown(_ scales: [PreparedScale]) -> String {
    scales.count == 1
      ? "learned as (y − \(scales[0].centre)) / \(scales[0].spread)"
      : "\(scales.count), each learned in a scale of its own"
  }

  private func columns(_ preparation: TablePreparation) -> String {
    let names = preparation.columns.prefix(20).map(\.name), rest = preparation.columns.count - names.count
    return "\(preparation.label.name) from \(names.joined(separator: ", "))" + (rest > 0 ? " and \(rest) more" : "")
  }

  private func trained(_ record: TrainingRecord) -> String {
    let run = record.run.map { "\($0), " } ?? ""
    return "\(run)\(record.optimizer), seed \(record.seed), \(NumberFormat.grouped(record.epochCount)) epochs, "
      + "\(NumberFormat.grouped(record.stepCount)) steps"
  }

  private func tested(_ test: Evaluation) -> String {
    let accuracy = test.accuracy.map { ", accuracy \(NumberFormat.percent($0))" } ?? ""
    return "loss \(NumberFormat.loss(test.loss))\(accuracy) over \(NumberFormat.grouped(test.sampleCount)) samples"
  }
}
