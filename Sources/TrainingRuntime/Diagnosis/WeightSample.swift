import PerceptronModel

/// About a thousand weights of each dense stage, by which the length of a step is estimated.
///
/// Whole lines of sixteen, evenly spread over the stage's panels, so that it costs the same for every width.
struct WeightSample {
  /// Lines of a stage at most.
  static let lineLimit = 64
  private static let lineCount = 16

  private let offsets: [[Int]]
  private var before: [Float]
  /// For each stage the sum of the ratios, and of how many steps.
  var sums: [(ratio: Double, count: Int)]

  init(_ program: NetworkProgram) {
    offsets = program.stages.map { stage in
      let lines = stage.weights.count / Self.lineCount, taken = min(lines, Self.lineLimit)
      return (0..<taken).map { stage.weights.lowerBound + $0 * lines / taken * Self.lineCount }
    }
    before = [Float](repeating: 0, count: offsets.map(\.count).reduce(0, +) * Self.lineCount)
    sums = program.stages.map { _ in (0, 0) }
  }

  /// Remembers the weights before a step.
  mutating func remember(_ parameters: UnsafePointer<Float>) {
    var place = 0
    for offset in offsets.joined() {
      for index in 0..<Self.lineCount { before[place + index] = parameters[offset + index] }
      place += Self.lineCount
    }
  }

  /// Compares them with what they are after it.
  mutating func compare(_ parameters: UnsafePointer<Float>) {
    var place = 0
    for (stage, lines) in offsets.enumerated() {
      var change = 0.0, size = 0.0
      for offset in lines {
        for index in 0..<Self.lineCount {
          let old = Double(before[place + index]), difference = Double(parameters[offset + index]) - old
          change += difference * difference
          size += old * old
        }
        place += Self.lineCount
      }
      guard size > 0 else { continue }
      sums[stage].ratio += (change / size).squareRoot()
      sums[stage].count += 1
    }
  }

  /// The mean ratio of a stage since ``reset()``; nil for none.
  func ratio(ofStage stage: Int) -> Double? {
    sums[stage].count > 0 ? sums[stage].ratio / Double(sums[stage].count) : nil
  }

  mutating func reset() {
    for stage in sums.indices { sums[stage] = (0, 0) }
  }
}
