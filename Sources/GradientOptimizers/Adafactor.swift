import Glibc
import NeuronKernels

/// Adafactor: steps scaled by second moments of which a matrix keeps no more than the means of its rows and columns.
///
///     share = t^(−decayExponent)
///     R = R + share·(row means of g² + epsilon − R)          C = C + share·(column means of g² + epsilon − C)
///     v = R·Cᵀ/mean(R)          of vectors, and of what is not factored, v = v + share·(g² + epsilon − v)
///     u = g/√v                  û = u/max(1, RMS(u)/clipThreshold)
///     w = w·(1 − rate·weightDecay) − ρ·s·û
///     ρ = min(rate, 1/√t), or the rate alone without relativeStep
///     s = max(smallestScale, RMS(w)), or 1 without scalesByParameters
///
/// RMS, the root of the mean square, is that of a tensor: of a layer's weights, its biases or its slopes. A layer of n inputs
/// and m units keeps n + m numbers beside its n·m weights. There is no first moment. The learning rate is a share of the
/// parameters' own size, and the largest that there is; it may follow a schedule as well.
///
/// Source: Shazeer, Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", 2018, arXiv:1804.04235, algorithms 4
/// and 5 with their proposed hyperparameters. The rate in ρ and the decay are as in PyTorch's `torch.optim.Adafactor`, which
/// has `epsilon` as a lower bound of v in place of an addend; `relativeStep: false` is `optax.adafactor`.
public struct Adafactor: GradientOptimizer, TrustRatioOptimizer {
  /// The learning rate: the largest step, as a share of the parameters' root mean square.
  public var learningRate: Float
  /// How fast the share falls that a step's squares have in the second moments: t to this power, negated.
  public var decayExponent: Float
  /// What joins every squared gradient, so that second moments are never zero.
  public var epsilon: Float
  /// The root mean square that no tensor's direction may pass.
  public var clipThreshold: Float
  /// Whether a step is at most 1/√t, whatever the rate.
  public var relativeStep: Bool
  /// Whether a tensor's step is in proportion to the tensor.
  public var scalesByParameters: Bool
  /// The least that a tensor's root mean square counts for.
  public var smallestScale: Float
  /// The share of a parameter that decays in a step, before it is multiplied with the rate.
  public var weightDecay: Float
  /// Matrices whose shorter side is less keep a second moment for each weight.
  public var smallestFactoredSide: Int

  /// Adafactor with the given hyperparameters.
  public init(
    learningRate: Float = 0.01, decayExponent: Float = 0.8, epsilon: Float = 1e-30, clipThreshold: Float = 1,
    relativeStep: Bool = true, scalesByParameters: Bool = true, smallestScale: Float = 1e-3, weightDecay: Float = 0,
    smallestFactoredSide: Int = 1
  ) {
    self.learningRate = learningRate
    self.decayExponent = decayExponent
    self.epsilon = epsilon
    self.clipThreshold = clipThreshold
    self.relativeStep = relativeStep
    self.scalesByParameters = scalesByParameters
    self.smallestScale = smallestScale
    self.weightDecay = weightDecay
    self.smallestFactoredSide = smallestFactoredSide
  }

  /// `adafactor`.
  public var name: String { "adafactor" }
  /// None for each parameter: second moments are kept by row and column.
  public var stateSlotCount: Int { 0 }

  /// Refuses hyperparameters that are not finite or out of range.
  public func validate() throws(GradientOptimizersError) {
    try requireLearningRate(learningRate)
    try require(decayExponent, "decayExponent", "above 0 and at most 1, such as 0.8") { $0 > 0 && $0 <= 1 }
    try require(epsilon, "epsilon", "from 1e-32 to 1, such as 1e-30") { $0 >= 1e-32 && $0 <= 1 }
    try require(clipThreshold, "clipThreshold", "above 0, such as 1") { $0 > 0 }
    try require(smallestScale, "smallestScale", "above 0, such as 0.001") { $0 > 0 }
    try requireDecay(weightDecay)
    guard smallestFactoredSide >= 1 else {
      throw GradientOptimizersError(
        parameter: "smallestFactoredSide",
        message: "smallestFactoredSide must be at least 1, but is \(smallestFactoredSide)")
    }
  }

  /// ρ, the share of a parameter that stays, and the share of a step's squares.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    let bound = relativeStep ? Float(1 / Double(step.number).squareRoot()) : .infinity
    return [
      min(step.learningRate, bound), 1 - step.learningRate * weightDecay,
      Float(pow(Double(step.number), -decimal(decayExponent))), 0, 0, 0, 0, 0,
    ]
  }

  /// One pass over the slice, whose gradients are the direction.
  public func update(_ slice: ParameterSlice) {
    let keep = slice.decays ? slice.coefficients[1] : 1
    if keep != 1 {
      slice.kernels.combine(slice.parameters, .scale, with: slice.parameters, count: slice.count, a: keep)
    }
    slice.kernels.updateSGD(slice.updateSlice(stateSlots: 0, l2: 0), rate: slice.coefficients[0])
  }

  package func trustRatio(parameterNorm: Double, directionNorm: Double, count: Int) -> Float {
    let root = Double(max(1, count)).squareRoot()
    let scale = scalesByParameters ? max(Double(smallestScale), parameterNorm / root) : 1
    return Float(scale / max(1, directionNorm / root / Double(clipThreshold)))
  }

  /// Whether a matrix of these sides keeps the means of its rows and columns alone.
  package func factors(_ sides: (Int, Int)) -> Bool { min(sides.0, sides.1) >= smallestFactoredSide }
}

// MARK: - Directions

/// Floats that are taken together: a line of a matrix is two.
package typealias AdafactorLanes = SIMD16<Float>

extension Adafactor {
  /// The direction of what is not factored; the slice's only state is v.
  package func formDirection(_ slice: ParameterSlice, in direction: UnsafeMutablePointer<Float>) {
    let share = slice.coefficients[2], scale = slice.gradientScale
    let moments = UnsafeMutableRawPointer(slice.state(0)), lanes = UnsafeMutableRawPointer(direction)
    for byte in stride(from: 0, to: slice.count * 4, by: 64) {
      let gradient = lanes.load(fromByteOffset: byte, as: AdafactorLanes.self) * scale
      let before = moments.load(fromByteOffset: byte, as: AdafactorLanes.self)
      let moment = moved(before, towards: gradient * gradient, share: share)
      moments.storeBytes(of: moment, toByteOffset: byte, as: AdafactorLanes.self)
      lanes.storeBytes(of: gradient / moment.squareRoot(), toByteOffset: byte, as: AdafactorLanes.self)
    }
  }

  /// A second moment after a step, from what it was and the step's mean of squares.
  package func moved(_ moments: AdafactorLanes, towards squares: AdafactorLanes, share: Float) -> AdafactorLanes {
    moments + ((squares + epsilon) - moments) * share
  }
}
