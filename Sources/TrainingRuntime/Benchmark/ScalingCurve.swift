import HardwareTopology

/// A step with one number of workers: how long it took and where the time went.
public struct ScalingPoint: Sendable {
  /// What was measured.
  public let result: StepBenchmarkResult
  /// Whether workers shared processors.
  public let isOversubscribed: Bool
  /// Seconds of a step that the optimizer took, timed by itself; see ``ScalingPhases/optimizer``.
  let optimizerSeconds: Double

  /// Where the time of a step went.
  public var phases: ScalingPhases { ScalingPhases(result, optimizerSeconds: optimizerSeconds) }
}

/// Where the time of a step went, in seconds: means over the workers, which add up to the step.
public struct ScalingPhases: Sendable, Hashable {
  /// Forward products, activations and the loss.
  public let forward: Double
  /// Backward products.
  public let backward: Double
  /// Weight gradients: gradient and update together, less ``optimizer``.
  public let gradient: Double
  /// The optimizer's update, timed in a run of its own on the same blocks, and no more than gradient and update took.
  public let optimizer: Double
  /// Adding gradients of several workers up; zero where each parameter has one owner.
  public let reduction: Double
  /// Gathering and scaling samples.
  public let data: Double
  /// Waiting in barriers for workers that were still computing, from all workers' arrivals at every sixteenth step.
  public let imbalance: Double
  /// Waiting in barriers beyond that: the barrier's own latency.
  public let barrierLatency: Double

  init(_ result: StepBenchmarkResult, optimizerSeconds: Double) {
    let phases = result.phasesPerStep
    forward = phases.forward
    backward = phases.backward
    optimizer = min(optimizerSeconds, phases.gradientAndUpdate)
    gradient = phases.gradientAndUpdate - optimizer
    reduction = 0
    data = phases.data
    imbalance = min(result.imbalanceNanoseconds * 1e-9, phases.barrier)
    barrierLatency = phases.barrier - imbalance
  }
}

/// How the steps of a workload get faster with more workers.
public struct ScalingCurve: Sendable {
  /// The workload.
  public let workload: Workload
  /// Workers that have a processor each.
  public let workerLimit: Int
  /// In the order in which they were asked for.
  public let points: [ScalingPoint]

  /// The fit over all points that are not oversubscribed.
  public var fit: AmdahlFit? {
    AmdahlFit(
      points.filter { !$0.isOversubscribed }.map { ($0.result.workerCount, $0.result.microsecondsPerStep * 1e-6) })
  }

  /// The step with one worker, in microseconds; nil where it was not measured.
  public var oneWorkerMicroseconds: Double? {
    points.first { $0.result.workerCount == 1 }?.result.microsecondsPerStep
  }

  /// Measures the steps of `workload` with each number of workers in turn, about `seconds` each.
  ///
  /// - Throws: what ``Trainer`` refuses.
  public static func measured(
    _ workload: Workload, workerCounts: [Int], runtime: RuntimeSettings, seconds: Double
  ) throws -> ScalingCurve {
    let limit = ProcessorBudget.current(on: try Machine.current(), useSMT: runtime.usesSMT).limit
    let points = try workerCounts.map { count in
      var runtime = runtime
      runtime.workers = .exactly(count)
      let benchmark = try StepBenchmark(workload, runtime: runtime)
      let result = try benchmark.run(seconds: seconds)
      return ScalingPoint(
        result: result, isOversubscribed: count > limit, optimizerSeconds: try benchmark.trainer.secondsOfUpdates())
    }
    return ScalingCurve(workload: workload, workerLimit: limit, points: points)
  }

  /// Numbers of workers that show a curve up to `limit`: all of them up to 16, then ever fewer.
  public static func workerCounts(upTo limit: Int) -> [Int] {
    var counts = Array(1...max(1, min(limit, 16)))
    while let last = counts.last, last < limit { counts.append(min(limit, last + last / 4)) }
    return counts
  }
}
