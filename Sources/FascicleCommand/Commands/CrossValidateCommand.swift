import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle cross-validate`.
struct CrossValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cross-validate",
    abstract: "Trains a network anew for each fold of the data, and tells what it is worth on samples it never saw.",
    discussion: """
      Divides the samples into folds, and for each trains on all others: mean and
      standard deviation of loss and metrics over the folds. What the configuration
      holds out for a test belongs to no fold, and what it holds out for validation is
      taken of the samples trained on. Ctrl-C reports the folds that are done; twice
      stops at once.

      Examples:
        fascicle cross-validate configs/digits.yaml
        fascicle cross-validate run.yaml --folds 10 --stratify
        fascicle cross-validate run.yaml training.epochs=5 --json > folds.jsonl
      """)

  @OptionGroup var runArguments: RunArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("How many folds, at least 2.", valueName: "K"))
  var folds = "5"

  @Flag(help: "Give every fold its share of every class, as training.stratify does as well.")
  var stratify = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many workers train; auto lets the plan choose.", valueName: "N|auto"))
  var workers: String?

  @Flag(help: "Write JSON to standard output, one event for each fold and one for all, in place of the report.")
  var json = false

  @Flag(help: "Print results only, without progress.")
  var quiet = false

  func validate() throws {
    guard let count = Int(folds), (2...1_000_000).contains(count) else {
      throw ValidationError("--folds must be a whole number from 2 to 1000000, but is '\(folds)'")
    }
    if let workers { _ = try WorkerOption.request(workers) }
  }

  func run() throws {
    var configuration = try runArguments.load()
    if let workers { configuration.runtime.workers = try WorkerOption.request(workers) }
    if stratify { configuration.training.stratifies = true }
    try CrossValidationSession(
      configuration: configuration, title: runArguments.title, foldCount: Int(folds) ?? 5, writesJSON: json,
      isQuiet: quiet
    ).run()
  }
}
