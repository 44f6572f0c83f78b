import Glibc

/// Numbers as people read them.
package enum NumberFormat {
  /// A fixed number of decimals.
  package static func fixed(_ value: Double, _ decimals: Int) -> String { formatted("%.*f", Int32(decimals), value) }

  /// Microseconds, with a decimal where they are few.
  package static func microseconds(_ value: Double) -> String { fixed(value, abs(value) < 1000 ? 1 : 0) }

  /// Three digits and an exponent, as in `1.00e-03`.
  package static func scientific(_ value: Double) -> String { formatted("%.*e", 2, value) }

  private static func formatted(_ format: String, _ decimals: Int32, _ value: Double) -> String {
    // A double has 309 digits before its point at most.
    var buffer = [CChar](repeating: 0, count: 400)
    let count = withVaList([decimals, value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A whole number with its thousands apart, as in `54,000`.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// A rate without decimals, thousands apart; a dash for none.
  package static func rate(_ value: Double) -> String {
    value.isFinite && abs(value) < 1e18 ? grouped(Int(value.rounded())) : "–"
  }

  /// A share of one in percent, as in `89.75 %`.
  package static func percent(_ share: Double?, decimals: Int = 2) -> String {
    share.map { "\(fixed(100 * $0, decimals)) %" } ?? "–"
  }

  /// A share of one in percent with its sign, as in `+4.2 %`.
  package static func signedPercent(_ share: Double) -> String {
    (share < 0 ? "−" : "+") + percent(abs(share), decimals: 1)
  }

  /// A loss: four decimals, or an exponent where they would show nothing.
  package static func loss(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    return value != 0 && (abs(value) < 1e-3 || abs(value) >= 1e6) ? scientific(value) : fixed(value, 4)
  }

  /// A time, as in `14.6 µs`, `830 ms`, `3.5 s`, `2 min 05 s` or `1 h 12 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    if seconds > 0, seconds < 1e-3 { return "\(fixed(seconds * 1e6, seconds < 1e-4 ? 1 : 0)) µs" }
    if seconds < 1 { return "\(fixed(seconds * 1e3, seconds < 0.01 ? 2 : 0)) ms" }
    if seconds < 60 { return "\(fixed(seconds, seconds < 10 ? 2 : 1)) s" }
    let whole = Int(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
    return "\(whole / 3600) h \(padded(whole / 60 % 60)) min"
  }

  private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
