import HardwareTopology
import NeuronKernels
import PerceptronModel

/// The steps of a workload on a machine that isn't there, predicted from the rates of this one's cores.
public struct ScalingForecast: Sendable {
  /// The workload.
  public let workload: Workload
  /// The machine that isn't there.
  public let machine: Machine
  /// One prediction for each number of workers.
  public let points: [Point]
  /// How the model did on this machine, where it could be held against measured steps.
  public let checks: [Check]

  /// A predicted step.
  public struct Point: Sendable, Hashable {
    /// Workers.
    public let workerCount: Int
    /// Microseconds of a step.
    public let microsecondsPerStep: Double
    /// Microseconds of it in barriers.
    public let barrierMicroseconds: Double
    /// How the workers share the samples of a minibatch.
    public let split: PhaseASplit
  }

  /// A step of this machine, measured and predicted.
  public struct Check: Sendable, Hashable {
    /// Workers.
    public let workerCount: Int
    /// Measured microseconds of a step.
    public let measuredMicroseconds: Double
    /// Predicted microseconds of a step.
    public let predictedMicroseconds: Double
    /// The prediction's relative error: 0.1 is ten percent too long.
    public var error: Double { predictedMicroseconds / measuredMicroseconds - 1 }
  }

  /// The predicted step with one worker, in microseconds.
  public let oneWorkerMicroseconds: Double

  /// Predicts steps with each number of workers on `machine`, whose cores are taken to be those of this one, and measures
  /// this one for comparison, about `seconds` for each number of workers.
  ///
  /// - Throws: what ``Trainer`` refuses.
  public static func make(
    _ workload: Workload, on machine: Machine, workerCounts: [Int]?, runtime: RuntimeSettings, seconds: Double
  ) throws -> ScalingForecast {
    let budget = ProcessorBudget.current(
      on: machine, useSMT: runtime.usesSMT, environment: .unlimited(on: machine))
    let here = try Machine.current()
    let limitHere = ProcessorBudget.current(on: here, useSMT: runtime.usesSMT).limit
    let checks = try ScalingCurve.workerCounts(upTo: limitHere).map { count in
      var runtime = runtime
      runtime.workers = .exactly(count)
      let result = try StepBenchmark(workload, runtime: runtime).run(seconds: seconds, repeats: 5)
      return Check(
        workerCount: count, measuredMicroseconds: result.microsecondsPerStep,
        predictedMicroseconds: result.predictedMicrosecondsPerStep)
    }
    let model = try model(of: workload, on: TeamShape(machine: machine, budget: budget), runtime: runtime)
    let counts = workerCounts ?? ScalingCurve.workerCounts(upTo: budget.limit)
    return ScalingForecast(
      workload: workload, machine: machine, points: counts.map { Point(model.step(workers: $0)) }, checks: checks,
      oneWorkerMicroseconds: model.step(workers: 1).seconds * 1e6)
  }

  private static func model(of workload: Workload, on team: TeamShape, runtime: RuntimeSettings) throws -> CostModel {
    var automatic = runtime
    automatic.workers = .automatic
    guard let here = try workload.trainer(runtime: automatic).costModel(batchSize: workload.batchSize, measures: true)
    else {
      preconditionFailure("expected rates, for they were to be measured")
    }
    return here.on(team)
  }
}

extension ScalingForecast.Point {
  fileprivate init(_ step: StepPrediction) {
    workerCount = step.workerCount
    microsecondsPerStep = step.seconds * 1e6
    barrierMicroseconds = step.barrier * 1e6
    split = step.split
  }
}
