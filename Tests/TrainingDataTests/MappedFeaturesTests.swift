import Glibc
import Testing
import TrainingData

@Suite("Features that stay in their file")
struct MappedFeaturesTests {
  private let folder = TemporaryFolder()

  /// An array of two dimensions as NumPy would write it.
  private func array(_ type: String, shape: [Int], isFortran: Bool = false, elements: [UInt8]) -> [UInt8] {
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(type)', 'fortran_order': \(isFortran ? "True" : "False"), 'shape': (\(dimensions)), }"
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)] + Array(text.utf8) + elements
  }

  private func floats(_ values: [Float]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  /// Features of a file and as many labels, mapped.
  private func map(_ file: [UInt8], rows: Int) throws -> Dataset {
    let labels = array("|u1", shape: [rows], elements: [UInt8](repeating: 0, count: rows))
    return try .npy(
      features: folder.write(file, to: "m.npy"), labels: folder.write(labels, to: "n.npy"), isMapped: true)
  }

  private func write(_ values: [Float], width: Int) -> (features: String, labels: String) {
    let rows = values.count / width
    return (
      folder.write(array("<f4", shape: [rows, width], elements: floats(values)), to: "x.npy"),
      folder.write(array("|u1", shape: [rows], elements: (0..<rows).map { UInt8($0 % 3) }), to: "y.npy")
    )
  }

  @Test("have the values and the measures of features in memory, bit for bit")
  func values() throws {
    // Beyond a piece, and no multiple of one.
    let width = 70,
      values = (0..<width * 150_001).map { Float(Int32(truncatingIfNeeded: $0 &* 2_654_435_761) >> 8) / 1000 }
    let files = write(values, width: width)
    let read = try Dataset.npy(features: files.features, labels: files.labels)
    let mapped = try Dataset.npy(features: files.features, labels: files.labels, isMapped: true)
    #expect(mapped.features.isMapped && !read.features.isMapped)
    #expect(mapped.sampleCount == 150_001 && mapped.featureShape == read.featureShape)
    for row in stride(from: 0, to: 150_001, by: 7919) {
      for feature in 0..<width {
        #expect(mapped.features[sample: row, feature: feature] == read.features[sample: row, feature: feature])
      }
    }
    let rows = (0..<UInt32(150_001)).filter { $0 % 5 != 0 }
    for normalization in Normalization.allCases {
      #expect(
        try normalization.fit(on: mapped, rows: rows) == normalization.fit(on: read, rows: rows), "\(normalization)")
    }
    #expect(mapped.features.pieces(of: rows).map { $0.count }.reduce(0, +) == rows.count)
    #expect(mapped.features.pieces(of: rows).contains { $0.count < rows.count })
  }

  @Test("may be the bytes of an IDX file or an array, up to the end of its last page")
  func bytes() throws {
    // With its header the file ends where a page does, behind which nothing is mapped.
    let count = 4 * Int(getpagesize()) - 16
    let pixels = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let images = IDXFixture.file(type: 0x08, dimensions: [UInt32(count) / 8, 2, 4], elements: pixels)
    #expect(images.count % Int(getpagesize()) == 0)
    let labels = folder.write(
      IDXFixture.file(type: 0x08, dimensions: [UInt32(count) / 8], elements: [UInt8](repeating: 1, count: count / 8)),
      to: "labels")
    let set = try Dataset.idx(images: folder.write(images, to: "images"), labels: labels, isMapped: true)
    #expect(set.features.isMapped && set.features.elementType == .uint8 && set.featureShape == [2, 4])
    #expect(set.features[sample: count / 8 - 1, feature: 7] == Float(pixels[count - 1]))
    let behind = set.features.baseAddress + count
    #expect((0..<64).allSatisfy { behind.load(fromByteOffset: $0, as: UInt8.self) == 0 })
    let small = try map(array("|u1", shape: [3, 2], elements: [1, 2, 3, 4, 5, 6]), rows: 3)
    #expect(small.features.elementType == .uint8 && small.features[sample: 2, feature: 0] == 5)
  }

  @Test(
    "are refused where they would have to be converted",
    arguments: [
      ("<f8", false, "got <f8"), (">f4", false, "got >f4"), ("<i4", false, "got <i4"),
      ("<f4", true, "column by column"),
    ])
  func otherElements(type: String, isFortran: Bool, words: String) throws {
    let width = type == "<f8" ? 8 : 4
    let file = array(type, shape: [2, 3], isFortran: isFortran, elements: [UInt8](repeating: 0, count: 6 * width))
    let error = dataError { _ = try map(file, rows: 2) }
    #expect(error?.code == .invalidArgument && error?.message.contains(words) == true, "\(String(describing: error))")
    #expect(error?.hint?.contains("without mapping") == true)
  }

  @Test("are refused from compressed, cut, overlong and infinite files")
  func damaged() throws {
    let file = array("<f4", shape: [2, 2], elements: floats([1, 2, 3, 4]))
    func refusal(_ bytes: [UInt8]) -> TrainingDataError? { dataError { _ = try map(bytes, rows: 2) } }
    #expect(refusal(file.gzipped)?.message.contains("a compressed file") == true)
    #expect(refusal(file.dropLast())?.code == .truncated)
    #expect(refusal(file + [0])?.code == .surplusData)
    let infinite = array("<f4", shape: [2, 2], elements: floats([1, 2, .infinity, 4]))
    #expect(refusal(infinite)?.code == .valueNotFinite)
    let images = IDXFixture.file(type: 0x0D, dimensions: [1, 1], elements: [0, 0, 0, 0])
    let labels = IDXFixture.file(type: 0x08, dimensions: [1], elements: [0])
    let error = dataError {
      _ = try Dataset.idx(
        images: folder.write(images, to: "images"), labels: folder.write(labels, to: "labels"), isMapped: true)
    }
    #expect(error?.message.contains("big-endian") == true)
  }

  @Test("read zeros, and say so, where the file was cut short meanwhile")
  func cutShort() throws {
    let page = Int(getpagesize()), width = 64
    let files = write([Float](repeating: 3, count: 16 * page), width: width)
    let set = try Dataset.npy(features: files.features, labels: files.labels, isMapped: true)
    try set.features.requireUnchanged()
    #expect(truncate(files.features, off_t(2 * page)) == 0)
    #expect(set.features[sample: 0, feature: 0] == 3)
    #expect(set.features[sample: set.sampleCount - 1, feature: 0] == 0)
    #expect(set.features[sample: set.sampleCount / 2, feature: 0] == 0)
    let error = dataError { try set.features.requireUnchanged() }
    #expect(error?.code == .truncated && error?.message.contains("cut short") == true)
    // Another file is none the worse for it.
    let other = write([1, 2, 3, 4], width: 2)
    try Dataset.npy(features: other.features, labels: other.labels, isMapped: true).features.requireUnchanged()
  }

  @Test("are refused once somebody has written to the file, but not when it was removed or replaced")
  func writtenTo() throws {
    let files = write([1, 2, 3, 4], width: 2)
    let set = try Dataset.npy(features: files.features, labels: files.labels, isMapped: true)
    unlink(files.features)
    try set.features.requireUnchanged()
    let again = write([5, 6, 7, 8], width: 2)
    #expect(set.features[sample: 1, feature: 1] == 4)
    let second = try Dataset.npy(features: again.features, labels: again.labels, isMapped: true)
    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, again.features, &times, 0) == 0)
    #expect(dataError { try second.features.requireUnchanged() }?.code == .corrupted)
    try set.features.requireUnchanged()
  }

  @Test("may be many, one after the other, but not more than 64 at once")
  func many() throws {
    let files = write([1, 2, 3, 4], width: 2)
    func map() throws -> MappedFile { try MappedFile(InputFile(path: files.features)) }
    for _ in 0..<200 { _ = try map() }
    var held: [MappedFile] = []
    let error = dataError { while held.count < 100 { held.append(try map()) } }
    #expect(error?.code == .readFailed && held.count <= 64)
    held = []
    _ = try map()
  }
}
