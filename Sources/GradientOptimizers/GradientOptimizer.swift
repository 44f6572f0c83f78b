/// The rule that turns gradients into new parameters.
///
/// An optimizer is a value without hidden state. The runtime owns the state: ``stateSlotCount`` floats for each
/// parameter, zero at first. In every step it asks once for ``coefficients(for:)`` and then calls ``update(_:)`` for each
/// slice of the parameter vector, from several workers at once, each slice exactly once. How the vector is cut into slices
/// is the runtime's affair; a rule that treats every element alike gives the same bits for any cut.
///
///     struct SignDescent: GradientOptimizer {
///       var name: String { "sign_descent" }
///       var learningRate: Float
///       func update(_ slice: ParameterSlice) {
///         for i in 0..<slice.count {
///           let g = slice.gradient(at: i)
///           slice.parameters[i] -= slice.learningRate * (g > 0 ? 1 : g < 0 ? -1 : 0)
///         }
///       }
///     }
public protocol GradientOptimizer: Sendable {
  /// The name that reports and configurations use.
  var name: String { get }
  /// The learning rate that a schedule starts from.
  var learningRate: Float { get }
  /// Floats of state that each parameter needs.
  var stateSlotCount: Int { get }
  /// Refuses hyperparameters that cannot work, before anything runs.
  func validate() throws(GradientOptimizersError)
  /// Numbers that are the same for all slices of a step, such as bias corrections.
  func coefficients(for step: OptimizerStep) -> SIMD8<Float>
  /// Updates one slice in place.
  ///
  /// Must not allocate, block or touch anything beyond the slice.
  func update(_ slice: ParameterSlice)
}

extension GradientOptimizer {
  /// No state.
  public var stateSlotCount: Int { 0 }
  /// Accepts any finite, non-negative learning rate.
  public func validate() throws(GradientOptimizersError) { try requireLearningRate(learningRate) }
  /// None.
  public func coefficients(for step: OptimizerStep) -> SIMD8<Float> { .zero }
}

/// An optimizer whose ``GradientOptimizer/update(_:)`` touches parameters and state in C kernels only.
///
/// Several may then update the same slice at once, as the reduction `hogwild` has them do: what a processor's aligned loads
/// and stores make of that is all that happens. Swift leaves such races undefined, so a rule written in it must not.
package protocol KernelUpdatingOptimizer: GradientOptimizer {}

/// An optimizer that trains at one point and is evaluated at another.
///
/// It brings its own averaging over the steps, so the learning rate must follow no schedule.
package protocol EvaluationPointOptimizer: GradientOptimizer {
  /// Writes where to evaluate: `point` [count], from the slice's parameters and state after at least one step.
  func writeEvaluationPoint(_ point: UnsafeMutablePointer<Float>, of slice: ParameterSlice)
}

/// A step as an optimizer sees it.
public struct OptimizerStep: Sendable {
  /// The step's number, 1 for the first.
  public let number: Int
  /// The learning rate that the schedule gives for this step.
  public let learningRate: Float

  /// A step with its number, from 1 on, and its learning rate.
  public init(number: Int, learningRate: Float) {
    self.number = number
    self.learningRate = learningRate
  }
}
