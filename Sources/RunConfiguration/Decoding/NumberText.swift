/// Numbers as people write them, without YAML 1.1's surprises.
enum NumberText {
  /// Why a text is no number of the wanted kind.
  struct Refusal: Error {
    var hint: String?
  }

  /// A whole number in decimal.
  static func whole<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) throws(Refusal) -> Number {
    try refuseOtherBases(text)
    if let number = Number(text) { return number }
    // 1e3 and 128.0 are whole, but whoever writes so may believe that fractions work too.
    if let value = decimal(text) {
      let whole = Number(exactly: value)
      throw Refusal(hint: whole.map { "write \($0)" })
    }
    throw Refusal(hint: underscoreHint(text))
  }

  /// A number with or without a fraction or an exponent; never infinite and never NaN.
  static func real(_ text: String) throws(Refusal) -> Double {
    try refuseOtherBases(text)
    guard let value = decimal(text) else {
      let folded = text.lowercased().drop { "+-.".contains($0) }
      if ["nan", "inf", "infinity"].contains(folded) { throw Refusal(hint: "it must be finite") }
      throw Refusal(hint: underscoreHint(text))
    }
    guard value.isFinite else { throw Refusal(hint: "it is too large") }
    return value
  }

  /// The same in single precision.
  static func single(_ text: String) throws(Refusal) -> Float {
    let number = try real(text), narrowed = Float(number)
    guard narrowed.isFinite else { throw Refusal(hint: "it is too large for single precision") }
    guard (narrowed == 0) == (number == 0) else { throw Refusal(hint: "it is too small for single precision") }
    return narrowed
  }

  /// Digits with an optional point and exponent; Swift alone would also take `0x1p3`, `nan` and `inf`.
  private static func decimal(_ text: String) -> Double? {
    guard text.utf8.contains(where: isDigit), text.utf8.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) })
    else { return nil }
    // Swift wants a digit on both sides of the point; YAML does not.
    let padded = text.last == "." ? text + "0" : text
    let pointIsFirst = padded.drop { "+-".contains($0) }.first == "."
    return Double(pointIsFirst ? padded.replacingFirstPoint() : padded)
  }

  /// YAML 1.1 reads 010 as eight and 1.2 as ten; neither reader would be sure.
  private static func refuseOtherBases(_ text: String) throws(Refusal) {
    let digits = text.utf8.drop { "+-".utf8.contains($0) }
    guard digits.count > 1, digits.first == UInt8(ascii: "0") else { return }
    let second = digits[digits.index(after: digits.startIndex)]
    guard !".eE".utf8.contains(second) else { return }
    throw Refusal(hint: "write it in decimal, without a leading 0")
  }

  private static func underscoreHint(_ text: String) -> String? {
    let bare = text.filter { $0 != "_" && $0 != "," }
    return bare.count < text.count && decimal(bare) != nil ? "write \(bare)" : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

extension String {
  /// `.5` as `0.5`.
  fileprivate func replacingFirstPoint() -> String {
    guard let point = firstIndex(of: ".") else { return self }
    return self[..<point] + "0" + self[point...]
  }
}
