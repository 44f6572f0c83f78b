import ArgumentParser
import Fascicle
import RunConfiguration

/// `fascicle bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures the speed of training steps on random data in memory, beside the peak of the cores.",
    discussion: """
      Workloads: \(Workload.standard.map(\.name).joined(separator: ", ")).
      Softmax with cross-entropy where the last width is 10, else mean squared
      error on a linear output.

      Examples:
        fascicle bench
        fascicle bench --workload fashion,classic --workers 1,2
        fascicle bench --layers 784,512,10 --batch 256 --optimizer sgd --seconds 5
        fascicle bench --workload large --precision bf16
        fascicle bench --workload all --json
        fascicle bench --inference --workload fashion    answers: batches of 1 and of 1024
        fascicle bench --scaling --workload classic
        fascicle bench --scaling --topology "numa:2 l3:2 core:8 pu:1"
        fascicle bench --sweep --quick
      """)

  @Option(help: ArgumentHelp("Workloads by name, or all.", valueName: "NAME,…|all"))
  var workload: String?

  @Option(help: ArgumentHelp("Widths of a network of your own, the inputs first.", valueName: "N,N,…"))
  var layers: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Samples of a step, with --layers (default: 128).", valueName: "N"))
  var batch: String?

  @Option(help: ArgumentHelp("The function between layers, with --layers (default: relu).", valueName: "NAME"))
  var activation: String?

  @Option(help: ArgumentHelp("The loss, with --layers; it follows from the last width.", valueName: "NAME"))
  var loss: String?

  @Option(
    help: ArgumentHelp(
      "momentum, or an optimizer as configurations name it, with --layers (default: adam).", valueName: "NAME"))
  var optimizer: String?

  @Option(help: ArgumentHelp("f32, bf16, bf16-amx, or one of these two with -emulated.", valueName: "NAME"))
  var precision = "f32"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Worker counts, each measured alone (default: 1 and as many as the budget allows).", valueName: "N,…|auto"))
  var workers: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Seconds of each measurement.", valueName: "S"))
  var seconds = "2"

  @Flag(help: "Time a trained network's answers to 1 and to 1024 samples in place of training steps.")
  var inference = false

  @Option(
    help: ArgumentHelp(
      "Time the reading of a table in place of training steps.", valueName: "FILE", visibility: .hidden))
  var table: String?

  @OptionGroup var scalingOptions: ScalingOptions

  @Flag(help: "Write one JSON object a measurement in place of the table.")
  var json = false

  func validate() throws {
    try scalingOptions.check(namesWorkloads: workload != nil || layers != nil, workers: workers)
    _ = try plan()
  }

  func run() throws {
    let plan = try plan()
    if let table { return try TableBenchmark(path: table, seconds: plan.seconds).run() }
    if scalingOptions.sweep { return try scalingOptions.runSweep(precision: plan.precision, json: json) }
    if scalingOptions.scaling { return try scalingOptions.runScaling(plan, json: json) }
    let counts = try plan.workerRequests ?? Self.standardWorkerRequests()
    if inference { return try measureInference(plan, counts) }
    var table = BenchTable()
    for workload in plan.workloads {
      for request in counts {
        var runtime = RuntimeSettings(workers: request)
        runtime.precision = plan.precision
        let benchmark = try StepBenchmark(workload, runtime: runtime)
        let watch = MeasurementWatch()
        let result = try benchmark.run(seconds: plan.seconds)
        let warnings = watch.warnings(
          of: "\(workload.name), \(MeasurementWatch.workers(result.workerCount))", relativeSpread: result.relativeSpread
        )
        if json {
          try StandardOutput.write(result.event(precision: plan.precision, warnings: warnings).line())
        } else {
          table.add(result)
        }
      }
    }
    if !json { try StandardOutput.write(table.text) }
  }

  private func measureInference(_ plan: BenchPlan, _ counts: [WorkerRequest]) throws {
    var table = InferenceTable()
    for workload in plan.workloads {
      for request in counts {
        let benchmark = try InferenceBenchmark(workload, runtime: RuntimeSettings(workers: request))
        for batchSize in InferenceBenchmark.standardBatchSizes {
          let watch = MeasurementWatch()
          let result = try benchmark.run(batchSize: batchSize, seconds: plan.seconds)
          let warnings = watch.warnings(
            of: "\(workload.name), batch \(batchSize), \(MeasurementWatch.workers(result.workerCount))")
          if json { try StandardOutput.write(result.event(warnings: warnings).line()) } else { table.add(result) }
        }
      }
    }
    if !json { try StandardOutput.write(table.text) }
  }

  private func plan() throws -> BenchPlan {
    try BenchPlan(
      workload: workload, layers: layers, batch: batch, activation: activation, loss: loss, optimizer: optimizer,
      precision: precision, workers: workers, seconds: seconds)
  }

  private static func standardWorkerRequests() throws -> [WorkerRequest] {
    let limit = ProcessorBudget.current(on: try Machine.current()).limit
    return limit == 1 ? [.exactly(1)] : [.exactly(1), .exactly(limit)]
  }
}
