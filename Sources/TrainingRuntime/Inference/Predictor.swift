import CPlatform
import HardwareTopology
import NeuronKernels
import PerceptronModel
import TrainingData
import WorkerTeam

/// A trained network ready to answer.
///
///     let predictor = try trainer.predictor()
///     let probabilities = try predictor.predict(samples)        // row-major, one row for each sample
///     let classes = try predictor.predictClasses(test)
///
/// Samples come as they were measured; the predictor scales them as training did. A sample's answer has the same bits
/// alone and in any company, for any number of workers and every instruction set.
///
/// A call with little work runs on the calling thread, whose floating-point mode is put back afterwards; more work goes to
/// workers of the predictor's own. Memory is taken when the predictor is made: about twice the parameters, since a second
/// copy of the weights serves calls with few rows, and a fixed amount for each worker, however many rows come.
///
/// - Concurrency: may be shared; calls from several threads wait for one another.
public final class Predictor: Sendable {
  /// The model that answers.
  public let model: TrainedModel
  /// Workers of a large call.
  public let workerCount: Int
  /// The instruction set of the kernels.
  public let instructionSet: InstructionSet
  private let network: InferenceNetwork
  /// What answers are brought back by; nil where they are in their own unit already.
  let answerScales: [PreparedScale]?
  private let kernels: KernelSet
  private let memory: PredictorMemory
  /// nil where one worker suffices: the calling thread is that one.
  package let team: WorkerTeam?
  private let teamFlops: TeamFlops
  /// The call that the workers run; set and read under ``lock``.
  private let slot = PredictionSlot()
  /// What the workers run for any call: a closure of each call's own would take memory.
  private let work: @Sendable (WorkerContext) throws -> Void
  private let lock = CallLock()

  /// Makes a predictor for `model` and starts its workers.
  ///
  /// - Throws: ``TrainingRuntimeError`` for a number of workers out of range, or an error of the room that refuses memory
  ///   or threads: ``/NeuronKernels/NeuronKernelsError``, ``/WorkerTeam/WorkerTeamError``,
  ///   ``/HardwareTopology/HardwareTopologyError``.
  public convenience init(_ model: TrainedModel, runtime: RuntimeSettings = RuntimeSettings()) throws {
    try self.init(model, runtime: runtime, kernels: .selected())
  }

  /// The same with given kernels, and with a say in when the workers are woken.
  package init(
    _ model: TrainedModel, runtime: RuntimeSettings, kernels: KernelSet, teamFlops: TeamFlops = .standard
  ) throws {
    try runtime.requireWorkersInRange()
    let machine = try Machine.current()
    let budget = ProcessorBudget.current(on: machine, useSMT: runtime.usesSMT)
    let team = try WorkerTeam.make(runtime, machine: machine, budget: budget)
    answerScales = try model.answerScales()
    network = try InferenceNetwork(model.parameters)
    memory = try PredictorMemory(
      network, workerCount: team.workerCount, scale: model.transform.scale, shift: model.transform.shift)
    self.model = model
    self.kernels = kernels
    self.teamFlops = teamFlops
    work = { [slot] worker in
      try slot.run?.run(worker: worker.index, of: worker.workerCount) { try worker.barrier() }
    }
    workerCount = team.workerCount
    instructionSet = kernels.instructionSet
    self.team = team.workerCount > 1 ? team : nil
  }

  /// Features of a sample.
  public var featureCount: Int { model.featureCount }
  /// Values of an answer.
  public var outputCount: Int { model.outputCount }
}

/// From how much work on a call is worth waking the workers, in FLOP.
package struct TeamFlops: Sendable {
  /// Of a call with few rows.
  package let fewRows: Double
  /// Of a call with panels, which do a FLOP in half the time: a single row waits for its weights.
  package let panels: Double

  package init(fewRows: Double, panels: Double) {
    self.fewRows = fewRows
    self.panels = panels
  }

  /// Less than this is over before a team would be awake.
  package static let standard = TeamFlops(fewRows: 2e6, panels: 4e6)
}

// MARK: - Answers

extension Predictor {
  /// Answers for samples in row-major order, `featureCount` floats each.
  ///
  /// - Returns: `outputCount` floats a sample, row-major: probabilities where the last layer is softmax.
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the floats are no whole number of samples.
  public func predict(_ samples: [Float]) throws -> [Float] {
    var predictions = [Float](repeating: 0, count: try rowCount(of: samples.count) * outputCount)
    var span = predictions.mutableSpan
    try predict(samples.span, into: &span)
    return predictions
  }

  /// Answers into memory of the caller's, taking none.
  ///
  /// - Parameters:
  ///   - samples: row-major, `featureCount` floats each.
  ///   - predictions: receives `outputCount` floats a sample, row-major.
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the counts do not fit together.
  public func predict(_ samples: Span<Float>, into predictions: inout MutableSpan<Float>) throws {
    let rows = try rowCount(of: samples.count)
    guard predictions.count == rows * outputCount else {
      throw TrainingRuntimeError(
        code: .modelMismatch,
        message: "\(rows) samples have \(rows * outputCount) outputs, but there is room for \(predictions.count)")
    }
    try samples.withUnsafeBufferPointer { samples in
      try predictions.withUnsafeMutableBufferPointer { predictions in
        guard let first = samples.baseAddress, let target = predictions.baseAddress else { return }
        try run(PredictionInput(first, rowCount: rows, featureCount: featureCount), .values(target))
      }
    }
  }

  /// Answers for rows of a data set, in their order; what the data set says of their targets is not looked at.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples have another number of features.
  public func predict(_ data: DataSubset) throws -> [Float] {
    try require(data.dataset.features, name: data.dataset.name)
    return try answers(data.sampleCount * outputCount, zero: Float(0)) { answers in
      try run(data, .values(answers))
    }
  }

  /// Answers for all rows of some features, in their order.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples have another number of features.
  public func predict(_ features: FeatureStorage) throws -> [Float] {
    try predict(features, rows: 0..<features.sampleCount)
  }

  /// Answers for some rows of some features, in their order; the others are not looked at.
  ///
  /// - Precondition: the rows exist (checked).
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples have another number of features.
  public func predict(_ features: FeatureStorage, rows: Range<Int>) throws -> [Float] {
    try require(features)
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= features.sampleCount,
      "expected rows within 0 ..< \(features.sampleCount), got \(rows)")
    return try answers(rows.count * outputCount, zero: Float(0)) { answers in
      try run(PredictionInput(features, rows: rows), .values(answers))
      try features.requireUnchanged()
    }
  }

  /// The class of each sample: the number of its largest output, the first of equals; 0 or 1 where there is one output.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the floats are no whole number of samples.
  public func predictClasses(_ samples: [Float]) throws -> [Int] {
    try answers(try rowCount(of: samples.count), zero: 0) { classes in
      try samples.withUnsafeBufferPointer { samples in
        guard let first = samples.baseAddress else { return }
        let rows = samples.count / featureCount
        try run(
          PredictionInput(first, rowCount: rows, featureCount: featureCount),
          .classes(classes, threshold: model.loss.threshold))
      }
    }
  }

  /// The class of each row of a data set: the number of its largest output, the first of equals; 0 or 1 where there is one
  /// output.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples have another number of features.
  public func predictClasses(_ data: DataSubset) throws -> [Int] {
    try require(data.dataset.features, name: data.dataset.name)
    return try answers(data.sampleCount, zero: 0) { classes in
      try run(data, .classes(classes, threshold: model.loss.threshold))
    }
  }

  /// Loss and accuracy over `data`: what ``Trainer/evaluate(_:)`` gives for these parameters in single precision, bit for bit.
  ///
  /// - Throws: ``TrainingRuntimeError`` `.modelMismatch` when the samples or their targets do not fit the model.
  public func evaluate(_ data: DataSubset) throws -> Evaluation {
    try requireTargets(data)
    let feed = LossFeed(data.dataset)
    let slots = LossSlotStorage(rowCount: data.sampleCount)
    try data.rows.withUnsafeBufferPointer { rows in
      guard let indices = rows.baseAddress else { return }
      let targets = LossTargets(
        indices: indices, labels: feed.labels, targets: feed.targets, sampleWeights: feed.sampleWeights)
      try run(data, .evaluation(targets, slots.slots))
    }
    return slots.evaluation(hasLabels: feed.labels != nil)
  }
}

// MARK: - Runs

extension Predictor {
  private func run(_ data: DataSubset, _ output: PredictionOutput) throws {
    try data.rows.withUnsafeBufferPointer { rows in
      try run(
        PredictionInput(data.dataset.features, rowCount: rows.count, indices: rows.baseAddress), output)
    }
    try data.dataset.features.requireUnchanged()
  }

  private func run(_ input: PredictionInput, _ output: PredictionOutput) throws {
    guard input.rowCount > 0 else { return }
    try requireCategories(of: input)
    let run = PredictionRun(network: network, kernels: kernels, memory: memory, input: input, output: output)
    try lock.withLock {
      guard let team, run.flops >= (run.takesFewRows ? teamFlops.fewRows : teamFlops.panels) else {
        return Self.runHere(run)
      }
      slot.run = run
      defer { slot.run = nil }
      try team.broadcastKept(work)
    }
    bringBack(output, rowCount: input.rowCount)
  }

  /// Turns values that were learned in scale into those of their own unit.
  private func bringBack(_ output: PredictionOutput, rowCount: Int) {
    guard let answerScales, case .values(let values) = output else { return }
    for place in 0..<rowCount * outputCount { values[place] = answerScales[place % outputCount].undone(values[place]) }
  }

  /// Runs a call on this thread, in the workers' floating-point mode: the same bits demand the same mode.
  private static func runHere(_ run: PredictionRun) {
    let mode = platform_flush_denormals()
    defer { platform_restore_floating_point_mode(mode) }
    run.run(worker: 0, of: 1) {}
  }

  private func answers<Answer: BitwiseCopyable>(
    _ count: Int, zero: Answer, _ write: (UnsafeMutablePointer<Answer>) throws -> Void
  ) throws -> [Answer] {
    var answers = [Answer](repeating: zero, count: count)
    try answers.withUnsafeMutableBufferPointer { buffer in
      if let first = buffer.baseAddress, count > 0 { try write(first) }
    }
    return answers
  }
}
