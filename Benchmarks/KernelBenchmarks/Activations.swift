import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// The kinds, under the names that configurations use, with the floats that each way reads and writes for an element.
///
/// z in and y out; dy and y in and dz out. The step's derivative is zero whatever comes in; PReLU keeps z on the way
/// forward and turns it into its slope's share on the way back.
private let kinds: [(name: String, kind: nk_activation_kind, forward: Int, backward: Int)] = [
  ("step", NK_ACTIVATION_STEP, 2, 1),
  ("sigmoid", NK_ACTIVATION_SIGMOID, 2, 3),
  ("tanh", NK_ACTIVATION_TANH, 2, 3),
  ("relu", NK_ACTIVATION_RELU, 2, 3),
  ("leaky_relu", NK_ACTIVATION_LEAKY_RELU, 2, 3),
  ("prelu", NK_ACTIVATION_PRELU, 3, 5),
  ("softmax", NK_ACTIVATION_SOFTMAX, 2, 3),
]

/// Each kind, forward and back, over panels that fit the second-level cache, on the widest instruction set.
func registerActivations() {
  let samples = 128, features = 256
  let elements = samples * features
  for (name, kind, forward, backward) in kinds {
    Benchmark.movement(
      "\(name) forward", elements: elements, bytes: 4 * forward * elements, workingSet: 4 * forward * elements
    ) {
      try ActivationForward(kind, samples: samples, features: features)
    }
    Benchmark.movement(
      "\(name) backward", elements: elements, bytes: 4 * backward * elements, workingSet: 4 * backward * elements
    ) {
      try ActivationBackward(kind, samples: samples, features: features)
    }
  }
}

/// `y = f(z)` in place.
///
/// Calls follow on one another's results: no kernel branches on a value, so the time is that of fresh ones.
private final class ActivationForward: CheckedWork {
  private let samples, features: Int
  private let values, preactivation, slopes: Block<Float>
  private let kind: nk_activation_kind

  init(_ kind: nk_activation_kind, samples: Int, features: Int) throws {
    self.kind = kind
    self.samples = samples
    self.features = features
    values = try Block<Float>(random: samples * features, in: -4...4, seed: 1)
    preactivation = try Block<Float>(zeros: samples * features)
    slopes = try Block<Float>(random: features, in: 0.1...0.3, seed: 2)
  }

  func run() { activate(values, .widest) }

  func check() throws {
    let expected = try Block<Float>(copying: values)
    run()
    activate(expected, .reference)
    try requireSameBits(values.pointer, expected.pointer, count: values.count, "y")
  }

  private func activate(_ values: Block<Float>, _ kernels: KernelTable) {
    let isLearned = kind == NK_ACTIVATION_PRELU
    var arguments = nk_activation_forward(
      samples: samples, features: features, values: values.pointer,
      preactivation: isLearned ? preactivation.pointer : nil,
      activation: nk_activation(kind: kind, slope: 0.01, slopes: slopes.pointer))
    kernels.functions.pointee.activation_forward(&arguments)
  }
}

/// `dz = dy·f′` in place; the values fade to zero, call by call, and the time stays.
private final class ActivationBackward: CheckedWork {
  private let samples, features: Int
  private let gradient, output, preactivation, slopes: Block<Float>
  private let kind: nk_activation_kind

  init(_ kind: nk_activation_kind, samples: Int, features: Int) throws {
    self.kind = kind
    self.samples = samples
    self.features = features
    gradient = try Block<Float>(random: samples * features, seed: 1)
    output = try Block<Float>(random: samples * features, in: 0...1, seed: 2)
    preactivation = try Block<Float>(random: samples * features, in: -4...4, seed: 3)
    slopes = try Block<Float>(random: features, in: 0.1...0.3, seed: 4)
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
    let isLearned = kind == NK_ACTIVATION_PRELU
    var arguments = nk_activation_backward(
      samples: samples, features: features, gradient: gradient.pointer, output: output.pointer,
      preactivation: isLearned ? preactivation.pointer : nil,
      activation: nk_activation(kind: kind, slope: 0.01, slopes: slopes.pointer))
    kernels.functions.pointee.activation_backward(&arguments)
  }
}
