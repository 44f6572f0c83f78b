import Glibc

/// How the learning rate moves through a run, as a factor of the optimizer's rate.
///
/// Epochs are those of one call of `fit`. Lengths in epochs may be fractions where they are `Double`.
public enum LearningRateSchedule: Sendable, Hashable {
  /// Always the optimizer's rate.
  case constant
  /// Multiplied with `factor` after every `epochs` epochs.
  case step(epochs: Int, factor: Float)
  /// Multiplied with `factor` at the end of each of these epochs, which rise.
  case multiStep(milestones: [Int], factor: Float)
  /// The first of `factors` until the first of `milestones`, in epochs, and from each milestone on the next.
  ///
  /// Source: Keras' `PiecewiseConstantDecay`, whose boundary itself is still the old piece's.
  case piecewise(milestones: [Double], factors: [Float])
  /// Straight from `startFactor` to `endFactor` over the first `epochs`, and so it stays.
  ///
  /// Source: PyTorch's `LinearLR`.
  case ramp(startFactor: Float = 0.1, endFactor: Float = 1, epochs: Double = 5)
  /// `factor` to the power of t/`epochs`, t the epochs so far; with `staircase` the exponent is rounded down.
  case exponential(factor: Float, epochs: Double = 1, staircase: Bool = false)
  /// `(1 − finalFactor)·(1 − t/T)^power + finalFactor` until T = `epochs`, or the run's where nil; `finalFactor` after it.
  case polynomial(power: Float = 1, finalFactor: Float = 0, epochs: Double? = nil)
  /// `1/(1 + decay·t/epochs)`, t the epochs so far; with `staircase` t/epochs is rounded down.
  case inverseTime(decay: Float, epochs: Double = 1, staircase: Bool = false)
  /// Rises linearly over the first `warmUpEpochs`, then falls along half a cosine to `finalFactor`, which the step after
  /// the last would have.
  ///
  /// Source: Loshchilov, Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2016, arXiv:1608.03983, equation 5,
  /// with the cosine advanced at every step.
  case cosine(warmUpEpochs: Double = 0, finalFactor: Float = 0)
  /// Half a cosine again and again.
  case cosineRestarts(CosineRestarts)
  /// Up to the optimizer's rate and far down again, once in the run.
  case oneCycle(OneCycle)
  /// Up to the optimizer's rate and down again, over and over.
  case cyclic(CyclicRate)
  /// Several schedules, one after the other.
  case sequence(ScheduleSequence)
  /// Lower whenever a metric has stopped to improve.
  case plateau(Plateau)

  /// The factor for a step; ``plateau(_:)`` is always 1 here, since its factor follows from metrics.
  ///
  /// - Parameters:
  ///   - step: Steps done before this one: 0 for the first.
  ///   - stepsPerEpoch: Steps of an epoch, at least 1.
  ///   - totalSteps: Steps of the run; steps beyond it keep the last factor, where the schedule has an end.
  public func factor(step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Float {
    switch self {
    case .constant, .plateau:
      return 1
    case .step(let epochs, let factor):
      return pow(factor, Float(step / stepsPerEpoch / epochs))
    case .multiStep(let milestones, let factor):
      // No closure: this runs inside a step.
      var passed = 0
      for milestone in milestones where step / stepsPerEpoch >= milestone { passed += 1 }
      return pow(factor, Float(passed))
    case .piecewise(let milestones, let factors):
      var piece = 0
      for milestone in milestones where step >= Self.firstStep(after: milestone, stepsPerEpoch) { piece += 1 }
      return factors[piece]
    case .ramp(let startFactor, let endFactor, let length):
      let share = min(1, Double(step) / (length * Double(stepsPerEpoch))), start = decimal(startFactor)
      return Float(start + (decimal(endFactor) - start) * share)
    case .exponential(let factor, let length, let staircase):
      return Float(pow(decimal(factor), Self.periods(step, length * Double(stepsPerEpoch), staircase)))
    case .polynomial(let power, let finalFactor, let length):
      let end = length.map { $0 * Double(stepsPerEpoch) } ?? Double(totalSteps)
      let left = 1 - min(1, Double(step) / end)
      return finalFactor + (1 - finalFactor) * Float(pow(left, decimal(power)))
    case .inverseTime(let decay, let length, let staircase):
      return Float(1 / (1 + decimal(decay) * Self.periods(step, length * Double(stepsPerEpoch), staircase)))
    case .cosine(let warmUpEpochs, let finalFactor):
      let warmUp = warmUpEpochs * Double(stepsPerEpoch)
      let position = Double(step)
      if position < warmUp { return Self.warmUp(position, of: warmUp) }
      let share = min(1, (position - warmUp) / max(1, Double(totalSteps) - warmUp))
      return finalFactor + (1 - finalFactor) * Float(0.5 * (1 + cos(Double.pi * share)))
    case .cosineRestarts(let restarts):
      return restarts.factor(step: step, stepsPerEpoch: stepsPerEpoch)
    case .oneCycle(let cycle):
      return cycle.factor(step: step, totalSteps: totalSteps)
    case .cyclic(let cyclic):
      return cyclic.factor(step: step, stepsPerEpoch: stepsPerEpoch)
    case .sequence(let sequence):
      return sequence.factor(step: step, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps)
    }
  }

  /// Lengths of so many steps that are over; the length is formed first, so that 1.6 epochs of 5 steps are 8.
  private static func periods(_ step: Int, _ length: Double, _ staircase: Bool) -> Double {
    staircase ? (Double(step) / length).rounded(.down) : Double(step) / length
  }

  /// The first step that begins after so many epochs; 1.1 of 10 steps are 11, though their product is a little more.
  static func firstStep(after epochs: Double, _ stepsPerEpoch: Int) -> Int {
    Int((epochs * Double(stepsPerEpoch) - 1e-6).rounded(.up))
  }

  /// The rise over `warmUp` steps, which ends on 1 in the step after them.
  static func warmUp(_ position: Double, of warmUp: Double) -> Float { Float((position + 1) / (warmUp + 1)) }

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .constant: "constant"
    case .step: "step"
    case .multiStep: "multi_step"
    case .piecewise: "piecewise"
    case .ramp: "ramp"
    case .exponential: "exponential"
    case .polynomial: "polynomial"
    case .inverseTime: "inverse_time"
    case .cosine: "cosine"
    case .cosineRestarts: "cosine_restarts"
    case .oneCycle: "one_cycle"
    case .cyclic: "cyclic"
    case .sequence: "sequence"
    case .plateau: "plateau"
    }
  }
}
