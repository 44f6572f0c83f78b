import NeuronKernels
import PerceptronModel

/// How many workers a step is worth, and why.
struct WorkerChoice: Sendable, Hashable {
  let workerCount: Int
  let reason: String
  /// The predicted length of a step; nil when nothing was measured.
  var predictedStepSeconds: Double?

  /// Takes the count asked for, or the one whose predicted step is shortest.
  ///
  ///     t(T) = A·⌈P/T⌉/P/rate + B/T/rate + 2·barrier
  ///
  /// with A and B the FLOP of the two phases, P the panels of a minibatch and `rate` the share of the FMA peak that
  /// products reach. A tie goes to fewer workers.
  static func make(
    _ request: WorkerRequest, limit: Int, program: NetworkProgram, batchSize: Int, rates: MachineRates?
  ) -> WorkerChoice {
    if case .exactly(let count) = request {
      return WorkerChoice(workerCount: count, reason: "\(count) asked for; the CPU budget is \(limit)")
    }
    guard let rates, limit > 1 else { return WorkerChoice(workerCount: 1, reason: "the CPU budget is 1") }
    let times = (1...limit).map {
      predictedSeconds($0, limit: limit, program: program, batchSize: batchSize, rates: rates)
    }
    let best = times.indices.min { times[$0] < times[$1] } ?? 0
    let prediction = "a step is predicted to take \(microseconds(times[best])) µs with \(best + 1)"
    let other = best == 0 ? limit - 1 : 0
    return WorkerChoice(
      workerCount: best + 1,
      reason: "\(prediction) and \(microseconds(times[other])) µs with \(other + 1); the CPU budget is \(limit)",
      predictedStepSeconds: times[best])
  }

  /// Takes the count asked for, or as many as the budget allows and an epoch has steps for: workers that take whole
  /// minibatches and wait for nobody are worth having whatever the length of a step.
  static func withoutWaiting(_ request: WorkerRequest, limit: Int, stepsPerEpoch: Int) -> WorkerChoice {
    if case .exactly(let count) = request {
      return WorkerChoice(workerCount: count, reason: "\(count) asked for; the CPU budget is \(limit)")
    }
    return WorkerChoice(
      workerCount: min(limit, stepsPerEpoch),
      reason: "an epoch has \(stepsPerEpoch) steps to share without waiting; the CPU budget is \(limit)")
  }

  /// The share of the FMA peak that the products of a step reach, as measured on networks of every size.
  private static let efficiency = 0.8

  static func predictedSeconds(
    _ workers: Int, limit: Int, program: NetworkProgram, batchSize: Int, rates: MachineRates
  ) -> Double {
    let flops = program.flopsPerStep(sampleCount: batchSize)
    let updates = program.stages.compactMap(\.dense)
      .reduce(0.0) { $0 + 2 * Double(batchSize) * Double($1.inputCount * $1.outputCount) }
    let rate = rates.fmaRate * efficiency
    let panels = PanelLayout.panelCount(batchSize)
    let share = Double((panels + workers - 1) / workers) / Double(panels)
    let barriers = workers == 1 ? 0 : 2 * rates.barrierSeconds * Double(workers) / Double(max(limit, 1))
    return (flops - updates) * share / rate + updates / Double(workers) / rate + barriers
  }

  private static func microseconds(_ seconds: Double) -> String {
    let value = seconds * 1e6
    return value < 10 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }
}
