import PerceptronModel
import Testing

@Suite("Parameters in one vector")
struct ParameterVectorTests {
  /// Widths around whole panels of 32 and lines of 16, with every kind of stage.
  static let networks: [Network] = [
    Network(inputs: 1) { Dense(1) },
    Network(inputs: 31) {
      Dense(33, activation: .preLU())
      Dense(1)
    },
    Network(inputs: 32) {
      Activation(.preLU())
      Dense(16, usesBias: false)
      Dense(17, activation: .tanh)
    },
    Network(inputs: 70) {
      Dense(13)
      Activation(.preLU())
      Activation(.preLU())
      Dense(40, activation: .softmax)
    },
  ]

  @Test("come back as they were put in, stage by stage, and no other float changes", arguments: networks.indices)
  func roundTrip(index: Int) throws {
    let program = try NetworkProgram(Self.networks[index], loss: .meanSquaredError)
    let vector = try ParameterVector(program, seed: nil)
    var next: Float = 1
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in
        defer { next += 1 }
        return next
      }
    }
    var put: [StageParameters] = []
    for (place, stage) in program.stages.enumerated() {
      let weightCount = stage.dense.map { $0.inputCount * $0.outputCount } ?? 0
      let parameters = StageParameters(
        weights: numbers(weightCount), bias: numbers(stage.bias.count), slopes: numbers(stage.slopes.count))
      vector[place] = parameters
      put.append(parameters)
    }
    #expect(program.stages.indices.map { vector[$0] } == put)
    #expect(Int(next) - 1 == program.parameterCount)
    #expect(vector.bits.count { $0 != 0 } == program.parameterCount, "padding stays zero")
  }

  @Test("each has its own place, on lines of 64 bytes", arguments: networks.indices)
  func placesAreApart(index: Int) throws {
    let program = try NetworkProgram(Self.networks[index], loss: .meanSquaredError)
    let places = program.stages.flatMap { [$0.weights, $0.bias, $0.slopes] }.filter { !$0.isEmpty }
    #expect(places.allSatisfy { $0.lowerBound % 16 == 0 })
    #expect(zip(places, places.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    #expect(program.vectorCount % 16 == 0)
    #expect(places.last.map { $0.upperBound <= program.vectorCount } == true)
  }

  @Test("are counted without padding")
  func counts() throws {
    let program = try NetworkProgram(
      Network(inputs: 784) {
        Dense(256, activation: .relu)
        Dense(128, activation: .preLU())
        Dense(10, activation: .softmax, usesBias: false)
      }, loss: .categoricalCrossEntropy)
    let first = 784 * 256 + 256, second = 256 * 128 + 128 + 128
    #expect(program.parameterCount == first + second + 1280)
    #expect(program.inputCount == 784)
    #expect(program.outputCount == 10)
    let flopsOfSample = 4 * 784 * 256 + 6 * (256 * 128 + 1280)
    #expect(program.flopsPerStep(sampleCount: 3) == Double(3 * flopsOfSample))
  }
}
