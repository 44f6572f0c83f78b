import Fascicle
import HardwareTopology
import NeuronKernels
import Testing
import WorkerTeam

@Suite("Scaling")
struct ScalingTests {
  @Test("the serial fraction of a made-up curve is found", arguments: [0.0, 0.05, 0.3, 1.0])
  func exactCurves(serial: Double) throws {
    let points = [1, 2, 3, 8, 16].map { (workers: $0, seconds: 2e-3 * (serial + (1 - serial) / Double($0))) }
    let fit = try #require(AmdahlFit(points))
    #expect(abs(fit.serialFraction - serial) < 1e-9)
    #expect(abs(fit.serialSeconds + fit.parallelSeconds - 2e-3) < 1e-12)
    #expect(fit.error < 1e-9)
  }

  @Test("errors count by their share of a step, so that fast steps weigh as much as slow ones")
  func noisyCurve() throws {
    // A tenth too long with one worker, a tenth too short with sixteen: the fit is off by about as much at both ends.
    let points = [1, 2, 4, 8, 16].map { (workers: $0, seconds: 0.1 + 0.9 / Double($0)) }
    let noisy = points.map { ($0.workers, $0.seconds * ($0.workers == 1 ? 1.1 : $0.workers == 16 ? 0.9 : 1)) }
    let fit = try #require(AmdahlFit(noisy))
    #expect(fit.serialFraction > 0.05 && fit.serialFraction < 0.1)
    #expect(fit.error > 0.02 && fit.error < 0.1)
  }

  @Test("a curve better than dividing the work has a serial part below zero, and no limit")
  func superlinear() throws {
    let fit = try #require(AmdahlFit([(1, 1), (2, 0.45), (4, 0.2)]))
    #expect(fit.serialFraction < 0)
    #expect(fit.largestSpeedup == .infinity)
  }

  @Test("one number of workers, or steps of no length, are no curve")
  func noCurve() {
    #expect(AmdahlFit([]) == nil)
    #expect(AmdahlFit([(1, 1)]) == nil)
    #expect(AmdahlFit([(2, 1), (2, 1.1)]) == nil)
    #expect(AmdahlFit([(1, 1), (2, 0)]) == nil)
    #expect(AmdahlFit([(1, 1), (2, .nan)]) == nil)
  }

  @Test("a curve visits every number of workers up to 16, then ever fewer, and the last in any case")
  func workerCounts() {
    #expect(ScalingCurve.workerCounts(upTo: 1) == [1])
    #expect(ScalingCurve.workerCounts(upTo: 5) == [1, 2, 3, 4, 5])
    let many = ScalingCurve.workerCounts(upTo: 1000)
    #expect(many.starts(with: 1...16) && many.last == 1000 && many.count < 40)
    #expect(many == Array(Set(many)).sorted())
  }

  @Test("the phases of a measured step add up to it, and waits are split without a rest")
  func phases() throws {
    let workload = Workload(name: "small", layers: [16, 16, 10], batchSize: 64)
    let curve = try ScalingCurve.measured(
      workload, workerCounts: [1, 2, 3], runtime: .unpinned(1), seconds: 0.02)
    #expect(curve.points.map(\.result.workerCount) == [1, 2, 3])
    for point in curve.points {
      let phases = point.phases
      let parts = [
        phases.forward, phases.backward, phases.gradient, phases.optimizer, phases.reduction, phases.data,
        phases.imbalance, phases.barrierLatency,
      ]
      #expect(parts.allSatisfy { $0 >= 0 })
      let total = parts.reduce(0, +)
      #expect(abs(total / point.result.phasesPerStep.total - 1) < 1e-6)
      #expect(phases.reduction == 0)
      #expect(point.result.predictedMicrosecondsPerStep > 0)
      #expect(point.isOversubscribed == (point.result.workerCount > curve.workerLimit))
    }
    #expect(curve.points[0].phases.imbalance == 0)
    #expect(curve.points[1].phases.imbalance > 0)
  }

  @Test("a forecast has a point for each number of workers, and says how the model did here")
  func forecast() throws {
    let workload = Workload(name: "small", layers: [16, 16, 10], batchSize: 64)
    let machine = try Machine.synthetic("numa:2 l3:2 core:2 pu:1")
    let forecast = try ScalingForecast.make(
      workload, on: machine, workerCounts: nil, runtime: .unpinned(1), seconds: 0.02)
    #expect(forecast.points.map(\.workerCount) == Array(1...8))
    #expect(forecast.points[0].microsecondsPerStep == forecast.oneWorkerMicroseconds)
    #expect(!forecast.checks.isEmpty)
    #expect(forecast.checks.allSatisfy { $0.measuredMicroseconds > 0 && $0.predictedMicroseconds > 0 })
  }

  @Test("a sweep tells every point, measured or left out, in order")
  func sweep() throws {
    var measured: [String] = []
    let sweep = WorkerSweep(widths: [8], batchSizes: [1, 64], secondsPerPoint: 0.01)
    try sweep.run(runtime: .unpinned(1)) { workload, point in
      let point = try #require(point)
      measured.append(workload.name)
      #expect(point.oneWorker > 0 && point.allWorkers > 0 && point.automatic > 0)
      #expect(point.automaticRatio > 0 && point.allRatio > 0 && point.chosenCount >= 1)
    }
    #expect(measured == ["8×1", "8×64"])
    var skipped = 0
    try WorkerSweep(widths: [256], batchSizes: [1 << 20], secondsPerPoint: 0.01).run(runtime: .unpinned(1)) {
      _, point in
      if point == nil { skipped += 1 }
    }
    #expect(skipped == 1)
  }

  @Test("rates measured here are all positive and finite, and survive being kept")
  func measuredRates() throws {
    for instructionSet in [InstructionSet.reference, try InstructionSet.selected()] {
      for workers in [1, 3] {
        let team = try WorkerTeam(processors: [Int?](repeating: nil, count: workers))
        let start = MonotonicTime.nanoseconds()
        let rates = try MachineRates.measured(kernels: KernelSet(instructionSet), team: team)
        print("measured \(instructionSet) in \(Double(MonotonicTime.nanoseconds() - start) * 1e-6) ms")
        #expect(rates.workerCount == workers)
        let text = RatesText(key: "here", measuredAt: 1, rates: rates).text
        #expect(RatesText(text)?.rates == rates, "\(text)")
        #expect(!rates.knowsMemory)
      }
    }
  }
}
