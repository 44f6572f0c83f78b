import Glibc
import Testing
import TrainingData

struct IDXBadInputTests {
  let folder = TemporaryFolder()

  /// The error from reading a pair of files, one of which is wrong.
  private func error(
    images: [UInt8] = IDXFixture.images, labels: [UInt8] = IDXFixture.labels,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> TrainingDataError? {
    dataError(sourceLocation: sourceLocation) { _ = try folder.read(images: images, labels: labels) }
  }

  /// The error from opening a path as images.
  private func error(
    path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> TrainingDataError? {
    let labels = folder.write(IDXFixture.labels, to: "labels")
    return dataError(sourceLocation: sourceLocation) { _ = try Dataset.idx(images: path, labels: labels) }
  }

  // MARK: Paths

  @Test func aMissingFileIsNamed() {
    let error = error(path: "\(folder.path)/nowhere")
    #expect(error?.code == .fileNotFound)
    #expect(error?.category == .missingInput)
    #expect(error?.description == "\(folder.path)/nowhere: no such file")
  }

  @Test func theOtherSpellingOfAMissingFileIsSuggested() {
    folder.write([], to: "plain")
    folder.write([], to: "packed.gz")
    folder.write([], to: "train-images.idx3-ubyte.gz")
    #expect(error(path: "\(folder.path)/plain.gz")?.hint == "did you mean \(folder.path)/plain?")
    #expect(error(path: "\(folder.path)/packed")?.hint == "did you mean \(folder.path)/packed.gz?")
    let respelled = error(path: "\(folder.path)/train-images-idx3-ubyte")
    #expect(respelled?.hint == "did you mean \(folder.path)/train-images.idx3-ubyte.gz?")
  }

  @Test func aDirectoryIsNoFile() {
    let error = error(path: folder.path)
    #expect(error?.code == .notARegularFile)
    #expect(error?.message == "\(folder.path): expected a file, got a directory")
  }

  @Test func aPipeIsRefusedWithoutWaitingForAWriter() {
    let path = "\(folder.path)/pipe"
    #expect(mkfifo(path, 0o600) == 0)
    #expect(error(path: path)?.code == .notARegularFile)
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func aFileWithoutPermissionIsToldFromAMissingOne() {
    let path = folder.write(IDXFixture.images, to: "secret")
    chmod(path, 0)
    #expect(error(path: path)?.code == .permissionDenied)
  }

  /// The first page of a process is never mapped, so the kernel answers with EIO.
  @Test func aFailingReadIsAnInputOutputError() {
    let error = error(path: "/proc/self/mem")
    #expect(error?.code == .readFailed)
    #expect(error?.category == .inputOutput)
  }

  @Test func aPathWithNULIsRefused() {
    #expect(error(path: folder.write(IDXFixture.images, to: "images") + "\0.txt")?.code == .fileNotFound)
  }

  // MARK: Headers

  @Test func otherFormatsAreRefused() {
    let error = error(images: [0x89, 0x50, 0x4e, 0x47, 0x0d])
    #expect(error?.code == .unrecognizedFormat)
    #expect(error?.category == .badData)
    #expect(error?.message.hasSuffix("got 89 50 4e 47") == true)
    #expect(self.error(images: [0, 0, 0x0A, 1, 0, 0, 0, 5])?.code == .unrecognizedFormat)
    #expect(self.error(images: [0, 1, 0x08, 1, 0, 0, 0, 5])?.code == .unrecognizedFormat)
  }

  @Test func dimensionsAreOneToEight() {
    #expect(error(images: IDXFixture.file(type: 8, dimensions: [], elements: [1]))?.code == .invalidHeader)
    let dimensions = [5] + [UInt32](repeating: 1, count: 8)
    let nine = IDXFixture.file(type: 8, dimensions: dimensions, elements: [1, 2, 3, 4, 5])
    #expect(error(images: nine)?.code == .invalidHeader)
    let eight = IDXFixture.file(type: 8, dimensions: dimensions.dropLast(), elements: [1, 2, 3, 4, 5])
    #expect(throws: Never.self) { try folder.read(images: eight) }
  }

  @Test func anEmptySetIsRefused() {
    #expect(error(images: IDXFixture.file(type: 8, dimensions: [0, 2, 3], elements: []))?.code == .emptyDataset)
    #expect(error(images: IDXFixture.file(type: 8, dimensions: [5, 0, 3], elements: []))?.code == .emptyDataset)
    #expect(error(labels: IDXFixture.file(type: 8, dimensions: [0], elements: []))?.code == .emptyDataset)
    #expect(error(images: [])?.code == .truncated)
  }

  @Test func dimensionsWhoseProductOverflowsAreRefused() {
    let error = error(images: IDXFixture.file(type: 8, dimensions: [5, .max, .max, .max], elements: [1]))
    #expect(error?.code == .invalidHeader)
  }

  /// 2⁴⁸ bytes: the answer must come from comparing sizes, not from trying to allocate.
  @Test(arguments: [false, true])
  func aHeaderThatDeclaresMoreThanTheFileHoldsIsRefusedBeforeAllocating(isGzip: Bool) {
    let file = IDXFixture.file(type: 8, dimensions: [5, 65_536, 65_536, 13_107], elements: [1, 2, 3])
    #expect(error(images: isGzip ? file.gzipped : file)?.code == .truncated)
  }

  // MARK: Contents

  @Test func everyTruncationOfAPlainFileIsFound() {
    for count in IDXFixture.images.indices {
      #expect(error(images: Array(IDXFixture.images[..<count]))?.code == .truncated, "\(count) bytes")
    }
    for count in IDXFixture.labels.indices {
      #expect(error(labels: Array(IDXFixture.labels[..<count]))?.code == .truncated, "\(count) bytes")
    }
  }

  @Test func everyTruncationOfAGzipFileIsFound() {
    let packed = IDXFixture.images.gzipped
    for count in packed.indices {
      #expect(error(images: Array(packed[..<count]))?.code == .truncated, "\(count) bytes")
    }
  }

  @Test func everyTruncationOfAWideTypeIsFound() {
    let file = IDXFixture.file(type: 0x0E, dimensions: [5], elements: [UInt8](repeating: 0, count: 40))
    for count in file.indices {
      #expect(error(images: Array(file[..<count]))?.code == .truncated, "\(count) bytes")
    }
  }

  @Test func bytesAfterTheDeclaredOnesAreRefused() {
    #expect(error(images: IDXFixture.images + [0])?.code == .surplusData)
    #expect(error(images: (IDXFixture.images + [0]).gzipped)?.code == .surplusData)
    #expect(error(images: IDXFixture.images.gzipped + [7 as UInt8].gzipped)?.code == .surplusData)
  }

  /// 8 MB of zeros in 8 kB; the reader looks at one byte more than the header declares.
  @Test func aBombIsRefused() {
    let bomb = (IDXFixture.images + [UInt8](repeating: 0, count: 8_000_000)).gzipped
    #expect(bomb.count < 10_000)
    #expect(error(images: bomb)?.code == .surplusData)
  }

  @Test func aWrongChecksumOrLengthInTheGzipTrailerIsFound() {
    let packed = IDXFixture.images.gzipped
    for offsetFromEnd in 1...8 {
      var damaged = packed
      damaged[damaged.count - offsetFromEnd] ^= 1
      #expect(error(images: damaged)?.code == .corrupted)
    }
  }

  @Test func whateverFollowsAGzipMemberMustBeAMember() {
    #expect(error(images: IDXFixture.images.gzipped + [1, 2, 3, 4])?.code == .corrupted)
    #expect(error(images: IDXFixture.images.gzipped + [0x1f, 0x8b])?.code == .truncated)
  }

  /// A flipped bit is found, or it was one that carries no data, such as the time stamp in the gzip header.
  @Test func aFlippedBitInAGzipFileNeverChangesWhatIsRead() {
    let packed = IDXFixture.images.gzipped
    var foundCount = 0
    for bit in 0..<(8 * packed.count) {
      var damaged = packed
      damaged[bit / 8] ^= 1 << (bit % 8)
      do {
        let dataset = try folder.read(images: damaged)
        #expect(dataset.featureShape == [2, 3] && dataset.allFeatures == (0..<30).map { Float($0) }, "bit \(bit)")
      } catch {
        foundCount += 1
      }
    }
    #expect(foundCount > 8 * (packed.count - 10))
  }

  @Test func aFlippedBitInAPlainHeaderIsFoundUnlessTheSizeStaysTheSame() {
    let headerByteCount = 16
    for bit in 0..<(8 * headerByteCount) {
      var damaged = IDXFixture.images
      damaged[bit / 8] ^= 1 << (bit % 8)
      // 08 → 09: signed bytes, which take as much room.
      if damaged[2] == 0x09 { continue }
      #expect(throws: TrainingDataError.self, "bit \(bit)") { try folder.read(images: damaged) }
    }
  }

  @Test func imagesAndLabelsMustBeAsMany() {
    let error = error(labels: IDXFixture.file(type: 8, dimensions: [4], elements: [0, 1, 2, 3]))
    #expect(error?.code == .countMismatch)
    #expect(error?.message.contains("got 5 images in") == true)
    #expect(error?.message.contains("and 4 labels in") == true)
  }

  @Test func swappedPathsAreRecognized() {
    let error = error(images: IDXFixture.labels, labels: IDXFixture.images)
    #expect(error?.code == .invalidHeader)
    #expect(error?.message.contains("got 5×2×3") == true)
    #expect(error?.hint == "were images and labels swapped?")
  }

  @Test func labelsMustBeIntegers() {
    let labels = IDXFixture.file(type: 0x0D, dimensions: [5], elements: [UInt8](repeating: 0, count: 20))
    #expect(error(labels: labels)?.code == .invalidHeader)
  }

  @Test func aNegativeLabelIsNamed() {
    let labels = IDXFixture.file(type: 0x09, dimensions: [5], elements: [0, 1, 2, 0xFF, 0])
    let error = error(labels: labels)
    #expect(error?.code == .labelOutOfRange)
    #expect(error?.message.contains("label -1 of sample 3") == true)
  }

  @Test func aLabelBeyondTheGivenClassesIsNamed() {
    let (images, labels) = (folder.write(IDXFixture.images, to: "i"), folder.write(IDXFixture.labels, to: "l"))
    let error = dataError { _ = try Dataset.idx(images: images, labels: labels, classCount: 2) }
    #expect(error?.code == .labelOutOfRange)
    #expect(error?.message == "\(labels): label 2 of sample 2 is out of range, expected 0 to 1")
  }

  @Test func anAbsurdLabelDoesNotBecomeTwoBillionClasses() {
    let labels = IDXFixture.file(
      type: 0x0C, dimensions: [5], elements: [0, 1, 2_000_000_000, 0, 1].flatMap { IDXFixture.bigEndian(Int32($0)) })
    #expect(error(labels: labels)?.code == .labelOutOfRange)
  }

  @Test func aFeatureThatIsNotFiniteIsNamed() {
    let elements = ([0, 1, 2, .nan, 4, 5, 6, 7, 8, 9] as [Float]).flatMap { IDXFixture.bigEndian($0.bitPattern) }
    let error = error(images: IDXFixture.file(type: 0x0D, dimensions: [5, 2], elements: elements))
    #expect(error?.code == .valueNotFinite)
    #expect(error?.message.contains("feature 1 of sample 1 is nan") == true)
  }

  @Test func aDoubleBeyondTheRangeOfFloatIsRefused() {
    let elements = [1, 1e39, 0, 0, 0].flatMap { IDXFixture.bigEndian($0.bitPattern) }
    #expect(error(images: IDXFixture.file(type: 0x0E, dimensions: [5], elements: elements))?.code == .valueNotFinite)
  }
}
