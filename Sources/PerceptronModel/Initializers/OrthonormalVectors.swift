import NeuronKernels

/// Vectors of doubles that are made orthonormal, each from itself and those before it.
///
/// Gram and Schmidt's way leaves R a positive diagonal, so that normal draws give rotations that are drawn evenly. Few vectors
/// go through it one after the other, each twice, which leaves errors of the size of rounding. Of many, blocks are first
/// freed of their parts along all blocks before them, by products; what is left is as independent as it was, so that errors
/// stay far below single precision.
///
/// Source: Björck, "Numerics of Gram-Schmidt Orthogonalization", 1994, doi:10.1016/0024-3795(94)90493-6.
struct OrthonormalVectors {
  /// Up to so many vectors go one after the other.
  static let fewest = 512
  /// Vectors of a block.
  private static let blockCount = 64

  private let count: Int
  private let length: Int
  /// Doubles from one vector to the next: whole groups of eight where products are formed, the rest of them zero.
  private let stride: Int
  private var values: [Double]

  /// Room for `count` vectors of `length` elements, all zero; `count` is `length` at most.
  init(count: Int, length: Int) {
    self.count = count
    self.length = length
    stride = count > Self.fewest ? (length + 7) / 8 * 8 : length
    values = [Double](repeating: 0, count: count * stride)
  }

  /// An element of a vector.
  subscript(vector: Int, place: Int) -> Double {
    get { values[vector * stride + place] }
    set { values[vector * stride + place] = newValue }
  }

  /// Makes the vectors orthonormal; the same bits on every machine.
  mutating func orthonormalize() {
    let count = count, stride = stride
    values.withUnsafeMutableBufferPointer { values in
      guard let first = values.baseAddress else { return }
      guard count > Self.fewest else { return Self.orthonormalize(first, count: count, length: stride) }
      let kernels = (try? InstructionSet.selected()) ?? .reference
      withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.blockCount * Self.blockCount) { overlaps in
        guard let overlaps = overlaps.baseAddress else { return }
        for start in Swift.stride(from: 0, to: count, by: Self.blockCount) {
          let block = first + start * stride, height = min(Self.blockCount, count - start)
          for earlier in Swift.stride(from: 0, to: start, by: Self.blockCount) {
            kernels.project(
              length: stride, vectors: block, count: height, basis: first + earlier * stride,
              basisCount: Self.blockCount, overlaps: overlaps)
          }
          Self.orthonormalize(block, count: height, length: stride)
        }
      }
    }
  }

  /// One vector after the other, each freed twice of its parts along those before it.
  private static func orthonormalize(_ vectors: UnsafeMutablePointer<Double>, count: Int, length: Int) {
    for index in 0..<count {
      let vector = UnsafeMutableBufferPointer(start: vectors + index * length, count: length)
      for _ in 0..<2 {
        for earlier in 0..<index {
          let other = UnsafeMutableBufferPointer(start: vectors + earlier * length, count: length)
          let overlap = dot(vector, other)
          for place in 0..<length { vector[place] -= overlap * other[place] }
        }
      }
      let norm = dot(vector, vector).squareRoot()
      for place in 0..<length { vector[place] /= norm }
    }
  }

  /// Eight sums side by side, added in order: one order on every machine.
  private static func dot(_ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>) -> Double {
    var sums = SIMD8<Double>()
    let whole = a.count / 8 * 8
    for first in Swift.stride(from: 0, to: whole, by: 8) {
      for lane in 0..<8 { sums[lane] += a[first + lane] * b[first + lane] }
    }
    var sum = 0.0
    for lane in 0..<8 { sum += sums[lane] }
    for place in whole..<a.count { sum += a[place] * b[place] }
    return sum
  }
}
