import Fascicle
import Testing

@Suite("Runs with bfloat16 operands")
struct BFloat16RunTests {
  @Test("the digits are learned as well as in single precision", arguments: [1, 2], BFloat16Arithmetic.allCases)
  func digitsAreLearned(seed: Int, arithmetic: BFloat16Arithmetic) throws {
    let digits = try Dataset.digits().split(validationFraction: 0.2, seed: 7)
    func accuracy(_ precision: Precision) throws -> Double {
      let network = Network(inputs: 64) {
        Dense(64, activation: .relu)
        Dense(10, activation: .softmax)
      }
      let trainer = try Trainer(
        network, loss: .categoricalCrossEntropy, optimizer: Adam(), seed: UInt64(seed), runtime: .unpinned(2, precision)
      )
      _ = try trainer.fit(digits.training, epochs: 20, batchSize: 32)
      return try #require(try trainer.evaluate(digits.validation).accuracy)
    }
    let single = try accuracy(.f32), half = try accuracy(.here(arithmetic))
    #expect(single > 0.95)
    #expect(abs(half - single) < 0.015)
  }

  @Test("the plan names the precision and what its operands take")
  func planNamesThePrecision() throws {
    let trainer = try Trainer(
      SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), runtime: .unpinned(2, .bf16Emulated))
    let plan = try trainer.plan(for: SmallProblem.samples())
    #expect(plan.precision == .bf16Emulated)
    #expect(plan.description.contains("bf16-emulated"))
    // 5 → 16 → 3: rows of 32 lanes, and columns of 32 outputs.
    let weights = try #require(plan.memory.parts.first { $0.name == "bf16 weights" })
    #expect(weights.byteCount == (16 * 64 + 16 * 128) + (3 * 64 + 16 * 128))
  }

  @Test("bf16 is refused with kernels that have no such dot product, with what to do")
  func refusedWithoutTheInstructions() throws {
    let error = try #require(throws: NeuronKernelsError.self) {
      _ = try Trainer(
        SmallProblem.network, loss: .categoricalCrossEntropy, optimizer: SGD(), runtime: .unpinned(1, .bf16),
        kernels: KernelSet(.reference))
    }
    #expect(error.code == .bfloat16NotRunnable)
    #expect(error.message.hasPrefix("precision bf16 needs AVX-512 with its BF16 instructions, but "))
    #expect(error.message.contains("reference"))
    #expect(
      error.hint == "use precision f32, or bf16-emulated, which gives the bits of bf16 at less than the speed of f32")
  }

  @Test("bf16-amx is refused in the same way")
  func tilesAreRefusedWithoutTheInstructions() throws {
    let error = try #require(throws: NeuronKernelsError.self) {
      _ = try KernelSet(.reference).withBFloat16(.blocks, isEmulated: false)
    }
    #expect(error.code == .bfloat16NotRunnable)
    #expect(error.message.hasPrefix("precision bf16-amx needs AMX with its BF16 tiles, and AVX-512"))
    #expect(error.hint?.contains("bf16-amx-emulated") == true)
  }

  @Test("a loss that is no number is traced to the unit that gave it")
  func divergenceIsTraced() throws {
    let trainer = try Trainer(
      Network(inputs: 5) {
        Dense(16, activation: .relu)
        Dense(3, activation: .softmax)
      }, loss: .categoricalCrossEntropy, optimizer: SGD(learningRate: 1e30), normalization: .none,
      runtime: .unpinned(2, .bf16Here))
    let error = try #require(throws: TrainingRuntimeError.self) {
      _ = try trainer.fit(SmallProblem.samples(), epochs: 3, batchSize: 32)
    }
    #expect(error.code == .diverged)
    #expect(error.message.contains("layer "))
  }
}
