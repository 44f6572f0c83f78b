import NeuronKernels

/// The arrays of a `.npz` archive, as `numpy.savez` and `numpy.savez_compressed` write them; each is read when it is asked for.
///
/// A deflated array may claim a thousand times the size of its file. So that a small file cannot take all memory, what is read
/// from an archive may inflate to four times the file and 16 MiB; beyond, an array may be at most a hundred times as large
/// as its compressed bytes, and is inflated to nowhere once, to see that it is really there.
package final class NPZArchive {
  package let path: String
  /// The arrays' names, without the ending that NumPy gives them, in the order of the archive.
  package let names: [String]

  private let archive: ZipArchive
  private let members: [String: ZipArchive.Member]
  /// Bytes that arrays may still inflate to without being looked at twice.
  private var allowance: Int

  private static let suffix = ".npy"
  private static let freeFactor = 4, freeByteCount = 16 << 20
  /// Arrays worth training on are not as empty as that.
  private static let suspiciousRatio = 100

  /// Opens an archive and reads its directory, and nothing else.
  ///
  /// - Throws: ``TrainingDataError`` for a file that is missing, unreadable, damaged or hostile, and for one without arrays.
  package init(path: String) throws(TrainingDataError) {
    archive = try ZipArchive(path: path)
    self.path = path
    let arrays = archive.members.filter {
      $0.name.hasSuffix(Self.suffix) && $0.name.utf8.count > Self.suffix.utf8.count
    }
    guard !arrays.isEmpty else {
      throw TrainingDataError(
        .invalidHeader, "\(path): expected an archive of arrays (.npz), got one without a member that ends in .npy")
    }
    names = arrays.map { String($0.name.dropLast(Self.suffix.count)) }
    members = Dictionary(uniqueKeysWithValues: zip(names, arrays))
    let (fourfold, overflows) = archive.fileByteCount.multipliedReportingOverflow(by: Self.freeFactor)
    allowance = overflows ? Int.max : fourfold.addingReportingOverflow(Self.freeByteCount).partialValue
  }

  /// Whether the file's first bytes are those of a zip archive.
  package static func isArchive(_ path: String) throws(TrainingDataError) -> Bool {
    let file = try InputFile(path: path)
    // Python writes an archive without arrays as the end of a directory alone.
    let hasMember = try file.starts(with: Array("PK\u{3}\u{4}".utf8))
    let isEmpty = try file.starts(with: Array("PK\u{5}\u{6}".utf8))
    return hasMember || isEmpty
  }

  /// Opens an array and reads its header.
  ///
  /// - Throws: ``TrainingDataError`` `.unknownArray` when there is none of that name, and for one that is no array of numbers,
  ///   damaged, or larger than it could honestly be.
  func open(_ name: String, asSamples: Bool = true) throws(TrainingDataError) -> NPYReader {
    guard let member = members[name] else {
      throw TrainingDataError(
        .unknownArray, "\(path): there is no array \(name.shown); the arrays are \(listed)")
    }
    try requireHonestSize(of: member)
    return try NPYReader(archive.open(member), asSamples: asSamples)
  }

  /// An array's shape and elements; those of types other than bytes become `Float`.
  ///
  /// - Throws: ``TrainingDataError`` as for samples, but an array may be a single number or have no elements at all.
  package func array(_ name: String) throws(TrainingDataError) -> NumberArray {
    let reader = try open(name, asSamples: false), values = try reader.readFloats()
    return NumberArray(
      shape: reader.header.shape, floats: (0..<values.count).map { values[$0] },
      storedType: reader.header.typeDescription)
  }

  /// The names for messages, not all of them where they are many.
  package var listed: String {
    let shown = names.prefix(12).map(\.shown)
    return shown.count < names.count ? shown.joined(separator: ", ") + " …" : Suggestion.list(shown)
  }

  private func requireHonestSize(of member: ZipArchive.Member) throws(TrainingDataError) {
    if member.byteCount <= allowance {
      allowance -= member.byteCount
      return
    }
    guard member.isDeflated else { return }
    guard member.byteCount / Self.suspiciousRatio <= member.compressedByteCount else {
      throw TrainingDataError(
        .corrupted,
        "\(archive.place(of: member)): \(member.compressedByteCount) bytes claim to inflate to \(member.byteCount), "
          + "which is how archives are made that fill a machine's memory",
        hint: "if it is yours, save it with numpy.savez, which does not compress")
    }
    try archive.open(member).drain()
  }
}
