import Fascicle
import Foundation
import Testing

@Suite("Metrics beside scikit-learn")
struct MetricsTests {
  static let bound = 1e-12

  @Test("classification", arguments: MetricsOracle.file.classifications)
  func classification(oracle: MetricsOracle.Classification) {
    let found = oracle.metrics
    #expect(oracle.departure(of: found) < Self.bound)
    #expect(found.confusion.counts == oracle.confusion)
    #expect(found.classes.map(\.sampleCount) == oracle.support)
    #expect(found.sampleCount == oracle.labels.count)
    #expect(found.k == (oracle.classes > 2 ? oracle.k : nil))
    for index in 0..<oracle.classes where !oracle.present.contains(index) {
      #expect(found.classes[index].rocAUC == nil)
    }
  }

  @Test("a row that is broken on purpose is refused")
  func broken() {
    let broken = MetricsOracle.file.broken
    #expect(broken.departure(of: broken.metrics) > Self.bound)
  }

  @Test("regression", arguments: MetricsOracle.file.regressions)
  func regression(oracle: MetricsOracle.Regression) {
    let found = RegressionMetrics(
      predictions: oracle.predictions, targets: oracle.targets, targetCount: oracle.width)
    #expect(
      Departure.of(
        [found.rootMeanSquaredError, found.meanAbsoluteError, found.r2], from: [oracle.rmse, oracle.mae, oracle.r2])
        < Self.bound)
    #expect(Departure.of(found.targets.map(\.r2), from: oracle.r2Each) < Self.bound)
    #expect(Departure.of(found.targets.map(\.meanAbsoluteError), from: oracle.maeEach) < Self.bound)
  }

  @Test("several labels", arguments: MetricsOracle.file.multiLabels)
  func multiLabel(oracle: MetricsOracle.MultiLabel) {
    let found = MultiLabelMetrics(scores: oracle.scores, targets: oracle.targets, labelCount: oracle.width)
    let pairs: [([Double], [Double])] = [
      ([found.accuracy, found.exactMatch], [oracle.accuracy, oracle.exactMatch]),
      (found.labels.map(\.precision), oracle.precision), (found.labels.map(\.recall), oracle.recall),
      (found.labels.map(\.f1), oracle.f1), (found.labels.compactMap(\.rocAUC), oracle.rocAuc),
      (found.labels.compactMap(\.prAUC), oracle.prAuc),
    ]
    for (values, expected) in pairs { #expect(Departure.of(values, from: expected) < Self.bound) }
  }

  @Test("limits: constant targets, scores without order, one class alone")
  func limits() {
    func r2(_ predictions: [Float]) -> Double {
      RegressionMetrics(predictions: predictions, targets: [2, 2, 2], targetCount: 1).r2
    }
    #expect(r2([2, 2, 2]) == 1)
    #expect(r2([2, 2, 3]) == 0)
    #expect(RankingCurves.rocAUC(scores: [0.5, 0.5, 0.5], isMember: [true, false, true]) == 0.5)
    #expect(RankingCurves.rocAUC(scores: [3, 2, 1], isMember: [true, true, false]) == 1)
    #expect(RankingCurves.rocAUC(scores: [.nan, 2, 1], isMember: [true, false, false]) == 0)
    #expect(RankingCurves.rocAUC(scores: [1, 2], isMember: [true, true]) == nil)
    #expect(RankingCurves.prAUC(scores: [1, 2], isMember: [false, false]) == nil)
    let sure = ClassificationMetrics(
      scores: [0, 1, 1, 0], labels: [0, 0], classCount: 2, areProbabilities: true)
    #expect(sure.accuracy == 0.5 && sure.expectedCalibrationError == 0.5)
    #expect(sure.logLoss == -Foundation.log(Double.ulpOfOne) / 2)
    let bare = ClassificationMetrics(scores: [0, 1], labels: [1], classCount: 2, areProbabilities: false)
    #expect(bare.logLoss == nil && bare.expectedCalibrationError == nil)
  }

  @Test("a predictor's metrics agree with its evaluation, however its outputs are to be read")
  func predictor() throws {
    let data = try SmallProblem.samples(90)
    for (loss, last, isProbable) in [
      (Loss.categoricalCrossEntropy, ActivationFunction.softmax, true), (.crossEntropy(from: .logits), .linear, true),
      (.focal(from: .logits), .linear, true), (.categoricalHinge, .linear, false), (.meanSquaredError, .softmax, true),
      (.binaryCrossEntropy(), .sigmoid, false),
    ] {
      let network = Network(inputs: 5) { Dense(3, activation: last) }
      let trainer = try Trainer(
        network, loss: loss, optimizer: Adam(learningRate: 0.05), normalization: .none, seed: 1, runtime: .unpinned(1))
      _ = try trainer.fit(data, epochs: 3, batchSize: 10)
      let predictor = try trainer.predictor(), evaluation = try predictor.evaluate(data)
      guard case .classification(let metrics) = try predictor.metrics(on: data) else {
        Issue.record("\(loss) is no classification")
        continue
      }
      #expect(metrics.accuracy == evaluation.accuracy, "\(loss)")
      #expect((metrics.logLoss != nil) == isProbable, "\(loss)")
      if case .crossEntropy = loss { #expect(abs((metrics.logLoss ?? 0) - evaluation.loss) < 1e-6) }
      #expect(metrics.k == 2)
      let error = #expect(throws: TrainingRuntimeError.self) { try predictor.metrics(on: data, k: 4) }
      #expect(error?.description == "the k of a top-k accuracy must be between 1 and 3, but is 4")
    }
  }

  @Test("single outputs, several labels, means and rates are read for what they are")
  func readings() throws {
    func metrics(_ loss: Loss, _ last: ActivationFunction, outputs: Int, _ dataset: Dataset) throws -> Metrics {
      let trainer = try Trainer(
        Network(inputs: 1) { Dense(outputs, activation: last) }, loss: loss, optimizer: Adam(), normalization: .none,
        seed: 1, runtime: .unpinned(1))
      _ = try trainer.fit(DataSubset(allOf: dataset), epochs: 1)
      let predictor = try trainer.predictor()
      let metrics = try predictor.metrics(on: DataSubset(allOf: dataset))
      if case .classification(let found) = metrics {
        #expect(found.accuracy == (try predictor.evaluate(DataSubset(allOf: dataset)).accuracy))
      }
      return metrics
    }
    let features = (0..<20).map { Float($0) / 10 - 1 }
    let binary = try Dataset(
      features: features, featureCount: 1, labels: (0..<20).map { $0 > 9 ? 1 : 0 }, classCount: 2)
    for (loss, last, isProbable) in [
      (Loss.binaryCrossEntropy(), ActivationFunction.sigmoid, true), (.binaryFocal(from: .logits), .linear, true),
      (.hinge, .linear, false), (.meanSquaredError, .linear, false),
    ] {
      guard case .classification(let found) = try metrics(loss, last, outputs: 1, binary) else {
        Issue.record("\(loss) is no classification")
        continue
      }
      #expect(found.confusion.classCount == 2 && (found.logLoss != nil) == isProbable, "\(loss)")
    }
    let bits = try Dataset(
      features: features, featureCount: 1, targets: (0..<40).map { $0 % 3 == 0 ? 1 : 0 }, targetCount: 2)
    if case .multiLabel = try metrics(.binaryCrossEntropy(), .sigmoid, outputs: 2, bits) {
    } else {
      Issue.record("rows of 0 and 1 are several labels")
    }
    if case .regression = try metrics(.meanSquaredError, .linear, outputs: 2, bits) {
    } else {
      Issue.record("a squared error measures values")
    }
    let values = try Dataset(features: features, featureCount: 1, targets: features.map { abs($0) }, targetCount: 1)
    guard case .regression(let means) = try metrics(.gaussianNLL, .linear, outputs: 2, values),
      case .regression = try metrics(.poisson(from: .logarithms), .linear, outputs: 1, values)
    else {
      Issue.record("values are regressions")
      return
    }
    #expect(means.targets.count == 1)
  }
}

/// The numbers of `Oracle/metrics.json`; `Oracle/README.md` describes it.
enum MetricsOracle {
  static let file: File = OracleFile.decoded("metrics")

  struct File: Decodable, Sendable {
    let classifications: [Classification]
    let broken: Classification
    let regressions: [Regression]
    let multiLabels: [MultiLabel]
  }

  struct Classification: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let classes, k: Int
    let labels, confusion, support, present: [Int]
    let scores: [Float]
    let accuracy, topK, logLoss, calibration: Double
    let precision, recall, f1, rocAuc, prAuc: [Double]

    var testDescription: String { name }

    var metrics: ClassificationMetrics {
      ClassificationMetrics(scores: scores, labels: labels, classCount: classes, areProbabilities: true)
    }

    func departure(of found: ClassificationMetrics) -> Double {
      func absent(_ value: Double?) -> Double { value ?? .nan }
      return Departure.worst([
        Departure.of([found.accuracy, absent(found.logLoss)], from: [accuracy, logLoss]),
        Departure.of([absent(found.expectedCalibrationError)], from: [calibration]),
        classes > 2 ? Departure.of([absent(found.topKAccuracy)], from: [topK]) : 0,
        Departure.of(found.classes.map(\.precision), from: precision),
        Departure.of(found.classes.map(\.recall), from: recall), Departure.of(found.classes.map(\.f1), from: f1),
        Departure.of(present.map { absent(found.classes[$0].rocAUC) }, from: rocAuc),
        Departure.of(present.map { absent(found.classes[$0].prAUC) }, from: prAuc),
        Departure.of(
          [found.macroPrecision, found.macroRecall, found.macroF1],
          from: [precision, recall, f1].map { $0.reduce(0, +) / Double(classes) }),
        Departure.of([absent(found.macroROCAUC)], from: [rocAuc.reduce(0, +) / Double(present.count)]),
      ])
    }
  }

  struct Regression: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let width: Int
    let targets, predictions: [Float]
    let rmse, mae, r2: Double
    let r2Each, maeEach: [Double]

    var testDescription: String { name }
  }

  struct MultiLabel: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let width: Int
    let targets, scores: [Float]
    let accuracy, exactMatch: Double
    let precision, recall, f1, rocAuc, prAuc: [Double]

    var testDescription: String { name }
  }
}
