import Fascicle
import Testing

@Suite(
  "Allocations of a prediction",
  .enabled(if: AllocationAccount.isAvailable, "a sanitizer brings its own allocator"))
struct PredictionAllocationTests {
  @Test("into the caller's memory takes none, on any thread", arguments: [1, 2], [1, 16, 33, 500])
  func takesNothing(workers: Int, rowCount: Int) throws {
    let draw = PredictionDraw(number: 8), predictor = try Predictor.forced(draw.model(), workers: workers)
    let samples = (0..<rowCount).flatMap { draw.rows($0 % draw.sampleCount, 1) }
    var answers = [Float](repeating: 0, count: rowCount * predictor.outputCount)
    func predict() throws {
      var span = answers.mutableSpan
      try predictor.predict(samples.span, into: &span)
    }
    try predict()
    let caller = AllocationAccount(), team = AllocationAccount()
    func run() throws { for _ in 0..<100 { try caller.watchingThisThread { try predict() } } }
    if let workerTeam = predictor.team {
      try team.watchingWorkers(of: workerTeam, run)
    } else {
      try run()
    }
    #expect(caller.callCount == 0)
    #expect(team.callCount == 0)
    #expect(answers == (try predictor.predict(samples)))
  }

  @Test("the memory of a call does not grow with its rows")
  func boundedMemory() throws {
    let draw = PredictionDraw(number: 6), predictor = try Predictor.forced(draw.model(), workers: 1)
    let samples = (0..<5000).flatMap { draw.rows($0 % draw.sampleCount, 1) }
    let account = AllocationAccount()
    let answers = try account.watchingThisThread { try predictor.predict(samples) }
    let answerBytes = answers.count * MemoryLayout<Float>.stride
    #expect(account.peakByteCount < answerBytes + answerBytes / 8)
  }
}
