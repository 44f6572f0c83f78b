import Fascicle

extension GraphBuilder {
  /// Adds an activation over the values of that name; `slopes` are the learned ones.
  ///
  /// Operators of opset 17 where there is one, else the function's equation.
  mutating func activation(_ function: ActivationFunction, _ z: String, slopes: [Float]) -> String {
    switch function {
    case .linear: return z
    case .scaledLinear(let slope): return node("Mul", [z, number(slope)])
    case .step:
      return node("Cast", [node("Greater", [z, number(0)])], ["to": .int(ONNXTensorProto.DataType.float.rawValue)])
    case .sigmoid: return node("Sigmoid", [z])
    case .hardSigmoid: return node("HardSigmoid", [z], ["alpha": .float(1.0 / 6), "beta": .float(0.5)])
    case .logSigmoid: return node("Neg", [node("Softplus", [node("Neg", [z])])])
    case .tanh: return node("Tanh", [z])
    case .hardTanh: return node("Clip", [z, number(-1), number(1)])
    case .scaledTanh(let scale, let steepness):
      return node("Mul", [node("Tanh", [node("Mul", [z, number(steepness)])]), number(scale)])
    case .tanhShrink: return node("Sub", [z, node("Tanh", [z])])
    default: return rectifier(function, z, slopes: slopes)
    }
  }

  private mutating func rectifier(_ function: ActivationFunction, _ z: String, slopes: [Float]) -> String {
    switch function {
    case .relu: return node("Relu", [z])
    case .relu6: return node("Clip", [z, number(0), number(6)])
    case .leakyReLU(let slope): return node("LeakyRelu", [z], ["alpha": .float(slope)])
    case .preLU: return node("PRelu", [z, constant(slopes, name: "slopes")])
    case .rreLU(let lower, let upper): return node("LeakyRelu", [z], ["alpha": .float((lower + upper) / 2)])
    case .elu(let alpha): return node("Elu", [z], ["alpha": .float(alpha)])
    case .selu:
      return node("Selu", [z], ["alpha": .float(1.6732632423543772), "gamma": .float(1.0507009873554805)])
    case .celu(let alpha): return node("Celu", [z], ["alpha": .float(alpha)])
    case .gelu(let form): return gelu(form, z)
    case .silu: return node("Mul", [z, node("Sigmoid", [z])])
    case .hardSiLU: return node("HardSwish", [z])
    case .mish: return node("Mul", [z, node("Tanh", [node("Softplus", [z])])])
    case .softplus: return node("Softplus", [z])
    case .squareplus(let b):
      let root = node("Sqrt", [node("Add", [node("Mul", [z, z]), number(b)])])
      return node("Mul", [node("Add", [z, root]), number(0.5)])
    default: return other(function, z)
    }
  }

  private mutating func other(_ function: ActivationFunction, _ z: String) -> String {
    switch function {
    case .softsign: return node("Softsign", [z])
    case .elliot: return node("Add", [node("Mul", [node("Softsign", [z]), number(0.5)]), number(0.5)])
    case .exponential: return node("Exp", [z])
    case .gaussian: return node("Exp", [node("Neg", [node("Mul", [z, z])])])
    case .threshold(let threshold, let value):
      return node("Where", [node("LessOrEqual", [z, number(threshold)]), number(value), z])
    case .softShrink(let lambda): return node("Shrink", [z], ["lambd": .float(lambda), "bias": .float(lambda)])
    case .hardShrink(let lambda): return node("Shrink", [z], ["lambd": .float(lambda), "bias": .float(0)])
    case .softmax: return node("Softmax", [z], ["axis": .int(-1)])
    case .logSoftmax: return node("LogSoftmax", [z], ["axis": .int(-1)])
    default: preconditionFailure("\(function) has no operators")
    }
  }

  /// ½·z·(1 + erf(z/√2)), or with tanh(√(2/π)·(z + 0.044715·z³)) in place of erf.
  private mutating func gelu(_ form: GELUForm, _ z: String) -> String {
    let bent: String
    if form == .erf {
      bent = node("Erf", [node("Mul", [z, number(0.7071067811865476)])])
    } else {
      let cube = node("Mul", [node("Mul", [z, z]), z])
      let sum = node("Add", [z, node("Mul", [cube, number(0.044715)])])
      bent = node("Tanh", [node("Mul", [sum, number(0.7978845608028654)])])
    }
    return node("Mul", [node("Mul", [z, number(0.5)]), node("Add", [bent, number(1)])])
  }
}
