import NeuronKernels

/// Activations as stages and kernels take them.
extension ActivationFunction {
  /// How many slopes a layer of `units` learns.
  public func learnedSlopeCount(units: Int) -> Int {
    guard case .preLU(_, let sharing) = self else { return 0 }
    return sharing == .perUnit ? units : 1
  }

  /// The value from which learned slopes begin.
  package var initialSlope: Float? { if case .preLU(let slope, _) = self { slope } else { nil } }

  /// Whether the derivative needs the weighted sum z, and not the output alone.
  var needsPreactivation: Bool { form.kind.readsPreactivation }

  /// Whether the derivative needs y as it is, and not only its sign.
  var needsExactOutput: Bool { !needsPreactivation && !form.traits.contains(.signOnly) }

  /// Whether the way forward draws random numbers when something is learned.
  package var drawsSlopes: Bool { if case .rreLU = self { true } else { false } }

  /// Whether a value costs an exponential.
  package var needsExponential: Bool { form.traits.contains(.exponential) }

  /// Whether the units of a sample depend on each other.
  var couplesUnits: Bool { form.traits.contains(.couplesUnits) }

  /// Whether the products' kernels apply the function to their own results; otherwise it is a stage of its own.
  package var fusesWithDense: Bool { self != .logSoftmax }

  /// Whether about half of the inputs are kept, which is what He's initialisation makes up for.
  var isRectifier: Bool { form.traits.contains(.rectifier) }

  /// The function as the kernels take it; `slopes` are the learned ones.
  package func kernelActivation(slopes: UnsafePointer<Float>?) -> KernelActivation {
    let form = form, numbers = form.parameters.filter(\.words.isEmpty).map(\.number)
    var activation = KernelActivation(form.kind, slopes: slopes)
    if numbers.count > 0 { activation.a = numbers[0] }
    if numbers.count > 1 { activation.b = numbers[1] }
    if case .preLU(_, .perLayer) = self { activation.sharesSlope = true }
    return activation
  }
}
