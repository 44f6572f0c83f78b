/// Sebastiano Vigna's generator of 64 bits: small, and the same everywhere.
public struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  /// Begins at a state, from which all that follows is decided.
  public init(state: UInt64) { self.state = state }

  /// 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
