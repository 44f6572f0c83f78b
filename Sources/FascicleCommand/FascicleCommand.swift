import ArgumentParser
import Fascicle
import Glibc

/// The `fascicle` driver: arguments in, report out.
@main
struct FascicleCommand: ParsableCommand {
  static let version = packageVersion

  static let configuration = CommandConfiguration(
    commandName: "fascicle",
    abstract: "Trains multilayer perceptrons on all the cores that this machine really has.",
    discussion: """
      Examples:
        fascicle train                              the digits inside the package
        fascicle train configs/fashion-mnist.yaml   what a configuration says
        fascicle evaluate runs/one                  what 'train --output runs/one' learned
        fascicle diagnose configs/digits.yaml       which layers are sick, and of what
        fascicle find-rate configs/digits.yaml      a learning rate to begin with
        fascicle cross-validate run.yaml            what a network is worth, by folds
        fascicle predict runs/one images.gz         answers, one line for each sample
        fascicle export runs/one --to onnx          a model for other programs
        fascicle import w.npz --config net.yaml --output m   weights of other programs
        fascicle convert images.gz images.npy       data or weights in another format
        fascicle inspect images.gz                  what a file holds, and whether it is whole
        fascicle topology                           the machine and its limits
        fascicle bench --workload fashion           the speed of training steps
        fascicle plot activations > all.svg         every activation and its derivative

      Exit codes:
         0  done                        69  memory or threads are not to be had
         1  training diverged           70  a fault of fascicle's own
        64  wrong arguments             74  reading or writing failed
        65  bad data or model           78  bad configuration
        66  a file is missing           75  stopped with a checkpoint by SIGUSR2: go on with --resume auto
        129, 130, 143                   stopped by SIGHUP, SIGINT, SIGTERM
      """,
    version: version,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, ValidateCommand.self, SummaryCommand.self,
      DiagnoseCommand.self, FindRateCommand.self, CrossValidateCommand.self, InspectCommand.self, ExportCommand.self,
      ImportCommand.self, ConvertCommand.self, TopologyCommand.self,
      BenchCommand.self, PlotCommand.self,
    ])

  /// Runs the command that the arguments name, and ends the process with its status.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      Glibc.exit(ErrorReport.print(error, arguments: arguments).rawValue)
    }
  }
}
