import CTextScan
import Glibc

/// Numbers different texts in the order in which they come.
///
/// Texts of up to sixteen bytes are compared as two words, longer ones by their hash and then byte by byte. The hash is fast and
/// seeded anew in every process; should it crowd the table nevertheless, the language's own, made against chosen texts, takes its
/// place.
/// - Complexity: O(bytes) for each text, whoever chose the texts.
package final class CategoryIndex {
  /// Texts that are told apart at most; beyond it a column is no list of categories.
  package static let limit = 1 << 20
  /// Taken places that are passed over in search of one before the hash is taken for a bad one.
  ///
  /// In a table that is half full the longest run of taken places has some 70 among a million.
  package static let standardProbeLimit = 256

  /// Behind a pointer, so that an access is one and is not looked over by the language for others at the same time.
  private let state: UnsafeMutablePointer<CategoryTable>

  package init(probeLimit: Int = CategoryIndex.standardProbeLimit) {
    state = .allocate(capacity: 1)
    state.initialize(to: CategoryTable(probeLimit: probeLimit))
  }

  deinit {
    state.pointee.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// How many different texts there were.
  package var count: Int { state.pointee.ends.count }

  /// Whether the fast hash was given up.
  package var isHardened: Bool { state.pointee.isHardened }

  /// The number of a text; nil when there are too many different ones.
  ///
  /// - Precondition: sixteen bytes may be read from the start of the text on, however short it is (unchecked).
  @inline(__always)
  package func number(of text: UnsafeBufferPointer<UInt8>) -> Int? {
    state.pointee.number(of: text.baseAddress.unsafelyUnwrapped, count: text.count)
  }

  /// Calls `body` with each text in the order in which they came; sixteen bytes may be read from its start on.
  package func forEach(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    for number in 0..<count { body(state.pointee.text(number)) }
  }

  /// The texts sorted by their bytes, and for each number the position of its text among them.
  package func sorted() -> (names: [String], positions: [Int]) {
    var names: [String] = []
    forEach { names.append(String(decoding: $0, as: UTF8.self)) }
    let order = names.indices.sorted { names[$0].utf8.lexicographicallyPrecedes(names[$1].utf8) }
    var positions = [Int](repeating: 0, count: names.count)
    for (position, index) in order.enumerated() { positions[index] = position }
    return (order.map { names[$0] }, positions)
  }
}

/// An open hash table of texts, and their bytes.
private struct CategoryTable {
  struct Slot {
    /// The text itself, or its hash where it is longer than sixteen bytes.
    var key: text_scan_key
    var length: UInt32
    /// The number of the text; negative where there is none.
    var number: Int32

    static let none = Slot(key: text_scan_key(low: 0, high: 0), length: 0, number: -1)
  }

  private static let processSeed = text_scan_seed(first: .random(in: 0 ... .max), second: .random(in: 0 ... .max))
  /// The longest text that is its own key.
  private static let shortLimit = 16

  private static let smallMask = 1 << 14

  /// Where each text ends in the arena.
  private(set) var ends: [Int] = []
  private(set) var isHardened = false
  private let seed = Self.processSeed
  private let probeLimit: Int
  private var slots: UnsafeMutablePointer<Slot>
  private var mask: Int
  /// The bytes of all texts, one behind the other, with room for sixteen behind the last.
  private var arena: UnsafeMutablePointer<UInt8>
  private var arenaCapacity: Int

  init(probeLimit: Int) {
    self.probeLimit = probeLimit
    slots = .allocate(capacity: 64)
    slots.initialize(repeating: .none, count: 64)
    mask = 63
    arenaCapacity = 256
    arena = .allocate(capacity: arenaCapacity)
  }

  func deallocate() {
    slots.deallocate()
    arena.deallocate()
  }

  func text(_ number: Int) -> UnsafeBufferPointer<UInt8> {
    let start = number == 0 ? 0 : ends[number - 1]
    return UnsafeBufferPointer(start: arena + start, count: ends[number] - start)
  }

  @inline(__always)
  mutating func number(of text: UnsafePointer<UInt8>, count: Int) -> Int? {
    guard count <= Self.shortLimit else { return longNumber(of: text, count: count) }
    let key = text_scan_short_key(text, count)
    var place = place(of: key, count: count)
    while slots[place].number >= 0 {
      let slot = slots + place
      if slot.pointee.key.low == key.low, slot.pointee.key.high == key.high, slot.pointee.length == count {
        return Int(slot.pointee.number)
      }
      place = (place + 1) & mask
    }
    return append(text, count: count, key)
  }

  @inline(never)
  private mutating func longNumber(of text: UnsafePointer<UInt8>, count: Int) -> Int? {
    let key = longKey(of: text, count: count), length = UInt32(clamping: count)
    var place = place(of: key, count: count)
    while slots[place].number >= 0 {
      let slot = slots[place]
      if slot.key.low == key.low, slot.length == length, isEqual(Int(slot.number), text, count) {
        return Int(slot.number)
      }
      place = (place + 1) & mask
    }
    return append(text, count: count, key)
  }

  private func isEqual(_ number: Int, _ text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let other = self.text(number)
    return other.count == count && memcmp(other.baseAddress.unsafelyUnwrapped, text, count) == 0
  }

  private func longKey(of text: UnsafePointer<UInt8>, count: Int) -> text_scan_key {
    guard isHardened else { return text_scan_long_key(text, count, seed) }
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(start: text, count: count))
    return text_scan_key(low: UInt64(bitPattern: Int64(hasher.finalize())), high: 0)
  }

  /// The place at which the search for a key begins.
  @inline(__always)
  private func place(of key: text_scan_key, count: Int) -> Int {
    isHardened
      ? hardenedPlace(of: key, count: count) : Int(truncatingIfNeeded: text_scan_hash(key, count, seed)) & mask
  }

  @inline(never)
  private func hardenedPlace(of key: text_scan_key, count: Int) -> Int {
    var hasher = Hasher()
    hasher.combine(key.low)
    hasher.combine(key.high)
    hasher.combine(count)
    return hasher.finalize() & mask
  }

  /// Takes up a text that was not found.
  @inline(never)
  private mutating func append(_ text: UnsafePointer<UInt8>, count: Int, _ key: text_scan_key) -> Int? {
    guard ends.count < CategoryIndex.limit else { return nil }
    let start = ends.last ?? 0
    reserve(start + count + Self.shortLimit)
    memcpy(arena + start, text, count)
    ends.append(start + count)
    let number = ends.count - 1
    let passedOver = insert(Slot(key: key, length: UInt32(clamping: count), number: Int32(number)), count: count)
    // A small table is kept emptier: a text that is at its first place is found without a wrong guess.
    if (mask < Self.smallMask ? 4 : 2) * ends.count > mask {
      rebuild(capacity: 2 * (mask + 1))
    } else if passedOver > probeLimit, !isHardened {
      isHardened = true
      rebuild(capacity: mask + 1)
    }
    return number
  }

  /// Puts a text at the first place that is free, and returns how many it passed over.
  @discardableResult
  private func insert(_ slot: Slot, count: Int) -> Int {
    var place = place(of: slot.key, count: count), passedOver = 0
    while slots[place].number >= 0 {
      place = (place + 1) & mask
      passedOver += 1
    }
    slots[place] = slot
    return passedOver
  }

  private mutating func rebuild(capacity: Int) {
    slots.deallocate()
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: .none, count: capacity)
    mask = capacity - 1
    for number in ends.indices {
      let text = text(number), start = text.baseAddress.unsafelyUnwrapped
      let key =
        text.count <= Self.shortLimit
        ? text_scan_short_key(start, text.count) : longKey(of: start, count: text.count)
      insert(Slot(key: key, length: UInt32(clamping: text.count), number: Int32(number)), count: text.count)
    }
  }

  private mutating func reserve(_ byteCount: Int) {
    guard byteCount > arenaCapacity else { return }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: max(byteCount, 2 * arenaCapacity))
    larger.update(from: arena, count: ends.last ?? 0)
    arena.deallocate()
    arena = larger
    arenaCapacity = max(byteCount, 2 * arenaCapacity)
  }
}
