import Fascicle
import Foundation
import Testing

@Suite("A model's folder")
struct ModelFolderTests {
  @Test("gives back the model that was written, bit for bit")
  func roundTrip() throws {
    var model = try SmallModel.model()
    model.classNames = ["no", "yes \"quoted\" \u{1F9E0}\n"]
    model.record?.run = "tests"
    model.record?.test = Evaluation(loss: 0.1, accuracy: 2.0 / 3, sampleCount: 3)
    try withFolder { folder in
      try model.write(folder: "\(folder)/a/b")
      let read = try TrainedModel(folder: "\(folder)/a/b")
      #expect(read.weightsSHA256() == model.weightsSHA256())
      #expect(read.network == model.network)
      #expect(read.transform == model.transform)
      #expect(read.classNames == model.classNames)
      #expect(read.record == model.record)
      #expect(read.loss == model.loss)
      #expect(try SmallModel.answers(read) == SmallModel.answers(model))
      #expect(try File.names(in: "\(folder)/a/b") == ["model.json", "model.safetensors"])
    }
  }

  @Test(
    "keeps every activation with its parameters",
    arguments: ActivationFunction.all + [
      .scaledLinear(slope: -2), .step(gradient: .straightThrough), .leakyReLU(slope: -0.5), .gelu(form: .tanh),
      .preLU(initialSlope: 0.5, sharing: .perLayer), .threshold(threshold: 0.5, value: -1), .elu(alpha: 0.1),
    ])
  func activations(function: ActivationFunction) throws {
    let trainer = try Trainer(
      Network(inputs: 2) {
        Dense(5, activation: function)
        Dense(1)
      }, loss: .meanSquaredError, optimizer: SGD(), normalization: .none,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    try withFolder { folder in
      let model = try trainer.model()
      try model.write(folder: folder)
      let read = try TrainedModel(folder: folder)
      #expect(read.network == model.network)
      #expect(read.network.description.contains(function == .linear ? "5 → 1" : "\(function)"))
      #expect(read.weightsSHA256() == model.weightsSHA256())
    }
  }

  @Test("keeps every loss with its parameters", arguments: Loss.all + [.huber(delta: 2.5), .quantile(tau: 0.9)])
  func losses(loss: Loss) throws {
    let network = Network(inputs: 3) { Dense(4, activation: loss.fusedActivation ?? .linear) }
    let model = try Trainer(
      network, loss: loss, optimizer: SGD(), normalization: .none,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false)
    ).model()
    try withFolder { folder in
      try model.write(folder: folder)
      let text = String(decoding: try File.read("\(folder)/model.json"), as: UTF8.self)
      #expect(text.contains(loss.isUsual ? "\"loss\": \"\(loss.name)\"" : "\"loss\": {\"name\": \"\(loss.name)\""))
      #expect(try TrainedModel(folder: folder).loss == loss)
    }
  }

  @Test("keeps layers that change nothing, and whether classes were trained on", arguments: [true, false])
  func zerosAndClasses(classes: Bool) throws {
    let trainer = try Trainer(
      Network(inputs: 2) {
        Dense(4, activation: .selu)
        AlphaDropout(0)
        Dropout(0)
        GaussianNoise(0)
        Dense(1)
      }, loss: .meanSquaredError, optimizer: SGD(), normalization: .none,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let features: [Float] = [0, 1, 1, 0, 2, 1, 1, 2]
    let data =
      try classes
      ? Dataset(features: features, featureCount: 2, labels: [0, 1, 0, 1])
      : Dataset(features: features, featureCount: 2, targets: [0, 1, 0, 1], targetCount: 1)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 1)
    try withFolder { folder in
      var model = try trainer.model()
      if classes { model.classNames = ["no", "yes"] }
      try model.write(folder: folder)
      let read = try TrainedModel(folder: folder)
      #expect(read.network == model.network && read.network.layers.count == 5)
      #expect(read.wasTrainedOnClasses == classes && read.classNames == model.classNames)
      #expect(read.outputReading.answer == (classes ? .classes(count: 2) : .values))
    }
  }

  @Test("keeps layers and options of every kind, and answers with the same bits")
  func layers() throws {
    let trainer = try Trainer(
      Network(inputs: 4) {
        Dense(
          6, initializer: .orthogonal(gain: 1.5), initialBias: 0.5,
          learning: LayerLearning(
            weights: .elastic(l1: 0.25, l2: 0.5), biases: .l2(0.125), outputs: .l1(0.5), orthogonal: 0.25,
            constraint: .maxNorm(limit: 3),
            rateFactor: 0.5, decays: false))
        LayerNorm(epsilon: 0.25)
        Activation(.preLU(), slopeRegularizer: .l2(0.125))
        Residual {
          Dropout(0.25)
          Dense(12, learning: LayerLearning(constraint: .nonNegative, isFrozen: true))
          GatedLinear()
        }
        RMSNorm()
        AlphaDropout(0.125)
        GaussianNoise(0.5)
        Dense(2, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 0.1), normalization: .none,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    var random = PhiloxStream(seed: 1, stream: 1)
    let features = (0..<160).map { _ in random.nextUnitFloat() }
    let data = try Dataset(features: features, featureCount: 4, labels: (0..<40).map { $0 % 2 }, classCount: 2)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 2, batchSize: 8)
    try withFolder { folder in
      let model = try trainer.model()
      try model.write(folder: folder)
      let read = try TrainedModel(folder: folder)
      #expect(read.network == model.network)
      #expect(read.weightsSHA256() == model.weightsSHA256())
      #expect(read.weightsSHA256() == trainer.weightsSHA256())
      #expect(read.network.description.contains("residual [dropout 0.25 → 12 → glu]"))
      let runtime = RuntimeSettings(workers: .exactly(1), pinsWorkers: false)
      #expect(
        try Predictor(read, runtime: runtime).predict(features) == trainer.predictor().predict(features))
    }
  }

  @Test("of a regression has no classes, and one scaling for all features in a number")
  func regression() throws {
    let trainer = try Trainer(
      Network(inputs: 2) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(), normalization: .standardize,
      runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let data = try Dataset(features: [1, 2, 3, 4] as [Float], featureCount: 2, targets: [1, 2], targetCount: 1)
    _ = try trainer.fit(DataSubset(allOf: data), epochs: 1)
    try withFolder { folder in
      try trainer.model().write(folder: folder)
      let text = String(decoding: try File.read("\(folder)/model.json"), as: UTF8.self)
      #expect(!text.contains("classes"))
      #expect(text.contains("\"features\": {\"scale\": 0.8944272, \"shift\": -2.236068}"))
      #expect(try TrainedModel(folder: folder).transform == trainer.transform)
    }
  }

  @Test("replaces an older model, and leaves no other files")
  func replaces() throws {
    try withFolder { folder in
      let first = try SmallModel.trainer(seed: 1).model(), second = try SmallModel.trainer(seed: 2).model()
      try first.write(folder: folder)
      try second.write(folder: folder)
      #expect(try TrainedModel(folder: folder).weightsSHA256() == second.weightsSHA256())
      #expect(try File.names(in: folder).count == 2)
    }
  }

  @Test("that cannot be written leaves the older model as it was")
  func failedWriteLeavesTheOld() throws {
    try withFolder { folder in
      let first = try SmallModel.trainer(seed: 1).model()
      try first.write(folder: folder)
      // A folder where the second file's temporary name would be stops the writing half-way.
      let obstacle = "\(folder)/.model.json.\(getpid()).tmp"
      try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
      let error = try #require(
        #expect(throws: ModelExchangeError.self) { try SmallModel.trainer(seed: 2).model().write(folder: folder) })
      #expect(error.code == .writeFailed)
      #expect(error.message.hasPrefix("writing \(folder)/model.json failed: "))
      #expect(try TrainedModel(folder: folder).weightsSHA256() == first.weightsSHA256())
      try FileManager.default.removeItem(atPath: obstacle)
      #expect(try File.names(in: folder) == ["model.json", "model.safetensors"])
    }
  }

  @Test("keeps parameters that are not numbers")
  func strangeParameters() throws {
    let trainer = try SmallModel.trainer()
    var stages = trainer.stageParameters
    stages[0].weights[0...3] = [.nan, .infinity, -.infinity, -0.0]
    trainer.stageParameters = stages
    try withFolder { folder in
      try trainer.model().write(folder: folder)
      let read = try TrainedModel(folder: folder).stageParameters
      #expect(read[0].weights.map(\.bitPattern) == stages[0].weights.map(\.bitPattern))
    }
  }

  @Test("its weights begin on a 64-byte line, after a header that begins with a brace")
  func alignment() throws {
    try withFolder { folder in
      try SmallModel.model().write(folder: folder)
      let bytes = try File.read("\(folder)/model.safetensors")
      let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      #expect((8 + length) % 64 == 0)
      #expect(bytes[8] == UInt8(ascii: "{"))
      let floats = 17 * 3 + 17 + 17 + 4 * 17 + 2 * 4 + 2
      #expect(bytes.count == 8 + length + 4 * floats)
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      for name in ["layers.0.weight", "layers.0.bias", "layers.0.slopes", "layers.1.weight", "layers.2.bias"] {
        #expect(header.contains("\"\(name)\""))
      }
      #expect(!header.contains("layers.1.bias"))
    }
  }

  /// What NumPy answers, and for what.
  private struct Expected: Decodable {
    let samples: [Float]
    let answers: [Double]
  }

  @Test("written by others gives NumPy's answers", arguments: ["classifier", "regression"])
  func writtenByOthers(name: String) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Models/\(name)")
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let predictor = try Predictor(
      folder: folder.path, runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    let answers = try predictor.predict(expected.samples)
    #expect(answers.count == expected.answers.count)
    for (answer, wanted) in zip(answers, expected.answers) { #expect(abs(Double(answer) - wanted) < 2e-6) }
    #expect(predictor.model.classNames?.last == (name == "classifier" ? "fünf" : nil))
  }
}
