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

/// Refuses a share of a running mean outside [0, 1).
func requireShare(_ value: Float, _ name: String) throws(GradientOptimizersError) {
  try require(value, name, "in [0, 1)") { $0 >= 0 && $0 < 1 }
}

/// Refuses a smallest divisor that is not above zero.
func requireEpsilon(_ value: Float, _ name: String = "epsilon") throws(GradientOptimizersError) {
  try require(value, name, "above 0, such as 1e-8") { $0 > 0 }
}

/// Refuses a factor of decay below zero.
func requireDecay(_ value: Float) throws(GradientOptimizersError) {
  try require(value, "weightDecay", "a finite number of at least 0") { $0 >= 0 }
}
