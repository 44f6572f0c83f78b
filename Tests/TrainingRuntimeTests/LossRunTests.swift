import Fascicle
import Testing

/// Every loss in whole runs: the same bits wherever they execute, at ragged sizes, with weights.
@Suite("Losses in training")
struct LossRunTests {
  /// Every loss, and from logits where that is another way.
  static let losses =
    Loss.all + [
      .crossEntropy(labelSmoothing: 0.1, from: .logits), .binaryCrossEntropy(labelSmoothing: 0.2, from: .logits),
      .focal(gamma: 1.5, from: .logits), .binaryFocal(gamma: 0, from: .logits), .klDivergence(from: .logits),
      .poisson(from: .logarithms),
    ]

  /// A network that the loss suits, and samples; with labels where both would do and `wantsLabels`.
  static func problem(
    _ loss: Loss, outputs: Int, samples: Int, wantsLabels: Bool, weighted: Bool = false
  ) throws -> (Network, Dataset) {
    var random = PhiloxStream(seed: UInt64(outputs * 1000 + samples), stream: 12)
    let last: ActivationFunction = loss.fusedActivation ?? (loss == .poisson() ? .exponential : .linear)
    let units = loss.outputCount(forTargets: outputs)
    let network = Network(inputs: 5) {
      Dense(9, activation: .tanh)
      Dense(units, activation: last)
    }
    let features = random.uniform(count: samples * 5, reach: 1)
    let usesLabels = loss.acceptsLabels && (wantsLabels || !loss.acceptsValues)
    var dataset: Dataset
    if usesLabels {
      let classes = units == 1 && loss.accepts(classCount: 2, outputs: 1) ? 2 : units
      let labels = (0..<samples).map { _ in random.integer(in: 0...classes - 1) }
      dataset = try Dataset(features: features, featureCount: 5, labels: labels, classCount: classes)
    } else {
      dataset = try Dataset(
        features: features, featureCount: 5, targets: targets(loss, outputs, samples, &random), targetCount: outputs)
    }
    if weighted { dataset = try dataset.withSampleWeights(random.uniform(count: samples, reach: 1).map { $0 + 1 }) }
    return (network, dataset)
  }

  /// Targets that the loss can have, with room to zero where it divides by them.
  static func targets(
    _ loss: Loss, _ outputs: Int, _ samples: Int, _ random: inout PhiloxStream
  ) -> [Float] {
    switch loss {
    case .binaryFocal, .hinge, .squaredHinge: (0..<samples * outputs).map { _ in Float(random.integer(in: 0...1)) }
    case .poisson: (0..<samples * outputs).map { _ in Float(random.integer(in: 0...3)) }
    case .crossEntropy, .klDivergence, .binaryCrossEntropy, .meanSquaredLogarithmicError:
      random.uniform(count: samples * outputs, reach: 0.5).map { $0 + 0.5 }
    case .meanAbsolutePercentageError: random.uniform(count: samples * outputs, reach: 0.5).map { $0 + 1 }
    default: random.uniform(count: samples * outputs, reach: 1)
    }
  }

  private static func digest(
    _ loss: Loss, outputs: Int, samples: Int, batch: Int, wantsLabels: Bool, _ runtime: RuntimeSettings,
    kernels: KernelSet? = nil
  ) throws -> String {
    let (network, dataset) = try problem(
      loss, outputs: outputs, samples: samples, wantsLabels: wantsLabels, weighted: true)
    let trainer = try Trainer(
      network, loss: loss, optimizer: Adam(learningRate: 0.01), normalization: .none, seed: 9, runtime: runtime,
      kernels: kernels ?? .selected())
    let data = DataSubset(allOf: dataset)
    var weights = ClassWeights.none
    if case .classes = dataset.targets { weights = .balanced }
    let history = try trainer.fit(data, epochs: 2, batchSize: batch, classWeights: weights)
    let evaluation = try trainer.evaluate(data)
    let asked = try Predictor(trainer.model(), runtime: .unpinned(1)).evaluate(data)
    if runtime.precision == .f32 { #expect(asked == evaluation, "\(loss)") }
    #expect(evaluation.loss.isFinite)
    return trainer.weightsSHA256() + " \(history.epochs.map(\.trainLoss)) \(evaluation)"
  }

  @Test("the same bits for any number of workers, unit shares and instruction set", arguments: losses, [true, false])
  func sameBits(loss: Loss, wantsLabels: Bool) throws {
    func digest(_ runtime: RuntimeSettings, kernels: KernelSet? = nil) throws -> String {
      try Self.digest(
        loss, outputs: 6, samples: 150, batch: 70, wantsLabels: wantsLabels, runtime, kernels: kernels)
    }
    let expected = try digest(.unpinned(1))
    for workers in [2, 3, 7] { #expect(try digest(.unpinned(workers)) == expected, "\(workers) workers") }
    var shared = RuntimeSettings.unpinned(4)
    shared.phaseASplit = .units(groupSize: 4)
    #expect(try digest(shared) == expected, "units shared")
    for set in InstructionSet.runnable {
      #expect(try digest(.unpinned(2), kernels: KernelSet(set)) == expected, "\(set)")
    }
    let lanes = try digest(.lanes(2, workers: 1))
    #expect(try digest(.lanes(2, workers: 3)) == lanes)
    func halved(_ workers: Int) -> RuntimeSettings {
      RuntimeSettings(workers: .exactly(workers), pinsWorkers: false, precision: .bf16Emulated)
    }
    #expect(try digest(halved(3)) == digest(halved(1)))
  }

  @Test("ragged sizes give the same bits for one worker and for two", arguments: losses)
  func raggedSizes(loss: Loss) throws {
    for outputs in [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65] {
      for samples in [1, 2, 16, 17, 33, 65] {
        func digest(_ workers: Int, _ set: InstructionSet) throws -> String {
          try Self.digest(
            loss, outputs: outputs, samples: samples, batch: 65, wantsLabels: (outputs + samples) % 2 == 0,
            .unpinned(workers), kernels: KernelSet(set))
        }
        #expect(
          try digest(2, .selected(forced: nil)) == digest(1, .reference), "\(outputs) outputs, \(samples) samples")
      }
    }
  }

  @Test("a weight of two counts like the sample twice", arguments: losses)
  func weights(loss: Loss) throws {
    let (network, dataset) = try Self.problem(loss, outputs: 3, samples: 8, wantsLabels: true)
    func gradient(_ data: DataSubset) throws -> (gradient: [StageParameters], loss: Double) {
      let trainer = try Trainer(
        network, loss: loss, optimizer: GradientRecorder(), normalization: .none, seed: 4, runtime: .unpinned(1))
      return try trainer.gradient(at: trainer.stageParameters, over: data)
    }
    let doubled = try gradient(DataSubset(dataset, rows: [0, 1, 1, 2, 3, 4, 5, 6, 6, 7]))
    let weighted = try gradient(
      DataSubset(allOf: dataset.withSampleWeights([0.8, 1.6, 0.8, 0.8, 0.8, 0.8, 1.6, 0.8])))
    // A mean over ten on one side, over eight on the other.
    #expect(abs(weighted.loss - doubled.loss) < 1e-5 * max(1, abs(doubled.loss)))
    let expected = DoubleNetwork.tensors(doubled.gradient), found = DoubleNetwork.tensors(weighted.gradient)
    for (tensor, wanted) in zip(found, expected) { #expect(Departure.of(tensor, from: wanted) < 1e-5) }
  }

  @Test("a sample of weight 0 changes nothing")
  func weightOfZero() throws {
    let dataset = try SmallProblem.dataset(sampleCount: 40)
    let spoiled = try dataset.withSampleWeights((0..<40).map { $0 == 17 ? 0 : 1 })
    func gradient(_ rows: [UInt32]) throws -> [StageParameters] {
      let trainer = try SmallProblem.trainer(GradientRecorder(), workers: 1)
      return try trainer.gradient(at: trainer.stageParameters, over: DataSubset(spoiled, rows: rows)).gradient
    }
    let with = try DoubleNetwork.tensors(gradient(Array(0..<40)))
    let without = try DoubleNetwork.tensors(gradient((0..<40).filter { $0 != 17 }))
    for (left, right) in zip(with, without) { #expect(Departure.of(left.map { $0 * 40 / 39 }, from: right) < 1e-5) }
  }

  @Test("class weights count in training and not in evaluation")
  func classWeights() throws {
    let data = try SmallProblem.samples(60)
    func trainer(_ weights: ClassWeights) throws -> (Trainer, Double) {
      let trainer = try SmallProblem.trainer(workers: 2)
      let before = try trainer.evaluate(data).loss
      let history = try trainer.fit(data, epochs: 1, batchSize: 60, classWeights: weights)
      #expect(try trainer.evaluate(data).loss < before)
      return (trainer, history.epochs[0].trainLoss)
    }
    let (plain, plainLoss) = try trainer(.none)
    let (ones, onesLoss) = try trainer(.each([1, 1, 1]))
    #expect(plain.weightsSHA256() == ones.weightsSHA256())
    #expect(plainLoss == onesLoss)
    let (twice, twiceLoss) = try trainer(.each([2, 2, 2]))
    #expect(abs(twiceLoss - 2 * plainLoss) < 1e-6)
    #expect(twice.weightsSHA256() != plain.weightsSHA256())
    #expect(try trainer(.balanced).0.weightsSHA256() != plain.weightsSHA256())
  }

  @Test("balanced weights are those of scikit-learn")
  func balancedWeights() throws {
    // sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 1, 2, 2])
    let dataset = try Dataset(
      features: [Float](repeating: 0, count: 7), featureCount: 1, labels: [0, 0, 0, 1, 2, 2, 1], classCount: 3)
    let data = try DataSubset(dataset, rows: [0, 1, 2, 3, 4, 5])
    #expect(try ClassWeights.balanced.weights(for: data) == [2.0 / 3.0, 2, 1])
    #expect(try ClassWeights.none.weights(for: data) == nil)
  }

  @Test("weights that are none are refused in sentences")
  func weightRefusals() throws {
    let data = try SmallProblem.samples(60), dataset = data.dataset
    func sentence(_ weights: ClassWeights) -> String? {
      #expect(throws: TrainingDataError.self) {
        try SmallProblem.trainer().fit(data, epochs: 1, classWeights: weights)
      }?.description
    }
    #expect(sentence(.each([1, 2])) == "points has 3 classes, but there are 2 class weights")
    #expect(
      sentence(.each([1, -2, 1])) == "class weights must be finite and at least 0, but that of class 1 is -2.0")
    #expect(sentence(.each([0, 0, 0])) == "at least one class weight must be above 0")
    let error = #expect(throws: TrainingDataError.self) { try dataset.withSampleWeights([1, 2]) }
    #expect(error?.description == "points: expected a weight for each of 60 samples, got 2")
    for weight in [Float.nan, -1, .infinity] {
      #expect(throws: TrainingDataError.self) {
        try dataset.withSampleWeights([weight] + [Float](repeating: 1, count: 59))
      }
    }
    let split = try dataset.withSampleWeights((0..<60).map { Float($0) }).split(validationFraction: 0.5, seed: 3)
    #expect(split.training.dataset.weight(ofSample: 59) == 59)
  }

  @Test("several labels of one sample are learned, and one output tells two classes apart")
  func multiLabelAndBinary() throws {
    var random = PhiloxStream(seed: 8, stream: 1)
    let features = random.uniform(count: 400, reach: 1)
    let bits: [Float] = (0..<200).flatMap { row -> [Float] in
      let (x, y) = (features[2 * row], features[2 * row + 1])
      return [x > 0 ? 1 : 0, y > 0 ? 1 : 0, x + y > 0 ? 1 : 0]
    }
    let several = try Dataset(features: features, featureCount: 2, targets: bits, targetCount: 3)
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(3, activation: .sigmoid) }, loss: .binaryCrossEntropy(),
      optimizer: Adam(learningRate: 0.2), normalization: .none, runtime: .unpinned(2))
    _ = try trainer.fit(DataSubset(allOf: several), epochs: 60, batchSize: 20)
    let answers = try trainer.predictor().predict(features)
    let right = zip(answers, bits).count { ($0 > 0.5) == ($1 == 1) }
    #expect(right > 580)

    let labels = (0..<200).map { features[2 * $0] > features[2 * $0 + 1] ? 1 : 0 }
    let binary = try Dataset(features: features, featureCount: 2, labels: labels, classCount: 2)
    for (loss, last) in [
      (Loss.binaryCrossEntropy(), ActivationFunction.sigmoid), (.binaryCrossEntropy(from: .logits), .linear),
      (.hinge, .linear), (.squaredHinge, .tanh), (.binaryFocal(), .sigmoid),
    ] {
      let trainer = try Trainer(
        Network(inputs: 2) { Dense(1, activation: last) }, loss: loss, optimizer: Adam(learningRate: 0.2),
        normalization: .none, runtime: .unpinned(2))
      _ = try trainer.fit(DataSubset(allOf: binary), epochs: 40, batchSize: 20)
      let evaluation = try trainer.evaluate(DataSubset(allOf: binary))
      #expect(evaluation.accuracy ?? 0 > 0.95, "\(loss)")
      let classes = try trainer.predictor().predictClasses(DataSubset(allOf: binary))
      #expect(Double(zip(classes, labels).count { $0 == $1 }) / 200 == evaluation.accuracy)
    }
  }

  @Test("values that are not numbers never give a loss that is", arguments: losses)
  func notNumbers(loss: Loss) throws {
    for set in InstructionSet.runnable {
      for bad in [Float.nan, .infinity, -.infinity] {
        for place in 0..<4 {
          var rows: [Float] = [0.25, 0.5, 0.75, 0.125]
          rows[place] = bad
          let isPair = loss == .gaussianNLL
          let call = LossHeadCall(
            loss.kernelLoss(outputCount: 4), rows: rows, outputCount: 4, labels: loss.acceptsLabels ? [1] : nil,
            targets: loss.acceptsLabels ? nil : isPair ? [0.5, 0.25] : [0.5, 0.25, 0.75, 1])
          let outcome = call.run(on: try KernelSet(set))
          if bad.isNaN { #expect(!outcome.losses[0].isFinite, "\(loss), output \(place)") }
        }
      }
    }
  }
}
