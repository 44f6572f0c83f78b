import Foundation
import FuzzInstruments
import Testing
import TrainingData

@Suite("Archives of NumPy arrays")
struct NPZTests {
  private static func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Archives/\(name)").path
  }

  private struct Expected: Decodable {
    let shape: [Int]
    let bits: [UInt32]
  }

  @Test(
    "every array that NumPy saved, stored or deflated, has NumPy's shape and bits", arguments: ["stored", "deflated"])
  func arrays(name: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.path("archives.json")))
    let expected = try JSONDecoder().decode([String: Expected].self, from: data)
    let archive = try NPZArchive(path: Self.path("\(name).npz"))
    #expect(archive.names.sorted() == expected.keys.sorted() && archive.names.count == 9)
    for (name, array) in expected {
      let found = try archive.array(name)
      #expect(found.shape == array.shape, "\(name)")
      #expect(found.floats.map(\.bitPattern) == array.bits, "\(name)")
    }
    #expect(try archive.array("half").storedType == ">f2")
  }

  private func first(_ set: Dataset) -> [Float] {
    (0..<set.features.featureCount).map { set.features[sample: 0, feature: $0] }
  }

  @Test("samples and labels are found by their usual names, or by those that are given")
  func datasets() throws {
    let file = try Self.path("deflated.npz")
    let training = try Dataset.npz(ArchivedArrays(file: file))
    #expect(training.sampleCount == 6 && training.featureShape == [2, 2] && training.targets.outputCount == 3)
    let test = try Dataset.npz(ArchivedArrays(file: file), part: .test)
    #expect(test.sampleCount == 3 && test.features.elementType == .uint8)
    let named = try Dataset.npz(ArchivedArrays(file: file, features: "x_test", labels: "y_test"))
    #expect(first(named) == first(test) && first(named) != first(training))
    let half = try Dataset.npz(ArchivedArrays(file: file, features: "x_test"))
    #expect(half.sampleCount == 3)
    let values = try Dataset.npz(ArchivedArrays(file: file, labels: "y_train"), areValues: true)
    #expect(values.targets.outputCount == 1 && values.sampleCount == 6)
    #expect(try FeatureStorage.npz(ArchivedArrays(file: file)).sampleCount == 3)
    #expect(try FeatureStorage.recognized(Self.path("single.npz")).featureCount == 5)
    #expect(try FeatureStorage.recognized("\(Self.path("unnamed.npz")):arr_0").sampleCount == 3)
    let unnamed = try Dataset.npz(ArchivedArrays(file: Self.path("unnamed.npz"), features: "arr_0", labels: "arr_1"))
    #expect(unnamed.targets.outputCount == 1)
  }

  @Test("arguments of the command line name an archive and its arrays")
  func argument() {
    #expect(ArchivedArrays(argument: "a.npz:x") == ArchivedArrays(file: "a.npz", features: "x"))
    #expect(
      ArchivedArrays(argument: "/b.npz:c/a.npz:x,y")
        == ArchivedArrays(file: "/b.npz:c/a.npz", features: "x", labels: "y"))
    for text in ["a.npz", "a.npy", "a.npz:", "a.npz:x,", "a.npz:x,y,z", "x,y"] {
      #expect(ArchivedArrays(argument: text) == nil, "\(text)")
    }
  }

  @Test(
    "an array that is not there, or not recognised, is asked for by name",
    arguments: [
      ("stored.npz", "z", String?.none, "there is no array 'z'; the arrays are 'x_train', 'y_train'"),
      ("stored.npz", "half", nil, "which array holds the labels of 'half'?"),
      (
        "unnamed.npz", nil, nil,
        "which array holds the samples? The arrays are 'arr_0' or 'arr_1'; name it: 'features: NAME'"
      ),
      ("stored.npz", "nothing", "y_train", "expected a shape of 1 to 8 dimensions, each at least 1, got [0, 3]"),
      ("objects.npz", "x", "y", "arrays of objects can run code"),
      ("stored.npz", "layer/kernel", "y_train", "expected as many labels as samples, got 2 samples"),
    ] as [(String, String?, String?, String)])
  func missing(file: String, features: String?, labels: String?, answer: String) throws {
    let arrays = ArchivedArrays(file: try Self.path(file), features: features, labels: labels)
    let error = try #require(throws: TrainingDataError.self) { try Dataset.npz(arrays) }
    #expect("\(error)".contains(answer), "\(error)")
  }

  // MARK: - Hostile archives

  /// A sound array of two numbers.
  private static let array: [UInt8] = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", zeros: 8)

  private static func npy(_ header: String, zeros: Int) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text
      + [UInt8](repeating: 0, count: zeros)
  }

  private static func member(_ name: String = "x.npy", _ change: (inout ZipFixture.Member) -> Void = { _ in })
    -> ZipFixture.Member
  {
    var member = ZipFixture.Member(name, array)
    change(&member)
    return member
  }

  static let hostile: [(name: String, bytes: [UInt8], answer: String)] = [
    ("nothing", [], "expected a zip archive such as .npz, got a file of 0 bytes"),
    (
      "something else", Array("\u{93}NUMPY and then some more text".utf8),
      "expected a zip archive such as .npz, got other bytes"
    ),
    ("no members", ZipFixture([]).bytes, "got one without a member that ends in .npy"),
    ("no arrays", ZipFixture([member("x.txt")]).bytes, "got one without a member that ends in .npy"),
    ("a bare suffix", ZipFixture([member(".npy")]).bytes, "got one without a member that ends in .npy"),
    (
      "an absolute path", ZipFixture([member("/etc/x.npy")]).bytes,
      "expected members with plain names such as 'x.npy', got '/etc/x.npy'"
    ),
    ("a path that leads out", ZipFixture([member("a/../../x.npy")]).bytes, "expected members with plain names"),
    ("a folder", ZipFixture([member("a/")]).bytes, "expected members with plain names such as 'x.npy', got 'a/'"),
    ("a backslash", ZipFixture([member("..\\x.npy")]).bytes, "expected members with plain names"),
    ("a line feed", ZipFixture([member("x\n.npy")]).bytes, "expected members with plain names"),
    (
      "two of a name", ZipFixture([member(), member()]).bytes, "two members have the same name; programs would disagree"
    ),
    (
      "two spellings of a name",
      ZipFixture(["\u{e9}.npy", "e\u{301}.npy"].map { member($0) { $0.flags = 0x800 } }).bytes,
      "two members have the same name"
    ),
    ("encryption", ZipFixture([member { $0.flags = 1 }]).bytes, "'x.npy': the member is encrypted"),
    (
      "bzip2", ZipFixture([member { $0.method = 12 }]).bytes,
      "expected a member that is stored or deflated, got compression method 12"
    ),
    (
      "a wrong checksum", ZipFixture([member { $0.declaredChecksum = 1 }]).bytes,
      "the contents do not have the checksum that is declared"
    ),
    (
      "a stored size", ZipFixture([member { $0.declaredByteCount = 9 }]).bytes,
      "bytes cannot inflate to the 9 that are declared"
    ),
    (
      "an impossible ratio",
      ZipFixture([
        member {
          $0.method = 8; $0.declaredByteCount = 1 << 32; $0.isZip64 = true
        }
      ]).bytes,
      "bytes cannot inflate to the 4294967296 that are declared"
    ),
    (
      "a size beyond 63 bits",
      ZipFixture([
        member {
          $0.declaredByteCount = .max; $0.isZip64 = true
        }
      ]).bytes, "'x.npy'"
    ),
    (
      "more than is declared",
      ZipFixture([
        member {
          $0.method = 8; $0.declaredByteCount = 70
        }
      ]).bytes, "'x.npy'"
    ),
    (
      "less than is declared",
      ZipFixture([
        member {
          $0.method = 8; $0.declaredByteCount = 90
        }
      ]).bytes, "'x.npy'"
    ),
    (
      "a header that wants more",
      ZipFixture([.init("x.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999,), }", zeros: 8))])
        .bytes,
      "'x.npy': the file is cut short"
    ),
    (
      "a header that wants less",
      ZipFixture([.init("x.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", zeros: 8))]).bytes,
      "bytes for an array of shape [1], got more"
    ),
    (
      "no array inside", ZipFixture([.init("x.npy", [1, 2, 3])]).bytes,
      "'x.npy': expected a NumPy array (.npy), got other bytes"
    ),
    (
      "a cut end", Array(ZipFixture([member()]).bytes.dropLast(30)),
      "the archive's directory, which stands at its end, is missing"
    ),
    ("a cut middle", Array(ZipFixture([member()]).bytes.dropFirst(20)), "the archive is damaged"),
    (
      "shared bytes",
      ZipFixture((0..<40).map { index in member("x\(index).npy") { if index > 0 { $0.sharedWith = 0 } } }).bytes,
      "the archive is damaged"
    ),
  ]

  @Test("hostile and broken archives are refused with a sentence", arguments: hostile.indices)
  func refused(index: Int) throws {
    let (name, bytes, answer) = Self.hostile[index]
    let folder = TemporaryFolder(), path = folder.write(bytes, to: "broken.npz")
    let error = try #require(throws: TrainingDataError.self) {
      let archive = try NPZArchive(path: path)
      for name in archive.names { _ = try archive.array(name) }
    }
    #expect("\(error)".hasPrefix(path) && "\(error)".contains(answer), "\(name): \(error)")
  }

  @Test("archives as ZIP64 writers make them are read")
  func zip64() throws {
    let folder = TemporaryFolder()
    let path = folder.write(ZipFixture([Self.member { $0.isZip64 = true }]).bytes, to: "a.npz")
    #expect(try NPZArchive(path: path).array("x").floats == [0, 0])
  }

  @Test("small files that would inflate to a machine's memory are refused, honest compression is not")
  func bombs() throws {
    let folder = TemporaryFolder(), count = 10 << 20
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(count),), }"
    let zeros = Self.npy(header, zeros: count * 4)
    let bomb = folder.write(ZipFixture([.init("x.npy", zeros, isDeflated: true)]).bytes, to: "bomb.npz")
    let error = try #require(throws: TrainingDataError.self) { try NPZArchive(path: bomb).array("x") }
    #expect("\(error)".contains("which is how archives are made that fill a machine's memory"), "\(error)")
    // Sixteen bytes of noise in a hundred and twenty-eight: some five times as large when inflated.
    var generator = SplitMix(state: 3), sparse = zeros
    for start in stride(from: 256, to: sparse.count - 16, by: 128) {
      for place in start..<start + 8 { sparse[place] = UInt8.random(in: 0..<100, using: &generator) }
    }
    let honest = ZipFixture([.init("x.npy", sparse, isDeflated: true)]).bytes
    #expect(honest.count * 4 + (16 << 20) < sparse.count && honest.count * 100 > sparse.count)
    #expect(try NPZArchive(path: folder.write(honest, to: "honest.npz")).array("x").floats.count == count)
    // Many little bombs are one large one.
    let little = Self.npy("{'descr': '|u1', 'fortran_order': False, 'shape': (4194304,), }", zeros: 4 << 20)
    let many = ZipFixture((0..<6).map { .init("x\($0).npy", little, isDeflated: true) }).bytes
    let archive = try NPZArchive(path: folder.write(many, to: "many.npz"))
    #expect(throws: TrainingDataError.self) { for name in archive.names { _ = try archive.array(name) } }
  }

  @Test("damaged archives are read or refused")
  func fuzz() throws {
    let folder = TemporaryFolder()
    let seeds =
      try ["stored", "deflated", "unnamed", "single"].map { name in
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path("\(name).npz"))))
      } + [ZipFixture([Self.member { $0.isZip64 = true }, Self.member("y.npy") { $0.method = 8 }]).bytes]
    var fuzzer = Fuzzer(
      seeds: seeds, pieces: ["PK\u{1}\u{2}", "PK\u{5}\u{6}", "\0\0\0\0", ".npy", "../", "x"], byteLimit: 8192)
    let outcome = fuzzer.run { bytes in
      guard let archive = try? NPZArchive(path: folder.write(bytes, to: "a.npz")) else { return false }
      return archive.names.reduce(into: true) { allAreRead, name in
        if (try? archive.array(name)) == nil { allAreRead = false }
      }
    }
    outcome.expectBounds("npz")
  }
}
