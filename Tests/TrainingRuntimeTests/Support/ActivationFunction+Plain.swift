import Fascicle
import Foundation

/// The activations that work on values one by one, as their equations in Double.
extension ActivationFunction {
  /// f(z).
  func plainValue(_ z: Double) -> Double {
    func softplus(_ z: Double) -> Double { Foundation.log(1 + exp(z)) }
    func elu(_ alpha: Double) -> Double { z < 0 ? alpha * (exp(z) - 1) : z }
    return switch self {
    case .scaledLinear(let slope): Double(slope) * z
    case .step: z > 0 ? 1 : 0
    case .sigmoid: 1 / (1 + exp(-z))
    case .hardSigmoid: min(max(0, z + 3), 6) / 6
    case .logSigmoid: -softplus(-z)
    case .tanh: Foundation.tanh(z)
    case .hardTanh: min(max(-1, z), 1)
    case .scaledTanh(let scale, let steepness): Double(scale) * Foundation.tanh(Double(steepness) * z)
    case .tanhShrink: z - Foundation.tanh(z)
    case .relu: max(0, z)
    case .relu6: min(max(0, z), 6)
    case .leakyReLU(let slope): z < 0 ? Double(slope) * z : z
    case .elu(let alpha): elu(Double(alpha))
    case .selu: 1.0507009873554805 * elu(1.6732632423543772)
    case .celu(let alpha): z < 0 ? Double(alpha) * (exp(z / Double(alpha)) - 1) : z
    case .gelu(.erf): z * 0.5 * erfc(-z / 2.0.squareRoot())
    case .gelu(.tanh):
      0.5 * z * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z)))
    case .silu: z / (1 + exp(-z))
    case .hardSiLU: z * min(max(0, z + 3), 6) / 6
    case .mish: z * Foundation.tanh(softplus(z))
    case .softplus: softplus(z)
    case .squareplus(let b): (z + (z * z + Double(b)).squareRoot()) / 2
    case .softsign: z / (1 + abs(z))
    case .elliot: 0.5 + 0.5 * z / (1 + abs(z))
    case .exponential: exp(z)
    case .gaussian: exp(-z * z)
    case .threshold(let threshold, let value): z > Double(threshold) ? z : Double(value)
    case .softShrink(let lambda): abs(z) <= Double(lambda) ? 0 : z - copysign(Double(lambda), z)
    case .hardShrink(let lambda): abs(z) <= Double(lambda) ? 0 : z
    case .rreLU(let lower, let upper): z < 0 ? (Double(lower) + Double(upper)) / 2 * z : z
    case .linear, .preLU, .softmax, .logSoftmax: fatalError("\(self) is no function of one value")
    }
  }

  /// Where the derivative jumps.
  var kinks: [Double] {
    switch self {
    case .step, .relu, .leakyReLU, .elu, .selu: [0]
    case .hardTanh: [-1, 1]
    case .hardSigmoid, .hardSiLU: [-3, 3]
    case .relu6: [0, 6]
    case .threshold(let threshold, _): [Double(threshold)]
    case .softShrink(let lambda), .hardShrink(let lambda): [-Double(lambda), Double(lambda)]
    default: []
    }
  }
}
