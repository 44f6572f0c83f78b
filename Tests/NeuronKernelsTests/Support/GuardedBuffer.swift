/// Elements on a 64-byte boundary, with guard bytes right before the first and right after the last.
final class GuardedBuffer<Element: BitwiseCopyable> {
  private static var guardBytes: Int { 256 }
  private static var guardValue: UInt8 { 0xA5 }

  private let block: UnsafeMutableRawBufferPointer
  /// The first element.
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  /// Copies `values` in.
  init(_ values: [Element]) {
    let byteCount = values.count * MemoryLayout<Element>.stride
    block = .allocate(byteCount: byteCount + 2 * Self.guardBytes, alignment: 64)
    block.initializeMemory(as: UInt8.self, repeating: Self.guardValue)
    count = values.count
    pointer = (block.baseAddress! + Self.guardBytes).bindMemory(to: Element.self, capacity: max(values.count, 1))
    pointer.update(from: values, count: values.count)
  }

  deinit { block.deallocate() }

  /// The elements as they are now.
  var values: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  private var elementBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Element>.stride)
  }

  /// Whether nothing was written before the first or after the last element.
  var guardsAreIntact: Bool {
    let before = block[..<Self.guardBytes]
    let after = block[(Self.guardBytes + elementBytes.count)...]
    return before.allSatisfy { $0 == Self.guardValue } && after.allSatisfy { $0 == Self.guardValue }
  }

  /// Whether the elements are, byte for byte, those of `original`.
  func holds(_ original: [Element]) -> Bool {
    original.withUnsafeBytes { $0.elementsEqual(elementBytes) }
  }
}
