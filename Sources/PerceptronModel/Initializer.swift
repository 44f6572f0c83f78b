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

  /// The weights from inputs `firstInput` ..< `firstInput + 4` to `output` of layer `layer`; `firstInput` divides by 4.
  func weights(seed: UInt64, layer: Int, firstInput: Int, output: Int, shape: DenseShape) -> SIMD4<Float> {
    let stream = UInt64(PhiloxStream.Purpose.parameterInitialization.rawValue) << 32 | UInt64(layer)
    let draws = Philox4x32.block(key: seed, counter: (UInt64(output) << 32 | UInt64(firstInput / 4), stream))
    // The middle of each of 2³² equal intervals: never 0, so its logarithm exists.
    let uniform = (SIMD4<Double>(draws) + 0.5) * 0x1p-32
    let fanIn = Double(shape.inputCount), fanSum = Double(shape.inputCount + shape.outputCount)
    return switch self {
    case .glorotUniform: symmetric(uniform, bound: (6 / fanSum).squareRoot())
    case .heUniform: symmetric(uniform, bound: (6 / fanIn).squareRoot())
    case .glorotNormal: normal(uniform, deviation: (2 / fanSum).squareRoot())
    case .heNormal: normal(uniform, deviation: (2 / fanIn).squareRoot())
    case .zeros: .zero
    }
  }

  private func symmetric(_ uniform: SIMD4<Double>, bound: Double) -> SIMD4<Float> {
    SIMD4<Float>((uniform * 2 - 1) * bound)
  }

  /// Box and Muller's transform: each pair of uniform draws gives a pair of normal ones.
  private func normal(_ uniform: SIMD4<Double>, deviation: Double) -> SIMD4<Float> {
    func pair(_ u: Double, _ v: Double) -> (Double, Double) {
      let radius = deviation * (-2 * log(u)).squareRoot(), angle = 2 * Double.pi * v
      return (radius * cos(angle), radius * sin(angle))
    }
    let (a, b) = pair(uniform.x, uniform.y), (c, d) = pair(uniform.z, uniform.w)
    return SIMD4<Float>(Float(a), Float(b), Float(c), Float(d))
  }
}
