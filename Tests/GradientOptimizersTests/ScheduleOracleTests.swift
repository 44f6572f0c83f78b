import GradientOptimizers
import RunConfiguration
import Testing

@Suite("Schedules beside PyTorch's and Keras'")
struct ScheduleOracleTests {
  static let oracle = ScheduleOracle.shared
  static let bound = 2e-6

  @Test("every schedule gives the other framework's factor in every step", arguments: oracle.rows.indices)
  func followsTheOracle(index: Int) throws {
    let row = Self.oracle.rows[index]
    let departure = Self.oracle.departure(of: try ScheduleOracle.schedule(row.schedule), from: row.factors)
    #expect(departure < Self.bound, "\(row.schedule), \(row.source)")
    print("\(row.schedule): \(departure) from \(row.source)")
  }

  @Test("a plateau gives PyTorch's factor in every epoch", arguments: oracle.plateaus.indices)
  func plateausFollowPyTorch(index: Int) throws {
    let row = Self.oracle.plateaus[index]
    let plateau = try #require(Self.plateau(try ScheduleOracle.schedule(row.schedule)))
    #expect(Self.departure(of: plateau, in: row) < Self.bound, "\(row.schedule)")
  }

  @Test("broken rows fail: another row's factors, and those of a step too early")
  func brokenRowsFail() throws {
    let rows = Self.oracle.rows
    for row in rows {
      let schedule = try ScheduleOracle.schedule(row.schedule)
      for other in rows where other.schedule != row.schedule {
        #expect(
          Self.oracle.departure(of: schedule, from: other.factors) > Self.bound,
          "\(row.schedule) passes for \(other.schedule)")
      }
      let early = [1] + row.factors.dropLast()
      #expect(Self.oracle.departure(of: schedule, from: early) > Self.bound, "\(row.schedule), a step too early")
    }
    for row in Self.oracle.plateaus {
      var plateau = try #require(Self.plateau(try ScheduleOracle.schedule(row.schedule)))
      plateau.patience += 1
      #expect(Self.departure(of: plateau, in: row) > Self.bound, "\(row.schedule), more patient")
    }
  }

  @Test("every schedule that a configuration names is in the table")
  func tableIsComplete() throws {
    let named = Self.oracle.rows.map(\.schedule) + Self.oracle.plateaus.map(\.schedule) + ["name: constant"]
    let error = #expect(throws: RunConfigurationError.self) { try ScheduleOracle.schedule("name: nothing") }
    let names = Set(try named.map { try ScheduleOracle.schedule($0).name })
    for name in names { #expect("\(try #require(error))".contains(name)) }
    #expect(names.count == 14)
  }

  @Test("a plateau takes no notice of a metric that is not a number, and starts with the first that is one")
  func strangeMetrics() {
    var watch = Plateau.Watch()
    let plateau = Plateau(factor: 0.5, patience: 1)
    for (metric, factor) in [(Double.nan, 1 as Float), (3, 1), (.nan, 1), (.infinity, 0.5), (2, 0.5)] {
      watch.note(metric, for: plateau)
      #expect(watch.factor == factor, "after \(metric)")
    }
  }

  private static func plateau(_ schedule: LearningRateSchedule) -> Plateau? {
    guard case .plateau(let plateau) = schedule else { return nil }
    return plateau
  }

  private static func departure(of plateau: Plateau, in row: ScheduleOracle.PlateauRow) -> Double {
    var watch = Plateau.Watch()
    return zip(row.metrics, row.factors).reduce(0) { worst, epoch in
      let departure = abs(Double(watch.factor) - epoch.1) / epoch.1
      watch.note(epoch.0, for: plateau)
      return max(worst, departure)
    }
  }
}
