// This target is built without package access (`packageAccess: false` in Package.swift): whatever compiles here, a user's
// own module can do with a plain `import Fascicle`.
import Fascicle
import Testing

/// Follows nothing but the gradient's sign: the example of `GradientOptimizer`'s documentation.
private struct SignDescent: GradientOptimizer {
  var name: String { "sign_descent" }
  var learningRate: Float

  func update(_ slice: ParameterSlice) {
    for i in 0..<slice.count {
      slice.parameters[i] -= slice.learningRate * (slice.gradient(at: i) > 0 ? 1 : -1)
    }
  }
}

/// RMSprop with momentum and a step-dependent coefficient: uses state, coefficients, roles and validation.
private struct RootMeanSquareDescent: GradientOptimizer {
  var name: String { "rms_descent" }
  var learningRate: Float
  var decay: Float = 0.99
  var stateSlotCount: Int { 2 }

  func validate() throws(GradientOptimizersError) {
    guard decay > 0, decay < 1 else {
      throw GradientOptimizersError(parameter: "decay", message: "decay must be in (0, 1), but is \(decay)")
    }
  }

  func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    var power: Float = 1
    for _ in 0..<min(step.number, 10_000) { power *= decay }
    return SIMD8(repeating: 1 / (1 - power))
  }

  func update(_ slice: ParameterSlice) {
    let squares = slice.state(0), velocity = slice.state(1)
    let rate = slice.role == .weight ? slice.learningRate : 2 * slice.learningRate
    for i in 0..<slice.count {
      let gradient = slice.gradient(at: i)
      squares[i] = decay * squares[i] + (1 - decay) * gradient * gradient
      velocity[i] = 0.9 * velocity[i] + gradient / ((squares[i] * slice.coefficients[0]).squareRoot() + 1e-6)
      slice.parameters[i] -= rate * velocity[i]
    }
  }
}

@Suite("An optimizer written outside the package")
struct UserOptimizerTests {
  private static let optimizers: [any GradientOptimizer] = [
    SignDescent(learningRate: 0.001), RootMeanSquareDescent(learningRate: 0.0005),
  ]

  @Test("learns the digits, with the same bits for one worker and for three", arguments: optimizers.indices)
  func learnsDigits(index: Int) throws {
    let (training, test) = try Dataset.digits().split(validationFraction: 0.2, seed: 1)
    let trainers = try [1, 3].map { workers in
      let trainer = try Trainer(
        Network(inputs: 64) {
          Dense(32, activation: .relu)
          Dense(10, activation: .softmax)
        }, loss: .categoricalCrossEntropy, optimizer: Self.optimizers[index], schedule: .cosine(),
        clipping: .globalNorm(5), seed: 7, runtime: RuntimeSettings(workers: .exactly(workers), pinsWorkers: false))
      let history = try trainer.fit(training, epochs: 25, batchSize: 64)
      #expect(history.epochs.count == 25)
      return trainer
    }
    let accuracy = try #require(try trainers[0].evaluate(test).accuracy)
    print("\(Self.optimizers[index].name): accuracy \(accuracy) on held-out digits")
    #expect(accuracy > 0.9)
    #expect(trainers[0].weightsSHA256() == trainers[1].weightsSHA256())
  }

  @Test("its refusal of a hyperparameter comes out of the trainer's initializer")
  func refuses() throws {
    let network = Network(inputs: 2) { Dense(2, activation: .softmax) }
    let error = #expect(throws: GradientOptimizersError.self) {
      try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: RootMeanSquareDescent(learningRate: 0.1, decay: 1))
    }
    #expect(error?.description == "decay must be in (0, 1), but is 1.0")
  }

  @Test("the default check refuses a learning rate that is no number")
  func refusesNaN() throws {
    let network = Network(inputs: 2) { Dense(2, activation: .softmax) }
    let error = #expect(throws: GradientOptimizersError.self) {
      try Trainer(network, loss: .categoricalCrossEntropy, optimizer: SignDescent(learningRate: .nan))
    }
    #expect(error?.parameter == "learningRate")
  }
}
