/// What the network should answer for every sample.
public enum Targets: Sendable {
  /// One class out of `count` for each sample.
  case classes(count: Int, labels: ClassLabels)
  /// A row of `width` real numbers for each sample.
  case values(width: Int, rows: TargetRows)

  /// How many samples have a target.
  public var sampleCount: Int {
    switch self {
    case .classes(_, let labels): labels.sampleCount
    case .values(_, let rows): rows.sampleCount
    }
  }

  /// How many outputs a network needs for these targets: the number of classes, or the width of a row.
  public var outputCount: Int {
    switch self {
    case .classes(let count, _): count
    case .values(let width, _): width
    }
  }
}

/// The class of every sample, each at least 0 and below the number of classes.
public struct ClassLabels: Sendable {
  /// A number of classes that is believed without being asked for; beyond it a label is more likely to be damage.
  static let inferredClassLimit = 65_536

  /// The labels, one `Int32` a sample.
  package let storage: SampleStorage<Int32>

  /// How many labels there are.
  public var sampleCount: Int { storage.count }

  /// The first label; valid while this value lives.
  package var baseAddress: UnsafePointer<Int32> { storage.baseAddress }

  /// The class of one sample.
  ///
  /// - Precondition: the sample is in range (checked).
  public subscript(sample: Int) -> Int { Int(storage[sample]) }
}

/// The target values of every sample, row-major [sample][column], all finite.
public struct TargetRows: Sendable {
  /// The values, `width` a sample.
  package let storage: SampleStorage<Float>
  /// How many values a sample has.
  public let width: Int

  /// How many rows there are.
  public var sampleCount: Int { storage.count / width }

  /// The first value of the first row; valid while this value lives.
  package var baseAddress: UnsafePointer<Float> { storage.baseAddress }

  /// One target value of one sample.
  ///
  /// - Precondition: both are in range (checked).
  public subscript(sample: Int, column: Int) -> Float {
    precondition(column >= 0 && column < width, "expected a column below \(width), got \(column)")
    return storage[sample * width + column]
  }
}

extension Targets {
  /// Checks labels against the number of classes, or takes one more than the largest label for it.
  ///
  /// - Parameter origin: where the labels came from, for the message.
  /// - Throws: `.emptyDataset`, `.labelOutOfRange` at the first label that is no class, or `.invalidArgument` when
  ///   `classCount` is not positive.
  package static func classes(
    _ labels: SampleStorage<Int32>, classCount: Int?, origin: String
  ) throws(TrainingDataError) -> Targets {
    guard labels.count > 0 else {
      throw TrainingDataError(.emptyDataset, "\(origin): the data set is empty: expected at least one label, got none")
    }
    if let classCount, classCount < 1 || classCount > Int(Int32.max) {
      throw TrainingDataError(.invalidArgument, "expected 1 to \(Int32.max) classes, got \(classCount)")
    }
    let limit = classCount ?? ClassLabels.inferredClassLimit
    var largest: Int32 = 0
    for sample in 0..<labels.count {
      let label = labels.baseAddress[sample]
      guard label >= 0, Int(label) < limit else {
        throw .labelOutOfRange(Int(label), sample: sample, limit: limit, isGiven: classCount != nil, origin: origin)
      }
      largest = max(largest, label)
    }
    return .classes(count: classCount ?? Int(largest) + 1, labels: ClassLabels(storage: labels))
  }

  /// Divides values into rows of `width`.
  package static func values(_ values: [Float], width: Int, origin: String) throws(TrainingDataError) -> Targets {
    _ = try values.count.dividedIntoRows(of: width, what: "targets", origin: origin)
    let storage = try SampleStorage(copying: values)
    try storage.requireFinite(width: width, what: "target", origin: origin)
    return .values(width: width, rows: TargetRows(storage: storage, width: width))
  }
}

extension TrainingDataError {
  static func labelOutOfRange(
    _ label: Int, sample: Int, limit: Int, isGiven: Bool, origin: String
  ) -> TrainingDataError {
    TrainingDataError(
      .labelOutOfRange, "\(origin): label \(label) of sample \(sample) is out of range, expected 0 to \(limit - 1)",
      hint: isGiven || label < 0 ? "labels count from 0" : "if there really are so many classes, give their number")
  }
}
