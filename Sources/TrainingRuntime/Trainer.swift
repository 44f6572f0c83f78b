import GradientOptimizers
import HardwareTopology
import NeuronKernels
import PerceptronModel
import TrainingData
import WorkerTeam

/// Trains a network: owns its parameters, its optimizer's state and the workers.
///
///     let trainer = try Trainer(network, loss: .categoricalCrossEntropy, optimizer: Adam(), seed: 7)
///     let history = try trainer.fit(training, epochs: 10, validation: .fraction(0.1))
///     print(history.samplesPerSecond, try trainer.evaluate(test).accuracy ?? 0)
///
/// The same network, data, options and seed give the same parameters, bit for bit, whatever the number of workers, the
/// pinning and the instruction set.
///
/// - Concurrency: one call at a time; the workers are the trainer's own threads and the caller's thread stays as it was.
public final class Trainer {
  let program: NetworkProgram
  let optimizer: any GradientOptimizer
  let schedule: LearningRateSchedule
  let clipping: GradientClipping
  let transforms: UpdateTransforms
  let normalization: Normalization
  let seed: UInt64
  let runtime: RuntimeSettings
  let kernels: KernelSet
  let machine: Machine
  let budget: ProcessorBudget
  package let team: WorkerTeam
  /// The peak of all workers' processors, in GFLOP/s, once it has been measured.
  var measuredPeak: Double?
  /// The order in which an epoch visits its rows; comparisons with other programs make it sequential.
  package var epochOrder: EpochOrder
  /// How many samples are shuffled together, for files that are larger than memory; nil for all.
  ///
  /// Decides the order (``/TrainingData/EpochOrder``), and so the bits. L-BFGS, which needs one order, never shuffles.
  public var shuffleWindow: Int? {
    didSet {
      // What is below 1 is refused by `fit`.
      if !(optimizer is LBFGS) { epochOrder = EpochOrder(seed: seed, window: shuffleWindow.map { max(1, $0) }) }
    }
  }
  let storage: ParameterStorage
  var engine: StepEngine?
  /// What the schedule `plateau` has seen.
  var plateau = Plateau.Watch()
  /// The scaling that the first call of `fit` measured; later data is scaled alike.
  public internal(set) var transform: FeatureTransform?
  /// Whether the last call of `fit` had classes for targets.
  var trainsOnClasses = false
  /// The plan of the last call of `fit`.
  public internal(set) var plan: TrainingPlan?
  /// How closely calls of `fit` watch for sick layers; what they see is in every epoch's report, and changes no bit.
  public var diagnosis = DiagnosisMode.sampled
  /// What happens when the loss stops being a number.
  public var onDivergence = DivergencePolicy.stop { didSet { if onDivergence != oldValue { engine = nil } } }
  /// Epochs that the parameters have behind them.
  public internal(set) var epochCount = 0
  /// Steps that the parameters have behind them.
  public internal(set) var stepCount = 0

  /// Draws the network's initial parameters and starts the workers.
  ///
  /// - Parameters:
  ///   - network: the network to train.
  ///   - loss: what to make small.
  ///   - optimizer: the update rule, a built-in one or your own.
  ///   - schedule: how the learning rate moves through a call of `fit`.
  ///   - clipping: a bound on the gradient.
  ///   - transforms: what is done around the optimizer's updates.
  ///   - normalization: how features are scaled, measured on the training samples of the first `fit`.
  ///   - seed: what initial weights, shuffling and splits are drawn from.
  ///   - runtime: how many workers, and where.
  /// - Throws: an error of the room that refuses: ``TrainingRuntimeError``,
  ///   ``/PerceptronModel/PerceptronModelError``, ``/GradientOptimizers/GradientOptimizersError``,
  ///   ``/NeuronKernels/NeuronKernelsError``, ``/WorkerTeam/WorkerTeamError`` or
  ///   ``/HardwareTopology/HardwareTopologyError``.
  public convenience init(
    _ network: Network, loss: Loss, optimizer: any GradientOptimizer, schedule: LearningRateSchedule = .constant,
    clipping: GradientClipping = .none, transforms: UpdateTransforms = UpdateTransforms(),
    normalization: Normalization = .standardize, seed: UInt64 = 0, runtime: RuntimeSettings = RuntimeSettings()
  ) throws {
    try self.init(
      network, loss: loss, optimizer: optimizer, schedule: schedule, clipping: clipping, transforms: transforms,
      normalization: normalization,
      seed: seed, runtime: runtime, kernels: .selected())
  }

  /// The same with given kernels in place of those that `FASCICLE_ISA` or the CPU select.
  package init(
    _ network: Network, loss: Loss, optimizer: any GradientOptimizer, schedule: LearningRateSchedule = .constant,
    clipping: GradientClipping = .none, transforms: UpdateTransforms = UpdateTransforms(),
    normalization: Normalization = .standardize, seed: UInt64 = 0, runtime: RuntimeSettings = RuntimeSettings(),
    kernels: KernelSet
  ) throws {
    try runtime.requireWorkersInRange()
    try runtime.requireSoundLanes()
    try Self.check(optimizer, for: runtime.reduction)
    try schedule.validate()
    try Self.check(schedule, for: optimizer)
    try clipping.validate()
    try transforms.validate()
    try Self.check(transforms, clipping, with: optimizer, for: runtime.reduction)
    let prepared = try Self.prepared(network, loss: loss, for: optimizer)
    self.program = try NetworkProgram(prepared.network, loss: loss, operands: runtime.precision.operands)
    try Self.check(program, for: runtime.reduction)
    try Self.check(prepared.optimizer, for: program)
    try Self.checkLineSearch(
      prepared.optimizer, program, schedule: schedule, clipping: clipping, transforms: transforms,
      reduction: runtime.reduction)
    self.optimizer = prepared.optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.transforms = transforms
    self.normalization = normalization
    self.seed = seed
    self.runtime = runtime
    self.kernels = try kernels.with(runtime.precision)
    // Every step of L-BFGS is the whole set, and in one order its sums have the same bits in every epoch: what a line search
    // has found stays true in the next step, and for whoever goes on from there.
    epochOrder = prepared.optimizer is LBFGS ? .sequential : EpochOrder(seed: seed)
    machine = try Machine.current()
    budget = ProcessorBudget.current(on: machine, useSMT: runtime.usesSMT)
    team = try WorkerTeam.make(runtime, machine: machine, budget: budget)
    try Self.requireParameterMemory(program, stateSlotCount: optimizer.stateSlotCount + transforms.stateSlotCount)
    storage = try ParameterStorage(program, optimizer: optimizer, transforms: transforms, seed: seed)
  }

  /// Whether the whole gradient's norm is formed before any update.
  var needsNorm: Bool { StepEngine.needsNorm(optimizer, clipping: clipping, transforms: transformsInForce) }

  /// For each worker, where it really runs.
  public var pinning: [PinningOutcome] { team.pinning }

  /// A user's optimizer may ask for anything; the sizes that follow from it must not overflow.
  private static func check(_ optimizer: any GradientOptimizer, for reduction: GradientReduction) throws {
    try optimizer.validate()
    if reduction == .hogwild, optimizer is Muon {
      throw TrainingRuntimeError(
        code: .setting,
        message: "the optimizer \(optimizer.name) works on whole matrices, for which workers must meet, but with the "
          + "reduction hogwild they do not",
        hint: "use another optimizer such as adam, or the reduction segmented")
    }
    if reduction == .hogwild, optimizer is any TrustRatioOptimizer {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "the optimizer \(optimizer.name) needs the norms of whole tensors, for which workers must meet, but with "
          + "the reduction hogwild they do not",
        hint: "use another optimizer such as adam, or the reduction segmented")
    }
    // What L-BFGS cannot have, it says itself.
    guard reduction != .hogwild || optimizer is any KernelUpdatingOptimizer || optimizer is LBFGS else {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "the optimizer \(optimizer.name) cannot run with the reduction hogwild, where updates race: only those of "
          + "the built-in optimizers are written for that",
        hint: "use a built-in optimizer such as adam, or the reduction segmented")
    }
    guard (0...64).contains(optimizer.stateSlotCount) else {
      throw TrainingRuntimeError(
        code: .setting,
        message: "the optimizer \(optimizer.name) asks for \(optimizer.stateSlotCount) floats of state a parameter, "
          + "but may have 0 to 64")
    }
  }

  /// Muon without a matrix would be AdamW with Muon's name.
  private static func check(_ optimizer: any GradientOptimizer, for program: NetworkProgram) throws {
    guard let muon = optimizer as? Muon, Orthogonalization.Layout(program, optimizer: muon) == nil else { return }
    let count = program.stages.filter { $0.dense != nil }.count
    throw TrainingRuntimeError(
      code: .setting,
      message:
        "the optimizer muon finds no weight matrix to move: with matrices \(muon.matrices.rawValue) a network of "
        + "\(count) dense \(count == 1 ? "layer" : "layers") has none that learns",
      hint: "use adamw, or let it move more with matrices: \(count > 1 && muon.matrices == .hidden ? "butLast" : "all")"
    )
  }

  /// Averages and skips need an order of the steps, and one averaging at a time is what can be evaluated.
  private static func check(
    _ transforms: UpdateTransforms, _ clipping: GradientClipping, with optimizer: any GradientOptimizer,
    for reduction: GradientReduction
  ) throws {
    if reduction == .hogwild, transforms.stateSlotCount > 0 || transforms.skipLimit > 0 {
      throw TrainingRuntimeError(
        code: .setting,
        message: "averages, lookahead and skipped steps need steps in an order, which the reduction hogwild has not",
        hint: "use the reduction segmented or ownerComputes")
    }
    if reduction == .hogwild, transforms.accumulation > 1 {
      throw TrainingRuntimeError(
        code: .setting,
        message:
          "gradientAccumulation cannot run with the reduction hogwild, where every minibatch is a step of its own",
        hint: "use the reduction segmented or ownerComputes, or a larger batch")
    }
    switch clipping {
    case .tensorNorm where reduction == .hogwild, .adaptive where reduction == .hogwild:
      throw TrainingRuntimeError(
        code: .setting, message: "\(clipping.key) cannot run with the reduction hogwild",
        hint: "use clipNorm or clipValue, or the reduction segmented")
    default: break
    }
    if optimizer is any EvaluationPointOptimizer, transforms.stateSlotCount > 0 {
      throw TrainingRuntimeError(
        code: .setting,
        message: "the optimizer \(optimizer.name) averages by itself, but there is an average or a lookahead besides",
        hint: "leave those out, or use adamw")
    }
  }

  /// A penalty on angles is formed of weights that nobody changes meanwhile.
  private static func check(_ program: NetworkProgram, for reduction: GradientReduction) throws {
    guard reduction == .hogwild, let index = program.stages.firstIndex(where: { $0.learning.orthogonal > 0 }) else {
      return
    }
    throw TrainingRuntimeError(
      code: .setting,
      message: "\(program.stageNames[index]) has an orthogonalRegularizer, which cannot run with the reduction hogwild",
      hint: "leave it out, or use the reduction segmented or ownerComputes")
  }

  private static func check(_ schedule: LearningRateSchedule, for optimizer: any GradientOptimizer) throws {
    guard optimizer is any EvaluationPointOptimizer, schedule != .constant else { return }
    throw TrainingRuntimeError(
      code: .setting,
      message: "the optimizer \(optimizer.name) takes the place of a schedule, but the schedule is \(schedule.name)",
      hint: "use the schedule constant; the optimizer's own warmUpSteps warm up")
  }

  /// Parameters are drawn before a plan exists, so their size is checked on its own.
  private static func requireParameterMemory(_ program: NetworkProgram, stateSlotCount: Int) throws {
    let bytes = program.vectorCount * MemoryLayout<Float>.stride
    try MemoryPlan(parts: [
      MemoryPlan.Part(name: "parameters", byteCount: bytes),
      MemoryPlan.Part(name: "bf16 weights", byteCount: program.operandBytes),
      MemoryPlan.Part(name: "optimizer state", byteCount: bytes * stateSlotCount),
    ]).requireFit(within: .current())
  }
}
