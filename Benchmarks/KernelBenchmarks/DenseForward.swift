import BenchmarkInstruments
import CNeuronKernels

/// `y = relu(W·x + b)` of a minibatch.
final class DenseForward: CheckedWork {
  private let kernels: KernelTable
  private let shape: DenseShape
  private let weights, bias, input, output: Block<Float>

  init(_ shape: DenseShape, _ kernels: KernelTable) throws {
    self.kernels = kernels
    self.shape = shape
    weights = try Block<Float>(random: shape.paddedInputs * shape.outputRows, seed: 1)
    bias = try Block<Float>(random: shape.outputs, seed: 2)
    input = try Block<Float>(random: shape.samples * shape.inputRows, seed: 3)
    output = try Block<Float>(zeros: shape.samples * shape.outputRows)
  }

  func run() {
    var arguments = self.arguments(samples: shape.samples, input: input.pointer, output: output.pointer)
    kernels.functions.pointee.dense_forward(&arguments)
  }

  func check() throws {
    run()
    let expected = try Block<Float>(zeros: 32 * shape.outputRows)
    try SampledPanels.check("y", of: output, width: shape.outputs, samples: shape.samples, against: expected) { panel in
      var arguments = self.arguments(
        samples: SampledPanels.sampleCount, input: input.pointer + panel * 32 * shape.inputRows,
        output: expected.pointer)
      KernelTable.reference.functions.pointee.dense_forward(&arguments)
    }
  }

  private func arguments(
    samples: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) -> nk_dense_forward {
    nk_dense_forward(
      samples: samples, inputs: shape.inputs, outputs: shape.outputs, first_row: 0, rows: shape.outputs,
      weights: weights.pointer, bias: bias.pointer, input: input, output: output, preactivation: nil,
      activation: nk_activation(kind: NK_ACTIVATION_RELU, a: 0, b: 0, shares_slope: false, slopes: nil))
  }
}
