import GradientOptimizers
import NeuronKernels
import PerceptronModel
import TrainingData

/// A training step to time: layer widths, batch, optimizer.
///
/// ReLU between layers; softmax with cross-entropy where the last width is 10, else mean squared error on a linear output.
public struct Workload: Sendable {
  /// The name that reports use.
  public let name: String
  /// Widths, the inputs first.
  public let layers: [Int]
  /// Samples of a step.
  public let batchSize: Int
  /// The function between layers.
  public let activation: ActivationFunction
  /// The update rule.
  public let optimizer: any GradientOptimizer

  /// A workload of your own.
  public init(
    name: String, layers: [Int], batchSize: Int, activation: ActivationFunction = .relu,
    optimizer: any GradientOptimizer = Adam()
  ) {
    self.name = name
    self.layers = layers
    self.batchSize = batchSize
    self.activation = activation
    self.optimizer = optimizer
  }

  /// The seven that comparisons with other frameworks use, smallest first.
  public static let standard: [Workload] = [
    Workload(name: "tiny", layers: [32, 64, 64, 10], batchSize: 32, optimizer: SGD(learningRate: 0.01)),
    Workload(name: "tabular", layers: [64, 256, 256, 1], batchSize: 256),
    Workload(name: "fashion", layers: [784, 256, 128, 10], batchSize: 128),
    Workload(name: "classic", layers: [784, 512, 512, 10], batchSize: 256),
    Workload(name: "deep", layers: [512] + [Int](repeating: 512, count: 12) + [10], batchSize: 512),
    Workload(name: "wide", layers: [784, 4096, 4096, 10], batchSize: 1024),
    Workload(
      name: "large", layers: [1024, 4096, 4096, 4096, 1024], batchSize: 2048,
      optimizer: SGD(learningRate: 0.01, momentum: 0.9)),
  ]

  /// The network of the workload.
  public var network: Network {
    let hidden = layers.dropFirst().dropLast().map { Layer.dense(Dense($0, activation: activation)) }
    let output = Layer.dense(Dense(layers[layers.count - 1], activation: isClassification ? .softmax : .linear))
    return Network(inputs: layers[0], layers: hidden + [output])
  }

  /// The loss of the workload.
  public var loss: Loss { isClassification ? .categoricalCrossEntropy : .meanSquaredError }

  private var isClassification: Bool { layers[layers.count - 1] == 10 }

  /// A trainer of the workload's network.
  func trainer(runtime: RuntimeSettings) throws -> Trainer {
    try Trainer(network, loss: loss, optimizer: optimizer, normalization: .none, seed: 1, runtime: runtime)
  }

  /// Random samples, a whole number of minibatches, uniform in [−1, 1).
  func dataset(seed: UInt64) throws -> Dataset {
    var random = PhiloxStream(seed: seed, stream: 0)
    let count = batchSize * batchesInMemory
    func uniform(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.nextUnitFloat() - 1 } }
    let features = uniform(count * layers[0])
    let width = layers[layers.count - 1]
    guard isClassification else {
      return try Dataset(
        features: features, featureCount: layers[0], targets: uniform(count * width), targetCount: width)
    }
    let labels = (0..<count).map { _ in Int(random.next(below: UInt32(width))) }
    return try Dataset(features: features, featureCount: layers[0], labels: labels, classCount: width)
  }

  /// Enough minibatches that an epoch of a small workload lasts for milliseconds and its rows come from beyond the core's
  /// caches, but no more than 16 MiB of them, 20,000, and, where a single step takes seconds, just one.
  private var batchesInMemory: Int {
    let products = zip(layers, layers.dropFirst()).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let byWork = 2e10 / (6 * Double(batchSize) * products)
    let byMemory = Double(16 << 20) / Double(batchSize * layers[0] * MemoryLayout<Float>.stride)
    return max(1, Int(min(byWork, byMemory, 20_000)))
  }
}
