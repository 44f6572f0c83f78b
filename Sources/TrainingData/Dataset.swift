/// Samples in memory: features, what the network should answer for them, and the shape the features had.
///
/// A value that never changes; copies share one allocation. Subsets, shuffles and minibatches are lists of row
/// indices (``DataSubset``, ``EpochOrder``), so no epoch copies the data.
/// - Concurrency: may be read by any number of threads.
public struct Dataset: Sendable {
  /// The most samples that 32-bit row indices can tell apart.
  static let sampleLimit = Int(UInt32.max)

  /// What the data set is called in reports and messages.
  public let name: String
  /// The features, row-major [sample][feature].
  public let features: FeatureStorage
  /// The class or the values wanted for every sample.
  public let targets: Targets
  /// The shape of one sample, such as [28, 28]; its product is `featureCount`.
  public let featureShape: [Int]
  /// How much each sample counts in a loss; nil for all alike.
  package let sampleWeights: SampleStorage<Float>?

  /// How many samples there are, at least one.
  public var sampleCount: Int { features.sampleCount }
  /// How many features a sample has, at least one.
  public var featureCount: Int { features.featureCount }

  /// Joins features and targets.
  ///
  /// - Parameter featureShape: the shape of one sample; flat when left out.
  /// - Throws: `.countMismatch` when the numbers of samples differ or the shape's product is not the number of features.
  package init(
    name: String, features: FeatureStorage, targets: Targets, featureShape: [Int]? = nil
  ) throws(TrainingDataError) {
    let shape = featureShape ?? [features.featureCount]
    guard features.sampleCount == targets.sampleCount else {
      throw TrainingDataError(
        .countMismatch,
        "\(name): expected as many targets as samples, got \(features.sampleCount) samples and "
          + "\(targets.sampleCount) targets")
    }
    guard features.sampleCount <= Self.sampleLimit else {
      throw TrainingDataError(
        .invalidArgument, "\(name): expected at most \(Self.sampleLimit) samples, got \(features.sampleCount)")
    }
    guard shape.checkedProduct() == features.featureCount else {
      throw TrainingDataError(
        .countMismatch, "\(name): expected a shape of \(features.featureCount) features, got \(shape)")
    }
    self.name = name
    self.features = features
    self.targets = targets
    self.featureShape = shape
    self.sampleWeights = nil
  }

  /// Targets with a feature that says nothing, to divide their rows before there are features.
  package init(name: String, standingFor targets: Targets) throws(TrainingDataError) {
    let bytes = try SampleStorage(copying: [UInt8](repeating: 0, count: targets.sampleCount))
    try self.init(
      name: name, features: FeatureStorage(.uint8(bytes), featureCount: 1, origin: name), targets: targets)
  }

  /// The same samples with other weights.
  init(_ dataset: Dataset, sampleWeights: SampleStorage<Float>?) {
    name = dataset.name
    features = dataset.features
    targets = dataset.targets
    featureShape = dataset.featureShape
    self.sampleWeights = sampleWeights
  }

  /// The same samples with as many other targets.
  init(_ dataset: Dataset, targets: Targets) {
    name = dataset.name
    features = dataset.features
    self.targets = targets
    featureShape = dataset.featureShape
    sampleWeights = dataset.sampleWeights
  }
}

extension Dataset {
  /// Makes a classification set from float features.
  ///
  /// - Parameters:
  ///   - features: row-major [sample][feature], finite; copied.
  ///   - featureCount: how many features a sample has.
  ///   - labels: the class of each sample, counted from 0.
  ///   - classCount: how many classes there are; one more than the largest label when left out.
  ///   - name: what to call the set in reports.
  /// - Throws: ``TrainingDataError`` when the set is empty, the counts disagree, a feature is not finite or a label is
  ///   out of range.
  public init(
    features: [Float], featureCount: Int, labels: [Int], classCount: Int? = nil, name: String = "samples in memory"
  ) throws(TrainingDataError) {
    let storage = try FeatureStorage(
      .float32(SampleStorage(copying: features)), featureCount: featureCount, origin: name)
    let targets = try Targets.classes(labels.narrowedToInt32(origin: name), classCount: classCount, origin: name)
    try self.init(name: name, features: storage, targets: targets)
  }

  /// Makes a classification set from byte features, which stay bytes in memory.
  ///
  /// - Parameters:
  ///   - features: row-major [sample][feature]; copied.
  ///   - featureCount: how many features a sample has.
  ///   - labels: the class of each sample, counted from 0.
  ///   - classCount: how many classes there are; one more than the largest label when left out.
  ///   - name: what to call the set in reports.
  /// - Throws: ``TrainingDataError`` when the set is empty, the counts disagree or a label is out of range.
  public init(
    features: [UInt8], featureCount: Int, labels: [Int], classCount: Int? = nil, name: String = "samples in memory"
  ) throws(TrainingDataError) {
    let storage = try FeatureStorage(
      .uint8(SampleStorage(copying: features)), featureCount: featureCount, origin: name)
    let targets = try Targets.classes(labels.narrowedToInt32(origin: name), classCount: classCount, origin: name)
    try self.init(name: name, features: storage, targets: targets)
  }

  /// Makes a regression set.
  ///
  /// - Parameters:
  ///   - features: row-major [sample][feature], finite; copied.
  ///   - featureCount: how many features a sample has.
  ///   - targets: row-major [sample][target], finite; copied.
  ///   - targetCount: how many targets a sample has.
  ///   - name: what to call the set in reports.
  /// - Throws: ``TrainingDataError`` when the set is empty, the counts disagree or a value is not finite.
  public init(
    features: [Float], featureCount: Int, targets: [Float], targetCount: Int, name: String = "samples in memory"
  ) throws(TrainingDataError) {
    let storage = try FeatureStorage(
      .float32(SampleStorage(copying: features)), featureCount: featureCount, origin: name)
    try self.init(name: name, features: storage, targets: .values(targets, width: targetCount, origin: name))
  }
}

extension [Int] {
  /// The product, or nil when a factor is not positive or the product overflows; 1 for no factors.
  func checkedProduct() -> Int? {
    var product = 1
    for factor in self {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      guard factor > 0, !overflows else { return nil }
      product = next
    }
    return product
  }

  /// The labels as `Int32`, refusing those that don't fit, which can't be classes either.
  fileprivate func narrowedToInt32(origin: String) throws(TrainingDataError) -> SampleStorage<Int32> {
    try SampleStorage(count: count) { (buffer: UnsafeMutableBufferPointer<Int32>) throws(TrainingDataError) in
      for (sample, label) in self.enumerated() {
        guard let narrowed = Int32(exactly: label) else {
          throw .labelOutOfRange(label, sample: sample, limit: Int(Int32.max), isGiven: true, origin: origin)
        }
        buffer.initializeElement(at: sample, to: narrowed)
      }
    }
  }
}
