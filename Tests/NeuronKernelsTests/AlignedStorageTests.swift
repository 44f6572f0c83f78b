import NeuronKernels
import Testing

struct AlignedStorageTests {
  @Test(arguments: [0, 1, 63, 64, 65, 4096, 1 << 20, 4 << 20, (4 << 20) + 1])
  func blocksAreZeroedAndAligned(byteCount: Int) throws {
    let storage = try AlignedStorage(byteCount: byteCount)
    let alignment: UInt = byteCount >= 4 << 20 ? 2 << 20 : 64
    #expect(storage.byteCount == byteCount)
    #expect(UInt(bitPattern: storage.baseAddress) % alignment == 0)
    let bytes = UnsafeRawBufferPointer(start: storage.baseAddress, count: byteCount)
    #expect(bytes.allSatisfy { $0 == 0 })
  }

  /// The allocator hands a freed block out again, dirty; the next owner must not see that.
  @Test func recycledBlocksAreZeroedAgain() throws {
    for _ in 0..<8 {
      let storage = try AlignedStorage(byteCount: 4096)
      let bytes = UnsafeMutableRawBufferPointer(start: storage.baseAddress, count: 4096)
      #expect(bytes.allSatisfy { $0 == 0 })
      bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)
    }
  }

  @Test(arguments: [1 << 60, Int.max, -1])
  func absurdSizesAreErrors(byteCount: Int) throws {
    let error = try #require(throws: NeuronKernelsError.self) { try AlignedStorage(byteCount: byteCount) }
    #expect(error.code == .outOfMemory)
    #expect(
      error.description == "the system refused \(byteCount) bytes of memory; "
        + "use a smaller batch or network, or raise the memory limit")
  }
}
