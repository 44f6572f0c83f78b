import NeuronKernels

/// One update of a slice of the parameters.
struct UpdateCase: KernelCase {
  enum Rule {
    case sgd(rate: Float)
    case momentum(rate: Float, momentum: Float, nesterov: Bool)
    case adam(AdamScalars)
    case other(UpdateRule, SIMD8<Float>)
  }

  let rule: Rule
  let gradientScale: Float
  let l2: Float
  /// All of the slice's length.
  let parameters: [Float]
  let gradients: [Float]
  let state0: [Float]
  let state1: [Float]
  var state2: [Float]?
  var keep: Float = 1

  var description: String { "\(rule), \(parameters.count) parameters, scale \(gradientScale), l2 \(l2)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let parameters = memory.watched("parameters", self.parameters)
    let state0 = memory.watched("state 0", self.state0)
    let state1 = memory.watched("state 1", self.state1)
    let state2 = memory.watched("state 2", self.state2 ?? self.state1)
    let slice = UpdateSlice(
      count: parameters.count, parameters: parameters.pointer, gradients: memory.input("gradients", gradients),
      state0: state0.pointer, state1: state1.pointer, state2: state2.pointer, gradientScale: gradientScale, l2: l2,
      keep: keep)
    switch rule {
    case .sgd(let rate): kernels.updateSGD(slice, rate: rate)
    case .momentum(let rate, let momentum, let nesterov):
      kernels.updateMomentum(slice, rate: rate, momentum: momentum, nesterov: nesterov)
    case .adam(let scalars): kernels.updateAdam(slice, scalars)
    case .other(let rule, let coefficients): kernels.update(slice, by: rule, coefficients)
    }
    return memory.result(
      OutputBlock("parameters", parameters.values), OutputBlock("state 0", state0.values),
      OutputBlock("state 1", state1.values), OutputBlock("state 2", state2.values))
  }
}

/// One sum of squares.
struct SumOfSquaresCase: KernelCase {
  let values: [Float]

  var description: String { "sumOfSquares of \(values.count)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let sum = kernels.sumOfSquares(memory.input("values", values), count: values.count)
    return memory.result(OutputBlock("sum", [sum]))
  }
}

/// Values brought into a limit, and others moved towards a target.
struct BlendCase: KernelCase {
  let values: [Float]
  let target: [Float]
  /// The limit, and the share.
  let scalar: Float

  var description: String { "clipValues and blend of \(values.count) by \(scalar)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let clipped = memory.watched("clipped", values), blended = memory.watched("blended", values)
    kernels.clipValues(clipped.pointer, count: values.count, limit: scalar)
    kernels.blend(
      blended.pointer, towards: memory.input("target", target), count: values.count, share: scalar)
    return memory.result(OutputBlock("clipped", clipped.values), OutputBlock("blended", blended.values))
  }
}

extension AdamScalars {
  /// The scalars of step `step` (1-based) for plain hyperparameters, computed in double and rounded once.
  init(
    step: Int, rate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    decay: Double = 0
  ) {
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<step { (power1, power2) = (power1 * beta1, power2 * beta2) }
    self.init(
      step: Float(rate / (1 - power1)), rootCorrection: Float(1 / (1 - power2).squareRoot()), beta1: Float(beta1),
      oneMinusBeta1: Float(1 - beta1), beta2: Float(beta2), oneMinusBeta2: Float(1 - beta2), epsilon: Float(epsilon),
      keep: Float(1 - rate * decay))
  }
}
