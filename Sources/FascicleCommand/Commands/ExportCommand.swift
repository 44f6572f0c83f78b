import ArgumentParser
import Fascicle
import ONNXExchange

/// `fascicle export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trained model for other programs: ONNX, NumPy or safetensors.",
    discussion: """
      ONNX holds the whole model: scaling, the columns of a table with imputation and
      categories, and the network; any ONNX runtime answers with it. NPZ and
      safetensors hold the weights under the names of a PyTorch state_dict,
      layers.0.weight [outputs, inputs] and so on.

      Examples:
        fascicle export runs/one --to onnx
        fascicle export runs/one --output digits.onnx
        fascicle export runs/one --to npz --output weights.npz
      """)

  @Argument(help: ArgumentHelp("The folder that 'fascicle train --output' wrote.", valueName: "MODEL"))
  var model: String

  @Option(help: "What to write: onnx, npz or safetensors; told by the ending of --output, if left out.")
  var to: ExportFormat?

  @Option(help: ArgumentHelp("The file; model.onnx or weights.npz in MODEL's folder, if left out.", valueName: "FILE"))
  var output: String?

  @Flag(help: "Write one JSON object in place of the report.")
  var json = false

  func validate() throws { _ = try format }

  private var format: ExportFormat {
    get throws {
      if let to { return to }
      if let output, let format = ExportFormat.allCases.first(where: { output.hasSuffix(".\($0.rawValue)") }) {
        return format
      }
      throw ValidationError(
        "expected --to onnx, npz or safetensors" + (output.map { ", for '\($0)' does not end in one of these" } ?? ""))
    }
  }

  func run() throws {
    let trained = try TrainedModel(folder: model), format = try format
    let path = output ?? "\(model)/\(format.usualName)"
    switch format {
    case .onnx: try trained.writeONNX(to: path)
    case .npz: try WeightsFile.writeNPZ(trained.weightTensors, to: path)
    case .safetensors: try WeightsFile.writeSafetensors(trained.weightTensors, to: path)
    }
    try StandardOutput.write(json ? event(trained, format, path).line() : text(trained, format, path))
  }

  private func text(_ trained: TrainedModel, _ format: ExportFormat, _ path: String) -> String {
    var lines = LabelledLines()
    lines.add("model", "\(model): \(trained.network)")
    lines.add("written", path)
    if format == .onnx {
      lines.add("operators", "ONNX opset \(TrainedModel.onnxOpset), format \(TrainedModel.onnxFormatVersion)")
      let columns = trained.preparation.map { $0.columns.map(\.name).joined(separator: ", ") }
      lines.add("inputs", columns ?? "features [samples, \(trained.featureCount)]")
      lines.add("outputs", "outputs [samples, \(trained.outputCount)]")
    } else {
      lines.add("tensors", trained.weightTensors.map { "\($0.name) \($0.shape)" }.joined(separator: ", "))
      let left = [
        trained.transform.isIdentity ? nil : "the scaling of features",
        trained.preparation.map { _ in "the table's columns" },
        trained.targetScales.map { _ in "the scaling of targets" },
      ].compactMap { $0 }
      if !left.isEmpty { lines.add("left out", "\(Suggestion.conjunction(left)), which ONNX would keep") }
    }
    return lines.text
  }

  private func event(_ trained: TrainedModel, _ format: ExportFormat, _ path: String) -> JSONEvent {
    JSONEvent(
      name: "export",
      fields: [
        "model": .text(model), "format": .text(format.rawValue), "path": .text(path),
        "weights_sha256": .text(trained.weightsSHA256()),
      ])
  }
}

/// What a model is written as for others.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case onnx, npz, safetensors

  var usualName: String {
    switch self {
    case .onnx: "model.onnx"
    case .npz: "weights.npz"
    case .safetensors: "weights.safetensors"
    }
  }
}
