import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle plot decision`.
struct PlotDecisionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decision",
    abstract: "Draws the regions that a trained network separates, with the samples over them.",
    discussion: """
      The data must have two features and classes. Trains what the configuration says,
      or takes the model that 'train --output' left in a folder.

      Examples:
        fascicle plot decision data.format=moons network.layers.1.dense=2 > moons.svg
        fascicle plot decision spirals.yaml --theme dark --output spirals.png
        fascicle plot decision runs/one --output one.svg
      """)

  @OptionGroup var runArguments: RunArguments
  @OptionGroup var picture: PictureOptions

  @Option(parsing: .unconditional, help: PlotEpochs.help)
  var epochs: String?

  func validate() throws { try PlotEpochs.check(epochs) }

  func run() throws {
    try picture.requireWritable()
    let run = try PlottedRun(runArguments, epochs: epochs.flatMap { Int($0) }, check: DecisionPicture.check)
    let decision = try DecisionPicture(run)
    try picture.write { theme in decision.document(theme) }
  }
}

/// `fascicle plot network`.
struct PlotNetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Draws the layers of a network, its units and its weights.",
    discussion: """
      Colour tells a weight's sign, width its size beside the largest of its layer. Of
      a layer with many units the first and the last are drawn.

      Examples:
        fascicle plot network data.format=xor network.layers='[{dense: 4, activation: tanh}, {dense: 2, activation: softmax}]' > xor.svg
        fascicle plot network configs/digits.yaml --epochs 0 --output digits.png
        fascicle plot network runs/one --output one.svg
      """)

  @OptionGroup var runArguments: RunArguments
  @OptionGroup var picture: PictureOptions

  @Option(parsing: .unconditional, help: PlotEpochs.help)
  var epochs: String?

  func validate() throws { try PlotEpochs.check(epochs) }

  func run() throws {
    try picture.requireWritable()
    let run = try PlottedRun(runArguments, epochs: epochs.flatMap { Int($0) })
    let network = NetworkPicture(run)
    try picture.write { theme in network.document(theme) }
  }
}
