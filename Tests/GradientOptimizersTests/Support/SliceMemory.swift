import GradientOptimizers
import NeuronKernels

/// A parameter vector with its gradients and state, from which slices are cut as the runtime cuts them.
final class SliceMemory {
  static let stateSlots = 3

  let count: Int
  private let storage: AlignedStorage

  /// - Parameter count: a multiple of 16.
  init(parameters: [Float]) throws {
    count = parameters.count
    storage = try AlignedStorage(byteCount: (2 + Self.stateSlots) * parameters.count * MemoryLayout<Float>.stride)
    for (index, value) in parameters.enumerated() { base[index] = value }
  }

  private var base: UnsafeMutablePointer<Float> { storage.baseAddress.assumingMemoryBound(to: Float.self) }

  var parameters: [Float] { (0..<count).map { base[$0] } }

  func setGradients(_ gradients: [Float]) {
    for (index, value) in gradients.enumerated() { base[count + index] = value }
  }

  /// The parameters of a range, as an optimizer gets them.
  func slice(
    _ range: Range<Int>, step: OptimizerStep, coefficients: SIMD8<Float>, gradientScale: Float, kernels: KernelSet
  ) -> ParameterSlice {
    ParameterSlice(
      count: range.count, parameters: base + range.lowerBound, gradients: base + count + range.lowerBound,
      gradientScale: gradientScale, role: .weight, step: step, coefficients: coefficients, kernels: kernels,
      firstState: base + 2 * count + range.lowerBound, stateStride: count)
  }

  /// One step of `optimizer` with these gradients, the vector cut at the given places.
  func step(
    _ optimizer: some GradientOptimizer, number: Int, gradients: [Float], gradientScale: Float = 1, cuts: [Int] = []
  ) throws {
    setGradients(gradients)
    let step = OptimizerStep(number: number, learningRate: optimizer.learningRate)
    let coefficients = optimizer.coefficients(for: step), kernels = try KernelSet.selected()
    let ends = cuts + [count]
    for (first, end) in zip([0] + cuts, ends) {
      optimizer.update(
        slice(first..<end, step: step, coefficients: coefficients, gradientScale: gradientScale, kernels: kernels))
    }
  }
}
