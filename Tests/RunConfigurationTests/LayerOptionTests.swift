import Fascicle
import RunConfiguration
import Testing

@Suite("Layers and their options in configurations")
struct LayerOptionTests {
  private static let yaml = """
    network:
      layers:
        - { embedding: 4, column: 3, categories: 12, initializer: { name: random_normal, deviation: 0.5 }, frozen: true }
        - { embedding: 2, column: 0, categories: 300, regularizer: { l2: 0.25 }, learningRateFactor: 0.5, decay: false }
        - dense: 64
          initializer: { name: orthogonal, gain: 1.5 }
          initialBias: 0.1
          regularizer: { l1: 0.001, l2: 0.01 }
          biasRegularizer: { l2: 0.25 }
          activityRegularizer: { l1: 0.5 }
          orthogonalRegularizer: 0.25
          constraint: { name: max_norm, limit: 3 }
          learningRateFactor: 0.5
        - { norm: layer, epsilon: 0.001 }
        - { activation: prelu, slopeRegularizer: { l2: 0.125 } }
        - residual:
          - { dropout: 0.25 }
          - { dense: 128, activation: tanh, initializer: lecun_normal, constraint: non_negative, frozen: true, decay: false }
          - { activation: glu }
        - { norm: rms }
        - { norm: batch, momentum: 0.25, shift: false }
        - { norm: batch, epsilon: 0.001, gain: false }
        - { alpha_dropout: 0.1 }
        - { gaussian_noise: 0.2 }
        - { dense: 10, activation: softmax, initializer: { name: variance_scaling, mode: fan_avg } }
    """

  private static let layers: [Layer] = [
    .embedding(
      Embedding(
        column: 3, categories: 12, width: 4, initializer: .randomNormal(deviation: 0.5), isFrozen: true)),
    .embedding(
      Embedding(column: 0, categories: 300, width: 2, regularizer: .l2(0.25), rateFactor: 0.5, decays: false)),
    .dense(
      Dense(
        64, initializer: .orthogonal(gain: 1.5), initialBias: 0.1,
        learning: LayerLearning(
          weights: .elastic(l1: 0.001, l2: 0.01), biases: .l2(0.25), outputs: .l1(0.5), orthogonal: 0.25,
          constraint: .maxNorm(limit: 3),
          rateFactor: 0.5))),
    .layerNorm(LayerNorm(epsilon: 0.001)), .activation(Activation(.preLU(), slopeRegularizer: .l2(0.125))),
    .residual(
      Residual {
        Dropout(0.25)
        Dense(
          128, activation: .tanh, initializer: .lecunNormal,
          learning: LayerLearning(constraint: .nonNegative, isFrozen: true, decays: false))
        GatedLinear()
      }),
    .rmsNorm(RMSNorm()), .batchNorm(BatchNorm(momentum: 0.25, usesShift: false)),
    .batchNorm(BatchNorm(epsilon: 0.001, usesGain: false)), .alphaDropout(AlphaDropout(0.1)),
    .gaussianNoise(GaussianNoise(0.2)),
    .dense(Dense(10, activation: .softmax, initializer: .varianceScaling(fan: .average))),
  ]

  @Test("every layer and option is read, and what is printed reads back")
  func roundTrip() throws {
    let configuration = try load(Self.yaml)
    #expect(configuration.layers == Self.layers)
    let printed = try RunConfiguration.load(text: configuration.yaml, path: "printed.yaml")
    #expect(printed.layers == Self.layers)
    #expect(printed.tree == configuration.tree)
  }

  @Test(
    "layers that change nothing are kept as they are written",
    arguments: ["dropout", "alpha_dropout", "gaussian_noise"])
  func zeros(kind: String) throws {
    let configuration = try load(
      "network: { layers: [{ dense: 4 }, { \(kind): 0 }, { dense: 10, activation: softmax }] }")
    let printed = try RunConfiguration.load(text: configuration.yaml, path: "printed.yaml")
    #expect(configuration.layers.count == 3 && printed.layers == configuration.layers, "\(configuration.yaml)")
  }

  @Test("the number of layers is limited for a network as a whole, spans included")
  func layerLimit() throws {
    let span = "{ residual: [\(String(repeating: "{ norm: rms }, ", count: 2500))] }, "
    func yaml(_ spans: Int) -> String {
      "network: { layers: [\(String(repeating: span, count: spans)){ dense: 10, activation: softmax }] }"
    }
    _ = try load(yaml(3))
    #expect(
      try refusal(of: yaml(4)).description
        == "run.yaml:1:20: network.layers must have 10000 layers at most, those of residual spans included, but has 10005"
    )
  }

  @Test("every initializer is read by its name, and printed so that it reads back", arguments: Initializer.all)
  func initializers(initializer: Initializer) throws {
    let configuration = try load(
      "network: { layers: [{ dense: 10, activation: softmax, initializer: \(initializer.name) }] }")
    #expect(configuration.layers == [.dense(Dense(10, activation: .softmax, initializer: initializer))])
    #expect(try RunConfiguration.load(text: configuration.yaml, path: "printed.yaml").layers == configuration.layers)
  }

  @Test("a span before the first dense layer waits for the data")
  func spanOfInputs() throws {
    _ = try load("network: { layers: [{ residual: [{ dense: 64 }] }, { dense: 10, activation: softmax }] }")
    _ = try load("network: { layers: [{ activation: glu }, { dense: 10, activation: softmax }] }")
  }

  /// A mistake and the whole line that answers it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let layer: String
    let answer: String
    var testDescription: String { layer }
  }

  @Test(
    "mistakes are refused at their place",
    arguments: [
      Mistake(
        layer: "{ dense: 3, initializer: orthogonl }",
        answer: "run.yaml:1:46: network.layers.0.initializer must be auto, glorot_uniform, glorot_normal, he_uniform, "
          + "he_normal, lecun_uniform, lecun_normal, random_normal, random_uniform, truncated_normal, variance_scaling, "
          + "orthogonal, constant, zeros, ones, identity, sparse or nguyen_widrow, but is 'orthogonl'; "
          + "did you mean 'orthogonal'?"),
      Mistake(
        layer: "{ dense: 3, initializer: { name: orthogonal, scale: 2 } }",
        answer: "run.yaml:1:66: unknown key 'network.layers.0.initializer.scale'; expected name or gain"),
      Mistake(
        layer: "{ dense: 3, initializer: { gain: 2 } }",
        answer: "run.yaml:1:46: network.layers.0.initializer.name is missing: a section here says what it is, "
          + "as in { name: auto }"),
      Mistake(
        layer: "{ dense: 3, regularizer: 0.1 }",
        answer: "run.yaml:1:46: network.layers.0.regularizer must be a section such as { l2: 0.0001 }, but is '0.1'"),
      Mistake(
        layer: "{ dense: 3, slopeRegularizer: { l2: 1 } }",
        answer: "run.yaml:1:33: network.layers.0.slopeRegularizer does not belong to a dense layer with the activation "
          + "linear; expected dense, activation, initializer, bias, initialBias, constraint, regularizer, "
          + "biasRegularizer, activityRegularizer, orthogonalRegularizer, frozen, learningRateFactor or decay"),
      Mistake(
        layer: "{ dropout: 0.1, bias: true }",
        answer: "run.yaml:1:37: network.layers.0.bias does not belong to this layer; expected dropout"),
      Mistake(
        layer: "{ dense: 8, activation: glu }",
        answer:
          "run.yaml:1:45: network.layers.0.activation is glu, which halves the width and so is a layer of its own; "
          + "write { dense: … }, { activation: glu } with twice the units"),
      Mistake(
        layer: "{ norm: layer, dense: 3 }",
        answer: "run.yaml:1:21: network.layers.0 has the keys dense and norm, but is one layer; "
          + "write one entry for each, as in - { dense: … } and - { norm: … }"),
      Mistake(
        layer: "{ activation: relu, dropout: 0.5 }",
        answer: "run.yaml:1:21: network.layers.0 has the keys activation and dropout, but is one layer; "
          + "write one entry for each, as in - { activation: … } and - { dropout: … }"),
      Mistake(
        layer: "{ dense: 7 }, { residual: [{ dense: 4 }, { dense: 5 }] }",
        answer: "run.yaml:1:35: layer 2 (residual) puts out 5 values, but adds the 7 that it takes in; "
          + "end the span with { dense: 7 }"),
      Mistake(
        layer: "{ dense: 7 }, { residual: [{ dense: 4 }, { dense: 7, learningRateFactor: 0 }] }",
        answer: "run.yaml:1:62: layer 2.2 (dense 7) needs a finite learningRateFactor above 0, but has 0.0"),
      Mistake(
        layer: "{ norm: bach }",
        answer: "run.yaml:1:29: network.layers.0.norm must be layer, rms or batch, but is 'bach'; did you mean 'batch'?"
      ),
      Mistake(
        layer: "{ residual: [] }",
        answer: "run.yaml:1:33: network.layers.0.residual must be a list such as [{ dense: 64, activation: relu }, "
          + "{ dense: 10, activation: softmax }], but is an empty list"),
      Mistake(
        layer: "{ dense: 3, learningRateFactor: 0 }",
        answer: "run.yaml:1:21: layer 1 (dense 3) needs a finite learningRateFactor above 0, but has 0.0"),
    ])
  func mistakes(mistake: Mistake) throws {
    let error = try refusal(of: "network: { layers: [\(mistake.layer), { dense: 10, activation: softmax }] }")
    #expect(error.description == mistake.answer)
  }
}
