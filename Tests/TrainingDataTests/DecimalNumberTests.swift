import Glibc
import FuzzInstruments
import Testing
import TrainingData

@Suite("Decimal numbers of tables")
struct DecimalNumberTests {
  /// What the C library makes of a text; the tests never set a locale.
  private static func nearest(_ text: String) -> Float { strtof(text, nil) }

  @Test("random numbers are rounded as strtof rounds them")
  func randomNumbers() {
    var generator = SplitMix(state: 7)
    let draws = getenv("FASCICLE_NUMBER_DRAWS").flatMap { Int(String(cString: $0)) } ?? 300_000
    if draws > 300_000 { generator = SplitMix(state: UInt64(time(nil))) }
    for _ in 0..<draws {
      let text = Self.randomText(&generator), expected = Self.nearest(text)
      let found = DecimalNumber.float(text)
      #expect(found?.bitPattern == (expected.isFinite ? expected.bitPattern : nil), "\(text)")
    }
  }

  @Test("middles between two floats, and what lies just beside them, are rounded to even, down or up")
  func middles() {
    var generator = SplitMix(state: 11)
    for _ in 0..<20_000 {
      // The middle is a double, and printf writes all of its digits.
      let below = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()) & 0x7f7f_ffff)
      guard below.isFinite, below.nextUp.isFinite else { continue }
      let middle = (Double(below) + Double(below.nextUp)) / 2
      for text in [Self.digits(middle), Self.digits(middle) + "1", Self.digits(middle.nextDown), "\(middle)"] {
        #expect(DecimalNumber.float(text)?.bitPattern == Self.nearest(text).bitPattern, "\(text)")
      }
    }
  }

  @Test("every float comes back from its shortest and its nine digits")
  func roundTrips() {
    var generator = SplitMix(state: 5)
    for _ in 0..<100_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      guard value.isFinite else { continue }
      #expect(DecimalNumber.float("\(value)")?.bitPattern == value.bitPattern)
      #expect(DecimalNumber.float(Self.format("%.8e", Double(value)))?.bitPattern == value.bitPattern)
    }
  }

  @Test(
    "forms and ends of the range",
    arguments: [
      ("0", 0), ("-0", -0.0), ("+7", 7), (".5", 0.5), ("5.", 5), ("5.e2", 500), (".5E-1", 0.05), ("007", 7), ("1e0", 1),
      ("16777217", 16_777_216), ("16777219", 16_777_220), ("3.4028235e38", .greatestFiniteMagnitude),
      ("3.4028235677973365e38", .greatestFiniteMagnitude), ("1e-45", 0x1p-149), ("7.006492321624085e-46", 0),
      ("7.0064923216240854e-46", 0x1p-149), ("1e-400", 0), ("0e999999999999", 0), ("0.1", 0.1),
      ("1.17549435e-38", .leastNormalMagnitude),
      (String(repeating: "0", count: 4000) + "1." + String(repeating: "0", count: 4000) + "1", 1),
      ("1" + String(repeating: "0", count: 300) + "e-300", 1),
    ] as [(String, Float)])
  func forms(text: String, expected: Float) {
    #expect(DecimalNumber.float(text)?.bitPattern == expected.bitPattern, "\(text)")
    #expect(Self.nearest(text).bitPattern == expected.bitPattern, "\(text)")
  }

  @Test(
    "other things are no numbers",
    arguments: [
      "", "+", "-", ".", "e5", ".e5", "1e", "1e+", "1.2.3", "0x10", "nan", "inf", "Infinity", "1_000", "1,5", " 1",
      "1 ", "--1",
      "1e5.5", "١", "1e39", "-3.5e38", "3.4028235677973367e38", "1e99999999999999999999",
    ])
  func others(text: String) { #expect(DecimalNumber.float(text) == nil) }

  /// Signs, up to 25 digits, a point anywhere, and exponents around the ends of the range.
  private static func randomText(_ generator: inout SplitMix) -> String {
    let digitCount = 1 + Int(generator.next() % 25), point = Int(generator.next() % 30)
    var text = ["", "-", "+"][Int(generator.next() % 3)]
    for position in 0..<digitCount {
      if position == point { text += "." }
      text += "\(generator.next() % 10)"
    }
    guard generator.next() % 2 == 0 else { return text }
    let exponent = Int(generator.next() % 110) - 60
    return text + ["e", "E"][Int(generator.next() % 2)] + (exponent >= 0 && generator.next() % 2 == 0 ? "+" : "")
      + "\(exponent)"
  }

  /// All the digits of a double.
  private static func digits(_ value: Double) -> String { format("%.1100e", value).trimmingMantissa() }

  private static func format(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 1400)
    _ = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension String {
  /// A number in scientific notation as digits, a point that was moved and no exponent, so that a digit can be added.
  fileprivate func trimmingMantissa() -> String {
    let parts = split(separator: "e"), exponent = Int(parts[1]) ?? 0
    let digits = Array(parts[0].utf8.filter { $0 != UInt8(ascii: ".") })
    let text = String(decoding: digits, as: UTF8.self)
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + text }
    return String(text.prefix(exponent + 1)) + "." + String(text.dropFirst(exponent + 1))
  }
}
