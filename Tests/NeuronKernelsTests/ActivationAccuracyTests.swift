import Glibc
import NeuronKernels
import Testing

/// Activations against the C library's double-precision functions, over a stride of all floats.
struct ActivationAccuracyTests {
  @Test func sigmoidIsWithinTwoUlps() throws {
    let results = try expectTablesAgree("sigmoid") {
      try ActivationSweep.activated(ActivationSweep.inputs, KernelActivation(.sigmoid), on: $0)
    }
    expectAccurate("sigmoid", results, ulps: 2) { 1 / (1 + exp(-$0)) }
  }

  @Test func tanhIsWithinTwoUlps() throws {
    let results = try expectTablesAgree("tanh") {
      try ActivationSweep.activated(ActivationSweep.inputs, KernelActivation(.tanh), on: $0)
    }
    expectAccurate("tanh", results, ulps: 2) { tanh($0) }
  }

  /// Where x is far below 0 the sum is 1 and softmax(0, x) gives eˣ itself; above, 1 + eˣ and the division add to it.
  @Test func softmaxOfTwoUnitsIsWithinThreeUlps() throws {
    let results = try expectTablesAgree("softmax") {
      try ActivationSweep.softmaxAgainstZero(ActivationSweep.inputs, on: $0)
    }
    let finite = zip(ActivationSweep.inputs, results).filter { $0.0 != .infinity }
    expectAccurate("softmax", finite.map(\.1), of: finite.map(\.0), ulps: 3) { 1 / (1 + exp(-$0)) }
    let tail = finite.filter { $0.0 < -17.5 }
    expectAccurate("exp below −17.5", tail.map(\.1), of: tail.map(\.0), ulps: 2) { exp($0) }
  }

  @Test func piecewiseLinearActivationsAreExact() throws {
    let inputs = ActivationSweep.inputs
    try expectExact(.linear, inputs) { $0 }
    try expectExact(.relu, inputs) { $0 < 0 ? 0 : $0 }
    try expectExact(.leakyReLU, inputs) { $0 < 0 ? $0 * 0.3 : $0 }
    try expectExact(.step, inputs) { $0.isNaN ? $0 : $0 > 0 ? 1 : 0 }
  }

  /// Runs `compute` on every table, expects the same bits of all, and returns the reference's values.
  private func expectTablesAgree(_ what: String, _ compute: (InstructionSet) throws -> [Float]) throws -> [Float] {
    let expected = try compute(.reference)
    for set in vectorSets {
      var comparison = BitComparison()
      comparison.compare([OutputBlock(what, try compute(set))], with: [OutputBlock(what, expected)], in: "\(set)")
      print("\(what), \(set) against reference: \(comparison.count) values, \(comparison.mismatches) differ")
      #expect(comparison.mismatches == 0, "\(comparison.firstMismatch ?? "")")
    }
    return expected
  }

  private func expectAccurate(
    _ what: String, _ results: [Float], of inputs: [Float] = ActivationSweep.inputs, ulps limit: Double,
    _ exact: (Double) -> Double
  ) {
    var (worst, place) = (0.0, Float.nan)
    for (x, y) in zip(inputs, results) {
      let error = ErrorBounds.ulps(y, from: exact(Double(x)))
      if error > worst { (worst, place) = (error, x) }
    }
    print("\(what): worst error of \(results.count) values is \(worst) ULP, at \(place)")
    #expect(worst <= limit, "\(what) at \(place)")
  }

  private func expectExact(_ kind: KernelActivation.Kind, _ inputs: [Float], _ exact: (Float) -> Float) throws {
    for set in InstructionSet.runnable {
      let results = try ActivationSweep.activated(inputs, KernelActivation(kind, a: 0.3), on: set)
      let wrong = zip(inputs, results).count { x, y in y != exact(x) && !(y.isNaN && x.isNaN) }
      #expect(wrong == 0, "\(kind), \(set)")
    }
  }
}
