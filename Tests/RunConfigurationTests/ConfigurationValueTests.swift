import Fascicle
import RunConfiguration
import Testing

@Suite("What a configuration says")
struct ConfigurationValueTests {
  @Test("an empty section means all defaults")
  func emptySectionIsDefault() throws {
    #expect(try load("{}").tree == RunConfiguration().tree)
  }

  @Test("the driver's example is understood, key by key")
  func driversExample() throws {
    let configuration = try load(
      """
      data:      { format: idx, images: a.gz, labels: b.gz, test: { images: c.gz, labels: d.gz } }
      network:   { layers: [ { dense: 256, activation: relu }, { dense: 10, activation: softmax } ] }
      loss:      categorical_cross_entropy
      optimizer: { name: adam, learningRate: 0.002 }
      training:  { epochs: 10, batchSize: 128, seed: 9, validation: 0.25 }
      runtime:   { workers: 3, precision: f32, reduction: ownerComputes, pin: false }
      """)
    #expect(
      configuration.layers == [.dense(Dense(256, activation: .relu)), .dense(Dense(10, activation: .softmax))])
    #expect(configuration.loss == .categoricalCrossEntropy)
    #expect(configuration.optimizer.optimizer.name == "adam")
    #expect(configuration.optimizer.optimizer.learningRate == 0.002)
    #expect(configuration.training.epochs == 10)
    #expect(configuration.training.batchSize == 128)
    #expect(configuration.training.seed == 9)
    #expect(configuration.training.validation == 0.25)
    #expect(configuration.runtime == RuntimeSettings(workers: .exactly(3), pinsWorkers: false))
  }

  @Test("files may stay where they are, and samples may be shuffled in windows")
  func mappedFiles() throws {
    let configuration = try load(
      """
      data:     { format: npy, features: x.npy, labels: y.npy, mapped: true }
      training: { shuffleWindow: 65536 }
      """)
    #expect(configuration.data.isMapped && configuration.training.shuffleWindow == 65_536)
    #expect(try load(configuration.yaml).tree == configuration.tree)
    let plain = try load("training: { shuffleWindow: none }")
    #expect(!plain.data.isMapped && plain.training.shuffleWindow == nil)
    let table = try refusal(of: "data: { format: csv, file: a.csv, label: y, mapped: true }").problems[0]
    #expect(table.message == "data.mapped does not belong to the format csv", "\(table)")
    let none = try refusal(of: "training: { shuffleWindow: 0 }").problems[0]
    #expect(none.message == "training.shuffleWindow must be a whole number from 1 to 4294967296, but is '0'", "\(none)")
  }

  @Test("a layer is dense, with its activation inside, or an activation of its own")
  func bothWaysOfWritingActivations() throws {
    let configuration = try load(
      """
      network:
        layers:
          - { dense: 20, activation: leaky_relu, slope: 0.2, initializer: he_normal, bias: false }
          - { dense: 12 }
          - { activation: tanh }
          - { dense: 8 }
          - { activation: prelu }
          - { dense: 10, activation: softmax, initializer: auto }
      """)
    #expect(
      configuration.layers == [
        .dense(Dense(20, activation: .leakyReLU(slope: 0.2), initializer: .heNormal, usesBias: false)),
        .dense(Dense(12)), .activation(Activation(.tanh)), .dense(Dense(8)),
        .activation(Activation(.preLU(initialSlope: 0.25))), .dense(Dense(10, activation: .softmax)),
      ])
  }

  @Test(
    "every activation is read with its parameters, and written so that reading it gives it back",
    arguments: ActivationFunction.all + [
      .scaledLinear(slope: -2), .step(gradient: .perceptron), .leakyReLU(slope: -0.5), .gelu(form: .tanh),
      .preLU(initialSlope: 0.5, sharing: .perLayer), .threshold(threshold: 0.5, value: -1), .rreLU(lower: 0, upper: 1),
    ])
  func everyActivation(function: ActivationFunction) throws {
    var configuration = RunConfiguration()
    configuration.layers = [
      .dense(Dense(4, activation: function)), .activation(Activation(function)),
      .dense(Dense(10, activation: .softmax)),
    ]
    #expect(try load(configuration.yaml).layers == configuration.layers)
  }

  @Test("parameters of an activation are words or numbers")
  func activationParameters() throws {
    let layers = try load(
      """
      network:
        layers:
          - { dense: 8, activation: elu, alpha: 0.5 }
          - { activation: gelu, form: tanh }
          - { dense: 8, activation: prelu, slopes: per_layer }
          - { dense: 8, activation: linear, slope: 2 }
          - { dense: 10, activation: softmax }
      """
    ).layers
    #expect(
      layers == [
        .dense(Dense(8, activation: .elu(alpha: 0.5))), .activation(Activation(.gelu(form: .tanh))),
        .dense(Dense(8, activation: .preLU(sharing: .perLayer))),
        .dense(Dense(8, activation: .scaledLinear(slope: 2))), .dense(Dense(10, activation: .softmax)),
      ])
  }

  @Test("each optimizer takes its own hyperparameters")
  func optimizers() throws {
    let sgd = try #require(
      try load("optimizer: { name: sgd, momentum: 0.9, nesterov: true }").optimizer.optimizer as? SGD)
    #expect((sgd.learningRate, sgd.momentum, sgd.nesterov) == (0.01, 0.9, true))
    let adamW = try #require(
      try load("optimizer: { name: adamw, beta2: 0.99, epsilon: 1e-6 }").optimizer.optimizer as? AdamW)
    #expect((adamW.beta1, adamW.beta2, adamW.epsilon, adamW.weightDecay) == (0.9, 0.99, 1e-6, 0.01))
  }

  @Test("every optimizer keeps its defaults and reads back what it writes", arguments: OptimizerConfiguration.names)
  func roundTrip(name: String) throws {
    let configuration = try load("optimizer: { name: \(name), learningRate: 0.125 }")
    #expect(configuration.optimizer.optimizer.name == name)
    #expect(configuration.optimizer.optimizer.learningRate == 0.125)
    #expect(try load(configuration.yaml).yaml == configuration.yaml)
    let standard = try #require(OptimizerConfiguration.named(name))
    #expect("\(try load("optimizer: { name: \(name) }").optimizer.optimizer)" == "\(standard)")
  }

  @Test(
    "each schedule takes its own keys",
    arguments: [
      ("{ name: constant }", LearningRateSchedule.constant),
      ("{ name: step, epochs: 3, factor: 0.5 }", .step(epochs: 3, factor: 0.5)),
      ("{ name: cosine, warmUpEpochs: 1.5, finalFactor: 0.01 }", .cosine(warmUpEpochs: 1.5, finalFactor: 0.01)),
      ("{ name: multi_step, milestones: [3, 5] }", .multiStep(milestones: [3, 5], factor: 0.1)),
      (
        "{ name: piecewise, milestones: [2.5, 4], factors: [1, 0.5, 0] }",
        .piecewise(milestones: [2.5, 4], factors: [1, 0.5, 0])
      ),
      ("{ name: ramp, startFactor: 0.25 }", .ramp(startFactor: 0.25, endFactor: 1, epochs: 5)),
      (
        "{ name: sequence, schedules: [{ name: ramp, epochs: 2 }, cosine], milestones: [2] }",
        .sequence(ScheduleSequence([.ramp(epochs: 2), .cosine()], milestones: [2]))
      ),
      ("{ name: exponential, epochs: 0.5 }", .exponential(factor: 0.95, epochs: 0.5)),
      ("{ name: polynomial, epochs: all, power: 2 }", .polynomial(power: 2)),
      ("{ name: polynomial, epochs: 2.5 }", .polynomial(epochs: 2.5)),
      ("{ name: inverse_time, staircase: true }", .inverseTime(decay: 0.1, staircase: true)),
      ("{ name: cosine_restarts, lengthFactor: 1 }", .cosineRestarts(CosineRestarts(lengthFactor: 1))),
      ("{ name: one_cycle, shape: linear }", .oneCycle(OneCycle(shape: .linear))),
      ("{ name: cyclic, mode: triangular2 }", .cyclic(CyclicRate(mode: .triangular2))),
      ("{ name: plateau, metric: accuracy, patience: 3 }", .plateau(Plateau(patience: 3, metric: .accuracy))),
    ])
  func schedules(yaml: String, expected: LearningRateSchedule) throws {
    let configuration = try load("schedule: \(yaml)")
    #expect(configuration.schedule == expected)
    #expect(try load(configuration.yaml).schedule == expected)
  }

  @Test("a reduction and its lanes, in whichever order they stand")
  func reductions() throws {
    for yaml in ["{ reduction: segmented, lanes: 4 }", "{ lanes: 4, reduction: segmented }"] {
      #expect(
        try load("runtime: \(yaml)").runtime == RuntimeSettings(reduction: .segmented, lanes: .exactly(4)))
    }
    #expect(try load("runtime: { reduction: hogwild, lanes: auto }").runtime == RuntimeSettings(reduction: .hogwild))
    #expect(try load("runtime: { reduction: segmented }").runtime.lanes == .automatic)
  }

  @Test("a limit on the gradient is a number, or none")
  func clipping() throws {
    #expect(try load("training: { clipNorm: 2.5 }").training.clipping == .globalNorm(2.5))
    #expect(try load("training: { clipNorm: none }").training.clipping == .none)
    #expect(try load("training: { clipValue: 0.5, clipNorm: none }").training.clipping == .value(0.5))
    #expect(try load("training: { clipTensorNorm: 2 }").training.clipping == .tensorNorm(2))
    #expect(try load("training: { clipAdaptive: 0.01 }").training.clipping == .adaptive(0.01))
    #expect(
      try refusal(of: "training: { clipValue: 1, clipNorm: 1 }").description
        == "run.yaml:1:24: training.clipNorm and training.clipValue exclude one another; keep one, and write none for the "
        + "other")
  }

  @Test(
    "each transform takes its own keys, and reads back",
    arguments: [
      ("{ decayed: weights }", UpdateTransforms(decayed: .weights)),
      ("{ average: exponential, averageDecay: 0.99 }", UpdateTransforms(averaging: .exponential(decay: 0.99))),
      ("{ average: stochastic, averageFrom: 7 }", UpdateTransforms(averaging: .stochastic(firstEpoch: 7))),
      ("{ lookaheadSteps: 6, lookaheadShare: 0.8 }", UpdateTransforms(lookahead: Lookahead(steps: 6, share: 0.8))),
      ("{ skipNonFinite: 3 }", UpdateTransforms(skipLimit: 3)),
      ("{ gradientAccumulation: 8 }", UpdateTransforms(accumulation: 8)),
    ])
  func transforms(yaml: String, expected: UpdateTransforms) throws {
    let configuration = try load("training: \(yaml)")
    #expect(configuration.training.transforms == expected)
    #expect(try load(configuration.yaml).training.transforms == expected)
  }

  @Test("relative paths begin at the configuration's folder, an override's at the current one")
  func relativePaths() throws {
    let yaml = "data: { format: idx, images: images.gz, labels: /data/labels.gz }"
    let configuration = try RunConfiguration.load(
      text: yaml, path: "/runs/one/run.yaml", overrides: ["data.test.images=/t", "data.test.labels=labels.gz"])
    #expect(configuration.data.source == .idx(images: "/runs/one/images.gz", labels: "/data/labels.gz"))
    guard case .idx(_, let labels) = configuration.data.test else {
      Issue.record("expected a test set")
      return
    }
    #expect(labels.hasPrefix("/") && labels.hasSuffix("/labels.gz") && !labels.contains("/runs/one"))
  }

  @Test(
    "what is printed reads back as the same configuration",
    arguments: [
      "{}",
      "data: { format: idx, images: \"it's \\\"a\\\": #1 \\n\", labels: ../x, test: { fraction: 0.1 } }",
      "network: { layers: [ { dense: 5, activation: leaky_relu, slope: 0.3, bias: false }, { activation: prelu }, "
        + "{ dense: 10, activation: softmax, initializer: zeros } ] }",
      "optimizer: { name: sgd, momentum: 0.9, nesterov: true, weightDecay: 1e-30 }",
      "{ schedule: { name: step }, optimizer: { name: adamw }, training: { clipNorm: 1, seed: 18446744073709551615 } }",
      "{ schedule: { name: cosine }, runtime: { workers: 12, smt: true, pin: false }, loss: mean_squared_error }",
      "runtime: { reduction: segmented, lanes: 8 }",
      "optimizer: { name: muon, matrices: butLast, nesterov: false, adamLearningRate: 0.01 }",
      "optimizer: { name: adafactor, relativeStep: false, scalesByParameters: false, smallestFactoredSide: 16 }",
      "optimizer: { name: lbfgs, history: 5, weightDecay: 0.001, evaluations: 9 }",
      "{ optimizer: { name: perceptron }, network: { layers: [{ dense: 1, activation: step }] }, loss: mean_squared_error }",
      "{ loss: huber, training: { classWeights: balanced, earlyStopping: {} } }",
      "{ loss: { name: huber, delta: 2.5 }, training: { classWeights: [1, 0.5, 2], earlyStopping: "
        + "{ monitor: train_loss, patience: 3, minDelta: 1e-4, restoreBest: false } } }",
      "loss: { name: categorical_cross_entropy, from: logits, labelSmoothing: 0.1 }",
      "data: { format: moons }",
      "data: { format: blobs, samples: 77, noise: 0.5, classes: 4, seed: 3, test: { fraction: 0.5 } }",
      "{ data: { format: friedman }, loss: mean_squared_error, network: { layers: [ { dense: 1 } ] } }",
    ])
  func printedReadsBack(yaml: String) throws {
    let configuration = try load(yaml)
    #expect(try RunConfiguration.load(text: configuration.yaml, path: "printed.yaml").tree == configuration.tree)
  }

  @Test("a set that is drawn is asked for by its shape")
  func syntheticData() throws {
    let configuration = try load(
      "{ data: { format: spirals, samples: 300, noise: 0.02, classes: 3 }, network: { layers: [ { dense: 3, activation: softmax } ] } }"
    )
    #expect(configuration.data.source == .synthetic(SyntheticData(.spirals, samples: 300, noise: 0.02, classes: 3)))
    #expect(configuration.data.test == .fraction(0.2))
    let data = try configuration.loadData()
    #expect(data.training.dataset.name == "spirals")
    #expect(data.training.sampleCount + (data.validation?.sampleCount ?? 0) + (data.test?.sampleCount ?? 0) == 300)
  }

  @Test("the default network ends as drawn samples want it")
  func defaultsSuitDrawnSamples() throws {
    let moons = try load("data: { format: moons }"), blobs = try load("data: { format: blobs, classes: 5 }")
    #expect(moons.network(inputs: 2).description == "2 → 64 relu → 2 softmax")
    #expect(blobs.network(inputs: 2).description == "2 → 64 relu → 5 softmax")
    let friedman = try load("data: { format: friedman }")
    #expect(friedman.network(inputs: 10).description == "10 → 64 relu → 1")
    #expect(friedman.loss == .meanSquaredError)
    for configuration in [moons, blobs, friedman] { _ = try configuration.loadData() }
    let own = try load("{ data: { format: moons }, network: { layers: [ { dense: 2 } ] }, loss: hinge }")
    #expect(own.network(inputs: 2).description == "2 → 2")
    #expect(own.loss == .hinge)
  }

  @Test("a regression's last layer must be as wide as its targets")
  func syntheticRegression() throws {
    let configuration = try load(
      "{ data: { format: friedman }, network: { layers: [ { dense: 10 } ] } }")
    #expect {
      try configuration.loadData()
    } throws: {
      "\($0)".contains("the last dense layer must have 1 unit, one for each target of friedman, but has 10")
    }
  }
}
