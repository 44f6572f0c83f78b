import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// Gated linear units, forward and back, over panels that fit the second-level cache, on the widest instruction set.
func registerGates() {
  let samples = 128, outputs = 128
  for (name, floats) in [("glu forward", 3), ("glu backward", 5)] {
    let bytes = 4 * floats * samples * outputs
    Benchmark.movement(name, elements: samples * outputs, bytes: bytes, workingSet: bytes) {
      try Gate(isForward: floats == 3, samples: samples, outputs: outputs)
    }
  }
}

/// `y = x·σ(gate)`, or its way back.
private final class Gate: CheckedWork {
  private let isForward: Bool
  private let samples, outputs: Int
  private let input, gradient: Block<Float>
  /// What is written: outputs, or gradients of both halves.
  private let result: Block<Float>

  init(isForward: Bool, samples: Int, outputs: Int) throws {
    self.isForward = isForward
    self.samples = samples
    self.outputs = outputs
    input = try Block<Float>(random: samples * nk_panel_rows(2 * outputs), in: -4...4, seed: 1)
    gradient = try Block<Float>(random: samples * nk_panel_rows(outputs), seed: 2)
    result = try Block<Float>(zeros: samples * nk_panel_rows(isForward ? outputs : 2 * outputs))
  }

  func run() { pass(into: result, .widest) }

  func check() throws {
    let expected = try Block<Float>(zeros: result.count)
    run()
    pass(into: expected, .reference)
    try requireSameBits(result.pointer, expected.pointer, count: result.count, isForward ? "y" : "dx")
  }

  private func pass(into result: Block<Float>, _ kernels: KernelTable) {
    if isForward {
      var arguments = nk_gate(samples: samples, outputs: outputs, input: input.pointer, output: result.pointer)
      kernels.functions.pointee.gate(&arguments)
    } else {
      var arguments = nk_gate_backward(
        samples: samples, outputs: outputs, input: input.pointer, output_gradient: gradient.pointer,
        input_gradient: result.pointer)
      kernels.functions.pointee.gate_backward(&arguments)
    }
  }
}
