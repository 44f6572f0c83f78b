import Glibc
import NeuronKernels
import Testing

/// A loss in double precision, straight from its equation, with numbers to try it on.
struct LossEquation: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  enum Wanted { case signed, positive, shares, bits, counts, labels }

  let kernel: KernelLoss
  let wanted: Wanted
  /// The loss of one sample with these outputs and targets.
  let formula: @Sendable (_ outputs: [Double], _ targets: [Double]) -> Double

  var description: String { "\(kernel.kind)(\(kernel.a), \(kernel.b)) of \(wanted)" }
  var testDescription: String { description }

  /// A mean over the outputs.
  private init(
    _ kind: KernelLoss.Kind, _ wanted: Wanted, a: Float = 1, b: Float = 0,
    each: @escaping @Sendable (Double, Double) -> Double
  ) {
    self.init(kind, wanted, a: a, b: b) { y, t in zip(y, t).reduce(0) { $0 + each($1.0, $1.1) } / Double(y.count) }
  }

  private init(
    _ kind: KernelLoss.Kind, _ wanted: Wanted, a: Float = 1, b: Float = 0,
    formula: @escaping @Sendable ([Double], [Double]) -> Double
  ) {
    kernel = KernelLoss(kind, a: a, b: b)
    self.wanted = wanted
    self.formula = formula
  }

  static let all: [LossEquation] = [
    LossEquation(.meanSquaredError, .signed) { ($0 - $1) * ($0 - $1) },
    LossEquation(.meanAbsoluteError, .signed) { abs($0 - $1) },
    LossEquation(.meanAbsolutePercentageError, .signed) { 100 * abs($0 - $1) / max(abs($1), 1e-7) },
    LossEquation(.meanSquaredLogarithmicError, .positive) {
      let e = log1p(max($0, 0)) - log1p($1)
      return e * e
    },
    LossEquation(.huber, .signed, a: 0.75) {
      let e = abs($0 - $1)
      return e <= 0.75 ? e * e / 2 : 0.75 * e - 0.75 * 0.75 / 2
    },
    LossEquation(.logCosh, .signed) { log(cosh($0 - $1)) },
    LossEquation(.quantile, .signed, a: 0.25) { $0 > $1 ? 0.75 * ($0 - $1) : 0.25 * ($1 - $0) },
    LossEquation(.binaryCrossEntropy, .bits) { binary($0, $1) },
    LossEquation(.binaryCrossEntropy, .shares, a: 0.75, b: 0.125) { binary($0, 0.75 * $1 + 0.125) },
    LossEquation(.binaryFocal, .bits, a: 1.5) { pow(1 - side($0, $1), 1.5) * -log(side($0, $1)) },
    LossEquation(.poisson, .counts) { abs($0) - $1 * log(abs($0) + 1e-7) },
    LossEquation(.logPoisson, .counts) { exp($0) - $1 * $0 },
    LossEquation(.hinge, .bits) { max(0, 1 - ($1 > 0 ? $0 : -$0)) },
    LossEquation(.squaredHinge, .signed) { pow(max(0, 1 - ($1 > 0 ? $0 : -$0)), 2) },
    LossEquation(.crossEntropy, .labels) { z, t in -zip(softmax(z), t).reduce(0) { $0 + $1.1 * log($1.0) } },
    LossEquation(.crossEntropy, .shares, a: 0.75, b: 0.0625) { z, t in
      -zip(softmax(z), t).reduce(0) { $0 + (0.75 * $1.1 + 0.0625) * log($1.0) }
    },
    LossEquation(.klDivergence, .shares) { z, t in
      zip(softmax(z), t).reduce(0) { $1.1 > 0 ? $0 + $1.1 * log($1.1 / $1.0) : $0 }
    },
    LossEquation(.focal, .labels, a: 1.5) { z, t in
      zip(softmax(z), t).reduce(0) { $1.1 > 0 ? $0 - pow(1 - $1.0, 1.5) * log($1.0) : $0 }
    },
    LossEquation(.categoricalHinge, .labels) { y, t in
      let other = zip(y, t).map { (1 - $1) * $0 }.max() ?? 0
      return max(0, 1 + other - zip(y, t).reduce(0) { $0 + $1.0 * $1.1 })
    },
    LossEquation(.cosineSimilarity, .signed) { y, t in
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return -dot(y, t) / (dot(y, y) * dot(t, t)).squareRoot()
    },
    LossEquation(.gaussianNLL, .signed) { y, t in
      t.indices.reduce(0) { sum, o in
        let s = y[t.count + o]
        return sum + (s + pow(t[o] - y[o], 2) / exp(s)) / 2
      } / Double(t.count)
    },
  ]

  private static func binary(_ z: Double, _ t: Double) -> Double { log1p(exp(-abs(z))) + max(z, 0) - t * z }
  private static func side(_ z: Double, _ t: Double) -> Double { 1 / (1 + exp(t > 0.5 ? -z : z)) }
  private static func softmax(_ z: [Double]) -> [Double] {
    let powers = z.map { exp($0 - z.max()!) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  /// Outputs in whole 37ths, whose distances from kinks are never small, and targets as the loss wants them.
  func draw(_ samples: Int, _ outputs: Int) -> LossCase {
    var random = TestRandom(seed: samples + outputs), rowCount = 40
    if wanted == .labels { rowCount = 50 }
    let width = kernel.kind == .gaussianNLL ? outputs / 2 : outputs
    var values = random.wholeFloats(samples * outputs, reach: 80).map { ($0 + 0.25) / 37 }
    // Two classes in the lead would share a slope that belongs to one of them.
    if kernel.kind == .categoricalHinge { values = values.enumerated().map { $1 + Float($0) / 1024 } }
    if kernel.kind == .poisson || kernel.kind == .meanSquaredLogarithmicError { values = values.map { abs($0) + 0.01 } }
    return LossCase(
      loss: kernel, samples: samples, outputs: outputs, indices: random.indices(samples, below: rowCount),
      labels: wanted == .labels ? random.indices(rowCount, below: outputs) : nil,
      targets: targets(rowCount * width, width: width, &random), wantsGradient: true, gradientScale: 0.125,
      values: values)
  }

  private func targets(_ count: Int, width: Int, _ random: inout TestRandom) -> [Float]? {
    switch wanted {
    case .labels: return nil
    case .signed: return random.wholeFloats(count, reach: 30).map { ($0 + 0.5) / 16 }
    case .positive: return random.wholeFloats(count, reach: 30).map { abs($0) / 16 }
    case .bits: return (0..<count).map { _ in Float(random.integer(below: 2)) }
    case .counts: return (0..<count).map { _ in Float(random.integer(below: 5)) }
    case .shares:
      let parts = (0..<count).map { _ in Float(random.integer(below: 8)) + 0.5 }
      return parts.indices.map { index in
        let row = index / width * width
        return parts[index] / parts[row..<row + width].reduce(0, +)
      }
    }
  }

  /// The loss of one sample of a head.
  func loss(_ head: LossCase, sample: Int) -> Double { formula(outputs(head, sample), targets(head, sample)) }

  /// ∂loss/∂output of one sample.
  func centralDifference(_ head: LossCase, sample: Int, output: Int) -> Double {
    let step = 1e-5, wanted = targets(head, sample)
    var (above, below) = (outputs(head, sample), outputs(head, sample))
    above[output] += step
    below[output] -= step
    return (formula(above, wanted) - formula(below, wanted)) / (2 * step)
  }

  private func outputs(_ head: LossCase, _ sample: Int) -> [Double] {
    head.values[sample * head.outputs..<(sample + 1) * head.outputs].map(Double.init)
  }

  private func targets(_ head: LossCase, _ sample: Int) -> [Double] {
    let row = Int(head.indices[sample])
    if let targets = head.targets {
      let width = kernel.kind == .gaussianNLL ? head.outputs / 2 : head.outputs
      return targets[row * width..<(row + 1) * width].map(Double.init)
    }
    return (0..<head.outputs).map { head.labels![row] == UInt32($0) ? 1 : 0 }
  }
}
