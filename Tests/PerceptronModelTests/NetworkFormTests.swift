import PerceptronModel
import Testing

@Suite("Ways of writing a network")
struct NetworkFormTests {
  static let functions: [ActivationFunction] = [
    .sigmoid, .tanh, .relu, .leakyReLU(slope: 0.1), .preLU(initialSlope: 0.2), .softmax,
  ]

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

  @Test("every name of an activation names the function that bears it")
  func activationNames() {
    for name in ActivationFunction.names { #expect(ActivationFunction.named(name)?.name == name) }
    #expect(ActivationFunction.names.count == 8)
    #expect(ActivationFunction.named("leaky_relu", slope: 0.3) == .leakyReLU(slope: 0.3))
    #expect(ActivationFunction.named("prelu", slope: 0.3) == .preLU(initialSlope: 0.3))
    #expect(ActivationFunction.named("relu", slope: 0.3) == .relu)
    for unknown in ["ReLU", "", "leakyrelu", "swish"] { #expect(ActivationFunction.named(unknown) == nil) }
  }
}
