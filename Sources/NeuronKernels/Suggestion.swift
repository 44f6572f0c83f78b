/// Guesses which known word somebody meant.
package enum Suggestion {
  /// The known word nearest to `word`; nil when none is near enough to be a slip.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let folded = fold(word)
    // learning_rate for learningRate, and lr for its initials, are habits from other libraries.
    if let match = known.first(where: { fold($0) == folded }) { return match }
    if let match = known.first(where: { $0.count > 2 && initials($0) == folded }) { return match }
    let scored = known.map { (word: $0, distance: distance(folded, fold($0))) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, word.count / 3) ? best.word : nil
  }

  /// The words as a sentence lists them, as in `adam, adamw or sgd`.
  package static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) or \(last)"
  }

  /// The words as a sentence joins them, as in `dense, norm and dropout`.
  package static func conjunction(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) and \(last)"
  }

  private static func fold(_ word: String) -> [UInt8] {
    word.utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
      .map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 + 32 : $0 }
  }

  /// The first letter and every capital, in lower case: `lr` for `learningRate`.
  private static func initials(_ word: String) -> [UInt8] {
    fold(String(word.prefix(1)) + word.dropFirst().filter(\.isUppercase))
  }

  /// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
  ///
  /// - Complexity: O(a·b); words longer than 64 bytes are nobody's slip and count as far.
  package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count <= 64, b.count <= 64 else { return .max }
    var rows = [Array(0...b.count)]
    for i in 1..<(a.count + 1) {
      var row = [i]
      for j in 1..<(b.count + 1) {
        let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
