/// The features of every sample, row-major [sample][feature], in the type in which they came.
///
/// Bytes stay bytes until a worker gathers a minibatch: a quarter of the memory traffic, and no scaled copy of the
/// data set. They lie in memory or, mapped, in their file (``isMapped``). Copies of this value share them.
public struct FeatureStorage: Sendable {
  /// How one feature is stored.
  public enum ElementType: Sendable {
    /// An unsigned byte.
    case uint8
    /// A 32-bit float, always finite.
    case float32
  }

  /// The values themselves, with their type.
  package enum Values: Sendable {
    case uint8(SampleStorage<UInt8>)
    case float32(SampleStorage<Float>)
  }

  /// The values: `sampleCount` rows of `featureCount` elements without gaps.
  package let values: Values
  /// How many rows there are.
  public let sampleCount: Int
  /// How many features a row has.
  public let featureCount: Int
  /// What was last found far off among them.
  let farRowMemory = FarRowMemory()

  /// Divides values into rows.
  ///
  /// - Throws: `.emptyDataset` without values; `.invalidArgument` when `featureCount` is not positive;
  ///   `.countMismatch` when the last row is not full; `.valueNotFinite` at the first infinity or NaN.
  package init(_ values: Values, featureCount: Int, origin: String) throws(TrainingDataError) {
    let count =
      switch values {
      case .uint8(let bytes): bytes.count
      case .float32(let floats): floats.count
      }
    self.values = values
    self.featureCount = featureCount
    self.sampleCount = try count.dividedIntoRows(of: featureCount, what: "features", origin: origin)
    if case .float32(let floats) = values {
      try floats.requireFinite(width: featureCount, what: "feature", origin: origin)
    }
  }

  /// How one feature is stored.
  public var elementType: ElementType {
    switch values {
    case .uint8: .uint8
    case .float32: .float32
    }
  }

  /// How many bytes the features take.
  public var byteCount: Int {
    switch values {
    case .uint8(let bytes): bytes.count
    case .float32(let floats): floats.count * MemoryLayout<Float>.stride
    }
  }

  /// The first row: readable for 64 bytes past the last one, valid while this value lives.
  package var baseAddress: UnsafeRawPointer {
    switch values {
    case .uint8(let bytes): UnsafeRawPointer(bytes.baseAddress)
    case .float32(let floats): UnsafeRawPointer(floats.baseAddress)
    }
  }

  /// One feature of one sample, as it was read, before any normalization.
  ///
  /// - Precondition: both are in range (checked).
  public subscript(sample sample: Int, feature feature: Int) -> Float {
    precondition(feature >= 0 && feature < featureCount, "expected a feature below \(featureCount), got \(feature)")
    return switch values {
    case .uint8(let bytes): Float(bytes[sample * featureCount + feature])
    case .float32(let floats): floats[sample * featureCount + feature]
    }
  }

  /// Calls `body` with each of the given rows in turn, converted to `Double` into one buffer that is used again.
  ///
  /// - Precondition: every row is below `sampleCount` (the callers check).
  func forEachRow(_ rows: [UInt32], _ body: (UnsafeBufferPointer<Double>) -> Void) {
    for piece in pieces(of: rows) { forEachRow(piece, body) }
  }

  private func forEachRow(_ rows: ArraySlice<UInt32>, _ body: (UnsafeBufferPointer<Double>) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: featureCount) { row in
      for index in rows {
        switch values {
        case .uint8(let bytes):
          let source = bytes.baseAddress + Int(index) * featureCount
          for feature in 0..<featureCount { row.initializeElement(at: feature, to: Double(source[feature])) }
        case .float32(let floats):
          let source = floats.baseAddress + Int(index) * featureCount
          for feature in 0..<featureCount { row.initializeElement(at: feature, to: Double(source[feature])) }
        }
        body(UnsafeBufferPointer(row))
      }
    }
  }
}

extension Int {
  /// How many rows of `width` values so many values make.
  ///
  /// - Throws: `.invalidArgument`, `.emptyDataset` or `.countMismatch` when they make no whole rows.
  func dividedIntoRows(of width: Int, what: String, origin: String) throws(TrainingDataError) -> Int {
    guard width > 0 else {
      throw TrainingDataError(.invalidArgument, "\(origin): expected 1 or more \(what) per sample, got \(width)")
    }
    guard self > 0 else {
      throw TrainingDataError(
        .emptyDataset, "\(origin): the data set is empty: expected at least one sample, got no \(what)")
    }
    guard self % width == 0 else {
      throw TrainingDataError(
        .countMismatch,
        "\(origin): expected whole samples of \(width) \(what), got \(self) values, \(self % width) too many")
    }
    return self / width
  }
}

extension SampleStorage<Float> {
  /// Refuses infinities and NaNs: one of them would turn every weight into NaN within a step.
  ///
  /// A mapped file is read through once, and given back to the system piece by piece.
  func requireFinite(width: Int, what: String, origin: String) throws(TrainingDataError) {
    let valuesAtOnce = file == nil ? Swift.max(1, count) : Self.pieceByteCount / MemoryLayout<Float>.stride
    for first in stride(from: 0, to: count, by: valuesAtOnce) {
      let end = min(first + valuesAtOnce, count)
      for position in first..<end where !baseAddress[position].isFinite {
        throw TrainingDataError(
          .valueNotFinite,
          "\(origin): \(what) \(position % width) of sample \(position / width) is \(baseAddress[position]), "
            + "expected a finite number")
      }
      release(first..<end)
    }
    try file?.requireUnchanged()
  }
}
