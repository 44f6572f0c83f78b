import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle train`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network and reports what came of it, how fast, and where the time went.",
    discussion: """
      Without a configuration, trains on the handwritten digits that come inside
      the package. The report goes to standard output, progress to standard error.
      Ctrl-C finishes the step and prints the report so far; twice stops at once.
      With checkpoints the run's state is kept, and --resume auto goes on from it
      as if it had never stopped; SIGUSR1 keeps it and goes on, SIGUSR2 keeps it
      and ends with status 75.

      Examples:
        fascicle train
        fascicle train configs/fashion-mnist.yaml
        fascicle train configs/fashion-mnist.yaml training.epochs=5 training.seed=3
        fascicle train network.layers.0.dense=128 --workers 1
        fascicle train configs/fashion-mnist.yaml --dry-run
        fascicle train --json --output runs/one > run.jsonl
        fascicle train long.yaml checkpoint.folder=runs/long --resume auto
      """)

  @OptionGroup var runArguments: RunArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many workers train; auto lets the plan choose.", valueName: "N|auto"))
  var workers: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("What all random choices follow from.", valueName: "N"))
  var seed: String?

  @Option(
    help: ArgumentHelp(
      "Write the model, the resolved configuration and metrics.jsonl to this folder, made if missing.",
      valueName: "DIR"))
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Go on from a checkpoint: the newest whole one of checkpoint.folder, where there is any, or that of a file or folder.",
      valueName: "auto|PATH"))
  var resume: String?

  @Flag(help: "Write JSON to standard output, one event a line, in place of the report.")
  var json = false

  @Flag(help: "Print results only, without plan and progress.")
  var quiet = false

  @Flag(help: "Print the resolved configuration and the plan with its memory, and train nothing.")
  var dryRun = false

  func validate() throws {
    if let workers { _ = try WorkerOption.request(workers) }
    if let seed, UInt64(seed) == nil {
      throw ValidationError("--seed must be a whole number from 0 to \(UInt64.max), but is '\(seed)'")
    }
  }

  func run() throws {
    var configuration = try runArguments.load()
    if let workers { configuration.runtime.workers = try WorkerOption.request(workers) }
    if let seed = seed.flatMap(UInt64.init) { configuration.training.seed = seed }
    configuration.checkpoint = try CheckpointPlace.resolve(
      configuration.checkpoint, output: output, resume: resume, title: runArguments.title)
    let session = TrainingSession(
      configuration: configuration, title: runArguments.title, writesJSON: json, isQuiet: quiet, folder: output,
      resume: resume)
    if dryRun { try session.printPlan() } else { try session.train() }
  }
}
