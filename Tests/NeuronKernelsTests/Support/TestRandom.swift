/// A seeded source of test values (SplitMix64), so that a failing case can be run again.
struct TestRandom {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 }

  /// The next 64 random bits.
  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A float in −`reach` ..< `reach`.
  mutating func float(reach: Float) -> Float { (Float(bits() >> 40) * 0x1p-23 - 1) * reach }

  /// An integer in 0 ..< `limit`.
  mutating func integer(below limit: Int) -> Int { Int(bits() >> 33) % limit }

  /// Floats in −`reach` ..< `reach`.
  mutating func floats(_ count: Int, reach: Float = 2) -> [Float] { (0..<count).map { _ in float(reach: reach) } }

  /// Whole numbers from −`reach` to `reach`.
  mutating func wholeFloats(_ count: Int, reach: Int) -> [Float] {
    (0..<count).map { _ in Float(integer(below: 2 * reach + 1) - reach) }
  }

  /// Mostly ordinary floats, with infinities, NaN, signed zeros, subnormals and the largest values strewn in.
  mutating func strangeFloats(_ count: Int) -> [Float] {
    let strange: [Float] = [
      .infinity, -.infinity, .nan, 0, -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude / 2,
      .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
    ]
    return (0..<count).map { _ in
      integer(below: 8) == 0 ? strange[integer(below: strange.count)] : float(reach: 100)
    }
  }

  /// Integers in 0 ..< `limit`; they repeat when `limit` is small.
  mutating func indices(_ count: Int, below limit: Int) -> [UInt32] {
    (0..<count).map { _ in UInt32(integer(below: limit)) }
  }
}
