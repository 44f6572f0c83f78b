import GradientOptimizers
import Testing

@Suite("Learning rate schedules")
struct LearningRateScheduleTests {
  /// Of a run of 10 epochs of 10 steps: schedule, steps done, factor.
  static let golden: [(LearningRateSchedule, Int, Float)] = [
    (.constant, 0, 1), (.constant, 99, 1), (.constant, 5000, 1),
    (.step(epochs: 2, factor: 0.1), 0, 1), (.step(epochs: 2, factor: 0.1), 19, 1),
    (.step(epochs: 2, factor: 0.1), 20, 0.1), (.step(epochs: 2, factor: 0.1), 39, 0.1),
    (.step(epochs: 2, factor: 0.1), 40, 0.01), (.step(epochs: 2, factor: 0.1), 99, 1e-4),
    (.step(epochs: 100, factor: 0.5), 99, 1), (.step(epochs: .max, factor: 0.5), 99, 1),
    (.step(epochs: 1, factor: 1), 99, 1),
    (.cosine(), 0, 1), (.cosine(), 25, 0.853_553_4), (.cosine(), 50, 0.5), (.cosine(), 75, 0.146_446_6),
    (.cosine(), 99, 0.000_246_719_8), (.cosine(), 100, 0), (.cosine(), 1_000_000, 0),
    (.cosine(finalFactor: 0.2), 0, 1), (.cosine(finalFactor: 0.2), 50, 0.6), (.cosine(finalFactor: 0.2), 100, 0.2),
    (.cosine(finalFactor: 0.2), 101, 0.2), (.cosine(finalFactor: 1), 37, 1),
    (.cosine(warmUpEpochs: 2), 0, 1 / 21), (.cosine(warmUpEpochs: 2), 9, 10 / 21),
    (.cosine(warmUpEpochs: 2), 19, 20 / 21), (.cosine(warmUpEpochs: 2), 20, 1), (.cosine(warmUpEpochs: 2), 60, 0.5),
    (.cosine(warmUpEpochs: 2), 100, 0), (.cosine(warmUpEpochs: 0.25), 2, 3 / 3.5),
    // A warm-up as long as the run, or longer, is never done.
    (.cosine(warmUpEpochs: 10), 99, 100 / 101), (.cosine(warmUpEpochs: 100), 99, 100 / 1001),
  ]

  @Test("give the factors of their formulas", arguments: golden.indices)
  func goldenFactors(index: Int) {
    let (schedule, step, expected) = Self.golden[index]
    let factor = schedule.factor(step: step, stepsPerEpoch: 10, totalSteps: 100)
    #expect(abs(factor - expected) <= 1e-6 * max(expected, 0.01), "\(schedule) at \(step): \(factor)")
  }

  @Test("never leave the range from 0 to 1, and cosine falls from the warm-up's end to the last step")
  func ranges() {
    let schedules: [LearningRateSchedule] = [
      .constant, .step(epochs: 1, factor: 0.7), .cosine(warmUpEpochs: 1.5, finalFactor: 0.05),
    ]
    for schedule in schedules {
      let factors = (0..<140).map { schedule.factor(step: $0, stepsPerEpoch: 10, totalSteps: 100) }
      #expect(factors.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(zip(factors.dropFirst(15), factors.dropFirst(16)).allSatisfy { $0 >= $1 }, "\(schedule)")
    }
    let warmUp = (0..<16).map { schedules[2].factor(step: $0, stepsPerEpoch: 10, totalSteps: 100) }
    #expect(zip(warmUp, warmUp.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("a milestone that is a step but for its last bit is that step")
  func milestones() {
    // 1.1 · 10 is 11.000000000000002.
    let pieces = LearningRateSchedule.piecewise(milestones: [1.1], factors: [1, 0.5])
    let parts = LearningRateSchedule.sequence(
      ScheduleSequence([.constant, .piecewise(milestones: [], factors: [0.5])], milestones: [1.1]))
    for schedule in [pieces, parts] {
      #expect(schedule.factor(step: 10, stepsPerEpoch: 10, totalSteps: 100) == 1)
      #expect(schedule.factor(step: 11, stepsPerEpoch: 10, totalSteps: 100) == 0.5)
    }
  }

  @Test("work for a run of a single step")
  func singleStep() {
    #expect(LearningRateSchedule.cosine().factor(step: 0, stepsPerEpoch: 1, totalSteps: 1) == 1)
    #expect(LearningRateSchedule.step(epochs: 1, factor: 0.5).factor(step: 0, stepsPerEpoch: 1, totalSteps: 1) == 1)
  }

  @Test("no length of a run, however short, gives a factor that is not one")
  func shortRuns() {
    let schedules: [LearningRateSchedule] = [
      .multiStep(milestones: [1, 2], factor: 0.5), .exponential(factor: 0.5), .polynomial(), .inverseTime(decay: 1),
      .cosineRestarts(CosineRestarts(epochs: 0.1)), .cosineRestarts(CosineRestarts(epochs: 1, lengthFactor: 1)),
      .oneCycle(OneCycle()), .oneCycle(OneCycle(shape: .linear)), .oneCycle(OneCycle(threePhases: true)),
      .cyclic(CyclicRate(epochsUp: 0.1)), .plateau(Plateau()), .piecewise(milestones: [0.1, 2], factors: [1, 0.5, 0]),
      .ramp(epochs: 0.1), .sequence(ScheduleSequence([.ramp(), .cosine(), .constant], milestones: [0.05, 0.1])),
    ]
    for schedule in schedules {
      for total in 1...12 {
        for step in 0...2 * total {
          let factor = schedule.factor(step: step, stepsPerEpoch: 1 + total / 3, totalSteps: total)
          #expect(factor >= 0 && factor <= 1, "\(schedule), step \(step) of \(total): \(factor)")
        }
      }
    }
  }

  @Test("a warm-up that outlasts the run is told, with where the rate will end")
  func doubts() {
    let cosine = LearningRateSchedule.cosine(warmUpEpochs: 8)
    #expect(
      cosine.doubt(inRunOf: 2)
        == "the learning rate warms up for 8.0 epochs, but the run has 2: it ends at 25 % of the rate")
    #expect(cosine.factor(step: 19, stepsPerEpoch: 10, totalSteps: 20) < 0.26)
    #expect(LearningRateSchedule.cosineRestarts(CosineRestarts(warmUpEpochs: 3)).doubt(inRunOf: 3) != nil)
    #expect(LearningRateSchedule.ramp().doubt(inRunOf: 6) == nil)
    #expect(
      LearningRateSchedule.ramp(startFactor: 0.5).doubt(inRunOf: 4)
        == "the learning rate warms up for 5.0 epochs, but the run has 4: it ends at 90 % of the rate")
    let sequence = LearningRateSchedule.sequence(ScheduleSequence([.ramp(), .cosine()], milestones: [5]))
    #expect(sequence.doubt(inRunOf: 6) == nil)
    #expect(
      sequence.doubt(inRunOf: 5) == "the schedule never comes to cosine, which begins after 5.0 epochs: the run has 5")
    #expect(cosine.doubt(inRunOf: 9) == nil && LearningRateSchedule.cosine().doubt(inRunOf: 1) == nil)
    #expect(LearningRateSchedule.step(epochs: 9, factor: 0.5).doubt(inRunOf: 1) == nil)
  }

  @Test("an average that is hardly one at the end of the run is told")
  func averages() {
    let exponential = WeightAveraging.exponential(decay: 0.999)
    #expect(
      exponential.doubt(inRunOf: 2, stepsPerEpoch: 41)
        == "the exponential average still has 92 % of the first weights after 82 steps; lower averageDecay (now 0.999) or "
        + "train longer")
    #expect(exponential.doubt(inRunOf: 100, stepsPerEpoch: 41) == nil)
    #expect(WeightAveraging.stochastic(firstEpoch: 5).doubt(inRunOf: 4, stepsPerEpoch: 1) != nil)
    #expect(WeightAveraging.stochastic(firstEpoch: 5).doubt(inRunOf: 5, stepsPerEpoch: 1) == nil)
    #expect(WeightAveraging.none.doubt(inRunOf: 1, stepsPerEpoch: 1) == nil)
  }
}
