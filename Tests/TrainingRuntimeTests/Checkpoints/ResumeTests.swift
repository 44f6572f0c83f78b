import Fascicle
import Testing

@Suite("Going on from a kept state")
struct ResumeTests {
  @Test("ends with the same bits from any step, at any number of workers", arguments: ResumeCase.all)
  func sameBits(resumed: ResumeCase) throws {
    let whole = try resumed.trainer(), store = MemoryStore()
    let result = RunResult(whole, try resumed.fit(whole))
    let watched = try resumed.trainer()
    let kept = try resumed.fit(watched, keeping: Checkpoints(store, rule: CheckpointRule(everySteps: 1)))
    // Keeping states changes nothing.
    #expect(RunResult(watched, kept) == result)
    let states = store.states.map(\.state), last = try #require(states.last)
    #expect(last.steps == kept.stepCount && last.epochs == kept.epochs.count)
    let hasOpenEpochs = states.contains { $0.part("open_epoch") != .null }
    // A machine so busy that states wait to be written passes some over, and those inside epochs first.
    let passesOver = states.count < kept.stepCount
    #expect(hasOpenEpochs == resumed.hasOpenEpochs || !hasOpenEpochs && passesOver)
    let workerCounts = resumed.runtime.workers == .automatic ? [1, 2] : [1, 2, 3]
    for (index, state) in Self.some(states).enumerated() {
      let trainer = try resumed.trainer(workers: workerCounts[index % workerCounts.count]), end = MemoryStore()
      let history = try resumed.fit(trainer, keeping: Checkpoints(end), from: state)
      let place = "after step \(state.steps), epoch \(state.epochs)"
      #expect(RunResult(trainer, history) == result, "\(place)")
      // Not only the weights: whatever training changes, such as the optimizer's state.
      if let final = end.states.last?.state {
        let isSame = final.contents == last.contents
        #expect(isSame, "\(place): \(final.differences(from: last))")
        for part in ["early_stopping", "best", "best_figure", "diagnosis", "plateau", "rate_factor"] {
          let isSame = final.part(part) == last.part(part)
          #expect(isSame, "\(place): \(part)")
        }
      }
    }
  }

  /// The first and last few states, and some in between.
  private static func some(_ states: [TrainingState]) -> [TrainingState] {
    let places = Set([0, 1, 2, states.count - 2, states.count - 1] + (1...5).map { $0 * states.count / 6 })
    return places.filter(states.indices.contains).sorted().map { states[$0] }
  }

  @Test("a run that is stopped keeps its state, wherever it stands", arguments: [1, 2])
  func stops(workers: Int) throws {
    let resumed = ResumeCase(name: "stopped"), whole = try resumed.trainer()
    let result = RunResult(whole, try resumed.fit(whole))
    let stops: [(name: String, stop: (TrainingEvent) -> Bool)] = [
      ("the first step", { if case .firstStepDone = $0 { true } else { false } }),
      ("an epoch", { if case .epochEnded(let report) = $0 { report.epoch == 2 } else { false } }),
    ]
    for (name, stop) in stops {
      let store = MemoryStore(), trainer = try resumed.trainer(workers: workers)
      let rule = CheckpointRule(everyEpochs: nil, keepsBest: false)
      let history = try resumed.fit(trainer, keeping: Checkpoints(store, rule: rule)) { stop($0) ? .stop : .proceed }
      #expect(history.wasStopped)
      let state = try #require(store.states.last?.state)
      #expect(store.states.count == 1 && state.steps == history.stepCount, "\(name)")
      let goesOn = try resumed.trainer(workers: 3 - workers)
      #expect(RunResult(goesOn, try resumed.fit(goesOn, from: state)) == result, "\(name)")
    }
  }

  @Test("a run that is over stays over, and more epochs may be asked for")
  func over() throws {
    // What is looked at for a diagnosis depends on which epoch is the last.
    var resumed = ResumeCase(name: "over", diagnosis: .off)
    let whole = try resumed.trainer(), store = MemoryStore()
    let result = RunResult(whole, try resumed.fit(whole, keeping: Checkpoints(store)))
    let state = try #require(store.states.last?.state), again = try resumed.trainer()
    #expect(RunResult(again, try resumed.fit(again, from: state)) == result)
    resumed.epochs += 3
    let longer = try resumed.trainer(), further = try resumed.trainer()
    #expect(
      RunResult(further, try resumed.fit(further, from: state)) == RunResult(longer, try resumed.fit(longer)))
  }

  @Test("without an order of the steps a run goes on too, to its last step")
  func hogwild() throws {
    let runtime = RuntimeSettings(workers: .exactly(2), pinsWorkers: false, reduction: .hogwild)
    let resumed = ResumeCase(name: "hogwild", runtime: runtime), store = MemoryStore()
    let rule = CheckpointRule(everySteps: 1)
    let whole = try resumed.fit(try resumed.trainer(), keeping: Checkpoints(store, rule: rule))
    let states = store.states.map(\.state)
    let state = try #require(states.first { $0.part("open_epoch") != .null })
    let trainer = try resumed.trainer(), history = try resumed.fit(trainer, from: state)
    #expect(history.epochs.map(\.epoch) == whole.epochs.map(\.epoch))
    #expect(history.stepCount == whole.stepCount && trainer.stepCount == whole.stepCount)
    #expect(history.epochs.allSatisfy { $0.trainLoss.isFinite && $0.trainLoss < 2 })
    #expect(history.resumedSteps == state.steps)
  }

  @Test("the observer may ask for a state, and is told of each")
  func requests() throws {
    let resumed = ResumeCase(name: "asked"), store = MemoryStore(), trainer = try resumed.trainer()
    var told: [CheckpointReport] = []
    let rule = CheckpointRule(everyEpochs: nil, keepsBest: false)
    let history = try resumed.fit(trainer, keeping: Checkpoints(store, rule: rule)) { event in
      switch event {
      case .firstStepDone: return .checkpoint
      case .checkpointKept(let report):
        told.append(report)
        return .proceed
      default: return .proceed
      }
    }
    #expect(store.states.map(\.state.steps) == [1, history.stepCount])
    #expect(told.map(\.steps) == [1, history.stepCount])
    #expect(history.checkpoints.count == 2 && history.checkpoints.failureCount == 0)
    #expect(history.checkpoints.latest == told.last)
  }

  @Test("the best epochs are kept, whatever the rule")
  func best() throws {
    let resumed = ResumeCase(name: "best", optimizer: SGD(learningRate: 20), epochs: 12)
    let store = MemoryStore(), trainer = try resumed.trainer()
    let history = try resumed.fit(trainer, keeping: Checkpoints(store, rule: CheckpointRule(everyEpochs: nil)))
    let losses = history.epochs.compactMap(\.validation?.loss), least = try #require(losses.min())
    let state = try #require(store.states.last(where: \.isBest)?.state)
    #expect(state.epochs == losses.firstIndex(of: least).map { $0 + 1 })
    #expect(store.states.count <= losses.count + 1)
  }

  @Test("a store that refuses is told of, and ends the run only where the rule says so")
  func refusals() throws {
    let resumed = ResumeCase(name: "refused"), refusal = TrainingRuntimeError(code: .memory, message: "no room")
    let store = MemoryStore(refusal: refusal), whole = try resumed.trainer(), trainer = try resumed.trainer()
    let result = RunResult(whole, try resumed.fit(whole))
    var told = 0
    let history = try resumed.fit(trainer, keeping: Checkpoints(store)) { event in
      if case .checkpointFailed = event { told += 1 }
      return .proceed
    }
    #expect(RunResult(trainer, history) == result)
    #expect(told > 0 && told == history.checkpoints.failureCount && history.checkpoints.count == 0)
    #expect("\(try #require(history.checkpoints.latestFailure).error)" == "no room")
    let strict = Checkpoints(store, rule: CheckpointRule(onError: .stop)), ended = try resumed.trainer()
    #expect(throws: TrainingRuntimeError.self) { _ = try resumed.fit(ended, keeping: strict) }
  }

  @Test("the plan knows the buffers that states are copied into")
  func memory() throws {
    let resumed = ResumeCase(name: "memory"), trainer = try resumed.trainer(), store = MemoryStore()
    let plan = try trainer.plan(for: resumed.data(), checkpoints: Checkpoints(store))
    let without = try trainer.plan(for: resumed.data())
    _ = try resumed.fit(trainer, keeping: Checkpoints(store))
    let copied = try #require(store.states.last?.state.tensors.filter { $0.elementType == .float32 })
    #expect(plan.memory.byteCount - without.memory.byteCount >= 2 * copied.dropLast().reduce(0) { $0 + $1.bytes.count })
  }
}

@Suite("States of other runs")
struct StateMismatchTests {
  private static func state() throws -> TrainingState {
    let own = ResumeCase(name: "own"), store = MemoryStore()
    _ = try own.fit(try own.trainer(), keeping: Checkpoints(store))
    return try #require(store.states.first?.state)
  }

  /// What a trainer says to a state of another run; it stays as it was.
  private func refusal(_ other: ResumeCase) throws -> String {
    let trainer = try other.trainer(), before = trainer.weightsSHA256(), state = try Self.state()
    let error = #expect(throws: TrainingRuntimeError.self) { _ = try other.fit(trainer, from: state) }
    #expect(error?.code == .stateMismatch)
    #expect(trainer.weightsSHA256() == before && trainer.stepCount == 0)
    return error?.message ?? ""
  }

  @Test("another setting is named with both values")
  func settings() throws {
    let other = ResumeCase(name: "other", optimizer: Adam(learningRate: 0.06, beta1: 0.8), clipping: .globalNorm(1))
    let message = try refusal(other)
    #expect(message.contains("optimizer.learningRate (0.05 then, 0.06 now)"))
    #expect(message.contains("optimizer.beta1 (0.9 then, 0.8 now)"))
    #expect(message.contains("training.clipping (none then, globalNorm(1.0) now)"))
    #expect(!message.contains("network"))
  }

  @Test("another network, optimizer, rule or precision is refused by its name")
  func further() throws {
    let wider = Network(inputs: 5) {
      Dense(17, activation: .tanh)
      Dense(3, activation: .softmax)
    }
    let slower = Network(inputs: 5) {
      Dense(16, activation: .tanh, learning: LayerLearning(rateFactor: 0.5))
      Dense(3, activation: .softmax)
    }
    let cases: [(ResumeCase, String)] = [
      (ResumeCase(name: "", network: wider), "network.layers.0.dense.units (16 then, 17 now)"),
      (ResumeCase(name: "", network: slower), "network.layers.0.dense.learningRateFactor (not set then, 0.5 now)"),
      (ResumeCase(name: "", optimizer: SGD(learningRate: 0.05)), "optimizer.name (adam then, sgd now)"),
      (ResumeCase(name: "", earlyStopping: EarlyStopping()), "training.earlyStopping (none then"),
      (ResumeCase(name: "", onDivergence: .rollBack()), "training.onDivergence (stop then"),
      (ResumeCase(name: "", normalization: .none), "training.normalize"),
      (ResumeCase(name: "", transforms: UpdateTransforms(averaging: .exponential(decay: 0.9))), "training.averaging"),
      (
        ResumeCase(name: "", runtime: RuntimeSettings(workers: .exactly(2), precision: .bf16Emulated)),
        "runtime.precision (f32 then, bf16-emulated now)"
      ),
      (ResumeCase(name: "", schedule: .cosine()), "schedule (constant then"),
    ]
    for (other, name) in cases {
      let message = try refusal(other)
      #expect(message.contains(name), "\(message)")
    }
  }

  /// A state leaves out what is as usual, so it means what was usual when it was kept.
  @Test("what is as usual stays so: a member more is written here, a default that changes raises the settings' form")
  func usualSettings() {
    let none = "PerceptronModel.Regularizer(l1: 0.0, l2: 0.0)"
    #expect(
      "\(LayerLearning())"
        == "LayerLearning(weights: \(none), biases: \(none), slopes: \(none), outputs: \(none), orthogonal: 0.0, "
        + "constraint: PerceptronModel.WeightConstraint.none, isFrozen: false, rateFactor: 1.0, decays: true)")
    #expect(
      "\(UpdateTransforms())"
        == "UpdateTransforms(decayed: GradientOptimizers.DecayedParameters.all, "
        + "averaging: GradientOptimizers.WeightAveraging.none, lookahead: nil, skipLimit: 0, accumulation: 1)")
  }

  @Test("long settings are told from where they differ")
  func longSettings() {
    func identity(_ value: String) -> RunIdentity { RunIdentity(settings: [.init("schedule", value)]) }
    let head = "sequence(schedules: [ramp(startFactor: 0.1, endFactor: 1.0, epochs: 5.0), cosine("
    #expect(
      identity(head + "finalFactor: 0.2)])").differences(from: identity(head + "finalFactor: 0.25)])"))
        == ["schedule (…finalFactor: 0.2)]) then, …finalFactor: 0.25)]) now)"])
    #expect(identity("a").differences(from: identity("ab")) == ["schedule (a then, ab now)"])
    #expect(identity(head).differences(from: identity(head)).isEmpty)
  }

  @Test("settings are told by the words of configurations, for every way in which a layer can learn")
  func settingNames() {
    func identity(_ name: String, _ value: String) -> RunIdentity {
      RunIdentity(settings: [.init("network.layers.0.dense.\(name)", value)])
    }
    let words = [
      "regularizer", "biasRegularizer", "slopeRegularizer", "activityRegularizer", "orthogonalRegularizer",
      "constraint", "frozen", "learningRateFactor", "decay",
    ]
    let members = Mirror(reflecting: LayerLearning()).children.compactMap(\.label)
    #expect(members.count == words.count)
    for (member, word) in zip(members, words) {
      #expect(
        identity("learning.\(member)", "1").differences(from: identity("learning.\(member)", "2"))
          == ["network.layers.0.dense.\(word) (1 then, 2 now)"])
    }
    #expect(
      identity("units", "1").differences(from: identity("units", "2")) == [
        "network.layers.0.dense.units (1 then, 2 now)"
      ])
  }

  @Test("a state whose settings were kept in another form is not compared with them")
  func otherForm() throws {
    let state = try Self.state()
    var record = state.record
    record.identity = RunIdentity(settings: record.identity.settings.filter { $0.name != "settings.form" })
    let older = TrainingState(record: record, tensors: state.tensors, owner: nil)
    let own = ResumeCase(name: "own"), trainer = try own.trainer()
    let error = #expect(throws: TrainingRuntimeError.self) { _ = try own.fit(trainer, from: older) }
    #expect(error?.code == .stateMismatch && error?.message.contains("in another form") == true)
  }

  @Test("other samples, or others to validate on, are refused")
  func data() throws {
    #expect(
      try refusal(ResumeCase(name: "", validation: .none)).contains("other training samples: 80 samples then, 100"))
    let state = try Self.state(), own = ResumeCase(name: ""), trainer = try own.trainer()
    let others = DataSubset(allOf: try SmallProblem.dataset(sampleCount: 100, seed: 9))
    let error = #expect(throws: TrainingRuntimeError.self) {
      _ = try trainer.fit(others, epochs: 5, batchSize: 7, validation: .fraction(0.2), resuming: state)
    }
    #expect(error?.message.contains("other values, or another order of the samples") == true)
  }
}
