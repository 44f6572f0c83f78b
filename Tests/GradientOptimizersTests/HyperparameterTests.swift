import GradientOptimizers
import Testing

@Suite("Hyperparameters that cannot work")
struct HyperparameterTests {
  static let optimizers: [(any GradientOptimizer, String)] = [
    (SGD(learningRate: .nan), "learningRate must be a finite number of at least 0, such as 0.001, but is nan"),
    (SGD(learningRate: -0.1), "learningRate must be a finite number of at least 0, such as 0.001, but is -0.1"),
    (Adam(learningRate: .infinity), "learningRate must be a finite number of at least 0, such as 0.001, but is inf"),
    (AdamW(learningRate: -1), "learningRate must be a finite number of at least 0, such as 0.001, but is -1.0"),
    (SGD(momentum: 1), "momentum must be in [0, 1), but is 1.0"),
    (SGD(momentum: -0.5), "momentum must be in [0, 1), but is -0.5"),
    (SGD(nesterov: true), "nesterov needs momentum above 0, such as 0.9, but momentum is 0"),
    (SGD(weightDecay: -1e-4), "weightDecay must be a finite number of at least 0, but is -0.0001"),
    (Adam(beta1: 1), "beta1 must be in [0, 1), but is 1.0"),
    (Adam(beta2: .nan), "beta2 must be in [0, 1), but is nan"),
    (Adam(epsilon: 0), "epsilon must be above 0, such as 1e-8, but is 0.0"),
    (Adam(weightDecay: .nan), "weightDecay must be a finite number of at least 0, but is nan"),
    (AdamW(beta1: -0.1), "beta1 must be in [0, 1), but is -0.1"),
    (AdamW(beta2: 2), "beta2 must be in [0, 1), but is 2.0"),
    (AdamW(epsilon: -1), "epsilon must be above 0, such as 1e-8, but is -1.0"),
    (AdamW(weightDecay: -.infinity), "weightDecay must be a finite number of at least 0, but is -inf"),
  ]

  /// Those of the other rules: each range that differs from the ones above.
  static let elementwise: [(any GradientOptimizer, String)] = [
    (Adagrad(rateDecay: -1), "rateDecay must be a finite number of at least 0, but is -1.0"),
    (Adagrad(initialAccumulator: -1), "initialAccumulator must be a finite number of at least 0, but is -1.0"),
    (Adagrad(epsilon: 0), "epsilon must be above 0, such as 1e-8, but is 0.0"),
    (Adadelta(rho: 1), "rho must be in [0, 1), but is 1.0"),
    (Adadelta(weightDecay: -1), "weightDecay must be a finite number of at least 0, but is -1.0"),
    (RMSprop(rho: .nan), "rho must be in [0, 1), but is nan"),
    (RMSprop(momentum: 1), "momentum must be in [0, 1), but is 1.0"),
    (Adamax(beta1: 1), "beta1 must be in [0, 1), but is 1.0"),
    (Nadam(momentumDecay: -1), "momentumDecay must be a finite number of at least 0, but is -1.0"),
    (AMSGrad(beta2: 1), "beta2 must be in [0, 1), but is 1.0"),
    (RAdam(learningRate: .nan), "learningRate must be a finite number of at least 0, such as 0.001, but is nan"),
    (AdaBelief(innerEpsilon: -1), "innerEpsilon must be a finite number of at least 0, but is -1.0"),
    (Lion(beta2: -0.1), "beta2 must be in [0, 1), but is -0.1"),
    (Yogi(initialAccumulator: .infinity), "initialAccumulator must be a finite number of at least 0, but is inf"),
    (Rprop(shrink: 1), "shrink must be above 0 and below 1, such as 0.5, but is 1.0"),
    (Rprop(growth: 0.9), "growth must be at least 1, such as 1.2, but is 0.9"),
    (Rprop(smallestStep: -1), "smallestStep must be a finite number of at least 0, but is -1.0"),
    (Rprop(largestStep: 0), "largestStep must be at least smallestStep, such as 50, but is 0.0"),
    (Quickprop(growth: 0), "growth must be above 0, such as 1.75, but is 0.0"),
    (ScheduleFreeAdamW(beta1: 0), "beta1 must be above 0 and below 1, such as 0.9, but is 0.0"),
    (ScheduleFreeAdamW(warmUpSteps: -1), "warmUpSteps must be at least 0, but is -1"),
    (LAMB(beta2: 1), "beta2 must be in [0, 1), but is 1.0"),
    (Adafactor(decayExponent: 0), "decayExponent must be above 0 and at most 1, such as 0.8, but is 0.0"),
    (Adafactor(epsilon: 0), "epsilon must be from 1e-32 to 1, such as 1e-30, but is 0.0"),
    (Adafactor(clipThreshold: 0), "clipThreshold must be above 0, such as 1, but is 0.0"),
    (Adafactor(smallestScale: 0), "smallestScale must be above 0, such as 0.001, but is 0.0"),
    (Adafactor(smallestFactoredSide: 0), "smallestFactoredSide must be at least 1, but is 0"),
    (LARS(trust: 0), "trust must be a finite number above 0, such as 0.001, but is 0.0"),
    (LARS(momentum: 1), "momentum must be in [0, 1), but is 1.0"),
  ]

  static let schedules: [(LearningRateSchedule, String)] = [
    (.step(epochs: 0, factor: 0.1), "schedule.epochs must be at least 1, but is 0"),
    (.step(epochs: -3, factor: 0.1), "schedule.epochs must be at least 1, but is -3"),
    (.step(epochs: 1, factor: .nan), "schedule.factor must be above 0 and at most 1, such as 0.1, but is nan"),
    (.step(epochs: 1, factor: 0), "schedule.factor must be above 0 and at most 1, such as 0.1, but is 0.0"),
    (.step(epochs: 1, factor: 1.5), "schedule.factor must be above 0 and at most 1, such as 0.1, but is 1.5"),
    (.cosine(warmUpEpochs: -1), "schedule.warmUpEpochs must be a finite number of at least 0, but is -1.0"),
    (.cosine(warmUpEpochs: .nan), "schedule.warmUpEpochs must be a finite number of at least 0, but is nan"),
    (.cosine(warmUpEpochs: .infinity), "schedule.warmUpEpochs must be a finite number of at least 0, but is inf"),
    (.cosine(finalFactor: -0.1), "schedule.finalFactor must be in [0, 1], but is -0.1"),
    (.cosine(finalFactor: .nan), "schedule.finalFactor must be in [0, 1], but is nan"),
    (.cosine(finalFactor: 1.1), "schedule.finalFactor must be in [0, 1], but is 1.1"),
    (
      .multiStep(milestones: [], factor: 0.1),
      "schedule.milestones must be rising numbers of epochs from 1 on, such as [10, 20], but there are none"
    ),
    (
      .multiStep(milestones: [3, 3], factor: 0.1),
      "schedule.milestones must be rising numbers of epochs from 1 on, such as [10, 20], but they are [3, 3]"
    ),
    (.exponential(factor: 0), "schedule.factor must be above 0 and at most 1, such as 0.1, but is 0.0"),
    (
      .exponential(factor: 0.5, epochs: 0), "schedule.epochs must be a finite number above 0, such as 10, but is 0.0"
    ),
    (.polynomial(power: 0), "schedule.power must be above 0, such as 1, but is 0.0"),
    (.polynomial(epochs: -1), "schedule.epochs must be a finite number above 0, such as 10, but is -1.0"),
    (.inverseTime(decay: -1), "schedule.decay must be a finite number of at least 0, but is -1.0"),
    (
      .cosineRestarts(CosineRestarts(lengthFactor: 0.5)),
      "schedule.lengthFactor must be at least 1, such as 2, but is 0.5"
    ),
    (.cosineRestarts(CosineRestarts(peakFactor: 2)), "schedule.peakFactor must be above 0 and at most 1, but is 2.0"),
    (.oneCycle(OneCycle(rising: 1)), "schedule.rising must be above 0 and below 1, such as 0.3, but is 1.0"),
    (
      .oneCycle(OneCycle(rising: 0.6, threePhases: true)),
      "schedule.rising must be above 0 and at most 0.5, such as 0.3, but is 0.6"
    ),
    (.oneCycle(OneCycle(endDivisor: 0)), "schedule.endDivisor must be at least 1, such as 10000, but is 0.0"),
    (.cyclic(CyclicRate(lowFactor: 2)), "schedule.lowFactor must be in [0, 1], but is 2.0"),
    (.cyclic(CyclicRate(decay: 0)), "schedule.decay must be above 0 and at most 1, such as 0.999, but is 0.0"),
    (
      .piecewise(milestones: [3, 2], factors: [1, 0.5, 0.1]),
      "schedule.milestones must be rising numbers of epochs above 0, at most a billion, such as [5, 20], but they are [3.0, 2.0]"
    ),
    (
      .piecewise(milestones: [3], factors: [1]),
      "schedule.factors must be one more than milestones, but there are 1 for 1"
    ),
    (.piecewise(milestones: [3], factors: [1, 2]), "schedule.factors must be in [0, 1], but is 2.0"),
    (.ramp(startFactor: -1), "schedule.startFactor must be in [0, 1], but is -1.0"),
    (.ramp(epochs: 0), "schedule.epochs must be a finite number above 0, such as 10, but is 0.0"),
    (
      .sequence(ScheduleSequence([.constant], milestones: [1])),
      "schedule.milestones must be one fewer than schedules, but there are 1 for 1"
    ),
    (
      .sequence(ScheduleSequence([.ramp(), .cosine(finalFactor: 2)], milestones: [.infinity])),
      "schedule.milestones must be rising numbers of epochs above 0, at most a billion, such as [5, 20], but they are [inf]"
    ),
    (
      .sequence(ScheduleSequence([.ramp(), .cosine(finalFactor: 2)], milestones: [5])),
      "schedule.schedules.1.finalFactor must be in [0, 1], but is 2.0"
    ),
    (
      .sequence(ScheduleSequence([.plateau(Plateau())], milestones: [])),
      "schedule.schedules.0 must be neither a plateau, which follows a metric, nor a sequence, but is plateau"
    ),
    (.plateau(Plateau(factor: 1)), "schedule.factor must be above 0 and below 1, such as 0.1, but is 1.0"),
    (.plateau(Plateau(patience: -1)), "schedule.patience must be at least 0, but is -1"),
  ]

  @Test("an optimizer says which, what is expected and what it is", arguments: (optimizers + elementwise).indices)
  func refusesOptimizer(index: Int) {
    let (optimizer, sentence) = (Self.optimizers + Self.elementwise)[index]
    let error = #expect(throws: GradientOptimizersError.self) { try optimizer.validate() }
    #expect(error?.description == sentence)
    #expect(error.map { sentence.hasPrefix($0.parameter) } == true)
  }

  @Test("a schedule says which, what is expected and what it is", arguments: schedules.indices)
  func refusesSchedule(index: Int) {
    let (schedule, sentence) = Self.schedules[index]
    let error = #expect(throws: GradientOptimizersError.self) { try schedule.validate() }
    #expect(error?.description == sentence)
  }

  @Test("a clipping limit must be a finite number above 0", arguments: [Float.nan, 0, -1, .infinity])
  func refusesClipping(limit: Float) {
    let error = #expect(throws: GradientOptimizersError.self) { try GradientClipping.globalNorm(limit).validate() }
    #expect(error?.description == "clipNorm must be a finite number above 0, such as 1.0, but is \(limit)")
  }

  @Test("the extremes that do work are accepted")
  func acceptsExtremes() throws {
    let optimizers: [any GradientOptimizer] = [
      SGD(learningRate: 0), SGD(momentum: Float(1).nextDown), Adam(beta1: 0, beta2: 0, epsilon: .leastNormalMagnitude),
      Adam(beta2: Float(1).nextDown), AdamW(weightDecay: 0), SGD(learningRate: .greatestFiniteMagnitude),
    ]
    for optimizer in optimizers { try optimizer.validate() }
    for schedule: LearningRateSchedule in [
      .constant, .step(epochs: 1, factor: 1), .step(epochs: .max, factor: .leastNonzeroMagnitude),
      .cosine(warmUpEpochs: 0, finalFactor: 0), .cosine(warmUpEpochs: 1e9, finalFactor: 1),
    ] {
      try schedule.validate()
    }
    try GradientClipping.none.validate()
    try GradientClipping.globalNorm(.leastNonzeroMagnitude).validate()
  }

  @Test("betas next to 1 still give finite coefficients", arguments: [Float(1).nextDown, 0.9999999, 0.99999])
  func betasNextToOne(beta: Float) {
    let coefficients = Adam(beta1: beta, beta2: beta).coefficients(for: OptimizerStep(number: 1, learningRate: 0.1))
    for lane in 0..<5 { #expect(coefficients[lane].isFinite && coefficients[lane] > 0, "lane \(lane)") }
  }
}
