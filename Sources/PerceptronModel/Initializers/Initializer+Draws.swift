import Glibc
import NeuronKernels

/// The random numbers behind initial weights: addressed by seed, layer, output and input, and by nothing else.
struct WeightDraws {
  let seed: UInt64
  let layer: Int

  /// What a layer draws besides one number for each weight.
  enum Kind: Int {
    case weights = 0
    case biases = 1
    /// Which inputs of a unit are connected.
    case connections = 2
  }

  /// Four numbers in (0, 1), for inputs `firstInput` ..< `firstInput + 4` of `output`; `firstInput` divides by 4.
  func uniform(output: Int, firstInput: Int, _ kind: Kind = .weights) -> SIMD4<Double> {
    let stream = UInt64(PhiloxStream.Purpose.parameterInitialization.rawValue) << 32 | UInt64(layer)
    // Inputs are fewer than 2²⁴, so the word has room for the kind.
    let words = Philox4x32.block(
      key: seed, counter: (UInt64(output) << 32 | UInt64(kind.rawValue) << 30 | UInt64(firstInput / 4), stream))
    // The middle of each of 2³² equal intervals: never 0, so its logarithm exists.
    return (SIMD4<Double>(words) + 0.5) * 0x1p-32
  }

  /// Box and Muller's transform: each pair of uniform draws gives a pair of normal ones.
  static func normal(_ uniform: SIMD4<Double>, deviation: Double) -> SIMD4<Double> {
    func pair(_ u: Double, _ v: Double) -> (Double, Double) {
      let radius = deviation * (-2 * log(u)).squareRoot(), angle = 2 * Double.pi * v
      return (radius * cos(angle), radius * sin(angle))
    }
    let (a, b) = pair(uniform.x, uniform.y), (c, d) = pair(uniform.z, uniform.w)
    return SIMD4<Double>(a, b, c, d)
  }

  /// Normal draws within two deviations, by the inverse of the distribution.
  static func truncatedNormal(_ uniform: SIMD4<Double>, deviation: Double) -> SIMD4<Double> {
    let outside = 0.5 * erfc(2 / 2.0.squareRoot()), inside = 1 - 2 * outside
    var drawn = SIMD4<Double>()
    for lane in 0..<4 {
      drawn[lane] = min(
        max(deviation * normalQuantile(outside + uniform[lane] * inside), -2 * deviation), 2 * deviation)
    }
    return drawn
  }

  /// The number below which a normal draw lies with probability `p`, to double precision for p in 0.02 … 0.98.
  ///
  /// Source: Acklam's rational approximation, 2003, and one step of Halley's method.
  private static func normalQuantile(_ p: Double) -> Double {
    let x: Double
    if p < 0.02425 || p > 0.97575 {
      let q = (-2 * log(min(p, 1 - p))).squareRoot()
      let above =
        ((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734)
          * q + 4.374664141464968) * q + 2.938163982698783
      let below =
        (((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q
        + 1
      x = (p < 0.5 ? 1 : -1) * above / below
    } else {
      let q = p - 0.5, r = q * q
      let above =
        ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.3577518672690) * r
          - 30.66479806614716) * r + 2.506628277459239
      let below =
        ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r
          - 13.28068155288572) * r + 1
      x = above * q / below
    }
    let error = 0.5 * erfc(-x / 2.0.squareRoot()) - p
    let step = error * (2 * Double.pi).squareRoot() * exp(x * x / 2)
    return x - step / (1 + x * step / 2)
  }
}

extension Initializer {
  /// The weights from inputs `firstInput` ..< `firstInput + 4` to `output` of layer `layer`; `firstInput` divides by 4.
  ///
  /// - Precondition: not for ``wholeMatrix(seed:layer:shape:)``'s.
  func weights(seed: UInt64, layer: Int, firstInput: Int, output: Int, shape: DenseShape) -> SIMD4<Float> {
    let draws = WeightDraws(seed: seed, layer: layer)
    func uniform() -> SIMD4<Double> { draws.uniform(output: output, firstInput: firstInput) }
    func symmetric(_ bound: Double) -> SIMD4<Float> { SIMD4<Float>((uniform() * 2 - 1) * bound) }
    func normal(_ deviation: Double) -> SIMD4<Float> {
      SIMD4<Float>(WeightDraws.normal(uniform(), deviation: deviation))
    }
    func truncated(_ deviation: Double) -> SIMD4<Float> {
      SIMD4<Float>(WeightDraws.truncatedNormal(uniform(), deviation: deviation))
    }
    let fanIn = Double(shape.inputCount), fanSum = Double(shape.inputCount + shape.outputCount)
    switch self {
    case .glorotUniform: return symmetric((6 / fanSum).squareRoot())
    case .heUniform: return symmetric((6 / fanIn).squareRoot())
    case .lecunUniform: return symmetric((3 / fanIn).squareRoot())
    case .glorotNormal: return normal((2 / fanSum).squareRoot())
    case .heNormal: return normal((2 / fanIn).squareRoot())
    case .lecunNormal: return normal((1 / fanIn).squareRoot())
    case .randomNormal(let deviation): return normal(Double(deviation))
    case .randomUniform(let bound): return symmetric(Double(bound))
    case .truncatedNormal(let deviation): return truncated(Double(deviation))
    case .varianceScaling(let scale, let fan, let distribution):
      let variance = Double(scale) / fan.count(shape)
      switch distribution {
      // What is left of a deviation of 1 within ±2.
      case .truncated: return truncated(variance.squareRoot() / 0.879_625_661_034_239_8)
      case .normal: return normal(variance.squareRoot())
      case .uniform: return symmetric((3 * variance).squareRoot())
      }
    case .constant(let value): return SIMD4(repeating: value)
    case .ones: return SIMD4(repeating: 1)
    case .identity(let gain):
      var row = SIMD4<Float>.zero
      if (firstInput..<firstInput + 4).contains(output) { row[output - firstInput] = gain }
      return row
    case .zeros, .orthogonal, .sparse, .nguyenWidrow: return .zero
    }
  }
}

extension InitializerFan {
  fileprivate func count(_ shape: DenseShape) -> Double {
    switch self {
    case .input: Double(shape.inputCount)
    case .output: Double(shape.outputCount)
    case .average: Double(shape.inputCount + shape.outputCount) / 2
    }
  }
}
