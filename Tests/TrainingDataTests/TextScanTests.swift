import CTextScan
import FuzzInstruments
import Testing

/// The scans of sixteen bytes at a time against the same byte by byte.
@Suite("Scans over text")
struct TextScanTests {
  private static let alphabet = Array("a\n\r,\"0 ".utf8) + [0x8a, 0x0b, 0xff, 0x2c | 0x80]

  /// Random bytes with a line feed and padding behind them.
  private static func text(_ count: Int, _ generator: inout SplitMix) -> [UInt8] {
    (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] } + [UInt8(ascii: "\n")]
      + [UInt8](repeating: 0, count: Int(TEXT_SCAN_PADDING))
  }

  @Test("line ends are counted as one by one, at every length and alignment")
  func lineEnds() {
    var generator = SplitMix(state: 3)
    for count in Array(0...130) + [4079, 4080, 4081, 4100, 9000] {
      let text = Self.text(count + 17, &generator)
      for start in [0, 1, 7, 16] {
        let bytes = text[start..<start + count], next = text[start + count]
        var expected = 0
        for position in bytes.indices {
          let behind = position + 1 < bytes.endIndex ? text[position + 1] : next
          if text[position] == 0x0a || text[position] == 0x0d && behind != 0x0a { expected += 1 }
        }
        let found = text.withUnsafeBufferPointer { text_scan_line_ends($0.baseAddress! + start, count) }
        #expect(found == expected, "\(count) bytes from \(start)")
      }
    }
  }

  @Test("separators are found as one by one, at every length")
  func separators() {
    var generator = SplitMix(state: 5)
    for count in Array(0...200) + [4096] {
      let text = Self.text(count, &generator)
      let expected = text[..<count].indices.filter { [0x2c, 0x0a, 0x0d].contains(text[$0]) }.map { UInt32($0) }
      var positions = [UInt32](repeating: 0, count: count + 8)
      let found = text_scan_separators(text, count, 0x2c, &positions)
      #expect(Array(positions[..<found]) == expected, "\(count) bytes")
    }
  }

  /// What a walk knows at the end, and at which bytes it knew of another line end.
  private static func walk(_ text: [UInt8], _ start: Int, _ end: Int, _ walk: text_scan_walk) -> text_scan_walk {
    var walk = walk
    text_scan_records(text, start, end, 0x2c, &walk)
    return walk
  }

  @Test("a walk over records knows the same in blocks as byte by byte, whatever it begins in")
  func records() {
    var generator = SplitMix(state: 6), seen: Set<UInt32> = []
    for count in 0...400 {
      // Many quotes are none that open a field; few are, and blocks without another kind are the fast ones.
      let tame = Array("ab,\n".utf8), wild = Array("a,\n\r\"\"".utf8), share = count % 7
      var text = (0..<count).map { _ in
        (Int.random(in: 0..<40, using: &generator) < share ? wild : tame).randomElement(using: &generator) ?? 0
      }
      if count % 2 == 0 {
        // Quoted fields as they should be.
        while text.count < count + 64 { text += Array("\"a,\"\"\n\",b\r\n".utf8) }
        text = Array(text.suffix(count))
      }
      text += [UInt8](repeating: 0x22, count: Int(TEXT_SCAN_PADDING))
      for place in [text_scan_at_field, text_scan_in_plain, text_scan_in_quotes, text_scan_behind_quote] {
        let start = text_scan_walk(place: place, line_end: .max)
        var expected = start
        for position in 0..<count { expected = Self.walk(text, position, position + 1, expected) }
        let found = Self.walk(text, 0, count, start)
        #expect(found.place == expected.place && found.line_end == expected.line_end, "\(count) from \(place)")
        seen.insert(found.place.rawValue)
      }
    }
    #expect(seen.count == 4)
  }

  @Test("a walk tells quotes that open a field from others")
  func quotes() {
    func place(_ text: String) -> text_scan_place {
      let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: Int(TEXT_SCAN_PADDING))
      return Self.walk(bytes, 0, text.utf8.count, text_scan_walk(place: text_scan_at_field, line_end: .max)).place
    }
    for filling in ["", String(repeating: "x\n", count: 50)] {
      #expect(place(filling + "\"a\n") == text_scan_in_quotes)
      #expect(place(filling + "\"a\"") == text_scan_behind_quote)
      #expect(place(filling + "\"a\"\"") == text_scan_in_quotes)
      #expect(place(filling + "\"a\" \"") == text_scan_in_plain)
      #expect(place(filling + "5\" pipe") == text_scan_in_plain)
      #expect(place(filling + "5\",") == text_scan_at_field)
      #expect(place(filling + "x,\"") == text_scan_in_quotes)
    }
  }

  @Test("a record's end is behind its line end, if there is one")
  func record() {
    let text = Array("\"a\nb\",c\nd".utf8) + [UInt8](repeating: 0, count: Int(TEXT_SCAN_PADDING))
    var walk = text_scan_walk(place: text_scan_at_field, line_end: .max)
    #expect(text_scan_record(text, 0, 9, 0x2c, &walk) == 8 && walk.line_end == 7)
    #expect(text_scan_record(text, 8, 9, 0x2c, &walk) == 9 && walk.line_end == 7)
  }

  /// How many bytes from the first on are whole characters, asked of the language one by one.
  private static func validLength(_ text: [UInt8]) -> Int {
    var position = 0
    while position < text.count, text[position] != 0 {
      let length = (1...4).first { length in
        position + length <= text.count
          && String(validating: text[position..<position + length], as: UTF8.self)?.unicodeScalars.count == 1
      }
      guard let length else { break }
      position += length
    }
    return position
  }

  private static let characters: [[UInt8]] = [
    "a", "é", "Σ", "陳", "\u{d7ff}", "\u{e000}", "\u{800}", "😀", "\u{40000}", "\u{10ffff}",
  ].map { Array($0.utf8) }
  private static let mistakes: [[UInt8]] = [
    [0], [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x9f, 0xbf], [0xe9], [0xe9, 0x99],
    [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x98], [0xf1], [0xf1, 0x80], [0xf1, 0x80, 0x80],
    [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff],
  ]

  @Test("text is told from other bytes where the language tells them")
  func validLength() {
    var generator = SplitMix(state: 7), whole = 0
    for round in 0..<3000 {
      let count = Int.random(in: 0..<220, using: &generator)
      var text: [UInt8] = []
      while text.count < count {
        let isPlain = Int.random(in: 0..<10, using: &generator) < round % 11
        text += isPlain ? [0x61] : Self.characters.randomElement(using: &generator) ?? []
      }
      if round % 3 == 0 {
        let place = Int.random(in: 0...text.count, using: &generator)
        text.insert(contentsOf: Self.mistakes.randomElement(using: &generator) ?? [], at: place)
      }
      let expected = Self.validLength(text)
      if expected == text.count { whole += 1 }
      let padded = text + [UInt8](repeating: 0x80, count: Int(TEXT_SCAN_PADDING))
      #expect(text_scan_valid_length(padded, text.count) == expected, "\(text)")
    }
    #expect(whole > 1500 && whole < 2900)
  }

  @Test("mistakes are found where blocks of 64 bytes meet, whatever stands behind them")
  func validLengthAtBlocks() {
    for mistake in Self.mistakes + Self.characters {
      for follower in Self.characters + Self.mistakes {
        for place in 56...66 {
          let text = [UInt8](repeating: 0x61, count: place) + mistake + follower + [UInt8](repeating: 0x61, count: 140)
          #expect(text_scan_valid_length(text, 130) == Self.validLength(Array(text[..<130])), "\(mistake) at \(place)")
        }
      }
    }
  }

  @Test("of quotes that stand twice one is kept, at every length")
  func singleQuotes() {
    var generator = SplitMix(state: 8)
    for round in 0..<2000 {
      var text: [UInt8] = [], expected: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<60, using: &generator) {
        let isQuote = Int.random(in: 0..<12, using: &generator) < round % 12
        text += isQuote ? [0x22, 0x22] : [0x61]
        expected.append(isQuote ? 0x22 : 0x61)
      }
      let padded = text + [UInt8](repeating: 0x22, count: Int(TEXT_SCAN_PADDING))
      var target = [UInt8](repeating: 0, count: text.count + Int(TEXT_SCAN_PADDING))
      let count = text_scan_single_quotes(padded, text.count, &target)
      #expect(Array(target[..<count]) == expected)
    }
  }

  @Test("the distance is that to the first of three bytes")
  func distance() {
    var generator = SplitMix(state: 4)
    for count in 0...100 {
      var text = Self.text(count, &generator)
      for position in 0..<count where position % 3 > 0 || count % 2 == 0 { text[position] = 0x61 }
      for start in 0...count {
        let expected = text[start...].firstIndex { $0 == 0x2c || $0 == 0x0a || $0 == 0x22 }
        let found = text.withUnsafeBufferPointer { text_scan_distance($0.baseAddress! + start, 0x2c, 0x0a, 0x22) }
        #expect(found == expected.map { $0 - start })
      }
    }
  }

  @Test("digits are taken in words of eight, at every length and before every byte")
  func digits() {
    for length in 0...19 {
      for behind in UInt8.min...UInt8.max where !(0x30...0x39).contains(behind) {
        let digits = (0..<length).map { UInt8(0x30 + ($0 * 7 + length) % 10) }
        let text = digits + [behind] + [UInt8](repeating: 0x39, count: Int(TEXT_SCAN_PADDING))
        text.withUnsafeBufferPointer { text in
          var place: UnsafePointer<UInt8>? = text.baseAddress!
          var significand: UInt64 = 0
          let count = text_scan_take_digits(&place, &significand)
          let expected = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
          #expect(count == length && significand == expected && place == text.baseAddress! + length)
        }
      }
    }
  }
}
