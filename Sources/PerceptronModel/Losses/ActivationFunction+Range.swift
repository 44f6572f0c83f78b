extension ActivationFunction {
  /// The numbers that the function can give, its limits included.
  package var outputRange: ClosedRange<Float> {
    let everything = -Float.infinity...Float.infinity
    return switch self {
    case .linear, .scaledLinear, .leakyReLU, .preLU, .rreLU, .tanhShrink, .softShrink, .hardShrink: everything
    case .step, .sigmoid, .hardSigmoid, .elliot, .gaussian, .softmax: 0...1
    case .logSigmoid, .logSoftmax: -.infinity...0
    case .tanh, .hardTanh, .softsign: -1...1
    case .scaledTanh(let scale, _): -abs(scale)...abs(scale)
    case .relu, .softplus, .squareplus, .exponential: 0 ... .infinity
    case .relu6: 0...6
    case .elu(let alpha), .celu(let alpha): -alpha ... .infinity
    case .selu: -1.758_099_3 ... .infinity
    case .gelu: -0.170_041 ... .infinity
    case .silu: -0.278_465 ... .infinity
    case .hardSiLU: -0.375 ... .infinity
    case .mish: -0.308_842 ... .infinity
    case .threshold(let threshold, let value): min(threshold, value) ... .infinity
    }
  }
}
