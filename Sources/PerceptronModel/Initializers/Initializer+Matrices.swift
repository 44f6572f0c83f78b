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

  /// Rows, or columns where they are fewer, of normal draws, made orthonormal one after the other.
  ///
  /// Gram and Schmidt's way leaves R a positive diagonal, so that the rotation is drawn evenly; going through every vector
  /// twice leaves errors of the size of rounding.
  private static func rotation(_ draws: WeightDraws, _ shape: DenseShape) -> [Double] {
    let outputs = shape.outputCount, inputs = shape.inputCount, hasFewRows = outputs <= inputs
    let count = min(outputs, inputs), length = max(outputs, inputs)
    var vectors = [Double](repeating: 0, count: count * length)
    for output in 0..<outputs {
      let row = row(draws, output, shape) { WeightDraws.normal($0, deviation: 1) }
      for input in 0..<inputs { vectors[hasFewRows ? output * length + input : input * length + output] = row[input] }
    }
    vectors.withUnsafeMutableBufferPointer { vectors in
      for index in 0..<count {
        let vector = UnsafeMutableBufferPointer(rebasing: vectors[index * length..<(index + 1) * length])
        for _ in 0..<2 {
          for earlier in 0..<index {
            let other = UnsafeMutableBufferPointer(rebasing: vectors[earlier * length..<(earlier + 1) * length])
            let overlap = dot(vector, other)
            for place in 0..<length { vector[place] -= overlap * other[place] }
          }
        }
        let norm = dot(vector, vector).squareRoot()
        for place in 0..<length { vector[place] /= norm }
      }
    }
    if hasFewRows { return vectors }
    return (0..<outputs * inputs).map { vectors[$0 % inputs * length + $0 / inputs] }
  }

  /// Eight sums side by side, added in order: one order on every machine.
  private static func dot(_ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>) -> Double {
    var sums = SIMD8<Double>()
    let whole = a.count / 8 * 8
    for first in stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { sums[lane] += a[first + lane] * b[first + lane] }
    }
    var sum = 0.0
    for lane in 0..<8 { sum += sums[lane] }
    for place in whole..<a.count { sum += a[place] * b[place] }
    return sum
  }
}
