import Foundation
import FuzzInstruments
import Testing
import TrainingData

@Suite("NumPy arrays")
struct NPYTests {
  private static let folder = Bundle.module.resourceURL?.appendingPathComponent("Arrays")
  private struct Expected: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  private static func expected() throws -> [String: Expected] {
    let data = try Data(contentsOf: try #require(folder).appendingPathComponent("arrays.json"))
    return try JSONDecoder().decode([String: Expected].self, from: data)
  }

  private static func path(_ name: String) throws -> String {
    try #require(folder).appendingPathComponent("\(name).npy").path
  }

  private func elements(_ features: FeatureStorage) -> [Float] {
    (0..<features.sampleCount).flatMap { row in
      (0..<features.featureCount).map { features[sample: row, feature: $0] }
    }
  }

  @Test(
    "every array of numbers that NumPy wrote has NumPy's elements, in any type, byte order, index order and version")
  func arrays() throws {
    let arrays = try Self.expected().filter { $0.key != "nothing" && $0.key != "scalar" }
    #expect(arrays.count == 26)
    for (name, array) in arrays {
      let values = array.values.map { Float($0) }
      let features = try FeatureStorage.npy(Self.path(name))
      #expect(features.sampleCount == array.shape[0], "\(name)")
      #expect(elements(features).map(\.bitPattern) == values.map(\.bitPattern), "\(name)")
      #expect((features.elementType == .uint8) == ["u1", "fortran_bytes"].contains(name), "\(name)")
    }
  }

  @Test("features and labels make a data set, floats values to be met")
  func datasets() throws {
    let set = try Dataset.npy(features: Self.path("fortran"), labels: Self.path("labels"), classCount: 5)
    #expect(set.featureShape == [3, 4] && set.targets.outputCount == 5)
    guard case .classes(_, let labels) = set.targets else { throw Unexpected() }
    #expect(labels[0] == 2 && labels[1] == 0)
    let values = try Dataset.npy(features: Self.path("version2"), labels: Self.path("targets"))
    guard case .values(2, let rows) = values.targets else { throw Unexpected() }
    #expect([rows[0, 0], rows[0, 1], rows[1, 0], rows[1, 1]] == [0.5, -1, 3, 4])
    let asked = try Dataset.npy(features: Self.path("version3"), labels: Self.path("labels"), areValues: true)
    #expect(asked.targets.outputCount == 1)
  }

  private struct Unexpected: Error {}

  @Test(
    "what is no array of numbers is refused",
    arguments: [
      (
        "objects",
        "expected an array of numbers such as <f4, |u1 or <i8, got '|O'; arrays of objects can run code when they are read, and "
          + "are never read here; save numbers instead"
      ),
      ("texts", "expected an array of numbers such as <f4, |u1 or <i8, got '<U2'; convert it with .astype('float32')"),
      (
        "complex", "expected an array of numbers such as <f4, |u1 or <i8, got '<c8'; convert it with .astype('float32')"
      ),
      ("records", "the .npy header cannot be read: its elements are records of several fields"),
      ("nothing", "expected a shape of 1 to 8 dimensions, each at least 1, got [0, 3]; the array is empty"),
      ("scalar", "expected a shape of 1 to 8 dimensions, each at least 1, got []"),
    ])
  func refused(name: String, answer: String) throws {
    let path = try Self.path(name),
      error = try #require(throws: TrainingDataError.self) { try FeatureStorage.npy(path) }
    #expect("\(error)" == "\(path): \(answer)")
  }

  /// A file of version 1 with this header, and these bytes behind it.
  private static func file(_ header: String, _ bytes: [UInt8] = []) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text + bytes
  }

  private static let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }"

  @Test(
    "broken files are refused with a sentence",
    arguments: [
      ([], "expected a NumPy array (.npy), got other bytes"), (Array("\u{93}NUMPX\u{1}\0".utf8), "got other bytes"),
      ([0x93] + Array("NUMPY".utf8) + [4, 0, 0, 0], "expected version 1.0, 2.0 or 3.0 of the .npy format, got 4.0"),
      ([0x93] + Array("NUMPY".utf8) + [1, 0, 255, 0], "the file is cut short in its header"),
      (
        [0x93] + Array("NUMPY".utf8) + [2, 0, 0, 0, 0, 1],
        "expected a header of 65536 bytes at most, got one of 16777216"
      ),
      (
        file(good, [0, 0, 0, 0, 0, 0, 0]),
        "the file is cut short: expected 78 bytes for an array of shape [2, 1], got at most 77"
      ),
      (file(good, [UInt8](repeating: 0, count: 9)), "expected 78 bytes for an array of shape [2, 1], got more"),
      (file(good, [0, 0, 0, 0, 0, 0, 0xc0, 0x7f]), "feature 0 of sample 1 is nan, expected a finite number"),
      (file("{'descr': '<f4', 'fortran_order': False}"), "'descr', 'fortran_order' or 'shape' is missing"),
      (file(good + "{}"), "something follows the header's dictionary"),
      (
        file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}"),
        "the key 'descr' is unknown or comes twice"
      ),
      (file("{'descr': '<f4', 'fortran_order': maybe, 'shape': (2,)}"), "expected True or False at byte 34"),
      (
        file("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}"),
        "expected a whole number of 64 bits at byte 51"
      ),
      (
        file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
        "expected a whole number of 64 bits at byte 51"
      ),
      (
        file("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"),
        "expected a shape of 1 to 8 dimensions, each at least 1, got [4294967296, 4294967296]"
      ),
      (
        file("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1)}"),
        "expected a shape of 1 to 8 dimensions"
      ),
      (file("{'descr': '<f4"), "a text does not end"),
      (file("__import__('os').system('true')"), "expected '{' at byte 0"),
      (
        file("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000)}"),
        "the file is cut short: expected 8000000000080 bytes for an array of shape [1000000000, 1000], got at most 80"
      ),
    ] as [([UInt8], String)])
  func broken(bytes: [UInt8], answer: String) throws {
    let folder = TemporaryFolder(), path = folder.write(bytes, to: "broken.npy")
    let error = try #require(throws: TrainingDataError.self) { try FeatureStorage.npy(path) }
    #expect("\(error)".contains(answer), "\(error)")
  }

  @Test("labels must be as many as samples, of an integer type, and in range")
  func labels() throws {
    let features = try Self.path("fortran")
    let few = try Self.path("u1")
    let mismatch = try #require(throws: TrainingDataError.self) { try Dataset.npy(features: features, labels: few) }
    #expect("\(mismatch)".contains("expected as many labels as samples, got 2 samples"), "\(mismatch)")
    let path = try Self.path("labels")
    let error = try #require(throws: TrainingDataError.self) {
      try Dataset.npy(features: features, labels: path, classCount: 2)
    }
    #expect(error.code == .labelOutOfRange)
    let folder = TemporaryFolder()
    let two = folder.write(Self.file("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1)}", [3, 4]), to: "x.npy")
    let wide = [7, 1 << 40].flatMap { (label: Int64) in withUnsafeBytes(of: label.littleEndian, Array.init) }
    let large = folder.write(Self.file("{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}", wide), to: "y.npy")
    let beyond = try #require(throws: TrainingDataError.self) { try Dataset.npy(features: two, labels: large) }
    #expect(
      beyond.message == "\(large): label 1099511627776 of sample 1 is out of range, expected a class of 32 bits")
    // Rows of whole numbers are one-hot classes or several labels, which losses meet as values.
    let rows = folder.write(
      Self.file("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", [0, 1, 1, 0]), to: "r.npy")
    guard case .values(2, let targets) = try Dataset.npy(features: two, labels: rows).targets else {
      throw Unexpected()
    }
    #expect([targets[0, 0], targets[0, 1], targets[1, 0], targets[1, 1]] == [0, 1, 1, 0])
  }

  @Test("samples without labels come from a table of numbers too, and from nothing else")
  func recognized() throws {
    let folder = TemporaryFolder()
    let features = try FeatureStorage.recognized(folder.write(Array("a;b\n1;-2.5\n3e2;4\n".utf8), to: "t.csv"))
    #expect(features.featureCount == 2 && elements(features) == [1, -2.5, 300, 4])
    for (text, answer) in [
      ("a,b\n1,2\n,3\n", "t.csv:3: column 'a' has no value; a model that was trained on a table can put something"),
      (
        "a,b\n1,x\n2,3\n",
        "t.csv: the column 'b' must hold numbers, as the arrays that the model learned, but line 2 has 'x'"
      ),
      (
        "\u{1}\u{2}\u{3}\u{4}", "t.csv: expected samples as IDX, NumPy arrays or a table of numbers, got something else"
      ),
    ] {
      let path = folder.write(Array(text.utf8), to: "t.csv")
      let error = try #require(throws: TrainingDataError.self) { try FeatureStorage.recognized(path) }
      #expect("\(error)".contains(answer), "\(error)")
    }
  }

  @Test("damaged arrays are read or refused")
  func fuzz() throws {
    let folder = TemporaryFolder()
    let seeds = try ["f4", "big_i2", "fortran", "version2", "compressed", "u1"].map { name in
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.path(name))))
    }
    var fuzzer = Fuzzer(seeds: seeds, pieces: ["9", "(", ")", ",", "'descr'", "True", "-1", ">f8", "\n"])
    let outcome = fuzzer.run { (try? FeatureStorage.npy(folder.write($0, to: "a.npy"))) != nil }
    outcome.expectBounds("npy")
  }
}
