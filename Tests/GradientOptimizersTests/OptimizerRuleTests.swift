import GradientOptimizers
import NeuronKernels
import Testing

@Suite("Optimizers beside their rules")
struct OptimizerRuleTests {
  @Test("follow the rule, ignore the cuts and find a parabola's minimum", arguments: OptimizerCase.all)
  func passesAllChecks(optimizerCase: OptimizerCase) throws {
    #expect(try optimizerCase.complaints() == [])
  }

  @Test("the first step is what the papers say in closed form")
  func firstSteps() throws {
    let gradient: Float = -0.5, start: Float = 2
    let cases: [(any GradientOptimizer, Double)] = [
      (SGD(learningRate: 0.1), 2 + 0.1 * 0.5),
      (SGD(learningRate: 0.1, weightDecay: 0.2), 2 - 0.1 * (-0.5 + 0.2 * 2)),
      (SGD(learningRate: 0.1, momentum: 0.9), 2 + 0.1 * 0.5),
      (SGD(learningRate: 0.1, momentum: 0.9, nesterov: true), 2 + 0.1 * 1.9 * 0.5),
      // Adam's first step is the rate, whatever the gradient's size, as far as epsilon lets it.
      (Adam(learningRate: 0.1), 2 + 0.1 * 0.5 / (0.5 + 1e-8)),
      (Adam(learningRate: 0.1, epsilon: 0.5), 2 + 0.1 * 0.5 / (0.5 + 0.5)),
      (Adam(learningRate: 0.1, weightDecay: 0.5), 2 - 0.1),
      (AdamW(learningRate: 0.1, weightDecay: 0.5), 2 * (1 - 0.1 * 0.5) + 0.1),
    ]
    for (optimizer, expected) in cases {
      let memory = try SliceMemory(parameters: [Float](repeating: start, count: 16))
      try memory.step(optimizer, number: 1, gradients: [Float](repeating: gradient, count: 16))
      #expect(memory.parameters.allSatisfy { abs(Double($0) - expected) < 3e-7 }, "\(optimizer)")
    }
  }

  @Test("a rate of zero leaves every parameter as it is", arguments: OptimizerCase.all)
  func rateOfZero(optimizerCase: OptimizerCase) throws {
    let memory = try SliceMemory(parameters: (0..<32).map { Float($0) - 16 })
    memory.setGradients([Float](repeating: 3, count: 32))
    let step = OptimizerStep(number: 1, learningRate: 0)
    let slice = memory.slice(
      0..<32, step: step, coefficients: optimizerCase.optimizer.coefficients(for: step), gradientScale: 1,
      kernels: try .selected())
    optimizerCase.optimizer.update(slice)
    #expect(memory.parameters == (0..<32).map { Float($0) - 16 })
  }

  @Test("the state is what the rule remembers, zero at first")
  func stateShapes() {
    #expect(SGD().stateSlotCount == 0)
    #expect(SGD(momentum: 0.9).stateSlotCount == 1)
    #expect(Adam().stateSlotCount == 2)
    #expect(AdamW().stateSlotCount == 2)
  }

  @Test("Adam's late steps keep their precision, though powers of beta vanish")
  func lateSteps() throws {
    for number in [1, 10, 1000, 100_000, 10_000_000] {
      let step = OptimizerStep(number: number, learningRate: 0.001)
      let coefficients = Adam().coefficients(for: step)
      let first = 1 - (0..<min(number, 100_000)).reduce(1.0) { power, _ in power * 0.9 }
      let second = 1 - (0..<min(number, 100_000)).reduce(1.0) { power, _ in power * 0.999 }
      #expect(abs(Double(coefficients[0]) / (Double(Float(0.001)) / first) - 1) < 1e-7, "step \(number)")
      #expect(abs(Double(coefficients[1]) * second.squareRoot() - 1) < 1e-7, "step \(number)")
    }
  }
}
