import ArgumentParser
import Fascicle
import RunConfiguration

/// A network to draw: a trained model's folder, or a configuration that is trained first.
struct PlottedRun {
  let model: TrainedModel
  let data: RunData
  /// What the picture says below its heading.
  let note: String

  /// Trains what a configuration says, or reads what `train --output` left.
  ///
  /// - Parameters:
  ///   - epochs: in place of the configuration's; 0 draws the network as it is before the first step.
  ///   - check: refuses data that can't be drawn, before anything is trained.
  init(_ arguments: RunArguments, epochs: Int?, check: (RunData) throws -> Void = { _ in }) throws {
    if let folder = arguments.folder {
      model = try TrainedModel(folder: folder)
      data = try RunConfiguration.load(path: "\(folder)/config.yaml").loadData(for: model)
      try check(data)
      note = Self.note(of: model)
      return
    }
    var configuration = try arguments.load()
    if let epochs, epochs > 0 { configuration.training.epochs = epochs }
    data = try configuration.loadData()
    try check(data)
    let trainer = try configuration.makeTrainer(for: data)
    if epochs != 0 { _ = try trainer.fit(data, as: configuration, stopsEarly: epochs == nil) }
    model = try trainer.model(of: data)
    note = Self.note(of: model)
  }

  private static func note(of model: TrainedModel) -> String {
    guard let epochs = model.record?.epochCount, epochs > 0 else { return "untrained" }
    return "after \(NumberFormat.grouped(epochs)) \(epochs == 1 ? "epoch" : "epochs")"
  }
}

/// Reads `--epochs` of pictures.
enum PlotEpochs {
  static let help = ArgumentHelp(
    "Train for so many epochs in place of the configuration's; 0 draws the untrained network.", valueName: "N")

  static func check(_ text: String?) throws {
    guard let text else { return }
    guard let count = Int(text), (0...1_000_000).contains(count) else {
      throw ValidationError("--epochs must be a whole number from 0 to 1000000, but is '\(text)'")
    }
  }
}
