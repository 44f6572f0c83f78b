import NeuronKernels

/// An activation and its derivative over some weighted sums, as the kernels compute them.
///
/// A function that couples its units is shown as the first of two units, the other's sum at 0. Random slopes are at their
/// mean, learned ones where they start.
package struct ActivationCurve: Sendable {
  /// f(z) of each.
  package let values: [Float]
  /// f′(z) of each, or what the function learns with in its stead.
  package let derivatives: [Float]

  package init(_ function: ActivationFunction, at sums: [Float], kernels: KernelSet) {
    let features = function.couplesUnits ? 2 : 1
    let values = Panels(features: features, sampleCount: sums.count)
    let kept = Panels(features: features, sampleCount: sums.count)
    let gradient = Panels(features: features, sampleCount: sums.count)
    let slopes: [Float] = [function.initialSlope ?? 0]
    slopes.withUnsafeBufferPointer { slopes in
      let activation = function.kernelActivation(slopes: slopes.baseAddress)
      values.fill(sums)
      gradient.fill([Float](repeating: 1, count: sums.count))
      // A random slope is found where z is left.
      kept.fill([Float](repeating: (activation.a + activation.b) / 2, count: sums.count))
      kernels.activationForward(
        sampleCount: sums.count, featureCount: features, values: values.floats, preactivation: kept.floats,
        activation: activation)
      kernels.activationBackward(
        sampleCount: sums.count, featureCount: features, gradient: gradient.floats, output: values.floats,
        preactivation: kept.floats, activation: activation)
    }
    self.values = values.feature(0)
    derivatives = gradient.feature(0)
  }

  /// A gated linear unit, `value`·σ(z), and its derivative by the gate's sum z.
  package init(gateOf value: Float, at sums: [Float], kernels: KernelSet) {
    let inputs = Panels(features: 2, sampleCount: sums.count), inputGradient = Panels(like: inputs)
    let values = Panels(features: 1, sampleCount: sums.count), gradient = Panels(like: values)
    inputs.fill([Float](repeating: value, count: sums.count))
    inputs.fill(sums, feature: 1)
    gradient.fill([Float](repeating: 1, count: sums.count))
    kernels.gate(sampleCount: sums.count, outputCount: 1, input: inputs.floats, output: values.floats)
    kernels.gateBackward(
      sampleCount: sums.count, outputCount: 1, input: inputs.floats, outputGradient: gradient.floats,
      inputGradient: inputGradient.floats)
    self.values = values.feature(0)
    derivatives = inputGradient.feature(1)
  }
}

/// Panels of a few features, zero where nothing was filled in.
private final class Panels {
  let floats: UnsafeMutablePointer<Float>
  private let features: Int
  private let sampleCount: Int

  init(features: Int, sampleCount: Int) {
    self.features = features
    self.sampleCount = sampleCount
    let count = PanelLayout.paddedCount(sampleCount) * features
    floats = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count)
  }

  convenience init(like other: Panels) { self.init(features: other.features, sampleCount: other.sampleCount) }

  deinit { UnsafeMutableRawPointer(floats).deallocate() }

  func fill(_ values: [Float], feature: Int = 0) {
    for (sample, value) in values.enumerated() { floats[place(sample, feature)] = value }
  }

  func feature(_ feature: Int) -> [Float] { (0..<sampleCount).map { floats[place($0, feature)] } }

  private func place(_ sample: Int, _ feature: Int) -> Int {
    PanelLayout.activationIndex(sample: sample, feature: feature, featureCount: features)
  }
}
