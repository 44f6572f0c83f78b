import Glibc

/// Numbers different texts in the order in which they come.
///
/// - Complexity: O(bytes) for each text, whoever chose the texts: the hash is seeded anew in every process.
final class CategoryIndex {
  /// Texts that are told apart at most; beyond it a column is no list of categories.
  static let limit = 1 << 20

  /// The bytes of all texts, one behind the other.
  private var arena: [UInt8] = []
  /// Where each text ends in the arena.
  private var ends: [Int] = []
  private var hashes: [Int] = []
  /// An open hash table of positions in `ends`; −1 where there is none.
  private var table = [Int32](repeating: -1, count: 64)

  /// How many different texts there were.
  var count: Int { ends.count }

  /// The number of a text; nil when there are too many different ones.
  func number(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    let hash = hasher.finalize(), mask = table.count - 1
    var place = hash & mask
    while table[place] >= 0 {
      let candidate = Int(table[place])
      if hashes[candidate] == hash, isEqual(candidate, text) { return candidate }
      place = (place + 1) & mask
    }
    guard count < Self.limit else { return nil }
    table[place] = Int32(count)
    arena.append(contentsOf: text)
    ends.append(arena.count)
    hashes.append(hash)
    if 2 * count > table.count { grow() }
    return count - 1
  }

  private func isEqual(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1], length = ends[index] - start
    guard length == text.count else { return false }
    guard length > 0 else { return true }
    return arena.withUnsafeBufferPointer { memcmp($0.baseAddress! + start, text.baseAddress!, length) == 0 }
  }

  private func grow() {
    table = [Int32](repeating: -1, count: 2 * table.count)
    let mask = table.count - 1
    for (index, hash) in hashes.enumerated() {
      var place = hash & mask
      while table[place] >= 0 { place = (place + 1) & mask }
      table[place] = Int32(index)
    }
  }

  /// The texts sorted by their bytes, and for each number the position of its text among them.
  func sorted() -> (names: [String], positions: [Int]) {
    let names = ends.indices.map { index in
      String(decoding: arena[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
    }
    let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
    var positions = [Int](repeating: 0, count: names.count)
    for (position, index) in order.enumerated() { positions[index] = position }
    return (order.map { names[$0] }, positions)
  }
}
