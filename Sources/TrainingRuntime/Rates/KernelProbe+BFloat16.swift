import NeuronKernels

/// The same calls where products multiply bfloat16. Regions of floats hold their words, and more than enough of them.
extension KernelProbe {
  func denseForward(by products: BFloat16Kernels, samples: Int, inputs: Int, outputs: Int) {
    products.denseForward(
      sampleCount: samples, shape: DenseShape(inputCount: inputs, outputCount: outputs), rows: 0..<outputs,
      weights: halves(weights), bias: nil, input: words(input), output: BFloat16Destination(pairs: words(output)),
      preactivation: nil, activation: KernelActivation(.relu))
  }

  func denseBackward(by products: BFloat16Kernels, rows: Int, depth: Int) {
    products.denseBackward(
      sampleCount: 32, shape: DenseShape(inputCount: rows, outputCount: depth), rows: 0..<rows, weights: words(weights),
      outputGradient: words(input),
      inputGradient: BFloat16Destination(
        rows: halves(output), pairs: words(output + Self.regionFloats / 2)),
      below: BFloat16Below(
        activation: KernelActivation(.relu), output: nil, outputPairs: words(extra), preactivation: nil))
  }

  /// A block at a time, as a step does.
  func weightGradient(by products: BFloat16Kernels, rows: Int, depth: Int) {
    let gradients = rows == Self.largeWidth ? weights : extra
    for first in stride(from: 0, to: rows, by: ProductTiming.tileRows) {
      products.weightGradient(
        sampleCount: depth, outputCount: rows, rows: first..<min(first + ProductTiming.tileRows, rows), inputCount: 32,
        outputGradient: halves(gradients), inputSamplePairs: words(input), gradient: output)
    }
  }

  func gather(by products: BFloat16Kernels, _ source: GatherSource, indices: UnsafePointer<UInt32>) {
    products.gather(
      sampleCount: 32, source: source, rows: 0..<source.featureCount, indices: indices, firstSample: 0, capacity: 32,
      pairs: words(output), samplePairs: words(weights))
  }

  func transpose(by products: BFloat16Kernels, features: Int) {
    products.transpose(
      sampleCount: 32, featureCount: features, rows: 0..<features, firstSample: 0, capacity: 32, pairs: words(input),
      samplePairs: words(output))
  }

  func sampleSums(by products: BFloat16Kernels, rows: Int) {
    products.sampleSums(
      sampleCount: 32, featureCount: rows, rows: 0..<rows, values: halves(input), sums: output)
  }

  private func words(_ region: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(region).assumingMemoryBound(to: UInt32.self)
  }

  private func halves(_ region: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(region).assumingMemoryBound(to: UInt16.self)
  }
}
