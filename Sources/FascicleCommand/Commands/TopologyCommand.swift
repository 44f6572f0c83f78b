import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle topology`.
struct TopologyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "Shows the machine, what of it may be used and why, where workers go, and what the cores reach.",
    discussion: """
      Examples:
        fascicle topology
        fascicle topology --workers 8
        taskset -c 0 fascicle topology --json
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Place this many workers; auto places as many as the budget allows.", valueName: "N|auto"))
  var workers = "auto"

  @Flag(help: "Write one JSON object in place of the report.")
  var json = false

  func validate() throws { _ = try WorkerOption.request(workers) }

  func run() throws {
    let machine = try Machine.current()
    let budget = ProcessorBudget.current(on: machine)
    let count = if case .exactly(let count) = try WorkerOption.request(workers) { count } else { budget.limit }
    let placement = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: count)
    let probe = try MachineProbe.measure(on: placement.workers.prefix(budget.limit).map(\.processor))
    let report = TopologyReport(
      machine: machine, budget: budget, placement: placement, probe: probe, memory: MemoryLimit.current())
    try StandardOutput.write(json ? report.event.line() : report.text)
  }
}
