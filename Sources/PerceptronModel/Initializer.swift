import Glibc
import NeuronKernels

/// How a layer's weights are drawn before training; biases start at zero.
///
/// Every weight is a function of (seed, layer, output, input) alone, so neither the memory layout nor the number of
/// workers changes it.
public enum Initializer: String, Sendable, Hashable, CaseIterable {
  /// Uniform in ±√(6/(inputs + outputs)).
  ///
  /// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
  case glorotUniform = "glorot_uniform"
  /// Normal with variance 2/(inputs + outputs).
  case glorotNormal = "glorot_normal"
  /// Uniform in ±√(6/inputs), which keeps the variance through rectifiers.
  ///
  /// Source: He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", 2015, arXiv:1502.01852.
  case heUniform = "he_uniform"
  /// Normal with variance 2/inputs.
  case heNormal = "he_normal"
  /// All zero.
  case zeros

  /// He's for rectifiers, Glorot's for everything else.
  static func standard(for activation: ActivationFunction) -> Initializer {
    activation.isRectifier ? .heUniform : .glorotUniform
  }

  /// The weight from `input` to `output` of layer `layer`.
  func weight(seed: UInt64, layer: Int, input: Int, output: Int, shape: DenseShape) -> Float {
    let stream = UInt64(PhiloxStream.Purpose.parameterInitialization.rawValue) << 32 | UInt64(layer)
    let draws = Philox4x32.block(key: seed, counter: (UInt64(output) << 32 | UInt64(input), stream))
    let fanIn = Double(shape.inputCount), fanSum = Double(shape.inputCount + shape.outputCount)
    return switch self {
    case .glorotUniform: symmetric(draws, bound: (6 / fanSum).squareRoot())
    case .heUniform: symmetric(draws, bound: (6 / fanIn).squareRoot())
    case .glorotNormal: normal(draws, deviation: (2 / fanSum).squareRoot())
    case .heNormal: normal(draws, deviation: (2 / fanIn).squareRoot())
    case .zeros: 0
    }
  }

  private func symmetric(_ draws: SIMD4<UInt32>, bound: Double) -> Float {
    Float((Double(draws.x) + 0.5) * 0x1p-32 * 2 * bound - bound)
  }

  /// Box and Muller's transform of two uniform draws.
  private func normal(_ draws: SIMD4<UInt32>, deviation: Double) -> Float {
    let radius = (-2 * log((Double(draws.x) + 0.5) * 0x1p-32)).squareRoot()
    return Float(deviation * radius * cos(2 * Double.pi * (Double(draws.y) + 0.5) * 0x1p-32))
  }
}
