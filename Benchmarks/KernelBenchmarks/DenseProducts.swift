import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// The sizes that dense stages have in the standard workloads, smallest first, and the narrow ones at their ends.
private let shapes = [
  DenseShape(samples: 128, inputs: 256, outputs: 1),
  DenseShape(samples: 32, inputs: 64, outputs: 64),
  DenseShape(samples: 128, inputs: 256, outputs: 10),
  DenseShape(samples: 64, inputs: 784, outputs: 256),
  DenseShape(samples: 128, inputs: 256, outputs: 256),
  DenseShape(samples: 128, inputs: 512, outputs: 512),
  DenseShape(samples: 512, inputs: 784, outputs: 4096),
  DenseShape(samples: 512, inputs: 4096, outputs: 4096),
]

/// Above this the plain form takes too long to be worth its figure.
private let referenceFlops = 1e6

/// The three products of a dense stage, by shape and instruction set.
func registerDenseProducts() {
  for shape in shapes {
    let tables = (shape.flops <= referenceFlops ? [.reference] : []) + KernelTable.vectorized
    for kernels in tables {
      let suffix = "\(shape) \(kernels.name)"
      Benchmark.arithmetic("forward \(suffix)", kernels: kernels, flops: shape.flops) {
        try DenseForward(shape, kernels)
      }
      Benchmark.arithmetic("backward \(suffix)", kernels: kernels, flops: shape.flops) {
        try DenseBackward(shape, kernels)
      }
      Benchmark.arithmetic("weight gradient \(suffix)", kernels: kernels, flops: shape.flops) {
        try WeightGradient(shape, kernels)
      }
    }
  }
}

/// Samples × inputs × outputs of a dense stage; the samples are whole panels.
struct DenseShape: CustomStringConvertible {
  let samples, inputs, outputs: Int

  /// Of each of the three products.
  var flops: Double { 2 * Double(samples) * Double(inputs) * Double(outputs) }

  /// Inputs rounded up to whole panels of 32.
  var paddedInputs: Int { (inputs + 31) / 32 * 32 }
  /// Rows of memory of a panel of inputs, and of one of outputs.
  var inputRows: Int { nk_panel_rows(inputs) }
  var outputRows: Int { nk_panel_rows(outputs) }

  var description: String { "\(samples)x\(inputs)x\(outputs)" }
}
