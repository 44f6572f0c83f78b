import Fascicle
import Testing

@Suite("Runs that cannot work")
struct RunRefusalTests {
  private static func fitError(
    _ data: DataSubset, epochs: Int = 1, batchSize: Int = 10, validation: Validation = .none,
    network: Network = SmallProblem.network, loss: Loss = .categoricalCrossEntropy
  ) throws -> (any Error)? {
    let trainer = try Trainer(network, loss: loss, optimizer: SGD(), runtime: .unpinned(1))
    let before = trainer.weightsSHA256()
    do {
      _ = try trainer.fit(data, epochs: epochs, batchSize: batchSize, validation: validation) { _ in
        Issue.record("a refused run began")
        return .stop
      }
      return nil
    } catch {
      #expect(trainer.weightsSHA256() == before)
      return error
    }
  }

  @Test("epochs and minibatches below one", arguments: [0, -1, .min])
  func counts(count: Int) throws {
    let data = try SmallProblem.samples()
    #expect(
      "\(try #require(try Self.fitError(data, epochs: count)))"
        == "the number of epochs must be at least 1, but is \(count)")
    #expect(
      "\(try #require(try Self.fitError(data, batchSize: count)))"
        == "the batch size must be at least 1, but is \(count)")
  }

  @Test("a minibatch larger than the data set is the data set")
  func hugeBatch() throws {
    let trainer = try SmallProblem.trainer()
    let history = try trainer.fit(SmallProblem.samples(), epochs: 1, batchSize: .max)
    #expect(history.stepCount == 1)
    #expect(trainer.plan?.batchSize == 100)
  }

  private static let noProbabilities =
    "curve: the loss categorical_cross_entropy needs classes, or probabilities from 0 to 1, but sample 1 has a target of 6.0; "
    + "for regression use the loss mean_squared_error"

  @Test("data that are not the network's")
  func mismatches() throws {
    let data = try SmallProblem.samples(), dataset = try SmallProblem.dataset()
    let values = try Dataset(
      features: [Float](repeating: 1, count: 10), featureCount: 5, targets: [1, 2, 3, 4, 5, 6], targetCount: 3,
      name: "curve")
    let narrow = Network(inputs: 4) { Dense(3, activation: .softmax) }
    let twoClasses = Network(inputs: 5) { Dense(2, activation: .softmax) }
    let cases: [((any Error)?, String)] = [
      (
        try Self.fitError(data, network: narrow),
        "points has 5 features a sample, but the network takes 4; make the network's inputs 5"
      ),
      (
        try Self.fitError(data, network: twoClasses),
        "points has 3 classes, but the network puts out 2; make the last layer 3 units wide"
      ),
      (
        try Self.fitError(DataSubset(allOf: values), network: twoClasses, loss: .meanSquaredError),
        "curve has 3 targets a sample, but the network puts out 2; make the last layer 3 units wide"
      ),
      (
        try Self.fitError(DataSubset(allOf: values)),
        Self.noProbabilities
      ),
      (try Self.fitError(DataSubset(dataset, rows: [])), "points: there are no samples"),
      (
        try Self.fitError(data, validation: .data(DataSubset(allOf: values))),
        Self.noProbabilities
      ),
      (try Self.fitError(data, validation: .data(DataSubset(dataset, rows: []))), "points: there are no samples"),
    ]
    for (error, sentence) in cases {
      #expect((error as? TrainingRuntimeError)?.code == .dataMismatch)
      #expect(error.map { "\($0)" } == sentence)
    }
  }

  @Test("validation fractions outside 0 ..< 1", arguments: [-0.1, 1, 2, .nan, .infinity])
  func fractions(fraction: Double) throws {
    let error = try Self.fitError(SmallProblem.samples(), validation: .fraction(fraction))
    #expect((error as? TrainingDataError)?.code == .invalidArgument)
  }

  @Test("evaluating data that are not the network's, or none")
  func evaluation() throws {
    let trainer = try SmallProblem.trainer()
    let other = try Dataset(features: [1, 2] as [Float], featureCount: 2, labels: [0])
    for data in [DataSubset(allOf: other), try DataSubset(SmallProblem.dataset(), rows: [])] {
      let error = #expect(throws: TrainingRuntimeError.self) { try trainer.evaluate(data) }
      #expect(error?.code == .dataMismatch)
    }
  }

  @Test("numbers of workers that no machine has", arguments: [0, -1, 1025, 10_000, .max, .min])
  func workers(count: Int) {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(),
        runtime: RuntimeSettings(workers: .exactly(count)))
    }
    #expect(error?.code == .setting)
    #expect(
      error?.description
        == "workers must be between 1 and 1024, but is \(count); leave it automatic to use what this machine really has"
    )
  }

  @Test("hyperparameters, schedules and clipping come out of the initializer")
  func hyperparameters() {
    func error(
      _ optimizer: any GradientOptimizer = SGD(), schedule: LearningRateSchedule = .constant,
      clipping: GradientClipping = .none
    ) -> String? {
      #expect(throws: GradientOptimizersError.self) {
        try Trainer(
          SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: optimizer, schedule: schedule,
          clipping: clipping, runtime: .unpinned(1))
      }?.parameter
    }
    #expect(error(SGD(learningRate: .nan)) == "learningRate")
    #expect(error(schedule: .step(epochs: 0, factor: 0.5)) == "schedule.epochs")
    #expect(error(clipping: .globalNorm(-1)) == "clipNorm")
  }

  @Test("a network that only runs forward is evaluated and not trained")
  func stepNetwork() throws {
    let network = Network(inputs: 5) {
      Dense(4, activation: .step())
      Dense(3, activation: .softmax)
    }
    let error = try Self.fitError(SmallProblem.samples(), network: network)
    #expect((error as? PerceptronModelError)?.code == .untrainable)
  }

  @Test("state that no memory holds", arguments: [-1, 65, Int.max])
  func stateSlots(count: Int) throws {
    let error = #expect(throws: TrainingRuntimeError.self) { try SmallProblem.trainer(Hoarder(stateSlotCount: count)) }
    #expect(
      error?.description == "the optimizer hoarder asks for \(count) floats of state a parameter, but may have 0 to 64")
  }

  private struct Hoarder: GradientOptimizer {
    var name: String { "hoarder" }
    var learningRate: Float { 0.1 }
    let stateSlotCount: Int
    func update(_ slice: ParameterSlice) {}
  }
}
