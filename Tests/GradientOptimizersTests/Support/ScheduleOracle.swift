import Foundation
import GradientOptimizers
import RunConfiguration

/// The factors of schedules as PyTorch and Keras compute them; `Oracle/generate.py` writes them.
struct ScheduleOracle: Decodable, Sendable {
  let stepsPerEpoch: Int
  let totalSteps: Int
  let rows: [Row]
  let plateaus: [PlateauRow]

  struct Row: Decodable, Sendable {
    /// What a configuration says in its section.
    let schedule: String
    /// The framework and its version.
    let source: String
    /// One for each step.
    let factors: [Double]
  }

  struct PlateauRow: Decodable, Sendable {
    let schedule: String
    /// One for each epoch.
    let metrics: [Double]
    let factors: [Double]
  }

  static let shared: ScheduleOracle = {
    guard let url = Bundle.module.url(forResource: "schedules", withExtension: "json", subdirectory: "Oracle"),
      let data = try? Data(contentsOf: url), let oracle = try? JSONDecoder().decode(ScheduleOracle.self, from: data)
    else { preconditionFailure("Oracle/schedules.json is missing or of another form") }
    return oracle
  }()

  /// The schedule as a configuration with this section gives it.
  static func schedule(_ section: String) throws -> LearningRateSchedule {
    try RunConfiguration.load(text: "schedule: { \(section) }", path: "oracle.yaml").schedule
  }

  /// The largest distance of the schedule's factors from `expected`, relative to the factor.
  func departure(of schedule: LearningRateSchedule, from expected: [Double]) -> Double {
    precondition(expected.count == totalSteps, "expected \(totalSteps) factors, found \(expected.count)")
    return expected.enumerated().reduce(0) { worst, row in
      let factor = schedule.factor(step: row.offset, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps)
      let distance = abs(Double(factor) - row.element) / max(abs(row.element), 1e-3)
      return distance.isNaN ? .infinity : max(worst, distance)
    }
  }
}
