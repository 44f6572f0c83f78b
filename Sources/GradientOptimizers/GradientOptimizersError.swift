/// Why an optimizer, a schedule or a clipping rule cannot work as configured.
public struct GradientOptimizersError: Error, Sendable, CustomStringConvertible {
  /// Which hyperparameter is wrong.
  public let parameter: String
  /// What is wrong, as a sentence without its full stop.
  public let message: String

  /// Makes an error from its parts.
  public init(parameter: String, message: String) {
    self.parameter = parameter
    self.message = message
  }

  /// The message.
  public var description: String { message }
}

/// Refuses a learning rate that is not a finite number of at least zero.
func requireLearningRate(_ rate: Float) throws(GradientOptimizersError) {
  try require(rate, "learningRate", "a finite number of at least 0, such as 0.001") { $0 >= 0 }
}

/// Refuses a hyperparameter that is not finite or fails `accepts`.
func require(
  _ value: Float, _ name: String, _ expected: String, _ accepts: (Float) -> Bool
) throws(GradientOptimizersError) {
  guard value.isFinite, accepts(value) else {
    throw GradientOptimizersError(parameter: name, message: "\(name) must be \(expected), but is \(value)")
  }
}
