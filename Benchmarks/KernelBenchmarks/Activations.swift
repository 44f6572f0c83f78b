import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// The kinds under the names that configurations use, with parameters that each can work with.
private let kinds: [(name: String, kind: nk_activation_kind, a: Float, b: Float)] = [
  ("linear", NK_ACTIVATION_SCALED_LINEAR, 2, 0), ("step", NK_ACTIVATION_STEP, 0, 0),
  ("sigmoid", NK_ACTIVATION_SIGMOID, 0, 0), ("hard_sigmoid", NK_ACTIVATION_HARD_SIGMOID, 0, 0),
  ("log_sigmoid", NK_ACTIVATION_LOG_SIGMOID, 0, 0), ("tanh", NK_ACTIVATION_TANH, 0, 0),
  ("hard_tanh", NK_ACTIVATION_HARD_TANH, 0, 0), ("scaled_tanh", NK_ACTIVATION_SCALED_TANH, 1.7159, 2.0 / 3),
  ("tanh_shrink", NK_ACTIVATION_TANH_SHRINK, 0, 0), ("relu", NK_ACTIVATION_RELU, 0, 0),
  ("relu6", NK_ACTIVATION_RELU6, 0, 0), ("leaky_relu", NK_ACTIVATION_LEAKY_RELU, 0.01, 0),
  ("prelu", NK_ACTIVATION_PRELU, 0, 0), ("rrelu", NK_ACTIVATION_RRELU, 0.125, 1.0 / 3),
  ("elu", NK_ACTIVATION_ELU, 1, 0), ("selu", NK_ACTIVATION_SELU, 0, 0), ("celu", NK_ACTIVATION_CELU, 1, 0),
  ("gelu", NK_ACTIVATION_GELU, 0, 0), ("gelu(tanh)", NK_ACTIVATION_GELU_TANH, 0, 0),
  ("silu", NK_ACTIVATION_SILU, 0, 0), ("hard_silu", NK_ACTIVATION_HARD_SILU, 0, 0),
  ("mish", NK_ACTIVATION_MISH, 0, 0), ("softplus", NK_ACTIVATION_SOFTPLUS, 0, 0),
  ("squareplus", NK_ACTIVATION_SQUAREPLUS, 4, 0), ("softsign", NK_ACTIVATION_SOFTSIGN, 0, 0),
  ("elliot", NK_ACTIVATION_ELLIOT, 0, 0), ("exponential", NK_ACTIVATION_EXPONENTIAL, 0, 0),
  ("gaussian", NK_ACTIVATION_GAUSSIAN, 0, 0), ("threshold", NK_ACTIVATION_THRESHOLD, 0, 0),
  ("soft_shrink", NK_ACTIVATION_SOFT_SHRINK, 0.5, 0), ("hard_shrink", NK_ACTIVATION_HARD_SHRINK, 0.5, 0),
  ("softmax", NK_ACTIVATION_SOFTMAX, 0, 0), ("log_softmax", NK_ACTIVATION_LOG_SOFTMAX, 0, 0),
]

/// The floats that the way forward reads and writes for an element: z in and y out, and z once more where it is kept.
///
/// Randomized leaky ReLU has the slope in and the derivative out.
private func forwardFloats(_ kind: nk_activation_kind) -> Int {
  kind == NK_ACTIVATION_RRELU ? 4 : nk_activation_reads_preactivation(kind) ? 3 : 2
}

/// Those of the way back: dy and y, or what is kept in its stead, in and dz out.
///
/// PReLU leaves its slope's share besides; what has a constant derivative reads dy alone, and step's zero nothing.
private func backwardFloats(_ kind: nk_activation_kind) -> Int {
  switch kind {
  case NK_ACTIVATION_STEP: 1
  case NK_ACTIVATION_SCALED_LINEAR: 2
  case NK_ACTIVATION_PRELU: 4
  default: 3
  }
}

/// Each kind, forward and back, over panels that fit the second-level cache, on the widest instruction set.
func registerActivations() {
  let samples = 128, features = 256
  let elements = samples * features
  for (name, kind, a, b) in kinds {
    let forward = forwardFloats(kind), backward = backwardFloats(kind)
    let activation = nk_activation(kind: kind, a: a, b: b, shares_slope: false, slopes: nil)
    Benchmark.movement(
      "\(name) forward", elements: elements, bytes: 4 * forward * elements, workingSet: 4 * forward * elements
    ) {
      try ActivationForward(activation, samples: samples, features: features)
    }
    Benchmark.movement(
      "\(name) backward", elements: elements, bytes: 4 * backward * elements, workingSet: 4 * backward * elements
    ) {
      try ActivationBackward(activation, samples: samples, features: features)
    }
  }
}

/// `y = f(z)` in place.
///
/// Calls follow on one another's results: no kernel branches on a value, so the time is that of fresh ones.
private final class ActivationForward: CheckedWork {
  private let samples, features: Int
  private let values, preactivation, slopes: Block<Float>
  private let activation: nk_activation

  init(_ activation: nk_activation, samples: Int, features: Int) throws {
    self.samples = samples
    self.features = features
    values = try Block<Float>(random: samples * nk_panel_rows(features), in: -4...4, seed: 1)
    preactivation = try Block<Float>(zeros: samples * nk_panel_rows(features))
    slopes = try Block<Float>(random: features, in: 0.1...0.3, seed: 2)
    var withSlopes = activation
    withSlopes.slopes = UnsafePointer(slopes.pointer)
    self.activation = withSlopes
  }

  func run() { activate(values, preactivation, .widest) }

  func check() throws {
    let expected = try Block<Float>(copying: values), expectedKept = try Block<Float>(copying: preactivation)
    run()
    activate(expected, expectedKept, .reference)
    try requireSameBits(values.pointer, expected.pointer, count: values.count, "y")
    try requireSameBits(preactivation.pointer, expectedKept.pointer, count: values.count, "z")
  }

  private func activate(_ values: Block<Float>, _ preactivation: Block<Float>, _ kernels: KernelTable) {
    let keeps = nk_activation_reads_preactivation(activation.kind)
    var arguments = nk_activation_forward(
      samples: samples, features: features, values: values.pointer,
      preactivation: keeps ? preactivation.pointer : nil,
      activation: activation)
    kernels.functions.pointee.activation_forward(&arguments)
  }
}

/// `dz = dy·f′` in place; the values fade to zero, call by call, and the time stays.
private final class ActivationBackward: CheckedWork {
  private let samples, features: Int
  private let gradient, output, preactivation, slopes: Block<Float>
  private let activation: nk_activation

  init(_ activation: nk_activation, samples: Int, features: Int) throws {
    self.samples = samples
    self.features = features
    gradient = try Block<Float>(random: samples * nk_panel_rows(features), seed: 1)
    output = try Block<Float>(random: samples * nk_panel_rows(features), in: 0...1, seed: 2)
    preactivation = try Block<Float>(random: samples * nk_panel_rows(features), in: -4...4, seed: 3)
    slopes = try Block<Float>(random: features, in: 0.1...0.3, seed: 4)
    var withSlopes = activation
    withSlopes.slopes = UnsafePointer(slopes.pointer)
    self.activation = withSlopes
  }

  func run() { derive(gradient, preactivation, .widest) }

  func check() throws {
    let expected = try Block<Float>(copying: gradient), expectedShare = try Block<Float>(copying: preactivation)
    run()
    derive(expected, expectedShare, .reference)
    try requireSameBits(gradient.pointer, expected.pointer, count: gradient.count, "dz")
    try requireSameBits(preactivation.pointer, expectedShare.pointer, count: gradient.count, "slope share")
  }

  private func derive(_ gradient: Block<Float>, _ preactivation: Block<Float>, _ kernels: KernelTable) {
    let keeps = nk_activation_reads_preactivation(activation.kind)
    var arguments = nk_activation_backward(
      samples: samples, features: features, gradient: gradient.pointer, output: output.pointer,
      preactivation: keeps ? preactivation.pointer : nil,
      activation: activation)
    kernels.functions.pointee.activation_backward(&arguments)
  }
}
