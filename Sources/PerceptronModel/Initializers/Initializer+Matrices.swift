import Glibc
import NeuronKernels

/// Initial values that no weight has by itself: rows of a length, rows with zeros among them, rotations.
extension Initializer {
  /// All weights of a layer, row-major `[output][input]`; nil for an initializer whose weights are drawn one by one.
  func wholeMatrix(seed: UInt64, layer: Int, shape: DenseShape) -> [Float]? {
    let draws = WeightDraws(seed: seed, layer: layer)
    switch self {
    case .orthogonal(let gain): return Self.rotation(draws, shape).map { Float(Double(gain) * $0) }
    case .sparse(let share, let deviation):
      return Self.rows(shape) { output in Self.sparseRow(draws, output, shape, share: share, deviation: deviation) }
    case .nguyenWidrow:
      let length = Self.nguyenWidrowLength(shape)
      return Self.rows(shape) { output in
        let row = Self.row(draws, output, shape) { $0 * 2 - 1 }
        let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 * (length / norm) }
      }
    default: return nil
    }
  }

  /// The biases that belong to the method; nil where they start at the layer's own initial value.
  func biases(seed: UInt64, layer: Int, shape: DenseShape) -> [Float]? {
    guard case .nguyenWidrow = self else { return nil }
    let draws = WeightDraws(seed: seed, layer: layer), length = Self.nguyenWidrowLength(shape)
    return (0..<shape.outputCount).map { output in
      Float((draws.uniform(output: output, firstInput: 0, .biases).x * 2 - 1) * length)
    }
  }

  private static func nguyenWidrowLength(_ shape: DenseShape) -> Double {
    0.7 * pow(Double(shape.outputCount), 1 / Double(shape.inputCount))
  }

  private static func rows(_ shape: DenseShape, _ row: (Int) -> [Double]) -> [Float] {
    (0..<shape.outputCount).flatMap { output in row(output).map { Float($0) } }
  }

  /// A unit's draws, four at a time.
  private static func row(
    _ draws: WeightDraws, _ output: Int, _ shape: DenseShape, _ kind: WeightDraws.Kind = .weights,
    _ map: (SIMD4<Double>) -> SIMD4<Double>
  ) -> [Double] {
    var row: [Double] = []
    row.reserveCapacity(shape.inputCount)
    for first in stride(from: 0, to: shape.inputCount, by: 4) {
      let four = map(draws.uniform(output: output, firstInput: first, kind))
      for lane in 0..<min(4, shape.inputCount - first) { row.append(four[lane]) }
    }
    return row
  }

  /// The inputs with the smallest numbers of a second draw lose their weight.
  private static func sparseRow(
    _ draws: WeightDraws, _ output: Int, _ shape: DenseShape, share: Float, deviation: Float
  ) -> [Double] {
    var row = row(draws, output, shape) { WeightDraws.normal($0, deviation: Double(deviation)) }
    let ranks = Self.row(draws, output, shape, .connections) { $0 }
    // In single precision, where 0.8 of 45 is 36.
    let zeros = Int((share * Float(shape.inputCount)).rounded(.up))
    let order = row.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
    for input in order.prefix(zeros) { row[input] = 0 }
    return row
  }

  /// Rows, or columns where they are fewer, of normal draws, made orthonormal.
  private static func rotation(_ draws: WeightDraws, _ shape: DenseShape) -> [Double] {
    let outputs = shape.outputCount, inputs = shape.inputCount, hasFewRows = outputs <= inputs
    var vectors = OrthonormalVectors(count: min(outputs, inputs), length: max(outputs, inputs))
    for output in 0..<outputs {
      let row = row(draws, output, shape) { WeightDraws.normal($0, deviation: 1) }
      for input in 0..<inputs {
        vectors[hasFewRows ? output : input, hasFewRows ? input : output] = row[input]
      }
    }
    vectors.orthonormalize()
    return (0..<outputs).flatMap { output in
      (0..<inputs).map { input in vectors[hasFewRows ? output : input, hasFewRows ? input : output] }
    }
  }
}
