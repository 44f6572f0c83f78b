import Fascicle
import Testing

/// What holds for every rule that works on whole tensors, whichever it is.
struct WholeTensorRule {
  let optimizer: any GradientOptimizer
  let network: Network

  func trainer(
    clipping: GradientClipping = .none, transforms: UpdateTransforms = UpdateTransforms(),
    runtime: RuntimeSettings = .unpinned(2), kernels: KernelSet? = nil
  ) throws -> Trainer {
    try Trainer(
      network, loss: .categoricalCrossEntropy, optimizer: optimizer, clipping: clipping, transforms: transforms,
      normalization: .none, seed: 4, runtime: runtime, kernels: kernels ?? .selected())
  }

  /// Expects the same bits for any number of workers and every instruction set, with all transforms around the rule.
  func expectSameBits(
    on data: DataSubset, clipping: GradientClipping, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let transforms = UpdateTransforms(
      decayed: .weights, averaging: .exponential(decay: 0.9), lookahead: Lookahead(steps: 2), accumulation: 2)
    func digest(_ runtime: RuntimeSettings, kernels: KernelSet? = nil) throws -> String {
      let trainer = try trainer(clipping: clipping, transforms: transforms, runtime: runtime, kernels: kernels)
      _ = try trainer.fit(data, epochs: 2, batchSize: 35)
      return trainer.weightsSHA256()
    }
    let expected = try digest(.unpinned(1))
    for workers in [2, 3, 5, 8] {
      #expect(try digest(.unpinned(workers)) == expected, "\(workers) workers", sourceLocation: sourceLocation)
    }
    for instructionSet in InstructionSet.runnable {
      let found = try digest(.unpinned(2), kernels: KernelSet(instructionSet))
      #expect(found == expected, "\(instructionSet)", sourceLocation: sourceLocation)
    }
    let lanes = try digest(.lanes(2, workers: 1))
    for workers in [2, 3] {
      #expect(try digest(.lanes(2, workers: workers)) == lanes, sourceLocation: sourceLocation)
    }
  }

  /// Expects that twenty epochs bring the loss below a share of the first's, in single precision and in bfloat16, and that two
  /// calls end where one does.
  func expectLearning(
    on data: DataSubset, below share: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for precision in [Precision.f32, .bf16Emulated] {
      var runtime = RuntimeSettings.unpinned(2)
      runtime.precision = precision
      let once = try trainer(runtime: runtime), twice = try trainer(runtime: runtime)
      let history = try once.fit(data, epochs: 20, batchSize: 50)
      #expect(history.epochs[19].trainLoss < share * history.epochs[0].trainLoss, sourceLocation: sourceLocation)
      for epochs in [5, 15] { _ = try twice.fit(data, epochs: epochs, batchSize: 50) }
      #expect(once.weightsSHA256() == twice.weightsSHA256(), sourceLocation: sourceLocation)
    }
  }
}
