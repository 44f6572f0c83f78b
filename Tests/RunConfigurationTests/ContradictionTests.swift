import Fascicle
import RunConfiguration
import Testing

@Suite("Settings that contradict each other or the data")
struct ContradictionTests {
  /// What planning and training say of a configuration.
  private func answers(_ yaml: String) throws -> [String] {
    let configuration = try load(yaml, "runtime.workers=1")
    let data = try configuration.loadData()
    func answer(_ body: (Trainer) throws -> Void) throws -> String {
      let trainer = try configuration.makeTrainer(for: data)
      do {
        try body(trainer)
        return ""
      } catch {
        return "\(error)"
      }
    }
    return [
      try answer { _ = try $0.plan(for: data, as: configuration) },
      try answer { trainer in
        _ = try trainer.fit(data, as: configuration) { _ in
          Issue.record("a refused run began")
          return .stop
        }
      },
    ]
  }

  @Test(
    "are refused by the plan as by the run, with the same words",
    arguments: [
      (
        "training: { validation: 0, earlyStopping: {} }",
        "early stopping is to watch the validation_loss, but nothing is held out for validation; hold samples out, or "
          + "watch train_loss"
      ),
      (
        "{ training: { onDivergence: skip }, runtime: { reduction: hogwild } }",
        "onDivergence skip cannot run with the reduction hogwild, whose steps have no order; use rollBack, or the reduction "
          + "segmented"
      ),
      (
        "training: { classWeights: [1, 2] }",
        "run.yaml:1:27: training.classWeights: digits has 10 classes, but there are 2 class weights"
      ),
      (
        "network: { layers: [{ dense: 10, activation: softmax, frozen: true }] }",
        "run.yaml:1:20: the network cannot be trained: all of its layers are frozen; leave out 'frozen' where something "
          + "should be learned"
      ),
    ])
  func contradictions(yaml: String, answer: String) throws {
    #expect(try answers(yaml) == [answer, answer])
  }

  @Test(
    "a step without a gradient is refused at the activation that it is written as",
    arguments: [
      (
        "{ dense: 4, activation: step }, { dense: 10, activation: softmax }",
        "1:45: layer 1 (dense 4 step) cannot be trained: "
      ),
      (
        "{ dense: 4 }, { activation: step }, { dense: 10, activation: softmax }",
        "1:49: layer 1 (dense 4) with layer 2 (step) cannot be trained: "
      ),
      (
        "{ dense: 4 }, { residual: [{ norm: layer }, { dense: 4, activation: step }] }, { dense: 10, activation: softmax }",
        "1:89: layer 2.2 (dense 4 step) cannot be trained: "
      ),
      (
        "{ dense: 4 }, { activation: step, gradient: perceptron }, { dense: 10, activation: softmax }",
        "1:49: layer 1 (dense 4) with layer 2 (step"
      ),
    ])
  func untrainableSteps(layers: String, beginning: String) throws {
    for answer in try answers("network: { layers: [\(layers)] }") {
      #expect(answer.hasPrefix("run.yaml:\(beginning)"), "\(answer)")
    }
  }

  @Test("a plan of sound settings is that of the run")
  func sound() throws {
    let configuration = try load(
      "training: { epochs: 1, earlyStopping: {}, classWeights: balanced }", "runtime.workers=1")
    let data = try configuration.loadData(), trainer = try configuration.makeTrainer(for: data)
    let plan = try trainer.plan(for: data, as: configuration)
    _ = try trainer.fit(data, as: configuration)
    #expect(plan.memory.byteCount == trainer.plan?.memory.byteCount)
    #expect(plan.stepsPerEpoch == trainer.plan?.stepsPerEpoch)
  }

  @Test("data without a network that fits them are told what is missing")
  func missingNetwork() throws {
    let configuration = try load("data: { format: moons }")
    var other = configuration
    other.layers = RunConfiguration().layers
    let error = try #require(throws: RunConfigurationError.self) { try other.loadData() }
    #expect(
      error.description
        == "run.yaml:1:7: moons has 2 classes, but there is no network for it, and the default one puts out 10; write "
        + "network: { layers: [{ dense: 64, activation: relu }, { dense: 2, activation: softmax }] }")
  }
}
