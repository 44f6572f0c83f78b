import PerceptronModel
import Testing

/// A network that cannot work, and what it is told.
private struct Refusal {
  let network: Network
  var loss = Loss.meanSquaredError
  let code: PerceptronModelError.Code
  let sentence: String
}

@Suite("Networks that cannot work")
struct NetworkRefusalTests {
  private static let widths: [Refusal] = [
    Refusal(
      network: Network(inputs: 0) { Dense(2) }, code: .width,
      sentence: "the input must have between 1 and 16777216 units, but has 0"),
    Refusal(
      network: Network(inputs: -7) {
        Activation(.tanh)
        Dense(2)
      }, code: .width,
      sentence: "the input must have between 1 and 16777216 units, but has -7"),
    Refusal(
      network: Network(inputs: .max) { Dense(2) }, code: .width,
      sentence: "the input must have between 1 and 16777216 units, but has 9223372036854775807"),
    Refusal(
      network: Network(inputs: 2) {
        Dense(3)
        Dense(0)
      }, code: .width,
      sentence: "layer 2 (dense) must have between 1 and 16777216 units, but has 0"),
    Refusal(
      network: Network(inputs: 2) { Dense(.min) }, code: .width,
      sentence: "layer 1 (dense) must have between 1 and 16777216 units, but has -9223372036854775808"),
    Refusal(
      network: Network(inputs: 2) { Dense((1 << 24) + 1) }, code: .width,
      sentence: "layer 1 (dense) must have between 1 and 16777216 units, but has 16777217"),
    Refusal(
      network: Network(inputs: 1 << 24) { Dense(1 << 24, activation: .relu) }, code: .width,
      sentence: "layer 1 (dense 16777216 relu) would have 16777216 × 16777216 weights, beyond 2^38"),
    Refusal(
      network: Network(inputs: 524_000) {
        Dense(524_000)
        Dense(524_000)
      }, code: .width,
      sentence: "layer 2 (dense 524000) would have 524000 × 524000 weights, beyond 2^38"),
  ]

  private static let kinds: [Refusal] = [
    Refusal(
      network: Network(inputs: 3, layers: []), code: .noDenseLayer,
      sentence: "the network has no dense layer, so there is nothing to learn; "
        + "add one, such as { dense: 10, activation: softmax }"),
    Refusal(
      network: Network(inputs: 3) {
        Activation(.preLU())
        Activation(.softmax)
      }, loss: .categoricalCrossEntropy,
      code: .noDenseLayer,
      sentence: "the network has no dense layer, so there is nothing to learn; "
        + "add one, such as { dense: 10, activation: softmax }"),
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .relu) }, loss: .categoricalCrossEntropy, code: .lossMismatch,
      sentence: "the loss categorical_cross_entropy needs probabilities, but layer 1 (dense 4 relu) is the last layer "
        + "and not softmax; end with a dense layer whose activation is softmax, say that the outputs are logits "
        + "(from: logits), or use a loss of values such as mean_squared_error"),
    Refusal(
      network: Network(inputs: 3) {
        Dense(4, activation: .softmax)
        Activation(.tanh)
      }, loss: .categoricalCrossEntropy,
      code: .lossMismatch,
      sentence: "the loss categorical_cross_entropy needs probabilities, but layer 2 (tanh) is the last layer "
        + "and not softmax; end with a dense layer whose activation is softmax, say that the outputs are logits "
        + "(from: logits), or use a loss of values such as mean_squared_error"),
  ]

  private static let slopes: [Refusal] = [
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .leakyReLU(slope: .nan)) }, code: .slope,
      sentence: "layer 1 (dense 4 leaky_relu(nan)) needs a finite slope, but has nan"),
    Refusal(
      network: Network(inputs: 3) {
        Dense(4)
        Activation(.preLU(initialSlope: .infinity))
      }, code: .slope,
      sentence: "layer 2 (prelu(inf)) needs a finite slope, but has inf"),
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .elu(alpha: -0.5)) }, code: .slope,
      sentence: "layer 1 (dense 4 elu(-0.5)) needs a finite alpha of at least 0, but has -0.5"),
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .celu(alpha: 0)) }, code: .slope,
      sentence: "layer 1 (dense 4 celu(0.0)) needs a finite alpha above 0, but has 0.0"),
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .scaledTanh(scale: 0)) }, code: .slope,
      sentence: "layer 1 (dense 4 scaled_tanh(0.0, 0.6666667)) needs a finite scale other than 0, but has 0.0"),
    Refusal(
      network: Network(inputs: 3) { Dense(4, activation: .rreLU(lower: 0.5, upper: 0.25)) }, code: .slope,
      sentence: "layer 1 (dense 4 rrelu(0.5, 0.25)) needs an upper slope of at least the lower, but has 0.5 and 0.25"),
  ]

  @Test("are refused with a sentence that names layer, expectation and value", arguments: 0..<18)
  func refused(index: Int) {
    let refusal = (Self.widths + Self.kinds + Self.slopes)[index]
    let error = #expect(throws: PerceptronModelError.self) { try NetworkProgram(refusal.network, loss: refusal.loss) }
    #expect(error?.description == refusal.sentence)
    #expect(error?.code == refusal.code)
  }

  @Test("a step function may run forward but not learn")
  func steps() throws {
    let cases: [(Network, String)] = [
      (
        Network(inputs: 3) {
          Dense(4, activation: .step())
          Dense(2)
        }, "layer 1 (dense 4 step)"
      ),
      (
        Network(inputs: 3) {
          Dense(4)
          Activation(.step())
        }, "layer 1 (dense 4) with layer 2 (step)"
      ),
      (
        Network(inputs: 3) {
          Activation(.step())
          Dense(4)
        }, "layer 1 (step)"
      ),
    ]
    for (network, name) in cases {
      let program = try NetworkProgram(network, loss: .meanSquaredError)
      let error = #expect(throws: PerceptronModelError.self) { try program.requireTrainable() }
      #expect(
        error?.description == "\(name) cannot be trained: the step function's derivative is zero everywhere; "
          + "choose a gradient in its stead, as in { activation: step, gradient: straight_through } or, for a single "
          + "layer, gradient: perceptron; or use sigmoid, its smooth form, or relu")
      #expect(error?.code == .untrainable)
    }
  }

  @Test("a step function learns with a gradient chosen for it, the perceptron rule in a single last layer only")
  func chosenStepGradients() throws {
    func requireTrainable(_ network: Network) throws {
      try NetworkProgram(network, loss: .meanSquaredError).requireTrainable()
    }
    let straight = ActivationFunction.step(gradient: .straightThrough),
      rule = ActivationFunction.step(gradient: .perceptron)
    try requireTrainable(
      Network(inputs: 3) {
        Dense(4, activation: straight)
        Dense(2, activation: straight)
      })
    try requireTrainable(Network(inputs: 3) { Dense(4, activation: rule) })
    for network in [
      Network(inputs: 3) {
        Dense(4, activation: .tanh)
        Dense(2, activation: rule)
      },
      Network(inputs: 3) {
        Dense(4, activation: rule)
        Dense(2)
      },
      Network(inputs: 3) {
        Dense(4, activation: rule)
        Activation(.sigmoid)
      },
    ] {
      let error = #expect(throws: PerceptronModelError.self) { try requireTrainable(network) }
      #expect(error?.code == .untrainable)
      #expect(error?.description.contains("the perceptron rule is for the last layer of a network with one") == true)
    }
  }

  @Test("no refusal is left out of the test above")
  func tableIsComplete() {
    #expect((Self.widths + Self.kinds + Self.slopes).count == 18)
  }

  @Test("what is just inside the limits is accepted")
  func limits() throws {
    _ = try NetworkProgram(Network(inputs: 1 << 24) { Dense(1) }, loss: .meanSquaredError)
    _ = try NetworkProgram(Network(inputs: 1) { Dense(1 << 24) }, loss: .meanSquaredError)
    _ = try NetworkProgram(
      Network(inputs: 1) { Dense(1, activation: .preLU(initialSlope: -1)) }, loss: .meanSquaredError)
    _ = try NetworkProgram(Network(inputs: 1) { Dense(1, activation: .leakyReLU(slope: -2)) }, loss: .meanSquaredError)
    _ = try NetworkProgram(Network(inputs: 1) { Dense(1, activation: .softmax) }, loss: .categoricalCrossEntropy)
  }
}
