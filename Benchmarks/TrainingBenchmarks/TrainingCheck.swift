import BenchmarkInstruments
import Fascicle

/// A few steps of a workload with a small batch, against the same steps of one worker that owns all parameters.
struct TrainingCheck {
  private let workload: Workload
  private let samples: DataSubset

  /// Two panels, so that two lanes have one each.
  private static let batchSize = 64

  init(_ workload: Workload) throws {
    self.workload = workload
    samples = try workload.samples(batches: 4, batchSize: Self.batchSize)
  }

  /// Expects the very parameters that one worker gives.
  func requireSameBits(_ runtime: RuntimeSettings) throws {
    let (digest, expected) = (try train(runtime).digest, try train(.oneOwner).digest)
    guard digest == expected else {
      throw WrongResult("\(workload.name): expected parameters \(expected) as one worker gives, got \(digest)")
    }
  }

  /// Expects the loss that one worker gives, up to a relative tolerance.
  func requireSimilarLoss(_ runtime: RuntimeSettings, tolerance: Double) throws {
    let (loss, expected) = (try train(runtime).loss, try train(.oneOwner).loss)
    guard abs(loss - expected) <= tolerance * expected else {
      throw WrongResult("\(workload.name): expected a loss of \(expected) as one worker gives, got \(loss)")
    }
  }

  private func train(_ runtime: RuntimeSettings) throws -> (digest: String, loss: Double) {
    let trainer = try workload.trainer(runtime)
    let history = try trainer.fit(samples, epochs: 1, batchSize: Self.batchSize)
    return (trainer.weightsSHA256(), history.epochs[0].trainLoss)
  }
}

extension RuntimeSettings {
  fileprivate static var oneOwner: RuntimeSettings {
    RuntimeSettings(workers: .exactly(1), reduction: .ownerComputes)
  }
}
