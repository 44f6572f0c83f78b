import Fascicle
import Testing

@Suite("The same bits wherever a run with bfloat16 operands executes")
struct BFloat16SameBitsTests {
  @Test("any number of workers", arguments: 0..<40, BFloat16Arithmetic.allCases)
  func anyNumberOfWorkers(number: Int, arithmetic: BFloat16Arithmetic) throws {
    let draw = try TrainingDraw(number: number)
    let expected = try draw.result(.unpinned(1, .here(arithmetic)), kernels: .selected())
    #expect(expected.losses.allSatisfy { $0.isFinite })
    for workers in [2, 3, 8] {
      let result = try draw.result(.unpinned(workers, .here(arithmetic)), kernels: .selected())
      #expect(result == expected, "\(draw.testDescription), \(workers) workers")
    }
  }

  @Test("groups of workers that share the units of every layer", arguments: 0..<40, BFloat16Arithmetic.allCases)
  func sharedUnits(number: Int, arithmetic: BFloat16Arithmetic) throws {
    let draw = try TrainingDraw(number: number)
    let expected = try draw.result(.unpinned(1, .here(arithmetic)), kernels: .selected())
    for (workers, groupSize) in [(2, 2), (5, 5), (6, 3)] {
      var runtime = RuntimeSettings.unpinned(workers, .here(arithmetic))
      runtime.phaseASplit = .units(groupSize: groupSize)
      #expect(
        try draw.result(runtime, kernels: .selected()) == expected,
        "\(draw.testDescription), \(workers) workers in groups of \(groupSize)")
    }
  }

  @Test("the CPU's dot product and every emulation of it", arguments: 0..<40, BFloat16Arithmetic.allCases)
  func everyTable(number: Int, arithmetic: BFloat16Arithmetic) throws {
    let draw = try TrainingDraw(number: number)
    let expected = try draw.result(.unpinned(1, .here(arithmetic)), kernels: .selected())
    for instructionSet in InstructionSet.runnable {
      let kernels = try KernelSet(instructionSet)
      let emulated = try draw.result(.unpinned(1 + number % 3, .emulated(arithmetic)), kernels: kernels)
      #expect(emulated == expected, "\(draw.testDescription), \(instructionSet) emulated")
    }
  }

  @Test("single precision and both arithmetics differ, so equal digests mean something")
  func precisionsDiffer() throws {
    let draw = try TrainingDraw(number: 1)
    let precisions = [Precision.f32] + BFloat16Arithmetic.allCases.map(Precision.here)
    let digests = try precisions.map { try draw.result(.unpinned(1, $0), kernels: .selected()).digest }
    #expect(Set(digests).count == 3)
  }

  @Test(
    "parameters that are set between calls are what the next call multiplies", arguments: [1, 3],
    BFloat16Arithmetic.allCases)
  func setParametersAreUsed(workers: Int, arithmetic: BFloat16Arithmetic) throws {
    let draw = try TrainingDraw(number: 1)
    let training = DataSubset(allOf: draw.dataset)
    func trainer() throws -> Trainer {
      let trainer = try Trainer(
        draw.network, loss: draw.loss, optimizer: SGD(learningRate: 0.05), seed: 4,
        runtime: .unpinned(workers, .here(arithmetic)))
      trainer.epochOrder = .sequential
      return trainer
    }
    let first = try trainer(), second = try trainer()
    _ = try first.fit(training, epochs: 2, batchSize: 32)
    _ = try second.fit(training, epochs: 1, batchSize: 32)
    second.stageParameters = first.stageParameters
    #expect(try second.evaluate(training) == first.evaluate(training))
    _ = try first.fit(training, epochs: 1, batchSize: 32)
    _ = try second.fit(training, epochs: 1, batchSize: 32)
    #expect(second.weightsSHA256() == first.weightsSHA256())
  }
}
