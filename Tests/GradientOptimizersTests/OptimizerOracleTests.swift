import GradientOptimizers
import RunConfiguration
import Testing

@Suite("Ten steps beside PyTorch's and optax'")
struct OptimizerOracleTests {
  static let oracle = RuleOracle.shared
  /// Ten steps of single precision, each some roundings of a parameter and of a step.
  static let bound = 2e-6

  @Test("every rule ends where the other framework does", arguments: oracle.rows.indices)
  func followsTheOracle(index: Int) throws {
    let row = Self.oracle.rows[index]
    let found = try Self.oracle.run(row.makeOptimizer())
    let departure = RuleOracle.departure(found.parameters, from: row.result)
    #expect(departure < Self.bound, "\(row.label), \(row.source)")
    var text = "\(row.label): \(departure) from \(row.source)"
    if let expected = row.evaluation {
      let departure = RuleOracle.departure(found.evaluation, from: expected)
      #expect(departure < 10 * Self.bound, "\(row.label), evaluated")  // x is (y − (1 − β₁)·z)/β₁
      #expect(RuleOracle.departure(found.parameters, from: expected) > 100 * Self.bound, "\(row.label) has two points")
      text += ", evaluated \(departure)"
    }
    print(text)
  }

  @Test("every optimizer that a configuration names is in this table, or in another that is named here")
  func tableIsComplete() {
    let inDouble: Set = ["sgd", "adam", "adamw"], amongTransforms: Set = ["lamb", "lars", "adafactor"]
    // A suite of its own has what is more than a rule for every element.
    let withSuites: Set = ["perceptron", "muon", "lbfgs"]
    #expect(
      Set(OptimizerConfiguration.names)
        == inDouble.union(amongTransforms).union(withSuites).union(Self.oracle.rows.map(\.optimizer)))
  }

  /// A bound that let another row's result pass would prove nothing.
  @Test("no row passes for another", arguments: oracle.rows.indices)
  func rowsDiffer(index: Int) throws {
    let row = Self.oracle.rows[index], found = try Self.oracle.run(row.makeOptimizer()).parameters
    for (other, wrong) in Self.oracle.rows.enumerated() where other != index {
      #expect(
        RuleOracle.departure(found, from: wrong.result) > Self.bound, "\(row.label) passes for \(wrong.label)")
    }
  }

  @Test("deliberately broken rows fail: a coefficient that is a little off, a step that forgets its number")
  func brokenRowsFail() throws {
    for row in Self.oracle.rows {
      let optimizer = try row.makeOptimizer()
      var wrong = Broken(base: optimizer, factor: 1.001)
      #expect(
        RuleOracle.departure(try Self.oracle.run(wrong).parameters, from: row.result) > Self.bound, "\(row.label)")
      guard Self.dependsOnTheStep.contains(row.optimizer) else { continue }
      wrong = Broken(base: optimizer, factor: 1, number: 1)
      #expect(
        RuleOracle.departure(try Self.oracle.run(wrong).parameters, from: row.result) > Self.bound, "\(row.label)")
    }
  }

  private static let dependsOnTheStep: Set = [
    "adamax", "nadam", "amsgrad", "radam", "adabelief", "yogi", "rprop", "schedule_free_adamw",
  ]
}

/// A rule with all coefficients of a step off by a factor, or that takes every step for the same one.
private struct Broken: GradientOptimizer {
  let base: any GradientOptimizer
  let factor: Float
  var number: Int?

  var name: String { "broken" }
  var learningRate: Float { base.learningRate }
  var stateSlotCount: Int { base.stateSlotCount }
  func coefficients(for step: OptimizerStep) -> SIMD8<Float> {
    base.coefficients(for: OptimizerStep(number: number ?? step.number, learningRate: step.learningRate)) * factor
  }
  func update(_ slice: ParameterSlice) { base.update(slice) }
}
