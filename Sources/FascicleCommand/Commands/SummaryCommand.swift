import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle summary`.
struct SummaryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary",
    abstract: "Shows a network or a trained model layer by layer, its parameters and what it takes.",
    discussion: """
      Examples:
        fascicle summary configs/fashion-mnist.yaml
        fascicle summary network.layers.0.dense=512
        fascicle summary runs/one
      """)

  @OptionGroup var runArguments: RunArguments

  func run() throws {
    if let folder = runArguments.folder {
      return try StandardOutput.write("\(folder)\n\n" + ModelReport(folder: folder).text)
    }
    let configuration = try runArguments.load()
    let data = try configuration.loadData()
    let plan = try configuration.makeTrainer(for: data).plan(for: data, as: configuration)
    let table = LayerTable(plan.network)
    var memory = TextTable([.left, .right])
    for part in plan.memory.parts where part.byteCount > 0 { memory.add([part.name, formatBytes(part.byteCount)]) }
    memory.add(["in all", formatBytes(plan.memory.byteCount)])
    let blocks = [["\(runArguments.title)"], table.lines, ["memory for batches of \(plan.batchSize)"] + memory.lines]
    try StandardOutput.write(blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n")
  }
}
