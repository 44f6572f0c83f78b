import Testing
import TrainingRuntime

/// The choice between all workers and one, with pretended times instead of a clock.
@Suite struct WorkerPaceTests {
  /// Plays `steps` steps on a machine whose step times for all workers and for one are given, and returns the steps
  /// that each ran.
  private func play(
    _ pace: inout WorkerPace, steps: Int, workerCount: Int, all: Double, one: Double
  ) -> (all: Int, one: Int) {
    var left = steps, counts = (all: 0, one: 0)
    while left > 0 {
      let segment = pace.next(stepsLeft: left)
      #expect((1...left).contains(segment.stepCount))
      let isAll = segment.workerCount == workerCount
      #expect(isAll || segment.workerCount == 1)
      pace.record(
        segment, stepsDone: segment.stepCount, seconds: Double(segment.stepCount) * (isAll ? all : one))
      if isAll { counts.all += segment.stepCount } else { counts.one += segment.stepCount }
      left -= segment.stepCount
    }
    return counts
  }

  @Test func nearlyAllStepsRunWithAllWorkersWhereTheyAreFaster() {
    var pace = WorkerPace(workerCount: 8, isFixed: false, expectedStepSeconds: 1e-4)
    let counts = play(&pace, steps: 100_000, workerCount: 8, all: 1e-4, one: 7e-4)
    #expect(Double(counts.one) < 0.01 * 100_000)
    #expect(counts.one > 0)
  }

  @Test func nearlyAllStepsRunWithOneWorkerWhereItIsFasterOrAsFast() {
    for all in [5e-5, 1e-5, 0.98e-5] {
      var pace = WorkerPace(workerCount: 4, isFixed: false, expectedStepSeconds: 1e-5)
      let counts = play(&pace, steps: 1_000_000, workerCount: 4, all: all, one: 1e-5)
      #expect(Double(counts.all) < 0.02 * 1_000_000, "\(all)")
    }
  }

  @Test func aMachineThatGetsBusyIsNoticedAndSoIsItsRecovery() {
    var pace = WorkerPace(workerCount: 2, isFixed: false, expectedStepSeconds: 1e-4)
    _ = play(&pace, steps: 20_000, workerCount: 2, all: 1e-4, one: 1.9e-4)
    let busy = play(&pace, steps: 20_000, workerCount: 2, all: 10e-4, one: 2e-4)
    #expect(Double(busy.all) < 0.1 * 20_000)
    let quiet = play(&pace, steps: 200_000, workerCount: 2, all: 1e-4, one: 1.9e-4)
    #expect(Double(quiet.all) > 0.5 * 200_000)
  }

  @Test func theFirstStepOfACallSaysNothingOfThePace() {
    var pace = WorkerPace(workerCount: 4, isFixed: false, expectedStepSeconds: 1e-5), plain = pace
    let first = pace.firstStep
    #expect((first.workerCount, first.stepCount) == (4, 1))
    pace.record(first, stepsDone: 1, seconds: 1e9)
    #expect(pace.records.map(\.record.stepCount) == [1])
    let after = play(&pace, steps: 10_000, workerCount: 4, all: 1e-5, one: 3e-5)
    #expect(after == play(&plain, steps: 10_000, workerCount: 4, all: 1e-5, one: 3e-5))
  }

  @Test func aNumberThatWasAskedForIsKept() {
    var pace = WorkerPace(workerCount: 3, isFixed: true, expectedStepSeconds: 1e-5)
    #expect(play(&pace, steps: 1_000, workerCount: 3, all: 1, one: 1e-9) == (1_000, 0))
    #expect(pace.records.count == 1)
  }

  @Test func anotherCallBeginsWithWhatTheLastHasShown() {
    var pace = WorkerPace(workerCount: 4, isFixed: false, expectedStepSeconds: 1e-5)
    _ = play(&pace, steps: 10_000, workerCount: 4, all: 5e-5, one: 1e-5)
    var second = pace.begunAgain
    #expect(second.records.isEmpty)
    #expect(play(&second, steps: 1_000, workerCount: 4, all: 5e-5, one: 1e-5) == (0, 1_000))
    #expect(second.records.map(\.record.stepCount) == [1_000])
  }

  @Test func longStepsAndSingleWorkersNeedNoTrial() {
    var long = WorkerPace(workerCount: 2, isFixed: false, expectedStepSeconds: 0.2)
    #expect(play(&long, steps: 10, workerCount: 2, all: 0.2, one: 0.4) == (10, 0))
    var single = WorkerPace(workerCount: 1, isFixed: false, expectedStepSeconds: 1e-5)
    #expect(play(&single, steps: 10, workerCount: 1, all: 1, one: 1) == (10, 0))
  }

  @Test func aSegmentThatDidNoStepTeachesNothing() {
    var pace = WorkerPace(workerCount: 2, isFixed: false, expectedStepSeconds: 1e-4)
    let segment = pace.next(stepsLeft: 100)
    pace.record(segment, stepsDone: 0, seconds: 1)
    #expect(pace.records.isEmpty)
    #expect(pace.next(stepsLeft: 100) == segment)
  }
}
