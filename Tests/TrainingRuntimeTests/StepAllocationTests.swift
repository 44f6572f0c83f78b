import Fascicle
import Glibc
import Testing

/// An optimizer, clipping and number of workers whose steps must not allocate.
struct StepKind: Sendable, CustomTestStringConvertible {
  let optimizer: any GradientOptimizer
  let clipping: GradientClipping
  let workers: Int
  var reduction = GradientReduction.ownerComputes
  var precision = Precision.f32
  var transforms = UpdateTransforms()
  /// Layers of every kind with options of every kind in place of the plain ones.
  var hasAllLayers = false

  static let all: [StepKind] =
    TrainingDraw.optimizers.flatMap { optimizer in
      clippings.flatMap { clipping in
        [1, 2].map { StepKind(optimizer: optimizer, clipping: clipping, workers: $0) }
      }
    }
    + [GradientReduction.segmented, .hogwild].flatMap { reduction in
      clippings.flatMap { clipping in
        [1, 2, 3].map { StepKind(optimizer: Adam(), clipping: clipping, workers: $0, reduction: reduction) }
      }
    }
    + clippings.flatMap { clipping in
      [Precision.bf16Emulated, .bf16AMXEmulated].flatMap { precision in
        [1, 2].map { StepKind(optimizer: Adam(), clipping: clipping, workers: $0, precision: precision) }
      }
    }

  /// Optimizers that meet more often than others, for norms or for products of whole matrices.
  static let withTrustRatio: [StepKind] = [
    LAMB(weightDecay: 0.1), LARS(), Adafactor(weightDecay: 0.1), Muon(matrices: .all),
  ].flatMap {
    (optimizer: any GradientOptimizer) in
    [GradientReduction.ownerComputes, .segmented].map { reduction in
      StepKind(optimizer: optimizer, clipping: .tensorNorm(0.1), workers: 2, reduction: reduction)
    }
  }

  /// Everything that may be around an update, at once.
  static let transformed: [StepKind] = [GradientClipping.value(0.1), .tensorNorm(0.1), .adaptive(0.1)].flatMap {
    clipping in
    [GradientReduction.ownerComputes, .segmented].map { reduction in
      StepKind(optimizer: Adam(), clipping: clipping, workers: 2, reduction: reduction, transforms: allTransforms)
    }
  }

  /// Every layer and option, however the gradient is reduced and whatever the products multiply.
  static let layered: [StepKind] =
    [GradientReduction.ownerComputes, .segmented, .hogwild].map {
      StepKind(optimizer: Adam(), clipping: .globalNorm(0.1), workers: 2, reduction: $0, hasAllLayers: true)
    }
    + [Precision.f32, .bf16Emulated, .bf16AMXEmulated].map {
      StepKind(optimizer: SGD(), clipping: .none, workers: 2, precision: $0, hasAllLayers: true)
    }

  private static let allTransforms = UpdateTransforms(
    decayed: .weights, averaging: .exponential(decay: 0.9), lookahead: Lookahead(steps: 2), skipLimit: 3,
    accumulation: 2)
  private static let clippings = [GradientClipping.none, .globalNorm(0.1)]

  var testDescription: String {
    "\(optimizer), \(clipping), \(workers) workers, \(reduction), \(precision), \(transforms), all layers \(hasAllLayers)"
  }

  private var runtime: RuntimeSettings {
    RuntimeSettings(
      workers: .exactly(workers), pinsWorkers: false, reduction: reduction,
      lanes: reduction == .segmented ? .exactly(2) : .automatic, precision: precision)
  }

  private static let network = Network(inputs: 7) {
    Dense(13, activation: .preLU())
    Activation(.tanh)
    Dense(3, activation: .softmax)
  }

  private static func layeredNetwork(orthogonal: Float) -> Network {
    Network(inputs: 7) {
      Embedding(column: 6, categories: 3, width: 5)
      Dense(
        12, activation: .preLU(),
        learning: LayerLearning(
          weights: .l2(0.01), biases: .l1(0.01), slopes: .l2(0.01), outputs: .l1(0.01), orthogonal: orthogonal,
          constraint: .maxNorm(),
          rateFactor: 0.5))
      LayerNorm()
      Residual {
        Dropout(0.5)
        Dense(24, learning: LayerLearning(constraint: .nonNegative))
        GatedLinear()
        GaussianNoise(0.1)
      }
      Dense(9, learning: LayerLearning(isFrozen: true))
      BatchNorm()
      RMSNorm()
      AlphaDropout(0.1)
      Dense(3, activation: .softmax)
    }
  }

  /// Allocations of the workers in one epoch of so many steps; the first epoch of all is left out.
  func allocations(steps: Int) throws -> Int {
    let trainer = try Trainer(
      hasAllLayers ? Self.layeredNetwork(orthogonal: reduction == .hogwild ? 0 : 0.01) : Self.network,
      loss: .categoricalCrossEntropy, optimizer: optimizer,
      schedule: optimizer is ScheduleFreeAdamW ? .constant : .cosine(warmUpEpochs: 0.5), clipping: clipping,
      transforms: transforms, normalization: .none, runtime: runtime)
    // Two lanes need two panels. The last step is ragged.
    let batchSize = reduction == .segmented ? 33 : hasAllLayers ? 3 : 2
    let rowCount = steps * transforms.accumulation * batchSize - 1
    let training = try DataSubset(Self.dataset, rows: (0..<rowCount).map { UInt32($0 % 64) })
    return try AllocationAccount.callsOfWorkers(trainer, training, batchSize: batchSize, steps: steps)
  }

  private static let dataset: Dataset = {
    var random = PhiloxStream(seed: 5, stream: 5)
    let labels = (0..<64).map { _ in random.integer(in: 0...2) }
    do {
      var features = random.uniform(count: 64 * 7, reach: 1)
      for sample in 0..<64 { features[sample * 7 + 6] = Float(sample % 3) }
      return try Dataset(features: features, featureCount: 7, labels: labels)
    } catch {
      fatalError("\(error)")
    }
  }()
}

@Suite("Allocations of a step", .enabled(if: AllocationAccount.isAvailable, "a sanitizer brings its own allocator"))
struct StepAllocationTests {
  @Test(
    "a thousand steps more allocate nothing more",
    arguments: StepKind.all + StepKind.withTrustRatio + StepKind.transformed + StepKind.layered)
  func stepsAllocateNothing(kind: StepKind) throws {
    #expect(try kind.allocations(steps: 1100) == kind.allocations(steps: 100))
  }

  @Test(
    "the CPU's own products in bfloat16 allocate nothing, where it has them", arguments: [Precision.bf16, .bf16AMX])
  func ownProductsAllocateNothing(precision: Precision) throws {
    let kind = StepKind(optimizer: Adam(), clipping: .none, workers: 2, precision: precision)
    let arithmetic: BFloat16Arithmetic = precision == .bf16 ? .pairs : .blocks
    guard
      BFloat16Kernels.areRunnable(
        with: InstructionSet.runnable[InstructionSet.runnable.count - 1], arithmetic: arithmetic)
    else { return }
    #expect(try kind.allocations(steps: 1100) == kind.allocations(steps: 100))
  }

  @Test("a callback that asks for no steps takes nothing inside them")
  func callbacksAllocateNothing() throws {
    final class Quiet: TrainingCallback {}
    func allocations(steps: Int, callbacks: [any TrainingCallback]) throws -> Int {
      let trainer = try SmallProblem.trainer(), rows = (0..<steps * 2).map { UInt32($0 % 100) }
      let data = try DataSubset(SmallProblem.dataset(), rows: rows)
      _ = try trainer.fit(data, epochs: 1, batchSize: 2, callbacks: callbacks)
      let account = AllocationAccount()
      _ = try account.watchingWorkers(of: trainer) {
        try trainer.fit(data, epochs: 1, batchSize: 2, callbacks: callbacks)
      }
      return account.callCount
    }
    #expect(try allocations(steps: 600, callbacks: []) == allocations(steps: 100, callbacks: []))
    #expect(try allocations(steps: 600, callbacks: [Quiet()]) == allocations(steps: 100, callbacks: []))
  }

  @Test("a loss with all weights allocates nothing either", arguments: LossRunTests.losses)
  func lossesAllocateNothing(loss: Loss) throws {
    func allocations(steps: Int) throws -> Int {
      let (network, dataset) = try LossRunTests.problem(
        loss, outputs: 3, samples: 64, wantsLabels: true, weighted: true)
      let trainer = try Trainer(
        network, loss: loss, optimizer: SGD(), normalization: .none, runtime: .unpinned(2))
      let rows = try DataSubset(dataset, rows: (0..<steps * 2 - 1).map { UInt32($0 % 64) })
      var weights = ClassWeights.none
      if case .classes = dataset.targets { weights = .balanced }
      _ = try trainer.fit(rows, epochs: 1, batchSize: 2)
      let account = AllocationAccount()
      _ = try account.watchingWorkers(of: trainer) {
        try trainer.fit(rows, epochs: 1, batchSize: 2, classWeights: weights)
      }
      return account.callCount
    }
    #expect(try allocations(steps: 600) == allocations(steps: 100))
  }

  @Test("an optimizer that allocates is caught", arguments: [1, 2])
  func allocatingOptimizerIsCaught(workers: Int) throws {
    let kind = StepKind(optimizer: AllocatingOptimizer(), clipping: .none, workers: workers)
    #expect(try kind.allocations(steps: 1100) - kind.allocations(steps: 100) >= 1000)
  }

  @Test("memory that Swift, the C library and posix_memalign give is counted, but that of other threads is not")
  func everyWayIsCounted() throws {
    let account = AllocationAccount()
    let mebibyte = 1 << 20
    let array = account.watchingThisThread { [CChar](repeating: 97, count: mebibyte) } + [0]
    #expect(account.callCount == 1)
    #expect(account.peakByteCount >= mebibyte)
    // The C library's own call of malloc, which is not this executable's.
    let copy = try #require(account.watchingThisThread { strdup(array) })
    #expect(account.callCount == 2)
    #expect(strlen(copy) == mebibyte)
    #expect(account.peakByteCount > 2 * mebibyte)
    account.watchingThisThread { free(copy) }
    let storage = try account.watchingThisThread { try AlignedStorage(byteCount: mebibyte / 2) }
    #expect(account.callCount == 4, "an object and its block")
    #expect(account.peakByteCount < 5 * mebibyte / 2, "the freed block counts no longer")
    #expect((array + array).count + storage.byteCount > 0)
    #expect(account.callCount == 4, "nobody is watched any more")
  }
}

/// Does what no optimizer may: takes memory in every update.
private struct AllocatingOptimizer: GradientOptimizer {
  var name: String { "allocating" }
  var learningRate: Float { 0.01 }

  func update(_ slice: ParameterSlice) {
    let gradients = (0..<slice.count).map { slice.gradient(at: $0) }
    for index in gradients.indices { slice.parameters[index] -= slice.learningRate * gradients[index] }
  }
}
