import NeuronKernels

/// What the parameters of a slice are to the network.
public enum ParameterRole: Sendable, Hashable {
  /// Connection weights.
  case weight
  /// Biases.
  case bias
  /// Learned slopes of PReLU units.
  case slope
}

/// A run of parameters with their gradients and state, owned by one worker for the length of one update.
///
/// All pointers are 64-byte aligned and borrowed; ``count`` is a multiple of 16. Some elements are padding between
/// layers: their gradient is zero, and whatever an optimizer leaves there becomes zero again.
public struct ParameterSlice {
  /// How many parameters.
  public let count: Int
  /// The parameters, read and written.
  public let parameters: UnsafeMutablePointer<Float>
  /// The gradients of the minibatch's mean loss, before ``gradientScale``.
  public let gradients: UnsafePointer<Float>
  /// What to multiply each gradient with: below 1 where clipping shrinks it.
  public let gradientScale: Float
  /// What the parameters are.
  public let role: ParameterRole
  /// The step's number, 1 for the first.
  public let step: Int
  /// The learning rate of this step.
  public let learningRate: Float
  /// What the optimizer's `coefficients(for:)` gave for this step.
  public let coefficients: SIMD8<Float>

  /// Whether weight decay is meant for these parameters; an optimizer with decay leaves it out where not.
  public let decays: Bool

  package let kernels: KernelSet
  let firstState: UnsafeMutablePointer<Float>?
  let stateStride: Int

  package init(
    count: Int, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>, gradientScale: Float,
    role: ParameterRole, step: OptimizerStep, coefficients: SIMD8<Float>, kernels: KernelSet,
    firstState: UnsafeMutablePointer<Float>?, stateStride: Int, decays: Bool = true
  ) {
    self.count = count
    self.parameters = parameters
    self.gradients = gradients
    self.gradientScale = gradientScale
    self.role = role
    self.step = step.number
    self.learningRate = step.learningRate
    self.coefficients = coefficients
    self.decays = decays
    self.kernels = kernels
    self.firstState = firstState
    self.stateStride = stateStride
  }

  /// The same slice with other state, a single slot.
  package func withState(_ state: UnsafeMutablePointer<Float>) -> ParameterSlice {
    ParameterSlice(
      count: count, parameters: parameters, gradients: gradients, gradientScale: gradientScale, role: role,
      step: OptimizerStep(number: step, learningRate: learningRate), coefficients: coefficients, kernels: kernels,
      firstState: state, stateStride: 0, decays: decays)
  }

  /// The gradient of parameter `index` with clipping applied.
  public func gradient(at index: Int) -> Float { gradients[index] * gradientScale }

  /// The `count` floats of state slot `slot`, which keep their values from step to step.
  ///
  /// - Precondition: `slot` is below the optimizer's `stateSlotCount`; unchecked, because this is the hot path.
  public func state(_ slot: Int) -> UnsafeMutablePointer<Float> {
    firstState.unsafelyUnwrapped + slot * stateStride
  }

  /// The slice as the update kernels take it.
  ///
  /// - Parameters:
  ///   - l2: what the optimizer adds to the gradient, times the parameter.
  ///   - keep: the share of a parameter that the optimizer's decay leaves.
  func updateSlice(stateSlots: Int, l2: Float, keep: Float = 1) -> UpdateSlice {
    UpdateSlice(
      count: count, parameters: parameters, gradients: gradients, state0: stateSlots > 0 ? state(0) : nil,
      state1: stateSlots > 1 ? state(1) : nil, state2: stateSlots > 2 ? state(2) : nil, gradientScale: gradientScale,
      l2: decays ? l2 : 0, keep: decays ? keep : 1)
  }

  /// One step of an element-wise rule with the step's own coefficients.
  func update(by rule: UpdateRule, stateSlots: Int, l2: Float = 0, decay: Float = 0) {
    kernels.update(
      updateSlice(stateSlots: stateSlots, l2: l2, keep: 1 - learningRate * decay), by: rule, coefficients)
  }
}
