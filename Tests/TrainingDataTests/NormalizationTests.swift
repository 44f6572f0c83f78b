import Testing
import TrainingData

struct NormalizationTests {
  /// Two features over four rows; the last row is held out and would change every measurement.
  private let rows: [UInt32] = [0, 1, 2]
  private func floats() throws -> Dataset {
    try Dataset(features: [1, 10, 2, 20, 3, 30, 1000, -1000] as [Float], featureCount: 2, labels: [0, 0, 0, 0])
  }

  private func fit(_ normalization: Normalization) throws -> FeatureTransform {
    try normalization.fit(on: floats(), rows: rows)
  }

  @Test func noneChangesNothing() throws {
    let transform = try fit(.none)
    #expect(transform.isIdentity)
    #expect(transform.scale == [1, 1])
    #expect(transform.shift == [0, 0])
  }

  @Test func unitDividesBytesBy255() throws {
    let bytes = try Dataset(features: [3, 7] as [UInt8], featureCount: 2, labels: [0])
    let transform = try Normalization.unit.fit(on: bytes, rows: [0])
    #expect(transform.scale == [1 / 255, 1 / 255])
    #expect(transform.shift == [0, 0])
    #expect(transform.shift.allSatisfy { $0.sign == .plus })
  }

  @Test func unitDividesFloatsByTheLargestMagnitude() throws {
    #expect(try fit(.unit).scale == [1 / 30, 1 / 30])
    let negative = try Dataset(features: [-8, 2] as [Float], featureCount: 1, labels: [0, 0])
    #expect(try Normalization.unit.fit(on: negative, rows: [0, 1]).scale == [1 / 8])
  }

  @Test func rangeMapsTheExtremesOntoZeroAndOne() throws {
    let transform = try fit(.range)
    #expect(transform.scale == [1 / 29, 1 / 29])
    #expect(transform.shift == [-1 / 29, -1 / 29])
    #expect(abs(transform(1, feature: 0)) < 1e-7)
    #expect(abs(transform(30, feature: 1) - 1) < 1e-6)
  }

  @Test func rangeOfTheDigitsDividesBySixteen() throws {
    let transform = try DataSubset(allOf: Dataset.digits()).transform(for: .range)
    #expect(Set(transform.scale) == [0.0625])
    #expect(Set(transform.shift) == [0])
  }

  /// Mean (1+2+3+10+20+30)/6 = 11, mean square (1+4+9+100+400+900)/6 = 1414/6, variance 1414/6 − 121 = 688/6.
  @Test func standardizeUsesOneMeanAndDeviation() throws {
    let deviation = (688.0 / 6).squareRoot()
    let transform = try fit(.standardize)
    #expect(transform.scale == [Float(1 / deviation), Float(1 / deviation)])
    #expect(transform.shift == [Float(-11 / deviation), Float(-11 / deviation)])
  }

  /// Bytes are added up as integers of 32 bits, 65,536 rows at a time: the largest values and more rows than that.
  @Test func standardizeFeaturesMeasuresManyBytes() throws {
    let rowCount = 70_001
    let bytes = (0..<rowCount).flatMap { row in [255, UInt8(row % 256), row == 65_536 ? 255 : 0] as [UInt8] }
    let labels = [Int](repeating: 0, count: rowCount)
    let rows = (0..<UInt32(rowCount)).map { $0 }
    let asBytes = try Normalization.standardizeFeatures.fit(
      on: Dataset(features: bytes, featureCount: 3, labels: labels), rows: rows)
    let asFloats = try Normalization.standardizeFeatures.fit(
      on: Dataset(features: bytes.map(Float.init), featureCount: 3, labels: labels), rows: rows)
    #expect(asBytes.scale == asFloats.scale)
    #expect(asBytes.shift == asFloats.shift)
  }

  /// Means 2 and 20, variances 2/3 and 200/3.
  @Test func standardizeFeaturesUsesAMeanAndDeviationEach() throws {
    let deviations = [(2.0 / 3).squareRoot(), (200.0 / 3).squareRoot()]
    let transform = try fit(.standardizeFeatures)
    #expect(transform.scale == deviations.map { Float(1 / $0) })
    #expect(transform.shift == [Float(-2 / deviations[0]), Float(-20 / deviations[1])])
  }

  @Test func rangeAndQuartilesOfEachFeature() throws {
    var values: [Float] = []
    for row in 0..<101 { values += [Float(row), row == 100 ? 1e6 : Float(100 - row) / 10] }
    let data = try Dataset(features: values, featureCount: 2, labels: [Int](repeating: 0, count: 101))
    let all = DataSubset(allOf: data)
    let range = try all.transform(for: .rangeFeatures)
    #expect(range.scale == [0.01, Float(1 / (1e6 - 0.1))] && range(100, feature: 0) == 1)
    // 0.1, 0.2 … 10 and one far beyond: the quartiles do not notice it.
    let robust = try all.transform(for: .robustFeatures)
    #expect(robust.scale[0] == Float(1 / 50.0) && abs(robust(50, feature: 0)) < 1e-6)
    #expect(abs(robust.scale[1] - 0.2) < 1e-6 && abs(robust(5.1, feature: 1)) < 1e-6)
    // However few features are measured at once, the figures are the same.
    let wide = try Dataset(
      features: (0..<900).map { Float(($0 * 7919) % 1013) }, featureCount: 30, labels: [Int](repeating: 0, count: 30))
    let some: [UInt32] = [3, 1, 4, 15, 9]
    #expect(
      wide.features.scales(.robust, rows: some, valueLimit: 35) == wide.features.scales(.robust, rows: some))
  }

  @Test func bytesAreMeasuredAsFloatsAre() throws {
    let bytes = try Dataset(features: [1, 10, 2, 20, 3, 30, 255, 0] as [UInt8], featureCount: 2, labels: [0, 0, 0, 0])
    for normalization in [Normalization.range, .standardize, .standardizeFeatures, .rangeFeatures, .robustFeatures] {
      #expect(try normalization.fit(on: bytes, rows: rows) == fit(normalization))
    }
  }

  @Test func aConstantFeatureIsOnlyShifted() throws {
    let dataset = try Dataset(features: [0.1, 1, 0.1, 2, 0.1, 3] as [Float], featureCount: 2, labels: [0, 0, 0])
    let transform = try Normalization.standardizeFeatures.fit(on: dataset, rows: rows)
    #expect(transform.scale[0] == 1)
    #expect(transform(0.1, feature: 0) == 0)
    #expect(transform.scale[1] != 1)
  }

  /// The inverse of so small a deviation is no `Float`.
  @Test func aFeatureThatHardlyVariesStaysFinite() throws {
    let dataset = try Dataset(features: [0, .leastNonzeroMagnitude], featureCount: 1, labels: [0, 0])
    for normalization in Normalization.allCases {
      let transform = try normalization.fit(on: dataset, rows: [0, 1])
      #expect(transform.scale == [1], "\(normalization)")
      #expect(transform.shift[0].isFinite, "\(normalization)")
    }
  }

  /// A single pass over squares would lose all digits of the variance here.
  @Test func aLargeMeanCostsNoAccuracy() throws {
    let features = (0..<1000).map { 16_000_000 + Float($0 % 2) }
    let dataset = try Dataset(features: features, featureCount: 1, labels: [Int](repeating: 0, count: 1000))
    let transform = try DataSubset(allOf: dataset).transform(for: .standardizeFeatures)
    #expect(transform.scale == [2])
    // −32,000,001 is no `Float`; ties go to the even neighbour.
    #expect(transform.shift == [-32_000_000])
  }

  @Test func aSingleRowCanBeMeasured() throws {
    for normalization in Normalization.allCases {
      let transform = try normalization.fit(on: floats(), rows: [1])
      #expect(transform.scale.allSatisfy(\.isFinite) && transform.shift.allSatisfy(\.isFinite))
    }
    #expect(try Normalization.standardizeFeatures.fit(on: floats(), rows: [1]).shift == [-2, -20])
  }

  @Test func noRowsOrWrongRowsAreRefused() throws {
    let dataset = try floats()
    for normalization in Normalization.allCases {
      #expect(dataError { _ = try normalization.fit(on: dataset, rows: []) }?.code == .emptyDataset)
      #expect(dataError { _ = try normalization.fit(on: dataset, rows: [0, 4]) }?.code == .rowOutOfRange)
    }
  }

  @Test func aRestoredTransformIsChecked() throws {
    #expect(try FeatureTransform(scale: [2], shift: [1])(3, feature: 0) == 7)
    #expect(dataError { _ = try FeatureTransform(scale: [1, 2], shift: [0]) }?.code == .countMismatch)
    #expect(dataError { _ = try FeatureTransform(scale: [1, .nan], shift: [0, 0]) }?.code == .valueNotFinite)
    #expect(dataError { _ = try FeatureTransform(scale: [1], shift: [.infinity]) }?.code == .valueNotFinite)
  }
}
