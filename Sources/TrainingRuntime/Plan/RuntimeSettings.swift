/// How many workers train.
public enum WorkerRequest: Sendable, Hashable {
  /// As many as the CPU budget allows and the step is worth.
  case automatic
  /// Exactly this many, also beyond the budget.
  case exactly(Int)
}

/// Arithmetic of the step.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// IEEE single precision throughout.
  case f32
  /// The operands of the matrix products rounded to bfloat16, everything else in single precision; needs a CPU with
  /// AVX512-BF16.
  case bf16
  /// The bits of ``bf16`` on any CPU, put together from other instructions and slower than ``f32``: for tests.
  case bf16Emulated = "bf16-emulated"
  /// As ``bf16``, but summed as AMX does, sixteen pairs at a time; needs a CPU with AMX-BF16, where it is many times as
  /// fast.
  case bf16AMX = "bf16-amx"
  /// The bits of ``bf16AMX`` on any CPU, put together from other instructions and slower than ``f32``: for tests.
  case bf16AMXEmulated = "bf16-amx-emulated"
}

/// Where and how a training run executes.
///
/// The number of workers, their places and their hardware threads change no bit of the result. The reduction does, and so
/// does its number of lanes.
public struct RuntimeSettings: Sendable, Hashable {
  /// The largest number of workers that may be asked for.
  public static let maximumWorkerCount = 1024

  /// How many workers.
  public var workers: WorkerRequest
  /// Whether each worker is bound to its processor.
  public var pinsWorkers: Bool
  /// Whether hardware threads of one core count as processors of their own.
  public var usesSMT: Bool
  /// How gradients are reduced.
  public var reduction: GradientReduction
  /// How many gradient lanes the reduction `segmented` has; 1 to ``GradientReduction/maximumLaneCount``.
  public var lanes: LaneRequest
  /// Arithmetic of the step.
  public var precision: Precision
  /// How phase A is shared out, where a test or a measurement forces it; nil leaves it to the plan.
  package var phaseASplit: PhaseASplit?

  /// Settings; the defaults suit training on a machine of one's own.
  public init(
    workers: WorkerRequest = .automatic, pinsWorkers: Bool = true, usesSMT: Bool = false,
    reduction: GradientReduction = .ownerComputes, lanes: LaneRequest = .automatic, precision: Precision = .f32
  ) {
    self.workers = workers
    self.pinsWorkers = pinsWorkers
    self.usesSMT = usesSMT
    self.reduction = reduction
    self.lanes = lanes
    self.precision = precision
  }
}
