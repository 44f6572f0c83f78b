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
      program's; a checkpoint; or the folder of a model. It is read and checked to its
      last byte.

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
    let report: any InspectionReport =
      switch try InspectedKind(path: path) {
      case .modelFolder: try ModelReport(folder: path)
      case .safetensors: SafetensorsReport(path: path, contents: try SafetensorsContents(path: path))
      case .checkpoint: try CheckpointInspection(path: path)
      case .npy: NPYReport(path: path, contents: try NPYContents(path: path))
      case .libsvm: TableReport(path: path, table: try .libsvm(path))
      case .table: TableReport(path: path, table: try .csv(path))
      case .idx: IDXReport(path: path, contents: try IDXContents(path: path))
      }
    try StandardOutput.write(json ? try report.event.line() : report.text)
  }
}
