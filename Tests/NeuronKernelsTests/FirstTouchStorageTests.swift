import Glibc
import NeuronKernels
import Testing

struct FirstTouchStorageTests {
  @Test(arguments: [0, 1, 64, 4096, 4097, 1 << 20, 4 << 20, (4 << 20) + 1])
  func blocksAreZeroAndBeginOnAPage(byteCount: Int) throws {
    let storage = try FirstTouchStorage(byteCount: byteCount)
    let alignment: UInt = byteCount >= 4 << 20 ? 2 << 20 : 4096
    #expect(storage.byteCount == byteCount)
    #expect(UInt(bitPattern: storage.baseAddress) % alignment == 0)
    for part in 0..<3 { storage.touch(part: part, of: 3) }
    let bytes = UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: byteCount)
    #expect(bytes.allSatisfy { $0 == 0 })
    bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
  }

  /// Asks the kernel: no page exists before it is touched, and then only those of the part.
  @Test func pagesExistOnceTheirPartIsTouched() throws {
    let storage = try FirstTouchStorage(byteCount: 37 * 4096 + 5)
    func residentPages() -> [Bool] {
      var states = [UInt8](repeating: 0, count: 38)
      #expect(mincore(storage.baseAddress, storage.byteCount, &states) == 0)
      return states.map { $0 & 1 == 1 }
    }
    #expect(!residentPages().contains(true))
    var resident = 0
    for part in 0..<4 {
      storage.touch(part: part, of: 4)
      let pages = residentPages()
      #expect(pages.count { $0 } > resident)
      #expect(pages.prefix { $0 }.count == pages.count { $0 }, "parts follow one another")
      resident = pages.count { $0 }
    }
    #expect(resident == 38)
  }

  @Test(arguments: [1 << 60, Int.max, -1])
  func absurdSizesAreErrors(byteCount: Int) throws {
    let error = try #require(throws: NeuronKernelsError.self) { try FirstTouchStorage(byteCount: byteCount) }
    #expect(error.code == .outOfMemory)
  }
}
