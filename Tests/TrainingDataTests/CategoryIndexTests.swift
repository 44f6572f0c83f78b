import FuzzInstruments
import Testing
import TrainingData

/// The numbers of texts against those of a dictionary.
@Suite("Categories")
struct CategoryIndexTests {
  /// Lengths around those of one word, two words and a hash; few letters, so that texts come again.
  private static func text(_ generator: inout SplitMix) -> [UInt8] {
    let length = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 48, 70].randomElement(using: &generator) ?? 0
    var text = [UInt8](repeating: 0x61, count: length)
    // Texts differ in a few bytes, wherever these are.
    for _ in 0..<2 where length > 0 {
      text[Int.random(in: 0..<length, using: &generator)] = .random(in: 0...9, using: &generator)
    }
    return text
  }

  /// The number of a text, behind which something stands that does not belong to it.
  private static func number(_ text: [UInt8], _ index: CategoryIndex) -> Int? {
    (text + [UInt8](repeating: 0x62, count: 16)).withUnsafeBufferPointer {
      index.number(of: UnsafeBufferPointer(rebasing: $0[..<text.count]))
    }
  }

  @Test("texts have the numbers in which they came, with the fast hash and with the other", arguments: [256, 0])
  func numbers(probeLimit: Int) {
    var generator = SplitMix(state: 9), known: [[UInt8]: Int] = [:]
    let index = CategoryIndex(probeLimit: probeLimit)
    for _ in 0..<40_000 {
      let text = Self.text(&generator), expected = known[text] ?? known.count
      known[text] = expected
      #expect(Self.number(text, index) == expected)
    }
    #expect(index.count == known.count && known.count > 5000)
    #expect(index.isHardened == (probeLimit == 0))

    var number = 0
    index.forEach { text in
      #expect(known[Array(text)] == number)
      number += 1
    }
    let (names, positions) = index.sorted()
    let texts = known.keys.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(names.map { Array($0.utf8) } == texts && positions.count == texts.count)
    for (position, text) in texts.enumerated() { #expect(positions[known[text] ?? 0] == position) }
  }

  @Test("texts that differ in zeros at their end are different ones")
  func zeros() {
    let index = CategoryIndex()
    let texts: [[UInt8]] = [
      [], [0], [0, 0], [1], [1, 0], [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 17),
    ]
    for (number, text) in texts.enumerated() { #expect(Self.number(text, index) == number) }
    for (number, text) in texts.enumerated() { #expect(Self.number(text, index) == number) }
  }
}
