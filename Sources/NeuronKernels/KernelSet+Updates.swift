import CNeuronKernels

/// A slice of the flat parameter vector for the update kernels; see `nk_update`.
package struct UpdateSlice {
  package var count: Int
  package var parameters: UnsafeMutablePointer<Float>
  package var gradients: UnsafePointer<Float>
  package var state0: UnsafeMutablePointer<Float>?
  package var state1: UnsafeMutablePointer<Float>?
  package var state2: UnsafeMutablePointer<Float>?
  package var gradientScale: Float
  package var l2: Float
  package var keep: Float

  package init(
    count: Int, parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    state0: UnsafeMutablePointer<Float>? = nil, state1: UnsafeMutablePointer<Float>? = nil,
    state2: UnsafeMutablePointer<Float>? = nil, gradientScale: Float = 1, l2: Float = 0, keep: Float = 1
  ) {
    self.count = count
    self.parameters = parameters
    self.gradients = gradients
    self.state0 = state0
    self.state1 = state1
    self.state2 = state2
    self.gradientScale = gradientScale
    self.l2 = l2
    self.keep = keep
  }

  var cValue: nk_update {
    nk_update(
      count: count, parameters: parameters, gradients: gradients, state0: state0, state1: state1,
      state2: state2, gradient_scale: gradientScale, l2: l2, keep: keep)
  }
}

/// The scalars of one Adam step, bias corrections folded in; see `update_adam`.
package struct AdamScalars {
  package var step: Float
  package var rootCorrection: Float
  package var beta1: Float
  package var oneMinusBeta1: Float
  package var beta2: Float
  package var oneMinusBeta2: Float
  package var epsilon: Float
  package var keep: Float

  package init(
    step: Float, rootCorrection: Float, beta1: Float, oneMinusBeta1: Float, beta2: Float, oneMinusBeta2: Float,
    epsilon: Float, keep: Float
  ) {
    self.step = step
    self.rootCorrection = rootCorrection
    self.beta1 = beta1
    self.oneMinusBeta1 = oneMinusBeta1
    self.beta2 = beta2
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
    self.keep = keep
  }
}

/// The element-wise rules beside SGD and Adam; `nk_update_rule` states their equations, states and coefficients.
package enum UpdateRule: Sendable, Hashable, CaseIterable {
  case adagrad, adadelta, rmsprop, rmspropMomentum, rmspropCentred, rmspropCentredMomentum, adamax, nadam, amsgrad
  case adaBelief, lion, yogi, rprop, quickprop, scheduleFreeAdamW
  case lambDirection, decayedGradient

  fileprivate var cValue: nk_update_rule {
    switch self {
    case .adagrad: NK_RULE_ADAGRAD
    case .adadelta: NK_RULE_ADADELTA
    case .rmsprop: NK_RULE_RMSPROP
    case .rmspropMomentum: NK_RULE_RMSPROP_MOMENTUM
    case .rmspropCentred: NK_RULE_RMSPROP_CENTRED
    case .rmspropCentredMomentum: NK_RULE_RMSPROP_CENTRED_MOMENTUM
    case .adamax: NK_RULE_ADAMAX
    case .nadam: NK_RULE_NADAM
    case .amsgrad: NK_RULE_AMSGRAD
    case .adaBelief: NK_RULE_ADABELIEF
    case .lion: NK_RULE_LION
    case .yogi: NK_RULE_YOGI
    case .rprop: NK_RULE_RPROP
    case .quickprop: NK_RULE_QUICKPROP
    case .scheduleFreeAdamW: NK_RULE_SCHEDULE_FREE_ADAMW
    case .lambDirection: NK_RULE_LAMB_DIRECTION
    case .decayedGradient: NK_RULE_DECAYED_GRADIENT
    }
  }
}

extension KernelSet {
  /// `w −= rate·g`.
  package func updateSGD(_ slice: UpdateSlice, rate: Float) {
    var arguments = slice.cValue
    table.update_sgd(&arguments, rate)
  }

  /// `v = momentum·v + g; w −= rate·v`, or with Nesterov's look-ahead; `v` is `state0`.
  package func updateMomentum(_ slice: UpdateSlice, rate: Float, momentum: Float, nesterov: Bool) {
    var arguments = slice.cValue
    table.update_momentum(&arguments, rate, momentum, nesterov)
  }

  /// Adam and AdamW; first and second moments are `state0` and `state1`.
  package func updateAdam(_ slice: UpdateSlice, _ s: AdamScalars) {
    var arguments = slice.cValue
    table.update_adam(
      &arguments, s.step, s.rootCorrection, s.beta1, s.oneMinusBeta1, s.beta2, s.oneMinusBeta2, s.epsilon, s.keep)
  }

  /// One step of an element-wise rule; `coefficients` as `nk_update_rule` lists them.
  package func update(_ slice: UpdateSlice, by rule: UpdateRule, _ coefficients: SIMD8<Float>) {
    var arguments = slice.cValue
    withUnsafeBytes(of: coefficients) { bytes in
      table.update_rule(rule.cValue, &arguments, bytes.assumingMemoryBound(to: Float.self).baseAddress)
    }
  }

  /// Brings values into −limit … limit; NaN stays.
  package func clipValues(_ values: UnsafeMutablePointer<Float>, count: Int, limit: Float) {
    table.clip_values(values, count, limit)
  }

  /// `values += share·(target − values)`.
  package func blend(
    _ values: UnsafeMutablePointer<Float>, towards target: UnsafePointer<Float>, count: Int, share: Float
  ) {
    table.blend(values, target, count, share)
  }

  /// Σ v² over `count` floats, a multiple of 16, in the order of all kernels.
  package func sumOfSquares(_ values: UnsafePointer<Float>, count: Int) -> Double {
    table.sum_of_squares(values, count)
  }
}
