import BenchmarkInstruments
import Fascicle

extension Workload {
  /// A trainer for the workload, from the same parameters every time.
  func trainer(_ runtime: RuntimeSettings) throws -> Trainer {
    try Trainer(network, loss: loss, optimizer: optimizer, normalization: .none, seed: 1, runtime: runtime)
  }

  /// Random samples for `batches` minibatches of `batchSize`, or of the workload's own size.
  func samples(batches: Int, batchSize: Int? = nil) throws -> DataSubset {
    var random = RandomBits(seed: 2)
    let count = batches * (batchSize ?? self.batchSize), width = layers[layers.count - 1]
    let features = (0..<count * layers[0]).map { _ in random.float(in: -1...1) }
    if loss == .categoricalCrossEntropy {
      let labels = (0..<count).map { _ in Int.random(in: 0..<width, using: &random) }
      return DataSubset(
        allOf: try Dataset(features: features, featureCount: layers[0], labels: labels, classCount: width))
    }
    let targets = (0..<count * width).map { _ in random.float(in: -1...1) }
    return DataSubset(
      allOf: try Dataset(features: features, featureCount: layers[0], targets: targets, targetCount: width))
  }
}
