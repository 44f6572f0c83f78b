/// Finds YAML aliases before a parser follows them.
///
/// An alias stands for everything at its anchor, and anchors may hold aliases, so a few hundred bytes can stand for
/// millions of values. Yams follows aliases while it parses, and hashes all they stand for where one is a key, so
/// asking it is too late. This scan needs no grammar: an alias is `*` and a name, its anchor `&` and the same name,
/// neither right behind a letter or digit, and both are looked for in the raw bytes, in comments and quotes as well. So
/// it may refuse a file without an alias, when a comment has both signs with one name, but it can't miss one. Anchors
/// alone do no harm.
enum AliasScan {
  /// The first alias whose anchor is in the text, as a byte offset; nil when there is none.
  static func firstAliasOffset(in text: some Collection<UInt8>) -> Int? {
    let bytes = ContiguousArray(text)
    let anchors = Set(marks(UInt8(ascii: "&"), in: bytes).map(\.name))
    if anchors.isEmpty { return nil }
    return marks(UInt8(ascii: "*"), in: bytes).first { anchors.contains($0.name) }?.offset
  }

  /// Every place where `sign` stands before a name and can begin a token; `R&D` and `2*x` are words.
  private static func marks(
    _ sign: UInt8, in bytes: ContiguousArray<UInt8>
  ) -> some Sequence<(offset: Int, name: ArraySlice<UInt8>)> {
    bytes.indices.lazy.filter { bytes[$0] == sign && ($0 == 0 || !isLetterOrDigit(bytes[$0 - 1])) }.map { offset in
      let start = offset + 1
      let end = bytes[start...].firstIndex { !isNameCharacter($0) } ?? bytes.endIndex
      return (offset, ArraySlice(bytes[start..<end]))
    }.filter { !$0.name.isEmpty }
  }

  /// The characters that libyaml takes for a name: letters, digits, `-` and `_`.
  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
