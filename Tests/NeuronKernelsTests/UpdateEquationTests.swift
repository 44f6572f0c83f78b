import NeuronKernels
import Testing

/// The update rules against PyTorch's definitions, ten steps in double precision.
///
/// Source: PyTorch 2, `torch.optim.SGD`, `Adam` and `AdamW`; D. P. Kingma and J. Ba, Adam, 2015, algorithm 1.
struct UpdateEquationTests {
  private let stepCount = 10
  private let rate = 0.01

  @Test func sgdFollowsPyTorch() throws {
    try expectTrajectory("SGD", rule: { _ in .sgd(rate: 0.01) }) { w, g, _, _, _ in w -= self.rate * g }
  }

  @Test func momentumFollowsPyTorch() throws {
    try expectTrajectory("momentum", rule: { _ in .momentum(rate: 0.01, momentum: 0.9, nesterov: false) }) {
      w, g, v, _, _ in
      v = 0.9 * v + g
      w -= self.rate * v
    }
  }

  @Test func nesterovMomentumFollowsPyTorch() throws {
    try expectTrajectory("Nesterov", rule: { _ in .momentum(rate: 0.01, momentum: 0.9, nesterov: true) }) {
      w, g, v, _, _ in
      v = 0.9 * v + g
      w -= self.rate * (g + 0.9 * v)
    }
  }

  @Test func adamFollowsPyTorch() throws {
    try expectTrajectory("Adam", rule: { .adam(AdamScalars(step: $0, rate: self.rate)) }) { w, g, m, v, powers in
      self.adamStep(&w, g, &m, &v, powers)
    }
  }

  @Test func adamWDecaysTheWeightsApartFromTheGradient() throws {
    try expectTrajectory("AdamW", rule: { .adam(AdamScalars(step: $0, rate: self.rate, decay: 0.1)) }) {
      w, g, m, v, powers in
      w *= 1 - self.rate * 0.1
      self.adamStep(&w, g, &m, &v, powers)
    }
  }

  private func adamStep(_ w: inout Double, _ g: Double, _ m: inout Double, _ v: inout Double, _ powers: BetaPowers) {
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    let denominator = v.squareRoot() / (1 - powers.beta2).squareRoot() + 1e-8
    w -= rate / (1 - powers.beta1) * m / denominator
  }
}

/// β₁ᵗ and β₂ᵗ of Adam's step t.
private struct BetaPowers {
  var beta1 = 1.0
  var beta2 = 1.0
}

extension UpdateEquationTests {
  private typealias ExactStep = (inout Double, Double, inout Double, inout Double, BetaPowers) -> Void

  /// Runs the kernel and `exact` side by side, both with l2 and a gradient scale, and bounds how far they drift apart.
  private func expectTrajectory(_ what: String, rule: (Int) -> UpdateCase.Rule, exact: ExactStep) throws {
    let (count, gradientScale, l2) = (48, Float(0.25), Float(0.0625))
    var random = TestRandom(seed: 6)
    var (w, s0, s1) = (random.floats(count), [Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    var (exactW, exactS0, exactS1) = (w.map(Double.init), s0.map(Double.init), s1.map(Double.init))
    var powers = BetaPowers()
    for step in 1...stepCount {
      powers = BetaPowers(beta1: powers.beta1 * 0.9, beta2: powers.beta2 * 0.999)
      let gradients = random.floats(count)
      let update = UpdateCase(
        rule: rule(step), gradientScale: gradientScale, l2: l2, parameters: w, gradients: gradients, state0: s0,
        state1: s1)
      let blocks = try update.run(on: KernelSet(.reference)).blocks
      (w, s0, s1) = (floats(blocks[0]), floats(blocks[1]), floats(blocks[2]))
      for i in 0..<count {
        let g = Double(gradients[i]) * Double(gradientScale) + Double(l2) * exactW[i]
        exact(&exactW[i], g, &exactS0[i], &exactS1[i], powers)
      }
    }
    expectClose(what, w, exactW)
  }

  /// Each step may round the weight twice and its increment, of at most a few rates, some ten times.
  private func expectClose(_ what: String, _ w: [Float], _ exact: [Double]) {
    var worst = WorstError()
    for (actual, exact) in zip(w, exact) {
      let stepBound = ErrorBounds.gamma(2) * (abs(exact) + 0.5) + ErrorBounds.gamma(10) * 10 * rate
      worst.note(actual, exact: exact, bound: Double(stepCount) * stepBound)
    }
    worst.expectWithinBound(what)
  }

  private func floats(_ block: OutputBlock) -> [Float] { block.values.map { Float($0) } }
}
