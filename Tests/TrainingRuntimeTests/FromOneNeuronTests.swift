import Fascicle
import Testing

/// What the guide *From one neuron to a network* says, by its own code.
@Suite("The claims of the guide From one neuron to a network")
struct FromOneNeuronTests {
  /// What a network with these parameters answers to samples, features as they are.
  private func answers(
    _ network: Network, _ parameters: [StageParameters]? = nil, to samples: [Float]
  ) throws -> [Float] {
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(), normalization: .none, seed: 5, runtime: .unpinned(1))
    if let parameters { trainer.stageParameters = parameters }
    return try trainer.predictor().predict(samples)
  }

  /// What an activation makes of sums: a neuron with weight 1 and bias 0.
  private func neuron(_ activation: ActivationFunction, _ sums: [Float]) throws -> [Float] {
    try answers(
      Network(inputs: 1) { Dense(1, activation: activation) }, [StageParameters(weights: [1], bias: [0])], to: sums)
  }

  @Test("a neuron is a weighted sum and a bias")
  func weightedSum() throws {
    let neuron = Network(inputs: 3) { Dense(1) }
    let parameters = [StageParameters(weights: [0.5, -1, 2], bias: [0.25])]
    #expect(try answers(neuron, parameters, to: [4, 1, 3]) == [7.25], "½·4 − 1·1 + 2·3 + ¼")
  }

  @Test("relu is not linear: it neither keeps multiples nor sums")
  func reluIsNotLinear() throws {
    let a: Float = -2
    let f = try neuron(.relu, [a, -a, a + -a])
    #expect(f[1] != -f[0], "f(−a) = \(f[1]), −f(a) = \(-f[0])")
    #expect(f[2] != f[0] + f[1], "f(a + b) = \(f[2]), f(a) + f(b) = \(f[0] + f[1])")
    // The linear activation keeps both.
    let g = try neuron(.linear, [a, -a, a + -a])
    #expect(g[1] == -g[0] && g[2] == g[0] + g[1])
  }

  /// f(a + b) − f(a) − f(b) + f(0), which is 0 for every map of the form w·x + b.
  private func bend(_ network: Network) throws -> Float {
    let (a, b): ([Float], [Float]) = ([0.75, -1.5], [-0.25, 2])
    let sum = zip(a, b).map { $0 + $1 }
    let f = try answers(network, to: sum + a + b + [0, 0])
    return f[0] - f[1] - f[2] + f[3]
  }

  @Test("layers without a non-linear activation are one linear map, however many", arguments: [1, 2, 5, 20])
  func depthNeedsABend(depth: Int) throws {
    func network(_ activation: ActivationFunction) -> Network {
      Network(
        inputs: 2,
        layers: (0..<depth).map { _ in .dense(Dense(8, activation: activation)) } + [.dense(Dense(1))])
    }
    #expect(abs(try bend(network(.linear))) < 1e-4)
    if depth < 20 { #expect(abs(try bend(network(.tanh))) > 1e-3) }
  }

  @Test("sigmoid and tanh keep their outputs bounded, relu does not")
  func bounds() throws {
    let sums: [Float] = [-1000, -3, 0, 3, 1000]
    #expect(try neuron(.sigmoid, sums).allSatisfy { (0...1).contains($0) })
    #expect(try neuron(.tanh, sums).allSatisfy { (-1...1).contains($0) })
    #expect(try neuron(.relu, sums) == [0, 0, 0, 3, 1000])
    #expect(try neuron(.leakyReLU(), sums)[0] == -10)
    #expect(try neuron(.step(), sums) == [0, 0, 0, 1, 1])
  }

  @Test("softmax gives probabilities, in the order of its sums")
  func softmax() throws {
    let network = Network(inputs: 3) { Dense(3, activation: .softmax) }
    let same = StageParameters(weights: [1, 0, 0, 0, 1, 0, 0, 0, 1], bias: [0, 0, 0])
    let p = try answers(network, [same], to: [1, 3, 2])
    #expect(abs(p.reduce(0, +) - 1) < 1e-6)
    #expect(p[0] < p[2] && p[2] < p[1])
  }

  @Test("a sigmoid's slope is a quarter at most, so that twenty of them leave next to nothing")
  func sigmoidVanishes() throws {
    let step: Float = 1.0 / 64
    let sums = (-512...512).map { Float($0) * step }
    let values = try neuron(.sigmoid, sums)
    let steepest = zip(values, values.dropFirst()).map { ($1 - $0) / step }.max() ?? 0
    #expect(abs(steepest - 0.25) < 1e-3)
    var left = 1.0
    for _ in 0..<20 { left *= Double(steepest) }
    #expect(left < 1e-11)
  }

  @Test("cross-entropy asks for softmax, and says so")
  func pairs() throws {
    for activation in [ActivationFunction.relu, .sigmoid, .linear] {
      let error = #expect(throws: PerceptronModelError.self) {
        try Trainer(
          Network(inputs: 2) { Dense(2, activation: activation) }, loss: .categoricalCrossEntropy, optimizer: SGD())
      }
      #expect(error?.hint?.contains("softmax") == true)
    }
  }

  @Test("a step without a chosen gradient is refused for training")
  func stepIsRefused() throws {
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(1, activation: .step()) }, loss: .meanSquaredError, optimizer: SGD(),
      runtime: .unpinned(1))
    let data = try Dataset(features: [0, 1] as [Float], featureCount: 2, targets: [1], targetCount: 1)
    let error = #expect(throws: PerceptronModelError.self) { try trainer.fit(DataSubset(allOf: data), epochs: 1) }
    #expect(error?.message.contains("derivative is zero everywhere") == true)
  }
}
