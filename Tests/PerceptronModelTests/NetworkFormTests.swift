import PerceptronModel
import Testing

@Suite("Ways of writing a network")
struct NetworkFormTests {
  static let functions =
    ActivationFunction.all.filter { $0 != .linear && $0 != .logSoftmax } + [.preLU(sharing: .perLayer)]

  @Test("an activation in a dense layer and one behind it make the same stages and the same bits", arguments: functions)
  func inlineIsOwnLayer(function: ActivationFunction) throws {
    let inline = Network(inputs: 7) {
      Dense(33, activation: function)
      Dense(5, activation: .softmax)
    }
    let ownLayers = Network(inputs: 7) {
      Dense(33)
      Activation(function)
      Dense(5)
      Activation(.softmax)
    }
    let first = try NetworkProgram(inline, loss: .categoricalCrossEntropy)
    let second = try NetworkProgram(ownLayers, loss: .categoricalCrossEntropy)
    #expect(first.stages == second.stages)
    #expect(first.parameterCount == second.parameterCount)
    #expect(try ParameterVector(first, seed: 3).bits == ParameterVector(second, seed: 3).bits)
    #expect(first.stageNames[0] == "layer 1 (dense 33 \(function))")
    #expect(second.stageNames[0] == "layer 1 (dense 33) with layer 2 (\(function))")
    #expect(second.stageNames[1] == "layer 3 (dense 5) with layer 4 (softmax)")
  }

  @Test("a linear activation layer is no stage of its own, wherever it stands")
  func linearLayersVanish() throws {
    let plain = Network(inputs: 3) { Dense(4, activation: .tanh) }
    let padded = Network(inputs: 3) {
      Activation(.linear)
      Dense(4)
      Activation(.linear)
      Activation(.tanh)
      Activation(.linear)
    }
    let stages = try NetworkProgram(plain, loss: .meanSquaredError).stages
    #expect(try NetworkProgram(padded, loss: .meanSquaredError).stages == stages)
  }

  @Test("an activation behind another one, or before all layers, is a stage without weights")
  func activationsAlone() throws {
    let program = try NetworkProgram(
      Network(inputs: 3) {
        Activation(.preLU())
        Dense(4, activation: .tanh)
        Activation(.relu)
      }, loss: .meanSquaredError)
    #expect(program.stages.map { $0.dense == nil } == [true, false, true])
    #expect(program.stages.map(\.slopes.count) == [3, 0, 0])
    #expect(program.stages.map(\.outputCount) == [3, 4, 4])
    #expect(program.lowestLearningStage == 0)
    #expect(program.stageNames == ["layer 1 (prelu(0.25))", "layer 2 (dense 4 tanh)", "layer 3 (relu)"])
  }

  @Test("nothing learns below the first stage with parameters")
  func lowestLearningStage() throws {
    let program = try NetworkProgram(
      Network(inputs: 3) {
        Activation(.tanh)
        Activation(.relu)
        Dense(2)
      }, loss: .meanSquaredError)
    #expect(program.lowestLearningStage == 2)
  }

  @Test("the builder takes conditions, alternatives, loops and ready layers", arguments: [true, false])
  func builder(isDeep: Bool) {
    let network = Network(inputs: 8) {
      if isDeep { Dense(9) }
      if isDeep { Activation(.relu) } else { Activation(.tanh) }
      for units in [4, 3] { Dense(units, activation: .relu) }
      Layer.dense(Dense(2))
    }
    let expected: [Layer] =
      (isDeep ? [.dense(Dense(9)), .activation(Activation(.relu))] : [.activation(Activation(.tanh))])
      + [.dense(Dense(4, activation: .relu)), .dense(Dense(3, activation: .relu)), .dense(Dense(2))]
    #expect(network.layers == expected)
    #expect(network == Network(inputs: 8, layers: expected))
    #expect(network.outputs == 2)
  }

  @Test("a description gives widths and activations in order")
  func descriptions() {
    let cases: [(Network, String)] = [
      (
        Network(inputs: 784) {
          Dense(256, activation: .relu)
          Dense(10, activation: .softmax)
        },
        "784 → 256 relu → 10 softmax"
      ),
      (
        Network(inputs: 4) {
          Dense(3)
          Activation(.tanh)
          Dense(1)
        }, "4 → 3 tanh → 1"
      ),
      (
        Network(inputs: 4) {
          Activation(.sigmoid)
          Dense(2, activation: .leakyReLU(slope: 0.2))
        },
        "4 sigmoid → 2 leaky_relu(0.2)"
      ),
      (Network(inputs: 4, layers: []), "4"),
    ]
    for (network, description) in cases { #expect(network.description == description) }
    #expect(Network(inputs: 4, layers: []).outputs == 4)
  }

  @Test("parameters are set by their keys, and only by their own")
  func activationParameters() {
    #expect(ActivationFunction.leakyReLU().with(["slope": .number(0.3)]) == .leakyReLU(slope: 0.3))
    #expect(ActivationFunction.linear.with(["slope": .number(2)]) == .scaledLinear(slope: 2))
    #expect(ActivationFunction.linear.with(["slope": .number(1)]) == .linear)
    #expect(ActivationFunction.preLU().with(["slopes": .word("per_layer")]) == .preLU(sharing: .perLayer))
    #expect(ActivationFunction.rreLU().with(["upper": .number(0.5)]) == .rreLU(upper: 0.5))
    #expect(ActivationFunction.step().with(["gradient": .word("perceptron")]) == .step(gradient: .perceptron))
    #expect(ActivationFunction.step().with(["gradient": .word("none at all")]) == nil)
    #expect(ActivationFunction.relu.with(["slope": .number(0.3)]) == nil)
    #expect(ActivationFunction.elu().with(["alpha": .word("one")]) == nil)
    for function in ActivationFunction.all {
      let values = Dictionary(uniqueKeysWithValues: function.parameters.map { ($0.name, $0.value) })
      #expect(function.with(values) == function)
      #expect(function.with([:]) == function)
    }
  }

  @Test("a description says what was chosen")
  func activationDescriptions() {
    #expect(ActivationFunction.step().description == "step")
    #expect(ActivationFunction.step(gradient: .straightThrough).description == "step(straight_through)")
    #expect(ActivationFunction.gelu(form: .tanh).description == "gelu(tanh)")
    #expect(ActivationFunction.preLU(initialSlope: 0.5, sharing: .perLayer).description == "prelu(0.5, per_layer)")
    #expect(ActivationFunction.threshold(threshold: 1, value: -2).description == "threshold(1.0, -2.0)")
  }

  @Test("log softmax is a stage of its own however it is written")
  func logSoftmaxStandsAlone() throws {
    for network in [
      Network(inputs: 4) { Dense(3, activation: .logSoftmax) },
      Network(inputs: 4) {
        Dense(3)
        Activation(.logSoftmax)
      },
    ] {
      let program = try NetworkProgram(network, loss: .meanSquaredError)
      #expect(program.stages.map(\.activation) == [.linear, .logSoftmax])
      #expect(!program.splitsByUnits)
      #expect(try NetworkProgram(program.inlinedNetwork, loss: .meanSquaredError).stages == program.stages)
    }
  }

  @Test("a shared slope is one parameter, whatever the width")
  func sharedSlopes() throws {
    let network = Network(inputs: 4) { Dense(30, activation: .preLU(initialSlope: 0.5, sharing: .perLayer)) }
    let program = try NetworkProgram(network, loss: .meanSquaredError)
    #expect(program.parameterCount == 4 * 30 + 30 + 1)
    #expect(try ParameterVector(program, seed: 1)[0].slopes == [0.5])
  }

  @Test("every name of an activation names the function that bears it")
  func activationNames() {
    for name in ActivationFunction.names { #expect(ActivationFunction.named(name)?.name == name) }
    #expect(ActivationFunction.names.count == 32)
    #expect(Set(ActivationFunction.names).count == 32)
    for function in ActivationFunction.all { #expect(ActivationFunction.named(function.name) == function) }
    for unknown in ["ReLU", "", "leakyrelu", "swish"] { #expect(ActivationFunction.named(unknown) == nil) }
  }
}
