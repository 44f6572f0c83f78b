import ArgumentParser
import Fascicle

/// `fascicle plot`.
struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draws pictures as SVG.",
    discussion: """
      Examples:
        fascicle plot activations > activations.svg
        fascicle plot activations --theme dark > activations.svg
      """,
    subcommands: [PlotActivationsCommand.self])
}

/// `fascicle plot activations`.
struct PlotActivationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "activations",
    abstract: "Draws every activation and its derivative on one page.",
    discussion: """
      The curves are what the kernels compute. Softmax and log softmax are the first of two units, the other's sum at 0.

      Examples:
        fascicle plot activations > activations.svg
        fascicle plot activations --theme dark > activations.svg
      """)

  @Option(help: "auto follows the reader's light or dark surroundings; light and dark are fixed.")
  var theme: PlotTheme = .auto

  func run() throws {
    let functions = ActivationFunction.all.map { $0 == .step() ? .step(gradient: .straightThrough) : $0 }
    let gallery = ActivationGallery(functions: functions, theme: theme, kernels: try .selected())
    try StandardOutput.write(gallery.document)
  }
}
