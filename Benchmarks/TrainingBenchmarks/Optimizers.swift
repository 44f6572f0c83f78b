import Benchmark
import BenchmarkInstruments
import Fascicle

/// What one optimizer's steps are measured with.
private struct OptimizerCase: Sendable {
  let optimizer: any GradientOptimizer
  /// Floats that a step must read and write for each parameter: the parameter itself, its state, and the gradient where it is
  /// kept for whole tensors.
  let floatsMoved: Int
  /// Widths from inputs to outputs; about two million parameters, whose state no second-level cache holds.
  let widths: [Int]
  /// Arithmetic of whole matrices, where that is the limit; nil for memory's.
  let flops: Double?

  static let all: [OptimizerCase] = [
    elementwise(SGD(), slots: 0), elementwise(SGD(momentum: 0.9), slots: 1, "momentum"),
    elementwise(SGD(momentum: 0.9, nesterov: true), slots: 1, "nesterov"), elementwise(Adam(), slots: 2),
    elementwise(AdamW(), slots: 2), elementwise(Adagrad(), slots: 1), elementwise(Adadelta(), slots: 2),
    elementwise(RMSprop(), slots: 1), elementwise(RMSprop(momentum: 0.9, centred: true), slots: 3, "rmsprop centred"),
    elementwise(Adamax(), slots: 2), elementwise(Nadam(), slots: 2), elementwise(AMSGrad(), slots: 3),
    elementwise(RAdam(), slots: 2), elementwise(AdaBelief(), slots: 2), elementwise(Lion(), slots: 1),
    elementwise(Yogi(), slots: 2), elementwise(Rprop(), slots: 2), elementwise(Quickprop(), slots: 2),
    elementwise(ScheduleFreeAdamW(), slots: 2),
    // Gradient written; moments, parameter and gradient read, moments and direction written; direction read, parameter moved.
    OptimizerCase(optimizer: LAMB(), floatsMoved: 11),
    // The same without moments, but with a velocity at the end.
    OptimizerCase(optimizer: LARS(learningRate: 0.02), floatsMoved: 9),
    // Gradient written; read for its squares; read, written and compared with the parameter; read, parameter moved.
    OptimizerCase(optimizer: Adafactor(), floatsMoved: 8),
    OptimizerCase(optimizer: Muon(), widths: [512, 512, 512, 10], flops: 30 * 512 * 512 * 512),
    // Both loops over ten pairs, and the pairs' move by one; an evaluation or two besides.
    OptimizerCase(optimizer: LBFGS(), floatsMoved: 100),
    OptimizerCase(optimizer: Perceptron(), widths: [2048, 1024]),
  ]

  private var label: String?

  /// Name in reports.
  var name: String { label ?? optimizer.name }

  private static func elementwise(
    _ optimizer: any GradientOptimizer, slots: Int, _ label: String? = nil
  ) -> OptimizerCase {
    var row = OptimizerCase(optimizer: optimizer, floatsMoved: 2 + 2 * slots)
    row.label = label
    return row
  }

  init(
    optimizer: any GradientOptimizer, floatsMoved: Int = 2, widths: [Int] = [1024, 1024, 1024, 10],
    flops: Double? = nil
  ) {
    self.optimizer = optimizer
    self.floatsMoved = floatsMoved
    self.widths = widths
    self.flops = flops
  }

  var parameterCount: Int { zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 } }

  /// A network of dense layers with tanh, linear at the end, or of steps for the rule that is for those.
  func network(_ widths: [Int]) -> Network {
    if optimizer is Perceptron {
      return Network(inputs: widths[0], layers: [.dense(Dense(widths[1], activation: .step()))])
    }
    let layers = widths.indices.dropFirst().map { index in
      Layer.dense(Dense(widths[index], activation: index == widths.count - 1 ? .linear : .tanh))
    }
    return Network(inputs: widths[0], layers: layers)
  }

  func trainer(_ widths: [Int], workers: Int) throws -> Trainer {
    try Trainer(
      network(widths), loss: .meanSquaredError, optimizer: optimizer, normalization: .none, seed: 1,
      runtime: RuntimeSettings(workers: .exactly(workers)))
  }

  /// Samples whose targets are sums of some features, or whether those are above zero.
  func samples(_ count: Int, _ widths: [Int]) throws -> DataSubset {
    let inputs = widths[0], outputs = widths[widths.count - 1]
    var random = RandomBits(seed: 2)
    let features = (0..<count * inputs).map { _ in random.float(in: -1...1) }
    let targets = (0..<count).flatMap { sample in
      (0..<outputs).map { output in
        let sum = (0..<4).reduce(Float(0)) { $0 + features[sample * inputs + (output + $1) % inputs] }
        return optimizer is Perceptron ? sum > 0 ? 1 : 0 : sum / 2
      }
    }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: inputs, targets: targets, targetCount: outputs))
  }
}

/// Registers a step of every optimizer with few samples and one worker, where the update is what takes the time.
func registerOptimizers() {
  for row in OptimizerCase.all {
    let name = "optimizer \(row.name)"
    if let flops = row.flops {
      let metrics: [BenchmarkMetric] = [.nanosecondsPerStep, .megaflops, .peakMegaflops, .percentOfPeak]
      Benchmark.register(name, reporting: metrics, for: .seconds(1), maxIterations: 10) {
        try OptimizerSession(row) { FusedMultiplyAdds(of: .widest) }
      } measure: { benchmark, session in
        let (seconds, limit) = try session.measure()
        benchmark.record(.nanosecondsPerStep, seconds * 1e9)
        benchmark.record(.megaflops, flops / seconds * 1e-6)
        benchmark.record(.peakMegaflops, limit * 1e-6)
        benchmark.record(.percentOfPeak, 100 * flops / seconds / limit)
      }
      continue
    }
    let metrics: [BenchmarkMetric] = [
      .nanosecondsPerStep, .picosecondsPerElement, .megabytes, .copiedMegabytes, .percentOfCopy,
    ]
    let count = row.parameterCount, bytes = Double(4 * row.floatsMoved * count)
    Benchmark.register(name, reporting: metrics, for: .seconds(1), maxIterations: 10) {
      try OptimizerSession(row) { try MemoryCopy(workingSet: 4 * count * (1 + row.optimizer.stateSlotCount)) }
    } measure: { benchmark, session in
      let (seconds, limit) = try session.measure()
      benchmark.record(.nanosecondsPerStep, seconds * 1e9)
      benchmark.record(.picosecondsPerElement, seconds / Double(count) * 1e12)
      benchmark.record(.megabytes, bytes / seconds * 1e-6)
      benchmark.record(.copiedMegabytes, limit * 1e-6)
      benchmark.record(.percentOfCopy, 100 * bytes / seconds / limit)
    }
  }
}

/// Steps of one optimizer that have passed their check, with their limit.
private final class OptimizerSession {
  private static let sampleCount = 16, stepCount = 6

  private let row: OptimizerCase
  private let samples: DataSubset
  private let worker: MeasuringWorker
  private let limit: any MachineLimit
  private var trainer: Trainer

  init(_ row: OptimizerCase, limit makeLimit: () throws -> any MachineLimit) throws {
    try Self.check(row)
    self.row = row
    samples = try row.samples(Self.sampleCount, row.widths)
    worker = try MeasuringWorker()
    limit = try worker.run(makeLimit)
    trainer = try row.trainer(row.widths, workers: 1)
    _ = try fit(steps: 2)
  }

  private func fit(steps: Int) throws -> History {
    try trainer.fit(samples, epochs: steps, batchSize: Self.sampleCount)
  }

  /// Seconds of a step's gradient and update, and the limit a moment before; of L-BFGS, which evaluates within its line search,
  /// of a whole step.
  func measure() throws -> (seconds: Double, limit: Double) {
    let limit = try worker.run { self.limit.rate() }
    if row.optimizer is LBFGS {
      // Where the loss is least there is nothing left to search for.
      trainer = try row.trainer(row.widths, workers: 1)
      _ = try fit(steps: row.optimizer.stateSlotCount / 2)
    }
    let history = try fit(steps: Self.stepCount)
    let seconds =
      row.optimizer is LBFGS
      ? history.epochs.reduce(0) { $0 + $1.seconds } : history.phaseSeconds.gradientAndUpdate
    return (seconds / Double(Self.stepCount), limit)
  }

  /// Expects the bits of one worker from three, and a loss that falls.
  private static func check(_ row: OptimizerCase) throws {
    let widths = row.optimizer is Perceptron ? [40, 9] : [40, 70, 33, 5]
    func train(workers: Int) throws -> (digest: String, losses: [Double]) {
      let trainer = try row.trainer(widths, workers: workers)
      let history = try trainer.fit(row.samples(64, widths), epochs: 20, batchSize: 64)
      return (trainer.weightsSHA256(), history.epochs.map(\.trainLoss))
    }
    let (digest, losses) = try train(workers: 3), expected = try train(workers: 1).digest
    guard digest == expected else {
      throw WrongResult("\(row.name): expected parameters \(expected) as one worker gives, got \(digest)")
    }
    guard losses[19] < losses[0] else {
      throw WrongResult("\(row.name): expected a loss that falls, got \(losses[0]) and then \(losses[19])")
    }
  }
}
