import Glibc
import NeuronKernels

/// An activation's equation in double precision, and what its kernels may be off by.
struct ActivationEquation: Sendable, CustomStringConvertible {
  let kind: KernelActivation.Kind
  /// The worst error of a value, in units in the last place.
  let ulps: Double
  /// f(−∞) and f(+∞).
  let limits: (Double, Double)
  /// Where the derivative jumps.
  var kinks: [Double] = []
  let value: @Sendable (Double) -> Double

  var a: Float { CaseActivation.parameters(kind).a }
  var b: Float { CaseActivation.parameters(kind).b }
  var activation: KernelActivation { KernelActivation(kind, a: a, b: b) }
  var description: String { "\(kind)" }

  private init(
    _ kind: KernelActivation.Kind, ulps: Double, limits: (Double, Double), kinks: [Double] = [],
    _ value: @escaping @Sendable (Double) -> Double
  ) {
    (self.kind, self.ulps, self.limits, self.kinks, self.value) = (kind, ulps, limits, kinks, value)
  }

  /// The same limits and bounds with another equation, which the comparison must refuse.
  func broken() -> ActivationEquation {
    ActivationEquation(kind, ulps: ulps, limits: limits, kinks: kinks) { 1.0001 * value($0) }
  }

  private static func parameters(_ kind: KernelActivation.Kind) -> (a: Double, b: Double) {
    let (a, b) = CaseActivation.parameters(kind)
    return (Double(a), Double(b))
  }

  private static func logOnePlusExp(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }

  /// The normal distribution up to z.
  private static func normal(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

  /// Every kind that has a derivative and works on values one by one.
  static let all: [ActivationEquation] = {
    let infinity = Double.infinity
    let scaledTanh = parameters(.scaledTanh), threshold = parameters(.threshold), b = parameters(.squareplus).a
    let alpha = parameters(.elu).a, slope = parameters(.leakyReLU).a, signedSlope = parameters(.signedLeakyReLU).a
    let mean = (parameters(.rreLU).a + parameters(.rreLU).b) / 2
    let (seluScale, seluAlpha) = (1.0507009873554805, 1.6732632423543772)
    return [
      ActivationEquation(.scaledLinear, ulps: 0.51, limits: (-infinity, infinity)) { alpha * $0 },
      ActivationEquation(.sigmoid, ulps: 2, limits: (0, 1)) { 1 / (1 + exp(-$0)) },
      ActivationEquation(.hardSigmoid, ulps: 1.6, limits: (0, 1), kinks: [-3, 3]) { min(max($0 + 3, 0), 6) / 6 },
      ActivationEquation(.logSigmoid, ulps: 2, limits: (-infinity, 0)) { -logOnePlusExp(-$0) },
      ActivationEquation(.tanh, ulps: 2, limits: (-1, 1)) { tanh($0) },
      ActivationEquation(.hardTanh, ulps: 0, limits: (-1, 1), kinks: [-1, 1]) { min(max($0, -1), 1) },
      // Above 2 stand those whose remedy costs more than a tenth of their time (decision 0020), with the worst over every
      // float, of which this sweep sees fewer. Here 3.11: bz, its tanh and the product are rounded one after the other.
      ActivationEquation(.scaledTanh, ulps: 3.2, limits: (-scaledTanh.a, scaledTanh.a)) {
        scaledTanh.a * tanh(scaledTanh.b * $0)
      },
      ActivationEquation(.tanhShrink, ulps: 2, limits: (-infinity, infinity)) { z in
        // The series where the difference would cancel.
        guard abs(z) < 0.02 else { return z - tanh(z) }
        let s = z * z
        return z * s * (1 / 3.0 - s * (2 / 15.0 - s * (17 / 315.0 - s * 62 / 2835.0)))
      },
      ActivationEquation(.relu, ulps: 0, limits: (0, infinity), kinks: [0]) { max($0, 0) },
      ActivationEquation(.relu6, ulps: 0, limits: (0, 6), kinks: [0, 6]) { min(max($0, 0), 6) },
      ActivationEquation(.leakyReLU, ulps: 0.51, limits: (-infinity, infinity), kinks: [0]) {
        $0 < 0 ? slope * $0 : $0
      },
      ActivationEquation(.signedLeakyReLU, ulps: 0.51, limits: (infinity, infinity), kinks: [0]) {
        $0 < 0 ? signedSlope * $0 : $0
      },
      ActivationEquation(.rreLU, ulps: 1.1, limits: (-infinity, infinity), kinks: [0]) { $0 < 0 ? mean * $0 : $0 },
      ActivationEquation(.elu, ulps: 2, limits: (-alpha, infinity), kinks: [0]) { $0 < 0 ? alpha * expm1($0) : $0 },
      ActivationEquation(.selu, ulps: 2, limits: (-seluScale * seluAlpha, infinity), kinks: [0]) {
        seluScale * ($0 < 0 ? seluAlpha * expm1($0) : $0)
      },
      // 1.87 with this α and 0.82 with 1, but 2.04 with 0.7.
      ActivationEquation(.celu, ulps: 2, limits: (-alpha, infinity)) { $0 < 0 ? alpha * expm1($0 / alpha) : $0 },
      ActivationEquation(.gelu, ulps: 2, limits: (0, infinity)) { $0 < -1000 ? 0 : $0 * normal($0) },
      // 210.6, at −9.98: far below 0 the exponential multiplies the rounding of its own argument.
      ActivationEquation(.geluTanh, ulps: 211, limits: (0, infinity)) { z in
        z < -1000 ? 0 : z / (1 + exp(-2 * ((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z))))
      },
      ActivationEquation(.silu, ulps: 2, limits: (0, infinity)) { $0 < -1000 ? 0 : $0 / (1 + exp(-$0)) },
      // 2.48: the sum, a sixth of it and the product are rounded one after the other.
      ActivationEquation(.hardSiLU, ulps: 2.5, limits: (0, infinity), kinks: [-3, 3]) {
        $0 < -3 ? 0 : $0 * min($0 + 3, 6) / 6
      },
      // 4.70: eᶻ, two sums, a product, a quotient and a product are rounded one after the other.
      ActivationEquation(.mish, ulps: 4.8, limits: (0, infinity)) { $0 < -1000 ? 0 : $0 * tanh(logOnePlusExp($0)) },
      ActivationEquation(.softplus, ulps: 2, limits: (0, infinity)) { logOnePlusExp($0) },
      ActivationEquation(.squareplus, ulps: 2, limits: (0, infinity)) { z in
        let root = (z * z + b).squareRoot()
        return z < 0 ? z < -1e100 ? 0 : 0.5 * b / (root - z) : 0.5 * (z + root)
      },
      ActivationEquation(.softsign, ulps: 2, limits: (-1, 1)) { $0.isInfinite ? copysign(1, $0) : $0 / (1 + abs($0)) },
      ActivationEquation(.elliot, ulps: 2, limits: (0, 1)) { $0 < 0 ? 0.5 / (1 - $0) : 1 - 0.5 / (1 + $0) },
      ActivationEquation(.exponential, ulps: 1.1, limits: (0, infinity)) { exp($0) },
      ActivationEquation(.gaussian, ulps: 1.5, limits: (0, 0)) { exp(-$0 * $0) },
      ActivationEquation(.threshold, ulps: 0, limits: (threshold.b, infinity), kinks: [threshold.a]) {
        $0 <= threshold.a ? threshold.b : $0
      },
      ActivationEquation(.softShrink, ulps: 0.51, limits: (-infinity, infinity), kinks: [-alpha, alpha]) {
        abs($0) <= alpha ? 0 : $0 - copysign(alpha, $0)
      },
      ActivationEquation(.hardShrink, ulps: 0, limits: (-infinity, infinity), kinks: [-alpha, alpha]) {
        abs($0) <= alpha ? 0 : $0
      },
    ]
  }()
}
