import FascicleCommand
import Fascicle
import RunConfiguration
import Testing

@Suite("Numbers and columns")
struct TextTests {
  @Test(
    "counts have their thousands apart",
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-54_321_000, "-54,321,000")])
  func grouped(value: Int, text: String) { #expect(NumberFormat.grouped(value) == text) }

  @Test(
    "times are as long as they need",
    arguments: [
      (14.6e-6, "14.6 µs"), (0.00123, "1.23 ms"), (0.83, "830 ms"), (3.456, "3.46 s"), (42.04, "42.0 s"),
      (125, "2 min 05 s"),
      (4320, "1 h 12 min"), (.infinity, "–"),
    ])
  func durations(seconds: Double, text: String) { #expect(NumberFormat.duration(seconds) == text) }

  @Test(
    "losses show what there is to see",
    arguments: [(0.5, "0.5000"), (0, "0.0000"), (0.00001234, "1.23e-05"), (2.5e9, "2.50e+09"), (.nan, "nan")])
  func losses(value: Double, text: String) { #expect(NumberFormat.loss(value) == text) }

  @Test("shares are percents, and none is a dash")
  func percents() {
    #expect(NumberFormat.percent(0.89754) == "89.75 %")
    #expect(NumberFormat.percent(nil) == "–")
    #expect(NumberFormat.rate(.infinity) == "–")
    #expect(NumberFormat.rate(123_456.7) == "123,457")
  }

  @Test("columns are as wide as their widest cell")
  func tables() {
    var table = TextTable([.left, .right, .left])
    table.add(["a", "1", "x"])
    table.add(["long", "100", ""])
    table.add(["b"])
    #expect(table.lines == ["a        1   x", "long   100", "b"])
  }
}

@Suite("How errors end the process")
struct ProcessStatusTests {
  @Test("every room's error has its status")
  func statuses() {
    let rows: [(any Error, ProcessStatus)] = [
      (TrainingDataError(.truncated, ""), .badData), (TrainingDataError(.fileNotFound, ""), .missingInput),
      (TrainingDataError(.permissionDenied, ""), .missingInput), (TrainingDataError(.readFailed, ""), .inputOutput),
      (TrainingDataError(.outOfMemory, ""), .unavailableResource),
      (TrainingDataError(.invalidArgument, ""), .badConfiguration),
      (TrainingRuntimeError(code: .memory, message: ""), .unavailableResource),
      (TrainingRuntimeError(code: .diverged, message: ""), .trainingFailed),
      (TrainingRuntimeError(code: .dataMismatch, message: ""), .badConfiguration),
      (NeuronKernelsError(code: .instructionSetNotRunnable, message: ""), .usage),
      (PerceptronModelError(code: .slope, message: ""), .badConfiguration),
      (GradientOptimizersError(parameter: "", message: ""), .badConfiguration),
      (TeamAbandonedStandIn(), .internalError),
    ]
    for (error, status) in rows { #expect(ProcessStatus(error) == status, "\(error)") }
  }

  private struct TeamAbandonedStandIn: Error {}
}
