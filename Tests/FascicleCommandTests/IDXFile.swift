import Foundation

/// Small IDX files, sound and otherwise.
enum IDXFile {
  /// A file of bytes with these dimensions.
  static func bytes(_ dimensions: [Int], _ values: [UInt8]) -> Data {
    var data = Data([0, 0, 8, UInt8(dimensions.count)])
    for dimension in dimensions {
      data.append(contentsOf: withUnsafeBytes(of: UInt32(dimension).bigEndian, Array.init))
    }
    return data + Data(values)
  }

  /// `count` images of 4×4 pixels.
  static func images(_ count: Int, side: Int = 4) -> Data {
    bytes([count, side, side], (0..<count * side * side).map { UInt8(truncatingIfNeeded: $0 &* 37) })
  }

  /// Labels that go 0, 1, 2 and begin again.
  static func labels(_ count: Int) -> Data { bytes([count], (0..<count).map { UInt8($0 % 3) }) }

  /// `data` in a gzip file that is not compressed; `claimedByteCount` is what its end says of the length.
  static func gzip(_ data: Data, claimedByteCount: Int) -> Data {
    func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian, Array.init)
    }
    let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    // One stored block, the last: its length and the length's complement.
    let block = [1] + littleEndian(UInt16(data.count)) + littleEndian(~UInt16(data.count))
    return Data(header + block) + data + Data(littleEndian(crc32(data)) + littleEndian(UInt32(claimedByteCount)))
  }

  private static func crc32(_ data: Data) -> UInt32 {
    ~data.reduce(~UInt32(0)) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }
}
