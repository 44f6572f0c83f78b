import CTextScan

/// Decimal numbers as tables write them: `[+-] digits [. digits] [e [+-] digits]`, with a digit before or behind the point.
///
/// Neither `nan` nor `inf` nor hexadecimal, which Swift's own reader takes; and whatever the locale of the process.
/// - Numerics: the result is the `Float` nearest to the number as written, ties to even, as `strtof` in the C locale gives.
package enum DecimalNumber {
  /// What stands at a place in a text.
  enum Reading: Equatable {
    /// A number, and the position behind it.
    case number(Float, end: Int)
    /// A number that no `Float` holds, and the position behind it.
    case tooLarge(end: Int)
    /// Something else.
    case other
  }

  /// The greatest number of digits that 64 bits hold whatever they are.
  private static let digitLimit = 19
  /// Far beyond what decides anything, and far from overflowing.
  private static let exponentLimit = 100_000

  /// Powers of ten, each the nearest `Double`; those up to 10²² are exact.
  private static let powers: [Double] = (0...80).map { Double("1e\($0)")! }

  /// Reads the number that begins at `start`.
  ///
  /// - Parameters:
  ///   - bytes: the text, which ends with a byte that belongs to no number and ``padding`` that may be read.
  ///   - start: where the number begins.
  @inline(__always)
  static func read(_ bytes: UnsafePointer<UInt8>, from start: Int) -> Reading {
    let number = text_scan_read_number(bytes + start)
    if number.status == text_scan_nearest { return .number(number.value, end: start + number.length) }
    if number.status == text_scan_no_number { return .other }
    return readHard(bytes, from: start)
  }

  /// Bytes that may be read behind a text's end.
  static let padding = Int(TEXT_SCAN_PADDING)

  /// Reads a number of many digits, or one at the ends of the range or near the middle between two floats.
  @inline(never)
  static func readHard(_ bytes: UnsafePointer<UInt8>, from start: Int) -> Reading {
    var position = start
    let isNegative = bytes[position] == UInt8(ascii: "-")
    if isNegative || bytes[position] == UInt8(ascii: "+") { position += 1 }
    var digits = Digits()
    let first = position
    while let digit = digit(bytes[position]) {
      digits.append(digit)
      position += 1
    }
    var digitCount = position - first
    if bytes[position] == UInt8(ascii: ".") {
      position += 1
      let firstOfFraction = position
      while let digit = digit(bytes[position]) {
        digits.append(digit)
        position += 1
      }
      digits.exponent -= position - firstOfFraction
      digitCount += position - firstOfFraction
    }
    guard digitCount > 0 else { return .other }
    if bytes[position] | 0x20 == UInt8(ascii: "e"), let exponent = exponent(bytes, at: &position) {
      digits.exponent += exponent
    }
    let magnitude = digits.fastValue ?? exactMagnitude(bytes, first, position)
    guard magnitude.isFinite else { return .tooLarge(end: position) }
    return .number(isNegative ? -magnitude : magnitude, end: position)
  }

  /// The number that is the whole text; nil for something else and for what no `Float` holds.
  package static func float(_ text: String) -> Float? {
    let bytes = Array(text.utf8) + [UInt8](repeating: UInt8(ascii: "\n"), count: 1 + padding)
    return bytes.withUnsafeBufferPointer { bytes in
      guard case .number(let value, let end) = read(bytes.baseAddress!, from: 0), end == text.utf8.count else {
        return nil
      }
      return value
    }
  }

  @inline(__always)
  private static func digit(_ byte: UInt8) -> UInt8? {
    let digit = byte &- UInt8(ascii: "0")
    return digit <= 9 ? digit : nil
  }

  /// The exponent behind an `e`; without a digit there the `e` belongs to no number, and the position stays.
  private static func exponent(_ bytes: UnsafePointer<UInt8>, at position: inout Int) -> Int? {
    var next = position + 1
    let isNegative = bytes[next] == UInt8(ascii: "-")
    if isNegative || bytes[next] == UInt8(ascii: "+") { next += 1 }
    guard digit(bytes[next]) != nil else { return nil }
    var value = 0
    while let digit = digit(bytes[next]) {
      value = min(value * 10 + Int(digit), exponentLimit)
      next += 1
    }
    position = next
    return isNegative ? -value : value
  }

  /// The slow way, for one number in some ten million, for many digits and for the ends of the range.
  ///
  /// - Source: Swift's `Float(_:)` rounds correctly and reads as in the C locale.
  @inline(never)
  private static func exactMagnitude(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Float {
    var text: [UInt8] = []
    text.reserveCapacity(end - start + 2)
    for position in start..<end {
      // Swift wants a digit on both sides of the point.
      let isPoint = bytes[position] == UInt8(ascii: ".")
      if isPoint, position == start { text.append(UInt8(ascii: "0")) }
      text.append(bytes[position])
      if isPoint, digit(bytes[position + 1]) == nil { text.append(UInt8(ascii: "0")) }
    }
    return Float(String(decoding: text, as: UTF8.self)) ?? .infinity
  }

  /// The first significant digits as a whole number, and the power of ten that they are to be multiplied by.
  private struct Digits {
    var significand: UInt64 = 0
    var exponent = 0
    /// Digits of the significand, leading zeros not counted.
    private var count = 0
    /// Whether a digit was left out that is not zero.
    private var isCut = false

    @inline(__always)
    mutating func append(_ digit: UInt8) {
      if count < DecimalNumber.digitLimit {
        significand = significand &* 10 &+ UInt64(digit)
        if significand > 0 { count += 1 }
      } else {
        exponent += 1
        if digit > 0 { isCut = true }
      }
    }

    /// The value where the arithmetic of `Double` tells for sure how it is rounded to `Float`.
    ///
    /// Significand, power and product are each rounded once, and digits that were left out change the value by less than
    /// 2⁻⁵⁹ of it: the product is within three units in the last place of `Double`. Unless the middle between two `Float`s
    /// lies as near as that, both round alike.
    @inline(__always)
    var fastValue: Float? {
      if exponent == 0, !isCut { return Float(significand) }
      guard significand > 0 else { return 0 }
      guard exponent >= -80, exponent <= 80 else { return nil }
      let power = DecimalNumber.powers.withUnsafeBufferPointer { $0[abs(exponent)] }
      let value = exponent < 0 ? Double(significand) / power : Double(significand) * power
      // Subnormal numbers and those beyond the range are rounded elsewhere.
      guard value >= 0x1p-126, value < 0x1.fffffep127 else { return nil }
      let belowFloat = Int64(bitPattern: value.bitPattern & 0x1fff_ffff)
      guard abs(belowFloat - 0x1000_0000) > 4 else { return nil }
      return Float(value)
    }
  }
}
