import Testing
import TrainingData

struct DatasetTests {
  @Test func featuresAndLabelsAreKept() throws {
    let dataset = try Dataset(features: [1, 2, 3, 4, 5, 6] as [Float], featureCount: 2, labels: [2, 0, 1])
    #expect(dataset.sampleCount == 3)
    #expect(dataset.featureShape == [2])
    #expect(dataset.allFeatures == [1, 2, 3, 4, 5, 6])
    #expect(dataset.allLabels == [2, 0, 1])
    #expect(dataset.targets.outputCount == 3)
  }

  @Test func regressionTargetsAreKeptAsRows() throws {
    let dataset = try Dataset(features: [1, 2], featureCount: 1, targets: [10, 11, 20, 21], targetCount: 2)
    guard case .values(width: 2, let rows) = dataset.targets else {
      Issue.record("expected rows of two values, got \(dataset.targets)")
      return
    }
    #expect(rows.sampleCount == 2)
    #expect([rows[0, 0], rows[0, 1], rows[1, 0], rows[1, 1]] == [10, 11, 20, 21])
    #expect(dataset.targets.outputCount == 2)
  }

  /// What vector loads rely on, for sizes around a cache line.
  @Test(arguments: [1, 15, 16, 17, 63, 64, 65, 1000])
  func storageIsAlignedAndReadablePastItsEnd(count: Int) throws {
    let bytes = try Dataset(features: [UInt8](repeating: 9, count: count), featureCount: count, labels: [0])
    let floats = try Dataset(features: [Float](repeating: 9, count: count), featureCount: count, labels: [0])
    for features in [bytes.features, floats.features] {
      #expect(UInt(bitPattern: features.baseAddress) % 64 == 0)
      let tail = UnsafeRawBufferPointer(start: features.baseAddress + features.byteCount, count: 64)
      #expect(tail.allSatisfy { $0 == 0 })
    }
  }

  @Test func copiesShareTheirStorage() throws {
    let dataset = try Dataset.digits()
    let parts = try dataset.split(validationFraction: 0.5, seed: 1)
    for copy in [dataset, parts.training.dataset, parts.validation.dataset] {
      #expect(copy.features.baseAddress == dataset.features.baseAddress)
    }
  }

  @Test func anEmptySetIsRefused() {
    #expect(dataError { _ = try Dataset(features: [] as [Float], featureCount: 2, labels: []) }?.code == .emptyDataset)
    #expect(dataError { _ = try Dataset(features: [] as [UInt8], featureCount: 2, labels: []) }?.code == .emptyDataset)
    #expect(
      dataError { _ = try Dataset(features: [1], featureCount: 1, targets: [], targetCount: 1) }?.code == .emptyDataset)
  }

  @Test func countsThatDisagreeAreNamed() {
    let error = dataError { _ = try Dataset(features: [1, 2, 3] as [Float], featureCount: 1, labels: [0, 1]) }
    #expect(error?.code == .countMismatch)
    #expect(error?.message.contains("got 3 samples and 2 targets") == true)
    #expect(
      dataError { _ = try Dataset(features: [1, 2, 3] as [UInt8], featureCount: 2, labels: [0]) }?.code
        == .countMismatch)
    #expect(
      dataError { _ = try Dataset(features: [1, 2], featureCount: 1, targets: [1, 2, 3], targetCount: 2) }?.code
        == .countMismatch)
  }

  @Test(arguments: [0, -1, Int.min])
  func widthsMustBePositive(width: Int) {
    #expect(
      dataError { _ = try Dataset(features: [1] as [Float], featureCount: width, labels: [0]) }?.code
        == .invalidArgument)
    #expect(
      dataError { _ = try Dataset(features: [1], featureCount: 1, targets: [1], targetCount: width) }?.code
        == .invalidArgument)
    #expect(
      dataError { _ = try Dataset(features: [1] as [Float], featureCount: 1, labels: [0], classCount: width) }?.code
        == .invalidArgument)
  }

  @Test(arguments: [-1, 2, Int(Int32.max), 1 << 40, Int.min])
  func labelsOutOfRangeAreNamed(label: Int) {
    let error = dataError {
      _ = try Dataset(features: [1, 2] as [Float], featureCount: 1, labels: [0, label], classCount: 2)
    }
    #expect(error?.code == .labelOutOfRange)
    #expect(error?.message.contains("label \(label) of sample 1") == true)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func valuesThatAreNotFiniteAreNamed(value: Float) {
    let feature = dataError { _ = try Dataset(features: [1, 2, 3, value], featureCount: 2, labels: [0, 1]) }
    #expect(feature?.code == .valueNotFinite)
    #expect(feature?.message.contains("feature 1 of sample 1") == true)
    let target = dataError { _ = try Dataset(features: [1, 2], featureCount: 1, targets: [0, value], targetCount: 1) }
    #expect(target?.message.contains("target 0 of sample 1") == true)
  }

  @Test func aSubsetRefusesRowsThatDoNotExist() throws {
    let dataset = try Dataset(features: [1, 2, 3] as [UInt8], featureCount: 1, labels: [0, 1, 0])
    #expect(try DataSubset(dataset, rows: [2, 0, 2]).rows == [2, 0, 2])
    #expect(DataSubset(allOf: dataset).rows == [0, 1, 2])
    let error = dataError { _ = try DataSubset(dataset, rows: [0, 3]) }
    #expect(error?.code == .rowOutOfRange)
    #expect(error?.message.contains("row 3 at position 1") == true)
  }

  @Test func anErrorIsItsMessageAndItsHint() {
    #expect(TrainingDataError(.truncated, "a is short").description == "a is short")
    #expect(TrainingDataError(.truncated, "a is short", hint: "copy it").description == "a is short; copy it")
  }
}
