import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// A loss of each form with its gradient, for a few and for many outputs, on the widest instruction set.
func registerLossHeads() {
  let samples = 128
  for outputs in [10, 1000] {
    let elements = samples * outputs
    // Cross-entropy turns z into p and writes dz; squared errors read y and t and write dy.
    let bytes = 3 * 4 * elements
    for loss in LossHead.Loss.allCases {
      Benchmark.movement("\(loss.rawValue) \(outputs)", elements: elements, bytes: bytes, workingSet: bytes) {
        try LossHead(loss, samples: samples, outputs: outputs)
      }
    }
  }
}

/// Loss, hits and gradient of a minibatch.
private final class LossHead: CheckedWork {
  enum Loss: String, CaseIterable {
    case crossEntropy = "categorical cross-entropy"
    case softCrossEntropy = "categorical cross-entropy of values"
    case squaredError = "mean squared error"
    case huber
    case binaryCrossEntropy = "binary cross-entropy"
    case cosineSimilarity = "cosine similarity"

    var kind: nk_loss_kind {
      switch self {
      case .crossEntropy, .softCrossEntropy: NK_LOSS_CROSS_ENTROPY
      case .squaredError: NK_LOSS_MEAN_SQUARED_ERROR
      case .huber: NK_LOSS_HUBER
      case .binaryCrossEntropy: NK_LOSS_BINARY_CROSS_ENTROPY
      case .cosineSimilarity: NK_LOSS_COSINE_SIMILARITY
      }
    }
  }

  private let loss: Loss
  private let samples, outputs: Int
  private let indices, labels: Block<UInt32>
  private let targets: Block<Float>
  private let outcome: Outcome

  /// What a call works on and leaves behind.
  private struct Outcome {
    let values, gradient: Block<Float>
    let lossSums: Block<Double>
    let correctCounts: Block<UInt32>

    /// A slot for each half of a panel.
    init(values: Block<Float>, samples: Int) throws {
      self.values = values
      gradient = try Block<Float>(zeros: values.count)
      lossSums = try Block<Double>(zeros: samples / 16)
      correctCounts = try Block<UInt32>(zeros: samples / 16)
    }
  }

  init(_ loss: Loss, samples: Int, outputs: Int) throws {
    self.loss = loss
    self.samples = samples
    self.outputs = outputs
    var random = RandomBits(seed: 1)
    indices = try Block<UInt32>((0..<UInt32(samples)).shuffled(using: &random))
    labels = try Block<UInt32>((0..<samples).map { _ in .random(in: 0..<UInt32(outputs), using: &random) })
    targets = try Block<Float>(random: samples * outputs, seed: 2)
    outcome = try Outcome(
      values: Block<Float>(random: samples * nk_panel_rows(outputs), in: -4...4, seed: 3), samples: samples)
  }

  func run() { compute(outcome, .widest) }

  func check() throws {
    let expected = try Outcome(values: Block<Float>(copying: outcome.values), samples: samples)
    run()
    compute(expected, .reference)
    try requireSameBits(outcome.values.pointer, expected.values.pointer, count: expected.values.count, "p")
    try requireSameBits(outcome.gradient.pointer, expected.gradient.pointer, count: expected.values.count, "gradient")
    for half in 0..<samples / 16 {
      let (loss, wanted) = (outcome.lossSums.pointer[half], expected.lossSums.pointer[half])
      guard loss == wanted, outcome.correctCounts.pointer[half] == expected.correctCounts.pointer[half] else {
        throw WrongResult("half panel \(half): expected a loss of \(wanted) as the reference gives, got \(loss)")
      }
    }
  }

  private func compute(_ outcome: Outcome, _ kernels: KernelTable) {
    var arguments = nk_loss_head(
      loss: nk_loss(kind: loss.kind, a: 1, b: 0, keeps_values: false, threshold: 0.5), samples: samples,
      outputs: outputs, indices: indices.pointer, labels: labels.pointer,
      targets: loss == .crossEntropy ? nil : targets.pointer, sample_weights: nil, class_weights: nil,
      gradient_scale: 1 / Float(samples), values: outcome.values.pointer, gradient: outcome.gradient.pointer,
      loss_sums: outcome.lossSums.pointer, correct_counts: outcome.correctCounts.pointer)
    kernels.functions.pointee.loss_head(&arguments)
  }
}
