import NeuronKernels

/// A stride of all 2³² floats: every exponent, both signs, subnormals, infinities and NaNs.
enum ActivationSweep {
  /// About 2.1 million floats, whole panels of 32; the odd step lets every mantissa ending occur.
  static let inputs: [Float] =
    stride(from: UInt64(0), to: 1 << 32, by: 2039).map {
      Float(bitPattern: UInt32($0))
    } + [Float](repeating: 0, count: 31 - (1 << 32) / 2039 % 32)

  /// f of each of `values`, a multiple of 32, as samples of one unit.
  static func activated(_ values: [Float], _ activation: KernelActivation, on set: InstructionSet) throws -> [Float] {
    let buffer = GuardedBuffer(values)
    try KernelSet(set).activationForward(
      sampleCount: values.count, featureCount: 1, values: buffer.pointer, preactivation: nil, activation: activation)
    return buffer.values
  }

  /// f of one value.
  static func activated(_ value: Float, _ activation: KernelActivation, on set: InstructionSet) throws -> Float {
    try activated([Float](repeating: value, count: 32), activation, on: set)[0]
  }

  /// The second probability of softmax(0, x) for each x, a multiple of 32.
  static func softmaxAgainstZero(_ values: [Float], on set: InstructionSet) throws -> [Float] {
    var panels: [Float] = []
    for first in stride(from: 0, to: values.count, by: 32) {
      panels += [Float](repeating: 0, count: 32) + values[first..<first + 32]
    }
    let buffer = GuardedBuffer(panels)
    try KernelSet(set).activationForward(
      sampleCount: values.count, featureCount: 2, values: buffer.pointer, preactivation: nil,
      activation: KernelActivation(.softmax))
    return values.indices.map { buffer.pointer[$0 / 32 * 64 + 32 + $0 % 32] }
  }
}
