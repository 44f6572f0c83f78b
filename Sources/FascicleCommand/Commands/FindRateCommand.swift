import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle find-rate`.
struct FindRateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "find-rate",
    abstract: "Tries learning rates from small to large, and suggests one.",
    discussion: """
      Trains a copy of the network for some steps whose learning rate rises from one
      to the next. The loss falls once the rate is large enough, fastest at the rate
      to begin with, and leaves when it is too large. Nothing is written.

      Examples:
        fascicle find-rate configs/digits.yaml
        fascicle find-rate run.yaml optimizer.name=sgd --from 1e-5 --to 100
        fascicle find-rate run.yaml --json
      """)

  @OptionGroup var runArguments: RunArguments

  @Option(parsing: .unconditional, help: ArgumentHelp("The first step's learning rate.", valueName: "RATE"))
  var from = "1e-6"

  @Option(parsing: .unconditional, help: ArgumentHelp("The last step's learning rate.", valueName: "RATE"))
  var to = "10"

  @Option(parsing: .unconditional, help: ArgumentHelp("How many rates to try.", valueName: "N"))
  var steps = "100"

  @Flag(help: "Write JSON to standard output in place of the table.")
  var json = false

  func validate() throws {
    _ = try rate(from, "--from")
    guard try rate(to, "--to") > rate(from, "--from") else {
      throw ValidationError("--to must be larger than --from, but is \(to) after \(from)")
    }
    guard let count = Int(steps), (10...1_000_000).contains(count) else {
      throw ValidationError("--steps must be a whole number from 10 to 1000000, but is '\(steps)'")
    }
  }

  private func rate(_ text: String, _ option: String) throws -> Float {
    guard let rate = Float(text), rate > 0, rate.isFinite else {
      throw ValidationError("\(option) must be a number above 0, but is '\(text)'")
    }
    return rate
  }

  func run() throws {
    let configuration = try runArguments.load()
    let data = try configuration.loadData()
    let trainer = try configuration.makeTrainer(for: data)
    let signals = StopSignals.listen(keepsState: false)
    signals.beginRun()
    let sweep = try trainer.findLearningRate(
      data.training, from: rate(from, "--from"), to: rate(to, "--to"), steps: Int(steps) ?? 100,
      batchSize: configuration.training.batchSize, classWeights: configuration.training.classWeights
    ) { signals.received == nil ? .proceed : .stop }
    if let signal = signals.received { throw StoppedBySignal(signal: signal) }
    if json { return try StandardOutput.write(sweep.event.line()) }
    let lines = ["\(runArguments.title), \(configuration.optimizer.optimizer.name)", ""] + RateSweepLines.lines(sweep)
    try StandardOutput.write(lines.joined(separator: "\n") + "\n")
  }
}
