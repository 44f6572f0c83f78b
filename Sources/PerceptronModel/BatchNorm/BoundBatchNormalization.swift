import NeuronKernels

/// What the minibatch at hand shows of a batch normalization's units, in the workspace; a trivial value.
///
/// - Concurrency: a unit's figures are written by one worker between two meetings, and read by all after the second.
struct BatchStatistics {
  let means: UnsafeMutablePointer<Float>
  let variances: UnsafeMutablePointer<Float>
  /// Σ ∂loss/∂y over the samples.
  let gradientSums: UnsafeMutablePointer<Float>
  /// Σ ∂loss/∂y·x̂ over the samples.
  let gradientProducts: UnsafeMutablePointer<Float>

  /// Lays the four vectors out, each on lines of its own.
  init(_ floats: UnsafeMutablePointer<Float>, units: Int) {
    let stride = PanelLayout.lineCount(units)
    means = floats
    variances = floats + stride
    gradientSums = floats + 2 * stride
    gradientProducts = floats + 3 * stride
  }

  /// Floats that the statistics of so many units take.
  static func floatCount(units: Int) -> Int { 4 * PanelLayout.lineCount(units) }
}

/// A batch normalization with the addresses of all that it reads; a trivial value.
package struct BoundBatchNormalization {
  let batch: BatchStatistics
  /// By the minibatch's statistics, as training does.
  let training: UnitNormalization
  /// By the running statistics, as answers are given.
  let running: UnitNormalization
}

extension Stage {
  /// The stage's batch normalization; nil where it is none.
  ///
  /// - Parameter statistics: room for ``BatchStatistics``.
  func batchNormalization(
    _ vector: UnsafePointer<Float>, statistics: UnsafeMutablePointer<Float>?
  ) -> BoundBatchNormalization? {
    guard let statistics, let running = runningNormalization(vector) else { return nil }
    let batch = BatchStatistics(statistics, units: outputCount)
    var training = running
    training.mean = UnsafePointer(batch.means)
    training.variance = UnsafePointer(batch.variances)
    return BoundBatchNormalization(batch: batch, training: training, running: running)
  }

  /// The stage's batch normalization by its running statistics; nil where it is none.
  func runningNormalization(_ vector: UnsafePointer<Float>) -> UnitNormalization? {
    guard case .batchNormalize(_, let epsilon) = operation else { return nil }
    return UnitNormalization(
      epsilon: epsilon, mean: vector + runningMean.lowerBound, variance: vector + runningVariance.lowerBound,
      gain: slopes.isEmpty ? nil : vector + slopes.lowerBound, shift: bias.isEmpty ? nil : vector + bias.lowerBound)
  }
}
