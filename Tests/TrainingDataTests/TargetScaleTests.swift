import Testing
import TrainingData

@Suite("Scales of targets")
struct TargetScaleTests {
  /// Two targets of ten samples: 0 … 9, and ten times their negatives.
  private func samples() throws -> Dataset {
    try Dataset(
      features: [Float](repeating: 1, count: 10), featureCount: 1,
      targets: (0..<10).flatMap { [Float($0), Float(-10 * $0)] }, targetCount: 2, name: "values")
  }

  private func targets(_ dataset: Dataset) -> [[Float]] {
    guard case .values(let width, let rows) = dataset.targets else { return [] }
    return (0..<rows.sampleCount).map { sample in (0..<width).map { rows[sample, $0] } }
  }

  @Test("only the rows that are measured count, and each target has a scale of its own")
  func figures() throws {
    let data = try samples(), rows = try DataSubset(data, rows: [2, 0, 4, 2])
    #expect(
      try rows.targetScales(.range) == [PreparedScale(centre: 0, spread: 4), PreparedScale(centre: -40, spread: 40)])
    let standard = try rows.targetScales(.standardize)
    #expect(standard[0].centre == 2 && abs(standard[0].spread - 2.squareRoot()) < 1e-12)
    #expect(try rows.targetScales(.robust)[1].centre == -20)
    #expect(try rows.targetScales(.none) == [PreparedScale](repeating: PreparedScale(centre: 0, spread: 1), count: 2))
    // Values that are all alike are moved and not divided.
    #expect(try DataSubset(data, rows: [3]).targetScales(.range)[0] == PreparedScale(centre: 3, spread: 1))
  }

  @Test("targets are moved and divided, and undone again; features are shared and weights kept")
  func scaling() throws {
    let data = try samples(), scales = [PreparedScale(centre: 1, spread: 2), PreparedScale(centre: 0, spread: -10)]
    let scaled = try data.scalingTargets(by: scales)
    let expected: [[Float]] = (0..<10).map { (sample: Int) -> [Float] in [Float(sample - 1) / 2, Float(sample)] }
    #expect(targets(scaled) == expected)
    #expect(targets(data)[3] == [3, -30] && scaled.features.baseAddress == data.features.baseAddress)
    #expect(scales[0].undone(targets(scaled)[3][0]) == 3 && scales[1].undone(targets(scaled)[3][1]) == -30)
    #expect(targets(try data.scalingTargets(by: nil)) == targets(data))
    let weighted = try data.withSampleWeights([Float](repeating: 0.5, count: 10)).scalingTargets(by: scales)
    #expect(weighted.sampleWeights?.count == 10)
  }

  @Test("classes, other numbers of values and no rows are refused")
  func refusals() throws {
    let classes = try Dataset(features: [Float(0), 1], featureCount: 1, labels: [0, 1], name: "classes")
    let error = try #require(throws: TrainingDataError.self) {
      try DataSubset(allOf: classes).targetScales(.standardize)
    }
    #expect(error.message == "classes: the labels are classes, which cannot be scaled")
    let one = [PreparedScale(centre: 0, spread: 1)]
    #expect(throws: TrainingDataError.self) { try classes.scalingTargets(by: one) }
    let width = try #require(throws: TrainingDataError.self) { try samples().scalingTargets(by: one) }
    #expect(width.message == "values: expected samples with 1 values to scale, got 2")
    #expect(throws: TrainingDataError.self) { try DataSubset(samples(), rows: []).targetScales(.range) }
  }
}
