/// The counter-based generator Philox4x32-10: 128 random bits from a key and a counter, with no state in between.
///
/// Any block can be computed on its own, by any worker, in any order; that is why a shuffle or an initial weight does
/// not depend on the number of workers or on what was drawn before it.
/// - Source: Salmon, Moraes, Dror, Shaw (2011), Parallel Random Numbers: As Easy as 1, 2, 3, SC '11, section 4.1 and
///   table 2, doi:10.1145/2063384.2063405. Not for cryptography.
public struct Philox4x32: Sendable {
  /// Computes the four random words that belong to one counter under one key.
  ///
  /// - Parameters:
  ///   - key: the stream's key, normally the run's seed; its low half is the first key word.
  ///   - counter: which block is wanted; the low half of the first member is the first counter word.
  /// - Returns: four independent uniform 32-bit words.
  /// - Complexity: ten rounds, 20 multiplications; allocates nothing.
  @inlinable
  public static func block(key: UInt64, counter: (UInt64, UInt64)) -> SIMD4<UInt32> {
    var (key0, key1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    var words = SIMD4(
      UInt32(truncatingIfNeeded: counter.0), UInt32(truncatingIfNeeded: counter.0 >> 32),
      UInt32(truncatingIfNeeded: counter.1), UInt32(truncatingIfNeeded: counter.1 >> 32))
    for _ in 0..<10 {
      let first = words[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = words[2].multipliedFullWidth(by: 0xCD9E_8D57)
      words = SIMD4(second.high ^ words[1] ^ key0, second.low, first.high ^ words[3] ^ key1, first.low)
      // The key walks in steps of the golden ratio and of √3 − 1.
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return words
  }

  /// Maps a random word to a `Float` in [0, 1), using its upper 24 bits, so that every value is exact and 1 is never met.
  @inlinable
  public static func unitFloat(_ word: UInt32) -> Float {
    Float(word >> 8) * 0x1p-24
  }
}

/// A sequential generator over the Philox blocks of one seed and one stream.
///
/// Streams of one seed never overlap: the stream is the upper half of the counter, the position its lower half, so a
/// stream holds 2⁶⁶ words.
/// - Concurrency: a value; copy it or start another stream, don't share it.
public struct PhiloxStream: RandomNumberGenerator, Sendable {
  /// What a stream is drawn for; one list for the whole package, so that two rooms never draw the same numbers.
  package enum Purpose: UInt32, Sendable {
    case validationSplit = 1
    case epochOrder = 2
    case parameterInitialization = 3
    /// Here the upper half of the stream's number is the purpose times 2¹⁶ plus the stage.
    case activationSlopes = 4
    /// What layers drop and add, the stream numbered alike.
    case layerChanges = 5
    /// Here the upper half of the stream's number is the purpose times 2¹⁶ plus the shape times 2⁸.
    case syntheticSamples = 16
  }

  @usableFromInline let seed: UInt64
  @usableFromInline let stream: UInt64
  @usableFromInline var nextBlock: UInt64 = 0
  @usableFromInline var words = SIMD4<UInt32>(repeating: 0)
  @usableFromInline var wordsUsed = 4

  /// Starts the stream with the given number at its first word.
  @inlinable
  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// Starts the stream of one purpose, such as the order of epoch `index`, at its first word.
  package init(seed: UInt64, purpose: Purpose, index: UInt32 = 0) {
    self.init(seed: seed, stream: UInt64(purpose.rawValue) << 32 | UInt64(index))
  }

  /// Draws a uniform 32-bit word.
  @inlinable
  public mutating func nextWord() -> UInt32 {
    if wordsUsed == 4 {
      words = Philox4x32.block(key: seed, counter: (nextBlock, stream))
      nextBlock &+= 1
      wordsUsed = 0
    }
    defer { wordsUsed &+= 1 }
    return words[wordsUsed]
  }

  /// Draws a uniform 64-bit word: two words of the stream, the low half first.
  @inlinable
  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return UInt64(nextWord()) << 32 | low
  }

  /// Draws a uniform `Float` in [0, 1) on a grid of 2⁻²⁴.
  @inlinable
  public mutating func nextUnitFloat() -> Float {
    Philox4x32.unitFloat(nextWord())
  }

  /// Draws an integer from 0 up to, not including, `bound`; every value is exactly as likely as any other.
  ///
  /// - Precondition: `bound` is above 0 (checked).
  /// - Complexity: one word and one multiplication; a division and further words with probability below `bound`/2³².
  /// - Source: Lemire (2019), Fast Random Integer Generation in an Interval, algorithm 5, doi:10.1145/3230636.
  @inlinable
  public mutating func next(below bound: UInt32) -> UInt32 {
    precondition(bound > 0, "expected a bound above 0, got 0")
    var product = nextWord().multipliedFullWidth(by: bound)
    if product.low < bound {
      // The first 2³² mod bound values of the low half would favour small results, so they are drawn again.
      let threshold = (0 &- bound) % bound
      while product.low < threshold {
        product = nextWord().multipliedFullWidth(by: bound)
      }
    }
    return product.high
  }
}
