import CZlib

/// A zip archive put together by hand, so that it can be wrong in any way.
struct ZipFixture {
  struct Member {
    var name: [UInt8]
    var contents: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// What the headers say in place of the truth.
    var declaredByteCount: UInt64?
    var declaredChecksum: UInt32?
    /// Another member whose bytes it shares.
    var sharedWith: Int?
    var isZip64 = false

    init(_ name: String, _ contents: [UInt8], isDeflated: Bool = false) {
      self.name = Array(name.utf8)
      self.contents = contents
      method = isDeflated ? 8 : 0
    }
  }

  var members: [Member]

  init(_ members: [Member]) { self.members = members }

  var bytes: [UInt8] {
    var bytes: [UInt8] = [], directory: [UInt8] = [], places: [Int] = []
    for member in members {
      let stored = member.method == 8 ? member.contents.deflated : member.contents
      let place = member.sharedWith.map { places[$0] } ?? bytes.count
      places.append(place)
      if member.sharedWith == nil { bytes += Self.header(member, stored, place: nil) + stored }
      directory += Self.header(member, stored, place: place)
    }
    let start = bytes.count, count = UInt16(members.count)
    bytes += directory
    return bytes + Self.little(0x0605_4b50 as UInt32, 0 as UInt16, 0 as UInt16, count, count)
      + Self.little(UInt32(directory.count), UInt32(start), 0 as UInt16)
  }

  /// A member's header before its bytes, or in the directory with the place of that one.
  private static func header(_ member: Member, _ stored: [UInt8], place: Int?) -> [UInt8] {
    let byteCount = member.declaredByteCount ?? UInt64(member.contents.count)
    let checksum = member.declaredChecksum ?? UInt32(crc32(0, member.contents, UInt32(member.contents.count)))
    let isLarge = member.isZip64
    let extra =
      isLarge ? little(1 as UInt16, 16 as UInt16) + little(byteCount) + little(UInt64(stored.count)) : [UInt8]()
    let signature: UInt32 = place == nil ? 0x0403_4b50 : 0x0201_4b50
    var bytes = little(signature)
    if place != nil { bytes += little(45 as UInt16) }
    bytes += little(45 as UInt16, member.flags, member.method, 0 as UInt16, 33 as UInt16)
    bytes += little(
      checksum, isLarge ? UInt32.max : UInt32(stored.count),
      isLarge ? UInt32.max : UInt32(truncatingIfNeeded: byteCount))
    bytes += little(UInt16(member.name.count), UInt16(extra.count))
    if let place {
      bytes += little(0 as UInt16, 0 as UInt16, 0 as UInt16) + little(0 as UInt32, UInt32(place))
    }
    return bytes + member.name + extra
  }

  private static func little(_ words: any FixedWidthInteger...) -> [UInt8] { words.flatMap { bytes(of: $0) } }

  private static func bytes(of word: some FixedWidthInteger) -> [UInt8] {
    Swift.withUnsafeBytes(of: word.littleEndian) { Array($0) }
  }
}
