import PerceptronModel
import Testing

@Suite("Layers beside dense ones and activations")
struct NetworkLayerTests {
  private static let network = Network(inputs: 8) {
    Dense(8)
    Residual {
      Activation(.tanh)
      LayerNorm()
      Dense(16, activation: .relu)
      GatedLinear()
    }
    Dropout(0.25)
    RMSNorm()
    AlphaDropout(0.125)
    GaussianNoise(0.5)
    Dense(3, activation: .softmax)
  }

  @Test("are stages of their own, in order, the residual connection after its span")
  func stages() throws {
    let program = try NetworkProgram(Self.network, loss: .categoricalCrossEntropy)
    #expect(
      program.stageNames == [
        "layer 1 (dense 8)", "layer 2.1 (tanh)", "layer 2.2 (layer norm)", "layer 2.3 (dense 16 relu)",
        "layer 2.4 (glu)",
        "layer 2 (residual)", "layer 3 (dropout 0.25)", "layer 4 (rms norm)", "layer 5 (alpha dropout 0.125)",
        "layer 6 (noise 0.5)", "layer 7 (dense 3 softmax)",
      ])
    #expect(program.stages.map(\.outputCount) == [8, 8, 8, 16, 8, 8, 8, 8, 8, 8, 3])
    #expect(program.stages[5].operation == .add(source: 0))
    #expect(program.parameterCount == 72 + 16 + 144 + 8 + 27)
    #expect(!program.splitsByUnits)
    #expect(program.outputCount == Self.network.outputs)
  }

  @Test("are described in order")
  func description() {
    #expect(
      Self.network.description == "8 → 8 → residual [tanh → layer norm → 16 relu → glu] → dropout 0.25 → rms norm → "
        + "alpha dropout 0.125 → noise 0.5 → 3 softmax")
  }

  @Test("an activation that begins a span is not fused into the layer before, whose values the span adds")
  func spansAreNotFused() throws {
    let program = try NetworkProgram(Self.network, loss: .categoricalCrossEntropy)
    #expect(program.stages[0].activation == .linear)
    #expect(program.stages[1].activation == .tanh)
  }

  @Test("gains start at 1 and shifts at 0")
  func initialGains() throws {
    let vector = try ParameterVector(NetworkProgram(Self.network, loss: .categoricalCrossEntropy), seed: 1)
    #expect(vector[2].slopes == [Float](repeating: 1, count: 8))
    #expect(vector[2].bias == [Float](repeating: 0, count: 8))
    #expect(vector[7].slopes == [Float](repeating: 1, count: 8))
    #expect(vector[7].bias == [])
  }

  @Test("written with one layer a stage, they make the same stages")
  func inlined() throws {
    let networks = [
      Self.network,
      Network(inputs: 4) {
        Residual {
          Residual { Dense(4, learning: LayerLearning(outputs: .l1(1), rateFactor: 2)) }
          Residual {
            Dense(9, initializer: .orthogonal(gain: 2), initialBias: 1)
            Dense(4)
          }
        }
        Activation(.preLU(), slopeRegularizer: .l2(1))
        Dense(2)
      },
    ]
    for network in networks {
      let loss = network.outputs == 2 ? Loss.meanSquaredError : .categoricalCrossEntropy
      let program = try NetworkProgram(network, loss: loss)
      #expect(try NetworkProgram(program.inlinedNetwork, loss: loss).stages == program.stages)
    }
  }

  @Test("nothing learns below the first layer that is not frozen; a network that is frozen whole cannot be trained")
  func frozen() throws {
    let frozen = LayerLearning(isFrozen: true)
    let program = try NetworkProgram(
      Network(inputs: 3) {
        Dense(4, learning: frozen)
        Dense(4)
        Dense(2, learning: frozen)
      }, loss: .meanSquaredError)
    #expect(program.lowestLearningStage == 1)
    try program.requireTrainable()
    let whole = try NetworkProgram(Network(inputs: 3) { Dense(4, learning: frozen) }, loss: .meanSquaredError)
    let error = #expect(throws: PerceptronModelError.self) { try whole.requireTrainable() }
    #expect(
      error?.description == "the network cannot be trained: all of its layers are frozen; "
        + "leave out 'frozen' where something should be learned")
  }

  @Test("that do not fit are refused with a sentence")
  func refusals() {
    let cases: [(Network, Loss, String)] = [
      (
        Network(inputs: 4) {
          Residual { Dense(5) }
          Dense(2)
        }, .meanSquaredError,
        "layer 1 (residual) puts out 5 values, but adds the 4 that it takes in; end the span with { dense: 4 }"
      ),
      (
        Network(inputs: 4) {
          Residual { Activation(.linear) }
          Dense(2)
        }, .meanSquaredError,
        "layer 1 (residual) has no layers that change anything; write some, as in "
          + "{ residual: [{ dense: 4, activation: relu }] }"
      ),
      (
        Network(inputs: 4) {
          Dense(5)
          GatedLinear()
          Dense(2)
        }, .meanSquaredError,
        "layer 2 (glu) needs an even number of values to halve, but gets 5; give the layer before it twice the units "
          + "that are wanted"
      ),
      (
        Network(inputs: 4) {
          Dropout(1)
          Dense(2)
        }, .meanSquaredError, "layer 1 (dropout 1.0) needs a rate of at least 0 and below 1, but has 1.0"
      ),
      (
        Network(inputs: 4) {
          AlphaDropout(.nan)
          Dense(2)
        }, .meanSquaredError, "layer 1 (alpha dropout nan) needs a rate of at least 0 and below 1, but has nan"
      ),
      (
        Network(inputs: 4) {
          GaussianNoise(-1)
          Dense(2)
        }, .meanSquaredError, "layer 1 (noise -1.0) needs a finite deviation of at least 0, but has -1.0"
      ),
      (
        Network(inputs: 4) {
          LayerNorm(epsilon: 0)
          Dense(2)
        }, .meanSquaredError, "layer 1 (layer norm) needs a finite epsilon above 0, but has 0.0"
      ),
      (
        Network(inputs: 4) { Dense(2, activation: .softmax, learning: LayerLearning(outputs: .l2(1))) },
        .categoricalCrossEntropy,
        "layer 1 (dense 2 softmax) has an activityRegularizer, but its softmax is computed together with the loss; "
          + "lay the penalty on the layers below"
      ),
      (
        Network(inputs: 4) { Dense(2, activation: .logSoftmax, learning: LayerLearning(outputs: .l2(1))) },
        .meanSquaredError,
        "layer 1 (dense 2 log_softmax) has an activityRegularizer, which log_softmax does not take; leave it out, or use "
          + "another activation"
      ),
    ]
    for (network, loss, sentence) in cases {
      let error = #expect(throws: PerceptronModelError.self) { try NetworkProgram(network, loss: loss) }
      #expect(error?.description == sentence)
    }
    let fromInput = Network(inputs: 4) {
      Residual { Dense(4) }
      Dense(2)
    }
    let error = #expect(throws: PerceptronModelError.self) {
      try NetworkProgram(fromInput, loss: .meanSquaredError, operands: .bfloat16(.pairs))
    }
    #expect(
      error?.description == "layer 1 (residual) adds the network's input, which the precision bf16 does not keep in "
        + "single precision; begin with a dense layer, or use the precision f32")
  }
}
