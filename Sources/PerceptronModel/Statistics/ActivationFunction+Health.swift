/// Values of an activation from which on its derivative is next to nothing.
package struct SaturationLimits: Sendable, Hashable {
  /// At or below this value the unit is saturated.
  package let lower: Float
  /// At or above this value the unit is saturated.
  package let upper: Float
}

extension ActivationFunction {
  /// Whether a unit that gives 0 passes no gradient either, and so may never come back.
  package var canDie: Bool { self == .relu || self == .relu6 }

  /// Within a hundredth of the way between its limits of one of them; nil for functions without two limits.
  ///
  /// There the derivative of the sigmoid and of tanh is less than a twentieth of what it is at 0. A softmax is saturated
  /// where one unit takes nearly everything.
  package var saturation: SaturationLimits? {
    switch self {
    case .sigmoid, .hardSigmoid, .elliot: SaturationLimits(lower: 0.01, upper: 0.99)
    case .tanh, .hardTanh, .softsign: SaturationLimits(lower: -0.98, upper: 0.98)
    case .scaledTanh(let scale, _): SaturationLimits(lower: -0.98 * abs(scale), upper: 0.98 * abs(scale))
    case .softmax: SaturationLimits(lower: -.infinity, upper: 0.99)
    default: nil
    }
  }
}
