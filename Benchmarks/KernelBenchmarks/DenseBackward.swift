import BenchmarkInstruments
import CNeuronKernels

/// `dx = (Wᵀ·dz) ⊙ relu′` of a minibatch.
final class DenseBackward: CheckedWork {
  private let kernels: KernelTable
  private let shape: DenseShape
  private let weights, outputGradient, inputGradient, belowOutput: Block<Float>

  init(_ shape: DenseShape, _ kernels: KernelTable) throws {
    self.kernels = kernels
    self.shape = shape
    weights = try Block<Float>(random: shape.paddedInputs * shape.outputRows, seed: 1)
    outputGradient = try Block<Float>(random: shape.samples * shape.outputRows, seed: 2)
    inputGradient = try Block<Float>(zeros: shape.samples * shape.inputRows)
    belowOutput = try Block<Float>(random: shape.samples * shape.inputRows, seed: 3)
  }

  func run() {
    var arguments = self.arguments(samples: shape.samples, panel: 0, inputGradient: inputGradient.pointer)
    kernels.functions.pointee.dense_backward(&arguments)
  }

  func check() throws {
    run()
    let expected = try Block<Float>(zeros: 32 * shape.inputRows)
    try SampledPanels.check(
      "dx", of: inputGradient, width: shape.inputs, samples: shape.samples, against: expected
    ) { panel in
      var arguments = self.arguments(
        samples: SampledPanels.sampleCount, panel: panel, inputGradient: expected.pointer)
      KernelTable.reference.functions.pointee.dense_backward(&arguments)
    }
  }

  private func arguments(
    samples: Int, panel: Int, inputGradient: UnsafeMutablePointer<Float>
  ) -> nk_dense_backward {
    nk_dense_backward(
      samples: samples, inputs: shape.inputs, outputs: shape.outputs, first_row: 0, rows: shape.inputs,
      weights: weights.pointer,
      output_gradient: outputGradient.pointer + panel * 32 * shape.outputRows, input_gradient: inputGradient,
      below: nk_activation(kind: NK_ACTIVATION_RELU, a: 0, b: 0, shares_slope: false, slopes: nil),
      below_output: belowOutput.pointer + panel * 32 * shape.inputRows, below_preactivation: nil)
  }
}
