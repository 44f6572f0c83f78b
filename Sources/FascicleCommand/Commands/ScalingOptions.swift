import ArgumentParser
import Fascicle
import RunConfiguration

/// The modes of `bench` that compare numbers of workers, measured or predicted.
struct ScalingOptions: ParsableArguments {
  @Flag(help: "Measure the curve over 1 to N workers, and where the time goes.")
  var scaling = false

  @Option(
    help: ArgumentHelp(
      "With --scaling: predict the curve of a machine that isn't there.", valueName: "FILE.xml|synthetic"))
  var topology: String?

  @Flag(help: "Measure one, all and automatic workers over widths and batches.")
  var sweep = false

  @Flag(help: "With --sweep: fewer points, about a minute in place of five.")
  var quick = false

  /// Refuses options that do not go together.
  func check(namesWorkloads: Bool, workers: String?) throws {
    if topology != nil, !scaling { throw ValidationError("--topology goes with --scaling") }
    if quick, !sweep { throw ValidationError("--quick goes with --sweep") }
    guard sweep else { return _ = try topology.map(TopologySource.machine) }
    if scaling { throw ValidationError("--scaling and --sweep both say what to measure; give one of them") }
    if namesWorkloads { throw ValidationError("--sweep has networks of its own; leave --workload and --layers out") }
    if workers != nil { throw ValidationError("--sweep compares one, all and automatic workers; leave --workers out") }
  }

  /// Measures or predicts the curve of each workload.
  func runScaling(_ plan: BenchPlan, json: Bool) throws {
    let machine = try topology.map(TopologySource.machine)
    let counts = try workerCounts(plan.workerRequests)
    let runtime = RuntimeSettings(precision: plan.precision)
    for workload in plan.workloads {
      let (text, event) =
        if let machine {
          try forecast(workload, on: machine, workerCounts: counts, runtime: runtime, seconds: plan.seconds)
        } else {
          try measurement(workload, workerCounts: counts, runtime: runtime, seconds: plan.seconds)
        }
      try StandardOutput.write(json ? event.line() : text + (plan.workloads.count > 1 ? "\n" : ""))
    }
  }

  private func measurement(
    _ workload: Workload, workerCounts: [Int]?, runtime: RuntimeSettings, seconds: Double
  ) throws -> (String, JSONEvent) {
    let counts = try workerCounts ?? ScalingCurve.workerCounts(upTo: Self.budgetLimit())
    let watch = MeasurementWatch()
    let curve = try ScalingCurve.measured(workload, workerCounts: counts, runtime: runtime, seconds: seconds)
    let warnings = watch.warnings(
      of: workload.name, relativeSpread: curve.points.map(\.result.relativeSpread).max() ?? 0)
    let report = ScalingReport(curve: curve, precision: runtime.precision, warnings: warnings)
    return (report.text, report.event)
  }

  private func forecast(
    _ workload: Workload, on machine: Machine, workerCounts: [Int]?, runtime: RuntimeSettings, seconds: Double
  ) throws -> (String, JSONEvent) {
    let watch = MeasurementWatch()
    let forecast = try ScalingForecast.make(
      workload, on: machine, workerCounts: workerCounts, runtime: runtime, seconds: seconds)
    let report = ForecastReport(
      forecast: forecast, precision: runtime.precision, warnings: watch.warnings(of: workload.name))
    return (report.text, report.event)
  }

  /// Numbers that `--workers` gives; `auto` is the budget.
  private func workerCounts(_ requests: [WorkerRequest]?) throws -> [Int]? {
    try requests?.map { if case .exactly(let count) = $0 { count } else { try Self.budgetLimit() } }
  }

  private static func budgetLimit() throws -> Int { ProcessorBudget.current(on: try Machine.current()).limit }

  /// Runs the sweep, a line as soon as there is one.
  func runSweep(precision: Precision, json: Bool) throws {
    let plan = quick ? WorkerSweep.quick : WorkerSweep.full
    var report = SweepReport()
    if !json { try StandardOutput.write(SweepReport.head + "\n") }
    var watch = MeasurementWatch()
    try plan.run(runtime: RuntimeSettings(precision: precision)) { workload, point in
      defer { watch = MeasurementWatch() }
      report.add(point)
      guard let point else { return }
      let warnings = watch.warnings(of: "width \(workload.layers[0]), batch \(workload.batchSize)")
      try StandardOutput.write(json ? point.event(warnings: warnings).line() : SweepReport.line(point) + "\n")
    }
    try StandardOutput.write(json ? report.event.line() : report.summary)
  }
}
