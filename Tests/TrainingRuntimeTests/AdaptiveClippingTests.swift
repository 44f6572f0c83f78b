import Fascicle
import Testing

@Suite("Clipping by the norms of units")
struct AdaptiveClippingTests {
  /// Three input panels, the last ragged, and a normalization, whose gains and shifts are vectors.
  private static let network = Network(inputs: 70) {
    Dense(37, activation: .preLU())
    LayerNorm()
    Dense(3, activation: .softmax)
  }

  private static func gradient(
    _ clipping: GradientClipping, runtime: RuntimeSettings, rows: Range<Int> = 0..<90
  ) throws -> (before: [StageParameters], gradient: [StageParameters]) {
    var random = PhiloxStream(seed: 4, stream: 9)
    let dataset = try Dataset(
      features: random.uniform(count: 90 * 70, reach: 2), featureCount: 70, labels: (0..<90).map { $0 % 3 })
    let trainer = try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: GradientRecorder(), clipping: clipping,
      normalization: .none, seed: 5, runtime: runtime)
    trainer.epochOrder = .sequential
    let before = trainer.stageParameters
    _ = try trainer.fit(DataSubset(allOf: dataset), epochs: 1, batchSize: 90)
    return (before, trainer.stageParameters)
  }

  /// The gradient of a unit, as the equation has it.
  private static func clipped(_ gradient: [Float], of parameters: [Float], limit: Double) -> [Double] {
    func norm(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
    let largest = limit * max(norm(parameters), 1e-3)
    return gradient.map { Double($0) * min(1, largest / norm(gradient)) }
  }

  @Test("each unit's gradient is brought to its share of the unit's weights", arguments: [0.01, 0.05, 0.2] as [Float])
  func units(limit: Float) throws {
    for runtime in [RuntimeSettings.unpinned(1), .unpinned(3), .lanes(2, workers: 2)] {
      let (parameters, loose) = try Self.gradient(.none, runtime: runtime)
      let bounded = try Self.gradient(.adaptive(limit), runtime: runtime).gradient
      var shrunk = 0, kept = 0
      func check(_ found: [Float], _ loose: [Float], _ parameters: [Float]) {
        let expected = Self.clipped(loose, of: parameters, limit: Double(limit))
        #expect(Departure.of(found, from: expected) < 1e-6)
        if found == loose { kept += 1 } else { shrunk += 1 }
      }
      for stage in parameters.indices {
        let before = parameters[stage], free = loose[stage], found = bounded[stage]
        let width = stage == 0 ? 70 : 37
        for unit in 0..<before.weights.count / width {
          let places = unit * width..<(unit + 1) * width
          check(Array(found.weights[places]), Array(free.weights[places]), Array(before.weights[places]))
        }
        if !before.bias.isEmpty { check(found.bias, free.bias, before.bias) }
        if !before.slopes.isEmpty { check(found.slopes, free.slopes, before.slopes) }
      }
      #expect(shrunk > 0)
      if limit == 0.2 { #expect(kept > 0) }
    }
  }

  @Test("refused where nobody can wait for a norm")
  func hogwild() {
    let error = #expect(throws: TrainingRuntimeError.self) {
      try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), clipping: .adaptive(0.01),
        runtime: RuntimeSettings(reduction: .hogwild))
    }
    #expect(
      error?.description
        == "clipAdaptive cannot run with the reduction hogwild; use clipNorm or clipValue, or the reduction segmented")
  }
}
