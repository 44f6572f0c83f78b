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
