import Fascicle
import Testing

@Suite("Answers of a trained network")
struct PredictorTests {
  @Test("are those of a plain forward pass over scaled features", arguments: 0..<16)
  func agreesWithPlainForwardPass(number: Int) throws {
    let draw = PredictionDraw(number: number), model = try draw.model()
    let scaled = draw.features.enumerated().map { model.transform($1, feature: $0 % draw.network.inputs) }
    let plain = DoubleNetwork(
      model.network, loss: model.loss, parameters: model.stageParameters,
      samples: GradientSamples(features: scaled, labels: nil, targets: nil)
    ).answers
    let answers = try Predictor.forced(model, workers: 2).predict(draw.features)
    #expect(answers.count == plain.count)
    // A step function jumps where rounding decides, and so may what follows it.
    guard !"\(draw.network)".contains("step") else { return }
    let largest = plain.map { abs($0) }.max() ?? 1
    for (answer, expected) in zip(answers, plain) { #expect(abs(Double(answer) - expected) < 2e-5 * max(1, largest)) }
  }

  @Test("have the same bits alone, in any batch, for any workers and every instruction set", arguments: 0..<24)
  func sameBits(number: Int) throws {
    let draw = PredictionDraw(number: number), model = try draw.model()
    let expected = try Predictor.forced(model, workers: 1).predict(draw.features).map(\.bitPattern)
    let outputs = model.outputCount
    #expect(expected.count == draw.sampleCount * outputs)
    for workers in 1...3 {
      let predictor = try Predictor.forced(model, workers: workers, usesTeam: number % 5 > 0)
      for batch in 1...draw.sampleCount {
        let first = (batch * 13 + number) % (draw.sampleCount - batch + 1)
        let answers = try predictor.predict(draw.rows(first, batch)).map(\.bitPattern)
        #expect(
          answers == Array(expected[first * outputs..<(first + batch) * outputs]), "batch \(batch), \(workers) workers")
      }
    }
    for set in InstructionSet.runnable {
      let predictor = try Predictor.forced(model, workers: 1 + number % 3, kernels: KernelSet(set))
      for batch in [1, 5, 16, 17, draw.sampleCount] {
        let answers = try predictor.predict(draw.rows(0, batch)).map(\.bitPattern)
        #expect(answers == Array(expected[..<(batch * outputs)]), "\(set), batch \(batch)")
      }
    }
  }

  @Test("many rows pass through chunks, every one of them once", arguments: [1, 2, 3], [127, 128, 129, 1000])
  func manyRows(workers: Int, rowCount: Int) throws {
    let draw = PredictionDraw(number: 4), predictor = try Predictor.forced(draw.model(), workers: workers)
    let alone = try (0..<draw.sampleCount).map { try predictor.predict(draw.rows($0, 1)) }
    let chosen = (0..<rowCount).map { $0 * 31 % draw.sampleCount }
    let answers = try predictor.predict(chosen.flatMap { draw.rows($0, 1) })
    #expect(answers == chosen.flatMap { alone[$0] })
  }

  @Test("floats, bytes, rows of a data set and its features get the same answers", arguments: [1, 2])
  func sources(workers: Int) throws {
    let model = try PredictionDraw(number: 7).model(), width = model.featureCount
    var random = PhiloxStream(seed: 3, stream: 3)
    let bytes = (0..<50 * width).map { _ in UInt8(random.integer(in: 0...255)) }, floats = bytes.map { Float($0) }
    let labels = [Int](repeating: 0, count: 50)
    let sets = [
      try Dataset(features: bytes, featureCount: width, labels: labels),
      try Dataset(features: floats, featureCount: width, labels: labels),
    ]
    let predictor = try Predictor.forced(model, workers: workers)
    let expected = try predictor.predict(floats)
    for set in sets {
      #expect(try predictor.predict(set.features) == expected)
      for rows in [[49, 0, 7, 7], Array(0..<50)] {
        let subset = try DataSubset(set, rows: rows.map { UInt32($0) })
        let wanted = rows.flatMap { expected[$0 * model.outputCount..<($0 + 1) * model.outputCount] }
        #expect(try predictor.predict(subset) == wanted)
      }
      #expect(
        try predictor.predict(set.features, rows: 3..<5)
          == Array(expected[3 * model.outputCount..<5 * model.outputCount]))
    }
  }

  @Test("the class is the first of the largest outputs")
  func classes() throws {
    let network = Network(inputs: 2) { Dense(3) }
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(), normalization: .none, runtime: .unpinned(2))
    trainer.stageParameters = [StageParameters(weights: [1, 0, 0, 1, 0, 1], bias: [0, 0, 0])]
    let predictor = try trainer.predictor()
    #expect(try predictor.predictClasses([1, 0, 0, 1, 0, 0, -1, -2]) == [0, 1, 0, 0])
    let many = (0..<100).flatMap { row -> [Float] in row % 3 == 0 ? [1, 0] : [0, 1] }
    let classes = try predictor.predictClasses(many)
    #expect(classes == (0..<100).map { $0 % 3 == 0 ? 0 : 1 })
    let data = try Dataset(features: many, featureCount: 2, labels: classes)
    #expect(try predictor.predictClasses(DataSubset(data, rows: [3, 4])) == [0, 1])
    #expect(try predictor.evaluate(DataSubset(allOf: data)).accuracy == 1)
  }

  @Test("loss and accuracy are the trainer's, bit for bit", arguments: 0..<10, [1, 3])
  func evaluation(number: Int, workers: Int) throws {
    let draw = try TrainingDraw(number: number), data = DataSubset(allOf: draw.dataset)
    let trainer = try draw.makeTrainer(.unpinned(2), kernels: .selected())
    _ = try trainer.fit(data, epochs: 1, batchSize: draw.batchSize)
    let predictor = try Predictor.forced(trainer.model(), workers: workers)
    #expect(try predictor.evaluate(data) == trainer.evaluate(data))
    let few = try DataSubset(draw.dataset, rows: [5, 0, 5])
    #expect(try predictor.evaluate(few) == trainer.evaluate(few))
    #expect(predictor.model.weightsSHA256() == trainer.weightsSHA256())
  }

  @Test("a predictor keeps the parameters of its moment, and the scaling of training")
  func snapshot() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: Adam(learningRate: 0.05), seed: 3,
      runtime: .unpinned(2))
    _ = try trainer.fit(SmallProblem.samples(), epochs: 2)
    let predictor = try trainer.predictor(), rows: [Float] = [1, 2, 3, 4, 5]
    let before = try predictor.predict(rows)
    #expect(predictor.model.transform == trainer.transform)
    #expect(predictor.model.record == TrainingRecord(seed: 3, epochCount: 2, stepCount: 2, optimizer: "adam"))
    _ = try trainer.fit(SmallProblem.samples(), epochs: 2)
    #expect(try predictor.predict(rows) == before)
    #expect(try trainer.predictor().predict(rows) != before)
    #expect(abs(before.reduce(0, +) - 1) < 1e-6)
  }

  @Test("the calling thread's subnormals are flushed during a call, as workers do, and kept afterwards")
  func floatingPointMode() throws {
    let network = Network(inputs: 1) { Dense(1, usesBias: false) }
    let trainer = try Trainer(
      network, loss: .meanSquaredError, optimizer: SGD(), normalization: .none, runtime: .unpinned(2))
    trainer.stageParameters = [StageParameters(weights: [0x1p-80], bias: [])]
    for usesTeam in [true, false] {
      let predictor = try Predictor.forced(trainer.model(), workers: 2, usesTeam: usesTeam)
      #expect(try predictor.predict([0x1p-60, 1]) == [0, 0x1p-80])
      #expect(try predictor.predict([Float](repeating: 0x1p-60, count: 40)).allSatisfy { $0 == 0 })
    }
    let factors: [Float] = [0x1p-80, 0x1p-60]
    #expect(factors.reduce(1, *) != 0)
  }

  @Test("several threads may ask at once")
  func concurrentCalls() async throws {
    let draw = PredictionDraw(number: 10), model = try draw.model()
    let predictor = try Predictor.forced(model, workers: 2)
    let expected = try predictor.predict(draw.features), outputs = model.outputCount
    await withTaskGroup(of: Bool.self) { group in
      for caller in 0..<4 {
        group.addTask {
          (0..<30).allSatisfy { round in
            let first = (caller * 7 + round) % 60, count = 1 + round % 10
            let answers = try? predictor.predict(draw.rows(first, count))
            return answers == Array(expected[first * outputs..<(first + count) * outputs])
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test("samples that do not fit are refused with a sentence")
  func refusals() throws {
    let predictor = try SmallProblem.trainer().predictor()
    func refusal(_ body: () throws -> Void) -> String? {
      #expect(throws: TrainingRuntimeError.self, performing: body)?.message
    }
    #expect(
      refusal { _ = try predictor.predict([1, 2, 3]) }
        == "3 floats are no whole number of samples, of which each has 5")
    #expect(
      refusal {
        var room = [Float](repeating: 0, count: 4)
        var span = room.mutableSpan
        try predictor.predict([1, 2, 3, 4, 5].span, into: &span)
      } == "1 samples have 3 outputs, but there is room for 4")
    let narrow = try Dataset(features: [1, 2] as [Float], featureCount: 2, labels: [1], name: "narrow")
    #expect(
      refusal { _ = try predictor.predict(DataSubset(allOf: narrow)) }
        == "narrow: a sample has 2 features, but the model takes 5")
    let many = try Dataset(features: [1, 2, 3, 4, 5] as [Float], featureCount: 5, labels: [3], name: "many")
    #expect(
      refusal { _ = try predictor.evaluate(DataSubset(allOf: many)) }
        == "many has 4 classes, but the model puts out 3")
    #expect(try predictor.predict([]) == [])
    #expect(try predictor.predict(many.features).count == 3)
  }
}
