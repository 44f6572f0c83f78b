import NeuronKernels
import Testing

/// Derivatives against their equations in double precision, at the outputs that the kernels themselves see.
struct DerivativeTests {
  private let samples = 33
  private let features = 14

  @Test func sigmoidAndTanhDerivativesFollowTheirEquations() throws {
    let equations: [(KernelActivation.Kind, (Double) -> Double)] = [
      (.sigmoid, { $0 * (1 - $0) }), (.tanh, { 1 - $0 * $0 }),
    ]
    for (kind, derivative) in equations {
      var worst = WorstError()
      let (g, y, result) = try derive(kind)
      for i in g.indices {
        let exact = Double(g[i]) * derivative(Double(y[i]))
        worst.note(result[i], exact: exact, bound: ErrorBounds.gamma(3) * abs(exact))
      }
      worst.expectWithinBound("derivative of \(kind)")
    }
  }

  /// Step has derivative 0; at 0 ReLU's is 0 and leaky ReLU's its slope, as in PyTorch.
  @Test func piecewiseDerivativesAreExact() throws {
    let equations: [(KernelActivation.Kind, (Float, Float) -> Float)] = [
      (.linear, { g, _ in g }), (.step, { _, _ in 0 }), (.relu, { g, y in y > 0 ? g : 0 }),
      (.leakyReLU, { g, y in y > 0 ? g : g * 0.01 }),
    ]
    for (kind, exact) in equations {
      let (g, y, result) = try derive(kind)
      for i in g.indices { #expect(result[i] == exact(g[i], y[i]), "\(kind) at \(y[i])") }
    }
  }

  @Test func preLUGivesItsSlopesShareAndTakesTheSlopeAtZero() throws {
    var random = TestRandom(seed: 3)
    let count = samples * features
    let (g, z) = (random.floats(count), random.wholeFloats(count, reach: 2))
    var activation = CaseActivation(.preLU, units: features, &random)
    activation.sharesSlope = false
    let blocks = try backward(activation, gradient: g, output: z, preactivation: z)
    for i in 0..<count {
      let slope = activation.slopes[i % features]
      #expect(blocks[0].values[i] == Double(z[i] > 0 ? g[i] : g[i] * slope))
      #expect(blocks[1].values[i] == Double(z[i] > 0 ? 0 : g[i] * z[i]))
    }
  }

  /// Σ over the units of y·(dy − Σ y·dy), the product with softmax's Jacobian.
  @Test func softmaxDerivativeIsTheJacobianProduct() throws {
    var random = TestRandom(seed: 4)
    let g = random.floats(samples * features)
    let y = (0..<samples).flatMap { _ in probabilities(&random) }
    let softmax = CaseActivation(.softmax, units: features, &random)
    let result = try backward(softmax, gradient: g, output: y, preactivation: y)[0].values
    var worst = WorstError()
    for s in 0..<samples {
      let row = s * features..<(s + 1) * features
      let products = row.map { Double(g[$0]) * Double(y[$0]) }
      let magnitude = products.reduce(0) { $0 + abs($1) }
      for i in row {
        let exact = Double(y[i]) * (Double(g[i]) - products.reduce(0, +))
        let bound = ErrorBounds.gamma(features + 3) * Double(y[i]) * (abs(Double(g[i])) + magnitude)
        worst.note(Float(result[i]), exact: exact, bound: bound)
      }
    }
    worst.expectWithinBound("derivative of softmax")
  }

  /// dx·f′ must be what the product alone and the derivative alone give one after the other.
  @Test(arguments: InstructionSet.runnable) func denseBackwardEqualsProductThenDerivative(set: InstructionSet) throws {
    let kernels = try KernelSet(set)
    for kind in CaseActivation.fusedKinds {
      var random = TestRandom(seed: 5)
      let (w, dz) = (random.floats(features * 10), random.floats(samples * 10))
      let (y, z) = (random.floats(samples * features, reach: 1), random.floats(samples * features))
      let activation = CaseActivation(kind, units: features, &random)
      let linear = CaseActivation(.linear, units: features, &random)
      let shape = DenseShape(inputCount: features, outputCount: 10)
      func product(through below: CaseActivation) -> [OutputBlock] {
        DenseBackwardCase(
          samples: samples, shape: shape, below: below, weights: w, outputGradient: dz, belowOutput: y,
          belowPreactivation: z
        ).run(on: kernels).blocks
      }
      let dx = product(through: linear)[0].values.map { Float($0) }
      let twoSteps = try backward(activation, gradient: dx, output: y, preactivation: z, on: set)
      var comparison = BitComparison()
      comparison.compare(product(through: activation), with: twoSteps, in: "\(kind)")
      #expect(comparison.mismatches == 0, "\(comparison.firstMismatch ?? "")")
    }
  }
}

extension DerivativeTests {
  /// Random gradients g and outputs y (whole eighths, so that 0 and ±1 occur), and what the reference makes of them.
  private func derive(_ kind: KernelActivation.Kind) throws -> (g: [Float], y: [Float], result: [Float]) {
    var random = TestRandom(seed: 2)
    let count = samples * features
    let (g, y) = (random.floats(count), random.wholeFloats(count, reach: 8).map { $0 / 8 })
    let activation = CaseActivation(kind, units: features, &random)
    let result = try backward(activation, gradient: g, output: y, preactivation: y)[0].values
    return (g, y, result.map { Float($0) })
  }

  private func backward(
    _ activation: CaseActivation, gradient: [Float], output: [Float], preactivation: [Float],
    on set: InstructionSet = .reference
  ) throws -> [OutputBlock] {
    try ActivationBackwardCase(
      samples: samples, features: features, activation: activation, gradient: gradient, output: output,
      preactivation: preactivation
    ).run(on: KernelSet(set)).blocks
  }

  private func probabilities(_ random: inout TestRandom) -> [Float] {
    let weights = random.floats(features).map(\.magnitude)
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}
