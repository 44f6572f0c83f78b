import NeuronKernels

/// A function that a neuron applies to its weighted sum, y = f(z).
///
/// Without a non-linear one, any depth of layers collapses into a single linear map.
public enum ActivationFunction: Sendable, Hashable {
  /// y = z. The output of a regression.
  case linear
  /// y = 1 where z > 0, else 0. Its derivative is zero everywhere, so nothing below it learns: forward only.
  case step
  /// y = 1/(1+e⁻ᶻ), in (0, 1).
  case sigmoid
  /// y = tanh z, in (−1, 1).
  case tanh
  /// y = max(0, z).
  case relu
  /// y = z where z ≥ 0, else slope·z.
  case leakyReLU(slope: Float = 0.01)
  /// Leaky ReLU whose slope is learned, one for each unit, from `initialSlope` on.
  ///
  /// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
  case preLU(initialSlope: Float = 0.25)
  /// y = eᶻ/Σeᶻ over the units of a sample: probabilities that sum to one. Meant for the output layer.
  case softmax

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .linear: "linear"
    case .step: "step"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .leakyReLU: "leaky_relu"
    case .preLU: "prelu"
    case .softmax: "softmax"
    }
  }

  /// All names that ``named(_:slope:)`` accepts.
  public static let names = ["linear", "step", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "softmax"]

  /// The function of a configuration's name, with `slope` for the two that have one; nil for an unknown name.
  public static func named(_ name: String, slope: Float? = nil) -> ActivationFunction? {
    switch name {
    case "linear": .linear
    case "step": .step
    case "sigmoid": .sigmoid
    case "tanh": .tanh
    case "relu": .relu
    case "leaky_relu": .leakyReLU(slope: slope ?? 0.01)
    case "prelu": .preLU(initialSlope: slope ?? 0.25)
    case "softmax": .softmax
    default: nil
    }
  }

  /// The slope for negative sums, where the function has one.
  public var slope: Float? {
    switch self {
    case .leakyReLU(let slope), .preLU(let slope): slope
    default: nil
    }
  }

  /// Whether a slope per unit is a parameter of the network.
  var learnsSlopes: Bool { if case .preLU = self { true } else { false } }

  /// Whether the derivative needs the weighted sum z, and not the output alone.
  var needsPreactivation: Bool { learnsSlopes }

  /// Rectifiers keep half of their inputs, which is what He's initialisation makes up for.
  var isRectifier: Bool {
    switch self {
    case .relu, .leakyReLU, .preLU: true
    default: false
    }
  }

  /// The function as the kernels take it; `slopes` are the learned ones.
  func kernelActivation(slopes: UnsafePointer<Float>?) -> KernelActivation {
    switch self {
    case .linear: .linear
    case .step: KernelActivation(.step)
    case .sigmoid: KernelActivation(.sigmoid)
    case .tanh: KernelActivation(.tanh)
    case .relu: KernelActivation(.relu)
    case .leakyReLU(let slope): KernelActivation(.leakyReLU, slope: slope)
    case .preLU: KernelActivation(.preLU, slopes: slopes)
    case .softmax: KernelActivation(.softmax)
    }
  }
}

extension ActivationFunction: CustomStringConvertible {
  /// The name, with its slope where one was chosen.
  public var description: String { slope.map { "\(name)(\($0))" } ?? name }
}
