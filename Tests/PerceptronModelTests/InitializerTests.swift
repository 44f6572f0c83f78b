import Glibc
import NeuronKernels
import PerceptronModel
import Testing

@Suite("Initial parameters")
struct InitializerTests {
  private static func weights(
    _ initializer: Initializer?, inputs: Int, outputs: Int, activation: ActivationFunction = .linear, seed: UInt64 = 1
  ) throws -> [Float] {
    let network = Network(inputs: inputs) { Dense(outputs, activation: activation, initializer: initializer) }
    return try ParameterVector(NetworkProgram(network, loss: .meanSquaredError), seed: seed)[0].weights
  }

  @Test(
    "have the mean, the variance and the bounds of their papers",
    arguments: [Initializer.glorotUniform, .glorotNormal, .heUniform, .heNormal])
  func moments(initializer: Initializer) throws {
    let inputs = 300, outputs = 200
    let weights = try Self.weights(initializer, inputs: inputs, outputs: outputs).map { Double($0) }
    let isGlorot = initializer == .glorotUniform || initializer == .glorotNormal
    let variance = 2 / Double(isGlorot ? inputs + outputs : inputs)
    let count = Double(weights.count)
    let mean = weights.reduce(0, +) / count
    let measured = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let largest = weights.reduce(0) { max($0, abs($1)) }

    // Five standard errors of 60,000 draws; the draws are fixed, so this never fails by chance.
    #expect(abs(mean) < 5 * (variance / count).squareRoot())
    #expect(abs(measured / variance - 1) < 5 * (2 / count).squareRoot())
    if initializer == .glorotUniform || initializer == .heUniform {
      let bound = (3 * variance).squareRoot()
      #expect(largest <= bound * (1 + 1e-7))
      #expect(largest > 0.999 * bound)
    } else {
      #expect(largest > 3.5 * variance.squareRoot())
      let beyondOne = weights.count { abs($0) > variance.squareRoot() }
      #expect(abs(Double(beyondOne) / count - 0.3173) < 0.01)
    }
  }

  @Test("zeros are zeros")
  func zeros() throws {
    #expect(try Self.weights(.zeros, inputs: 5, outputs: 40).allSatisfy { $0 == 0 })
  }

  @Test("rectifiers get He's and everything else Glorot's, unless chosen otherwise")
  func defaults() throws {
    let cases: [(ActivationFunction, Initializer)] = [
      (.relu, .heUniform), (.leakyReLU(), .heUniform), (.preLU(), .heUniform), (.linear, .glorotUniform),
      (.selu, .lecunNormal), (.sigmoid, .glorotUniform), (.tanh, .glorotUniform), (.softmax, .glorotUniform),
    ]
    for (activation, initializer) in cases {
      let drawn = try Self.weights(nil, inputs: 9, outputs: 7, activation: activation)
      #expect(drawn == (try Self.weights(initializer, inputs: 9, outputs: 7)), "\(activation)")
    }
    #expect(
      try Self.weights(.glorotNormal, inputs: 9, outputs: 7, activation: .relu)
        == Self.weights(.glorotNormal, inputs: 9, outputs: 7))
  }

  @Test("depend on seed and layer")
  func seedAndLayer() throws {
    let network = Network(inputs: 12) {
      Dense(12)
      Dense(12)
      Dense(12)
    }
    let program = try NetworkProgram(network, loss: .meanSquaredError)
    let drawn = try (0..<UInt64(4)).flatMap { seed in
      let vector = try ParameterVector(program, seed: seed)
      return (0..<3).map { vector[$0].weights }
    }
    #expect(Set(drawn).count == 12)
    #expect(try ParameterVector(program, seed: 2).bits == ParameterVector(program, seed: 2).bits)
  }

  @Test("draw four weights from a counter of their own: seed, layer, output, input, and nothing of the layout")
  func drawsAreAddressed() throws {
    let network = Network(inputs: 40) {
      Dense(35)
      Dense(33, initializer: .heUniform)
    }
    let program = try NetworkProgram(network, loss: .meanSquaredError)
    let weights = try ParameterVector(program, seed: 99)[1].weights
    let stream = UInt64(PhiloxStream.Purpose.parameterInitialization.rawValue) << 32 | 1
    let bound = (6 / 35.0).squareRoot()
    for output in 0..<33 {
      for input in 0..<35 {
        let block = Philox4x32.block(key: 99, counter: (UInt64(output) << 32 | UInt64(input / 4), stream))
        let expected = (2 * (Double(block[input % 4]) + 0.5) / 4_294_967_296 - 1) * bound
        #expect(abs(Double(weights[output * 35 + input]) - expected) < 1e-7)
      }
    }
  }

  @Test("biases start at zero and slopes at their initial slope")
  func biasesAndSlopes() throws {
    let network = Network(inputs: 3) {
      Dense(20, activation: .preLU(initialSlope: 0.125))
      Dense(2, usesBias: false)
    }
    let vector = try ParameterVector(NetworkProgram(network, loss: .meanSquaredError), seed: 5)
    #expect(vector[0].bias == [Float](repeating: 0, count: 20))
    #expect(vector[0].slopes == [Float](repeating: 0.125, count: 20))
    #expect(vector[1].bias == [])
    #expect(vector[1].slopes == [])
  }

  @Test("names are those of configurations")
  func names() {
    #expect(Initializer.names.count == 17)
    #expect(Set(Initializer.names).count == 17)
    for initializer in Initializer.all {
      #expect(Initializer.named(initializer.name) == initializer)
      let values = Dictionary(uniqueKeysWithValues: initializer.parameters.map { ($0.name, $0.value) })
      #expect(initializer.with(values) == initializer)
    }
    #expect(Initializer.named("orthogonal")?.with(["gain": .number(2)]) == .orthogonal(gain: 2))
    #expect(Initializer.orthogonal().with(["scale": .number(2)]) == nil)
    #expect(Initializer.varianceScaling().with(["mode": .word("fan_up")]) == nil)
    #expect(Initializer.named("xavier") == nil)
    #expect(Loss.named("categorical_cross_entropy") == .categoricalCrossEntropy)
    #expect(Loss.named("mean_squared_error") == .meanSquaredError)
  }
}
