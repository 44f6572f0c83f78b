import Glibc

/// Numbers different texts in the order in which they come.
///
/// Short texts that came before are found by comparing two words; all others through a hash table whose hash is seeded anew in
/// every process.
/// - Complexity: O(bytes) for each text, whoever chose the texts.
final class CategoryIndex {
  /// Texts that are told apart at most; beyond it a column is no list of categories.
  static let limit = 1 << 20

  /// Behind a pointer, so that an access is one and is not looked over by the language for others at the same time.
  private let state: UnsafeMutablePointer<State>

  init() {
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.pointee.recent?.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// How many different texts there were.
  var count: Int { state.pointee.ends.count }

  /// The number of a text; nil when there are too many different ones.
  ///
  /// - Parameter isPadded: whether sixteen bytes may be read from the start of the text on, however short it is.
  @inline(__always)
  func number(of text: UnsafeBufferPointer<UInt8>, isPadded: Bool = false) -> Int? {
    guard isPadded, text.count <= 16, text.count > 0 else { return state.pointee.number(of: text) }
    let key = ShortText(text)
    let slot = state.pointee.slot(of: key)
    if slot.pointee.key == key { return Int(slot.pointee.number) }
    guard let number = state.pointee.number(of: text) else { return nil }
    slot.pointee = (key, Int32(number))
    return number
  }

  /// Calls `body` with each text in the order in which they came.
  func forEach(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    state.pointee.arena.withUnsafeBufferPointer { arena in
      var start = 0
      for end in state.pointee.ends {
        body(UnsafeBufferPointer(rebasing: arena[start..<end]))
        start = end
      }
    }
  }

  /// The texts sorted by their bytes, and for each number the position of its text among them.
  func sorted() -> (names: [String], positions: [Int]) {
    var names: [String] = []
    forEach { names.append(String(decoding: $0, as: UTF8.self)) }
    let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
    var positions = [Int](repeating: 0, count: names.count)
    for (position, index) in order.enumerated() { positions[index] = position }
    return (order.map { names[$0] }, positions)
  }
}

/// A text of 1 to 16 bytes as two words and its length.
private struct ShortText: Equatable {
  var low: UInt64
  var high: UInt64
  /// 0 where there is none.
  var length: UInt32

  static let none = ShortText(low: 0, high: 0, length: 0)

  init(low: UInt64, high: UInt64, length: UInt32) { (self.low, self.high, self.length) = (low, high, length) }

  /// - Precondition: the text has 1 to 16 bytes, and sixteen may be read.
  @inline(__always)
  init(_ text: UnsafeBufferPointer<UInt8>) {
    let bytes = UnsafeRawPointer(text.baseAddress.unsafelyUnwrapped)
    let first = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    // What is behind the text is shifted out; a shift by 64 leaves nothing.
    low = first & (UInt64.max >> UInt64(max(0, 64 - 8 * text.count)))
    high = text.count <= 8 ? 0 : second & (UInt64.max >> UInt64(128 - 8 * text.count))
    length = UInt32(text.count)
  }

  /// A place among 256.
  @inline(__always)
  var place: Int { Int(((low ^ (high &* 0x9e37_79b9_7f4a_7c15)) &* 0xff51_afd7_ed55_8ccd) >> 56) }
}

private struct State {
  typealias Slot = (key: ShortText, number: Int32)

  /// The bytes of all texts, one behind the other.
  var arena: [UInt8] = []
  /// Where each text ends in the arena.
  var ends: [Int] = []
  private var hashes: [Int] = []
  /// An open hash table of positions in `ends`; −1 where there is none.
  private var table = [Int32](repeating: -1, count: 64)
  /// Short texts that came lately.
  private(set) var recent: UnsafeMutablePointer<Slot>?

  @inline(__always)
  mutating func slot(of key: ShortText) -> UnsafeMutablePointer<Slot> {
    if let recent { return recent + key.place }
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: 256)
    slots.initialize(repeating: (.none, 0), count: 256)
    recent = slots
    return slots + key.place
  }

  mutating func number(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    let hash = hasher.finalize(), mask = table.count - 1
    var place = hash & mask
    while table[place] >= 0 {
      let candidate = Int(table[place])
      if hashes[candidate] == hash, isEqual(candidate, text) { return candidate }
      place = (place + 1) & mask
    }
    guard ends.count < CategoryIndex.limit else { return nil }
    table[place] = Int32(ends.count)
    arena.append(contentsOf: text)
    ends.append(arena.count)
    hashes.append(hash)
    if 2 * ends.count > table.count { grow() }
    return ends.count - 1
  }

  private func isEqual(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1], length = ends[index] - start
    guard length == text.count else { return false }
    guard length > 0 else { return true }
    return arena.withUnsafeBufferPointer { memcmp($0.baseAddress! + start, text.baseAddress!, length) == 0 }
  }

  private mutating func grow() {
    table = [Int32](repeating: -1, count: 2 * table.count)
    let mask = table.count - 1
    for (index, hash) in hashes.enumerated() {
      var place = hash & mask
      while table[place] >= 0 { place = (place + 1) & mask }
      table[place] = Int32(index)
    }
  }
}
