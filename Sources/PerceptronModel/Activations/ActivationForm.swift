import NeuronKernels

/// What configurations, kernels and plans know of an activation: a row of the table below.
struct ActivationForm {
  /// What a plan must know beyond the kernel.
  struct Traits: OptionSet {
    let rawValue: Int
    /// About half of the inputs are kept, which is what He's initialisation makes up for.
    static let rectifier = Traits(rawValue: 1)
    /// The derivative takes no more than the sign of y, or nothing.
    static let signOnly = Traits(rawValue: 2)
    /// A value costs an exponential.
    static let exponential = Traits(rawValue: 4)
    /// The units of a sample depend on each other.
    static let couplesUnits = Traits(rawValue: 8)
  }

  let name: String
  let kind: KernelActivation.Kind
  /// In the order in which the kernels take the numbers, as a and b.
  let parameters: [ActivationParameter]
  let traits: Traits
  /// The function with other values of the parameters, in their order; nil for a word that is none of theirs.
  let withValues: ([ActivationParameter.Value]) -> ActivationFunction?

  init(_ name: String, _ kind: KernelActivation.Kind, _ traits: Traits, _ function: ActivationFunction) {
    self.init(name, kind, traits, parameters: []) { _ in function }
  }

  init(
    _ name: String, _ kind: KernelActivation.Kind, _ traits: Traits, _ parameter: ActivationParameter,
    _ make: @escaping (Float) -> ActivationFunction
  ) {
    self.init(name, kind, traits, parameters: [parameter]) { values in values[0].number.map(make) }
  }

  init(
    _ name: String, _ kind: KernelActivation.Kind, _ traits: Traits, _ a: ActivationParameter,
    _ b: ActivationParameter, _ make: @escaping (Float, Float) -> ActivationFunction
  ) {
    self.init(name, kind, traits, parameters: [a, b]) { values in
      guard let a = values[0].number, let b = values[1].number else { return nil }
      return make(a, b)
    }
  }

  init(
    _ name: String, _ kind: KernelActivation.Kind, _ traits: Traits, parameters: [ActivationParameter],
    withValues: @escaping ([ActivationParameter.Value]) -> ActivationFunction?
  ) {
    self.name = name
    self.kind = kind
    self.traits = traits
    self.parameters = parameters
    self.withValues = withValues
  }
}

extension ActivationParameter.Value {
  var number: Float? { if case .number(let number) = self { number } else { nil } }

  func choice<Choice: RawRepresentable>() -> Choice? where Choice.RawValue == String {
    if case .word(let word) = self { Choice(rawValue: word) } else { nil }
  }
}

extension ActivationFunction {
  /// Every function, with its usual parameters.
  public static let all: [ActivationFunction] = [
    .linear, .step(), .sigmoid, .tanh, .relu, .leakyReLU(), .preLU(), .softmax, .hardSigmoid, .logSigmoid, .hardTanh,
    .scaledTanh(), .tanhShrink, .relu6, .rreLU(), .elu(), .selu, .celu(), .gelu(), .silu, .hardSiLU, .mish, .softplus,
    .squareplus(), .softsign, .elliot, .exponential, .gaussian, .threshold(), .softShrink(), .hardShrink(), .logSoftmax,
  ]

  /// The function's row.
  var form: ActivationForm {
    switch self {
    case .linear: ActivationForm("linear", .linear, .signOnly, .linear)
    case .scaledLinear(let slope):
      ActivationForm("linear", .scaledLinear, .signOnly, .number("slope", slope)) {
        $0 == 1 ? .linear : .scaledLinear(slope: $0)
      }
    case .step(let gradient):
      ActivationForm("step", gradient.kind, .signOnly, parameters: [.word("gradient", gradient)]) {
        $0[0].choice().map { .step(gradient: $0) }
      }
    case .sigmoid: ActivationForm("sigmoid", .sigmoid, .exponential, .sigmoid)
    case .hardSigmoid: ActivationForm("hard_sigmoid", .hardSigmoid, [], .hardSigmoid)
    case .logSigmoid: ActivationForm("log_sigmoid", .logSigmoid, .exponential, .logSigmoid)
    case .tanh: ActivationForm("tanh", .tanh, .exponential, .tanh)
    case .hardTanh: ActivationForm("hard_tanh", .hardTanh, [], .hardTanh)
    case .scaledTanh(let scale, let steepness):
      ActivationForm(
        "scaled_tanh", .scaledTanh, .exponential, .number("scale", scale, .nonZero), .number("steepness", steepness)
      ) { .scaledTanh(scale: $0, steepness: $1) }
    case .tanhShrink: ActivationForm("tanh_shrink", .tanhShrink, .exponential, .tanhShrink)
    case .relu: ActivationForm("relu", .relu, [.rectifier, .signOnly], .relu)
    case .relu6: ActivationForm("relu6", .relu6, .rectifier, .relu6)
    case .leakyReLU(let slope):
      // Below 0 the sign of y no longer tells the branch.
      ActivationForm(
        "leaky_relu", slope < 0 ? .signedLeakyReLU : .leakyReLU, [.rectifier, .signOnly], .number("slope", slope)
      ) { .leakyReLU(slope: $0) }
    case .preLU(let slope, let sharing):
      ActivationForm(
        "prelu", .preLU, .rectifier, parameters: [.number("slope", slope), .word("slopes", sharing)]
      ) { values in
        guard let slope = values[0].number, let sharing: SlopeSharing = values[1].choice() else { return nil }
        return .preLU(initialSlope: slope, sharing: sharing)
      }
    case .rreLU(let lower, let upper):
      ActivationForm("rrelu", .rreLU, .rectifier, .number("lower", lower), .number("upper", upper)) {
        .rreLU(lower: $0, upper: $1)
      }
    case .elu(let alpha):
      ActivationForm("elu", .elu, [.rectifier, .exponential], .number("alpha", alpha, .nonNegative)) { .elu(alpha: $0) }
    case .selu: ActivationForm("selu", .selu, .exponential, .selu)
    case .celu(let alpha):
      ActivationForm("celu", .celu, [.rectifier, .exponential], .number("alpha", alpha, .positive)) { .celu(alpha: $0) }
    case .gelu(let form):
      ActivationForm(
        "gelu", form == .erf ? .gelu : .geluTanh, [.rectifier, .exponential], parameters: [.word("form", form)]
      ) { $0[0].choice().map { .gelu(form: $0) } }
    case .silu: ActivationForm("silu", .silu, [.rectifier, .exponential], .silu)
    case .hardSiLU: ActivationForm("hard_silu", .hardSiLU, .rectifier, .hardSiLU)
    case .mish: ActivationForm("mish", .mish, [.rectifier, .exponential], .mish)
    case .softplus: ActivationForm("softplus", .softplus, .exponential, .softplus)
    case .squareplus(let b):
      ActivationForm("squareplus", .squareplus, [], .number("b", b, .positive)) { .squareplus(b: $0) }
    case .softsign: ActivationForm("softsign", .softsign, [], .softsign)
    case .elliot: ActivationForm("elliot", .elliot, [], .elliot)
    case .exponential: ActivationForm("exponential", .exponential, .exponential, .exponential)
    case .gaussian: ActivationForm("gaussian", .gaussian, .exponential, .gaussian)
    case .threshold(let threshold, let value):
      ActivationForm("threshold", .threshold, [], .number("threshold", threshold), .number("value", value)) {
        .threshold(threshold: $0, value: $1)
      }
    case .softShrink(let lambda):
      ActivationForm("soft_shrink", .softShrink, [], .number("lambda", lambda, .nonNegative)) {
        .softShrink(lambda: $0)
      }
    case .hardShrink(let lambda):
      ActivationForm("hard_shrink", .hardShrink, [], .number("lambda", lambda, .nonNegative)) {
        .hardShrink(lambda: $0)
      }
    case .softmax: ActivationForm("softmax", .softmax, [.exponential, .couplesUnits], .softmax)
    case .logSoftmax: ActivationForm("log_softmax", .logSoftmax, [.exponential, .couplesUnits], .logSoftmax)
    }
  }
}

extension StepGradient {
  fileprivate var kind: KernelActivation.Kind {
    switch self {
    case .none: .step
    case .straightThrough: .stepStraightThrough
    case .perceptron: .stepPerceptron
    }
  }
}
