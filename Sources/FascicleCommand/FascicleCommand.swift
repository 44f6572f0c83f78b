import ArgumentParser
import Glibc

/// The `fascicle` driver: arguments in, report out.
@main
struct FascicleCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "fascicle",
    abstract: "Trains multilayer perceptrons on all the cores that this machine really has.",
    discussion: """
      Examples:
        fascicle train                              the digits inside the package
        fascicle train configs/fashion-mnist.yaml   what a configuration says
        fascicle topology                           the machine and its limits
        fascicle bench --workload fashion           the speed of training steps

      Exit codes:
         0  done                        69  memory or threads are not to be had
         1  training diverged           70  a fault of fascicle's own
        64  wrong arguments             74  reading or writing failed
        65  bad data                    78  bad configuration
        66  a file is missing           130, 143  stopped by SIGINT, SIGTERM
      """,
    version: version,
    subcommands: [
      TrainCommand.self, ValidateCommand.self, SummaryCommand.self, TopologyCommand.self, BenchCommand.self,
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
