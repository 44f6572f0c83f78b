import Glibc
import NeuronKernels
import Testing

/// Every activation against its equation in double precision: values, limits and derivatives.
struct ActivationEquationTests {
  /// Every third value of the sweep, in whole panels.
  private static let inputs: [Float] = {
    let values = ActivationSweep.inputs.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    return Array(values.prefix(values.count / 32 * 32))
  }()

  @Test(arguments: ActivationEquation.all) func valuesFollowTheEquation(equation: ActivationEquation) throws {
    let expected = try ActivationSweep.activated(Self.inputs, equation.activation, on: .reference)
    for set in vectorSets {
      let actual = try ActivationSweep.activated(Self.inputs, equation.activation, on: set)
      let differing = zip(actual, expected).count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      #expect(differing == 0, "\(equation), \(set)")
    }
    let (worst, place) = Self.worstError(expected, equation)
    print("\(equation): worst error of \(expected.count) values is \(worst) ULP, at \(place)")
    #expect(worst <= equation.ulps, "\(equation) at \(place)")
  }

  @Test(arguments: ActivationEquation.all) func infinitiesReachTheLimits(equation: ActivationEquation) throws {
    for set in InstructionSet.runnable {
      for (z, limit) in [(-Float.infinity, equation.limits.0), (.infinity, equation.limits.1)] {
        let y = try ActivationSweep.activated(z, equation.activation, on: set)
        #expect(y == Float(limit), "\(equation) at \(z), \(set)")
        let derivative = try Self.derivatives(at: [z], equation.activation, on: set)[0]
        #expect(!derivative.isNaN, "derivative of \(equation) at \(z), \(set)")
      }
    }
  }

  @Test(arguments: ActivationEquation.all) func derivativesFollowCentralDifferences(
    equation: ActivationEquation
  ) throws {
    let (worst, place) = try Self.worstDerivative(equation)
    print("\(equation): worst error of a derivative is \(worst), at \(place)")
    #expect(worst <= 1, "\(equation) at \(place)")
  }

  /// Every kind is in the table but those that have a test of their own.
  @Test func noKindIsLeftOut() {
    let others: Set<KernelActivation.Kind> = [
      .linear, .step, .stepStraightThrough, .stepPerceptron, .preLU, .softmax, .logSoftmax,
    ]
    #expect(Set(ActivationEquation.all.map(\.kind)).union(others) == Set(KernelActivation.Kind.allCases))
  }

  @Test func aBrokenEquationIsRefused() throws {
    for equation in ActivationEquation.all where equation.kind != .geluTanh {
      let values = try ActivationSweep.activated(Self.inputs, equation.activation, on: .reference)
      #expect(Self.worstError(values, equation.broken()).error > equation.ulps, "\(equation)")
      #expect(try Self.worstDerivative(equation.broken()).error > 1, "\(equation)")
    }
  }

  /// Forward [z > 0]; backward what was chosen in the derivative's stead.
  @Test func stepLearnsWithTheGradientThatWasChosen() throws {
    let z: [Float] = [-2, -1, -0.5, -0.0, 0, 0.5, 1, 1.5]
    for set in InstructionSet.runnable {
      for kind in [KernelActivation.Kind.step, .stepStraightThrough, .stepPerceptron] {
        let values = try z.map { try ActivationSweep.activated($0, KernelActivation(kind), on: set) }
        #expect(values == [0, 0, 0, 0, 0, 1, 1, 1], "\(kind), \(set)")
      }
      #expect(try Self.derivatives(at: z, KernelActivation(.step), on: set) == [0, 0, 0, 0, 0, 0, 0, 0])
      #expect(try Self.derivatives(at: z, KernelActivation(.stepStraightThrough), on: set) == [0, 1, 1, 1, 1, 1, 1, 0])
      #expect(try Self.derivatives(at: z, KernelActivation(.stepPerceptron), on: set) == [1, 1, 1, 1, 1, 1, 1, 1])
    }
  }

  /// log softmax against its equation, and its gradient against dy − eʸ·Σ dy.
  @Test func logSoftmaxFollowsItsEquation() throws {
    var random = TestRandom(seed: 6)
    let features = 13, z = random.floats(features, reach: 30), g = random.floats(features)
    let log = CaseActivation(.logSoftmax, units: features, &random)
    for set in InstructionSet.runnable {
      let kernels = try KernelSet(set)
      let y = ActivationForwardCase(
        samples: 1, features: features, activation: log, keepsPreactivation: false, values: z
      ).run(on: kernels).blocks[0].values
      let largest = Double(z.max() ?? 0), sum = z.reduce(0) { $0 + exp(Double($1) - largest) }
      for (value, z) in zip(y, z) { #expect(abs(value - (Double(z) - largest - Glibc.log(sum))) < 4e-6) }
      let dz = ActivationBackwardCase(
        samples: 1, features: features, activation: log, gradient: g, output: y.map { Float($0) }, preactivation: z
      ).run(on: kernels).blocks[0].values
      let total = g.reduce(0) { $0 + Double($1) }
      for i in dz.indices { #expect(abs(dz[i] - (Double(g[i]) - exp(y[i]) * total)) < 4e-6) }
    }
  }
}

extension ActivationEquationTests {
  /// In units in the last place, with what underflow may cost left out.
  private static func worstError(_ values: [Float], _ equation: ActivationEquation) -> (error: Double, place: Float) {
    var (worst, place) = (0.0, Float.nan)
    for (z, y) in zip(inputs, values) {
      let exact = equation.value(Double(z))
      if abs(exact) < 1e-36, abs(Double(y) - exact) < 1e-42 { continue }
      let error = z.isNaN ? (y.isNaN ? 0 : .infinity) : ErrorBounds.ulps(y, from: exact)
      if error > worst { (worst, place) = (error, z) }
    }
    return (worst, place)
  }

  /// Relative to 2e-6 of the derivative, or of 1 where that is less; kinks are kept clear of.
  private static func worstDerivative(_ equation: ActivationEquation) throws -> (error: Double, place: Float) {
    let step = 1e-6
    var z = (-4000..<4000).map { Float($0) / 401 }
    z.removeAll { z in equation.kinks.contains { abs($0 - Double(z)) < 1e-3 } }
    let actual = try derivatives(at: z, equation.activation, on: .reference)
    for set in vectorSets { #expect(try derivatives(at: z, equation.activation, on: set) == actual, "\(set)") }
    var (worst, place) = (0.0, Float.nan)
    for (z, derivative) in zip(z, actual) {
      let x = Double(z), exact = (equation.value(x + step) - equation.value(x - step)) / (2 * step)
      let error = abs(Double(derivative) - exact) / (2e-6 * max(1, abs(exact)))
      if !(error <= worst) { (worst, place) = (error, z) }
    }
    return (worst, place)
  }

  /// f′ as the kernels form it, from the y and z that they left themselves.
  private static func derivatives(
    at z: [Float], _ activation: KernelActivation, on set: InstructionSet
  ) throws -> [Float] {
    let count = (z.count + 31) / 32 * 32, kernels = try KernelSet(set)
    let values = GuardedBuffer(z + [Float](repeating: 0, count: count - z.count))
    // A randomized slope is found where z is left; here the mean.
    let kept = GuardedBuffer([Float](repeating: (activation.a + activation.b) / 2, count: count))
    let gradient = GuardedBuffer([Float](repeating: 1, count: count))
    kernels.activationForward(
      sampleCount: count, featureCount: 1, values: values.pointer, preactivation: kept.pointer, activation: activation)
    kernels.activationBackward(
      sampleCount: count, featureCount: 1, gradient: gradient.pointer, output: values.pointer,
      preactivation: kept.pointer, activation: activation)
    return Array(gradient.values.prefix(z.count))
  }
}
