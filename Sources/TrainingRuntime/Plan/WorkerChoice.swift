import HardwareTopology

/// How many workers a step is worth, and why.
package struct WorkerChoice: Sendable, Hashable {
  package let workerCount: Int
  package let reason: String
  /// How they share the samples of a minibatch.
  package let phaseASplit: PhaseASplit
  /// What the step is predicted to take; nil where nothing is known of the machine's rates.
  package var predictedStepSeconds: Double?

  /// How much more workers must gain on fewer before they are worth it.
  static let worthwhile = 0.97

  /// Takes the count asked for, or the fewest workers whose predicted step is within 3 % of the shortest.
  ///
  /// - Parameters:
  ///   - split: how samples are to be shared; nil for what the model finds cheapest.
  ///   - model: what predicts steps; nil where the rates are not known.
  package static func make(
    _ request: WorkerRequest, split: PhaseASplit? = nil, limit: Int, model: CostModel?
  ) -> WorkerChoice {
    if case .exactly(let count) = request {
      return WorkerChoice(
        count, reason: "\(count) asked for; the CPU budget is \(limit)", split: split,
        step: model?.step(workers: count, split: split))
    }
    guard let model, limit > 1 else {
      return WorkerChoice(
        1, reason: "the CPU budget is \(limit)", split: split, step: model?.step(workers: 1, split: split))
    }
    let steps = (1...limit).map { model.step(workers: $0, split: split) }
    let times = steps.map(\.seconds)
    let shortest = times.min() ?? 0
    let best = (times.firstIndex { Self.worthwhile * $0 <= shortest } ?? 0) + 1
    return WorkerChoice(
      best, reason: "\(reason(best, times: times)); the CPU budget is \(limit)", split: split, step: steps[best - 1])
  }

  /// Takes the count asked for, or as many as the budget allows and an epoch has steps for: workers that take whole
  /// minibatches and wait for nobody are worth having whatever the length of a step.
  static func withoutWaiting(_ request: WorkerRequest, limit: Int, stepsPerEpoch: Int) -> WorkerChoice {
    if case .exactly(let count) = request {
      return WorkerChoice(count, reason: "\(count) asked for; the CPU budget is \(limit)", split: .samples, step: nil)
    }
    return WorkerChoice(
      min(limit, stepsPerEpoch),
      reason: "an epoch has \(stepsPerEpoch) steps to share without waiting; the CPU budget is \(limit)",
      split: .samples, step: nil)
  }

  private init(_ workerCount: Int, reason: String, split: PhaseASplit?, step: StepPrediction?) {
    self.workerCount = workerCount
    self.reason = reason
    phaseASplit = split ?? step?.split ?? .samples
    predictedStepSeconds = step?.seconds
  }

  /// The prediction for the chosen count beside those of one worker and of all.
  private static func reason(_ best: Int, times: [Double]) -> String {
    let others = [times.count, 1].filter { $0 != best }.map { "\(microseconds(times[$0 - 1])) µs with \($0)" }
    return "a step is predicted to take \(microseconds(times[best - 1])) µs with \(best)"
      + (others.count == 2 ? ", " + others.joined(separator: " and ") : " and " + others.joined())
  }

  private static func microseconds(_ seconds: Double) -> String {
    let value = seconds * 1e6
    return value < 10 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }
}
