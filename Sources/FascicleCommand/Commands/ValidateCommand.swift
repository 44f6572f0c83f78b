import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle validate`.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks everything that can be checked without training: keys, values, data, widths, memory.",
    discussion: """
      Examples:
        fascicle validate configs/fashion-mnist.yaml
        fascicle validate configs/fashion-mnist.yaml training.batchSize=4096
      """)

  @OptionGroup var runArguments: RunArguments

  func run() throws {
    let configuration = try runArguments.load()
    let data = try configuration.loadData()
    let trainer = try configuration.makeTrainer(for: data)
    let plan = try trainer.plan(for: data, as: configuration)
    var lines = LabelledLines()
    lines.add("sound", runArguments.title)
    lines.add("data", RunReport.samples(of: data))
    lines.add("network", "\(plan.network), \(NumberFormat.grouped(plan.parameterCount)) parameters")
    lines.add("memory", formatBytes(plan.memory.byteCount))
    let warnings = trainer.warnings(for: data, as: configuration)
    if !warnings.isEmpty { lines.add("warning", warnings) }
    try StandardOutput.write(lines.text)
  }
}
