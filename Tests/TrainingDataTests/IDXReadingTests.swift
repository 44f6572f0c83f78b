import Testing
import TrainingData

struct IDXReadingTests {
  @Test func bytesStayBytesAndKeepTheirShape() throws {
    let dataset = try TemporaryFolder().read()
    #expect(dataset.sampleCount == 5)
    #expect(dataset.featureShape == [2, 3])
    #expect(dataset.features.elementType == .uint8)
    #expect(dataset.features.byteCount == 30)
    #expect(dataset.allFeatures == (0..<30).map { Float($0) })
    #expect(dataset.allLabels == [0, 1, 2, 0, 1])
    #expect(dataset.targets.outputCount == 3)
  }

  @Test func gzipIsRecognizedByItsFirstBytesNotByItsName() throws {
    let dataset = try TemporaryFolder().read(
      images: IDXFixture.images.gzipped, labels: IDXFixture.labels.gzipped)
    #expect(dataset.allFeatures == (0..<30).map { Float($0) })
    #expect(dataset.allLabels == [0, 1, 2, 0, 1])
  }

  @Test func theMembersOfAGzipFileAreJoined() throws {
    for cut in 0...IDXFixture.images.count {
      let members = Array(IDXFixture.images[..<cut]).gzipped + Array(IDXFixture.images[cut...]).gzipped
      #expect(try TemporaryFolder().read(images: members).allFeatures == (0..<30).map { Float($0) })
    }
  }

  /// More than the reader's 64 KiB pieces on either side of zlib, with pixels that don't compress away.
  @Test func largeFilesPassThroughInPieces() throws {
    var state: UInt64 = 1
    let pixels = (0..<200_000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return UInt8(state >> 56)
    }
    let plain = IDXFixture.file(type: 0x08, dimensions: [5, 40_000], elements: pixels)
    #expect(plain.gzipped.count > 65_536)
    for images in [plain, plain.gzipped] {
      #expect(try TemporaryFolder().read(images: images).allFeatures == pixels.map { Float($0) })
    }
  }

  @Test func everyOtherElementTypeBecomesFloat() throws {
    let values: [Float] = [-2, 0, 1, 7, -128]
    let encoded: [(type: UInt8, elements: [UInt8])] = [
      (0x09, values.flatMap { IDXFixture.bigEndian(Int8($0)) }),
      (0x0B, values.flatMap { IDXFixture.bigEndian(Int16($0)) }),
      (0x0C, values.flatMap { IDXFixture.bigEndian(Int32($0)) }),
      (0x0D, values.flatMap { IDXFixture.bigEndian($0.bitPattern) }),
      (0x0E, values.flatMap { IDXFixture.bigEndian(Double($0).bitPattern) }),
    ]
    for (type, elements) in encoded {
      let dataset = try TemporaryFolder().read(
        images: IDXFixture.file(type: type, dimensions: [5], elements: elements))
      #expect(dataset.features.elementType == .float32)
      #expect(dataset.featureShape == [1])
      #expect(dataset.allFeatures == values, "type \(type)")
    }
  }

  /// 40,000 doubles are five pieces of 64 KiB, the last one ragged.
  @Test func manyDoublesAreConvertedPieceByPiece() throws {
    let elements = (0..<40_000).flatMap { IDXFixture.bigEndian((Double($0) / 4).bitPattern) }
    let dataset = try TemporaryFolder().read(
      images: IDXFixture.file(type: 0x0E, dimensions: [5, 8_000], elements: elements))
    #expect(dataset.allFeatures == (0..<40_000).map { Float($0) / 4 })
  }

  @Test func labelsMayBeOfAnyIntegerType() throws {
    let labels: [Int] = [4, 0, 3, 1, 2]
    let encoded: [(type: UInt8, elements: [UInt8])] = [
      (0x09, labels.flatMap { IDXFixture.bigEndian(Int8($0)) }),
      (0x0B, labels.flatMap { IDXFixture.bigEndian(Int16($0)) }),
      (0x0C, labels.flatMap { IDXFixture.bigEndian(Int32($0)) }),
    ]
    for (type, elements) in encoded {
      let dataset = try TemporaryFolder().read(
        labels: IDXFixture.file(type: type, dimensions: [5], elements: elements))
      #expect(dataset.allLabels == labels, "type \(type)")
      #expect(dataset.targets.outputCount == 5)
    }
  }

  @Test func aSetMayHaveASingleSample() throws {
    let dataset = try TemporaryFolder().read(
      images: IDXFixture.file(type: 0x08, dimensions: [1, 2, 2], elements: [9, 8, 7, 6]),
      labels: IDXFixture.file(type: 0x08, dimensions: [1], elements: [3]))
    #expect(dataset.sampleCount == 1)
    #expect(dataset.allFeatures == [9, 8, 7, 6])
    #expect(dataset.targets.outputCount == 4)
  }

  @Test func aGivenClassCountIsKept() throws {
    let folder = TemporaryFolder()
    let (images, labels) = (folder.write(IDXFixture.images, to: "i"), folder.write(IDXFixture.labels, to: "l"))
    #expect(try Dataset.idx(images: images, labels: labels, classCount: 10).targets.outputCount == 10)
  }
}
