import ArgumentParser
import Fascicle

/// `fascicle plot`.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draws pictures as SVG or PNG.",
    discussion: """
      PNG is made by rsvg-convert (librsvg2-bin).

      Examples:
        fascicle plot activations > activations.svg
        fascicle plot activations --theme dark --output activations.png
        fascicle plot decision spirals.yaml --output spirals.svg
        fascicle plot network runs/one --output network.svg
      """,
    subcommands: [PlotActivationsCommand.self, PlotDecisionCommand.self, PlotNetworkCommand.self])
}

/// `fascicle plot activations`.
struct PlotActivationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activations",
    abstract: "Draws every activation and its derivative on one page.",
    discussion: """
      The curves are what the kernels compute. Softmax and log softmax are the first of two units, the other's sum at 0; of
      a gated linear unit the gate's sum moves.

      Examples:
        fascicle plot activations > activations.svg
        fascicle plot activations --theme dark --output activations.png
      """)

  @OptionGroup var picture: PictureOptions

  func run() throws {
    let functions = ActivationFunction.all.map { $0 == .step() ? .step(gradient: .straightThrough) : $0 }
    let kernels = try KernelSet.selected()
    try picture.write { theme in
      ActivationGallery(functions: functions, theme: theme, kernels: kernels).document
    }
  }
}
