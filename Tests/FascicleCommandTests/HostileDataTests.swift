import Fascicle
import Foundation
import Testing
import TrainingData

/// Broken and hostile files of data, as they end a run: the status and the sentence.
@Suite("Hostile data files")
struct HostileDataTests {
  struct File: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let name: String
    let bytes: [UInt8]
    let status: Int32
    let phrase: String

    init(_ description: String, _ name: String, _ bytes: [UInt8], _ status: Int32, _ phrase: String) {
      testDescription = description
      self.name = name
      self.bytes = bytes
      self.status = status
      self.phrase = phrase
    }

    init(_ description: String, _ text: String, _ phrase: String) {
      self.init(description, "t.csv", Array(text.utf8), 65, phrase)
    }
  }

  /// A NumPy file of version 1 with this header, and zeros behind it.
  private static func numPyFile(_ header: String, zeros: Int = 0) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text
      + [UInt8](repeating: 0, count: zeros)
  }

  static func numPyFile(type: String = "<f4", order: String = "False", shape: String, zeros: Int = 0) -> [UInt8] {
    numPyFile("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }", zeros: zeros)
  }

  static let brokenTables: [File] = [
    File("nothing", "", "expected a table, got an empty file"),
    File("line ends", "\n\n\r\n", "expected a table, got an empty file"),
    File("a header", "a,y\n", "expected rows below the header, got none"),
    File("too few fields", "a,b,y\n1,2\n", "t.csv:2: expected 3 fields as in the header, got 2"),
    File("too many fields", "a,y\n1,2,3\n", "t.csv:2: expected 2 fields as in the header, got 3"),
    File("an open quote", "a,y\n\"1,2\n3,4\n", "t.csv:2: column 'a' begins with a quote"),
    File(
      "text behind a quote", "a,y\n\"1\"x,2\n", "t.csv:2: expected a delimiter or the end of the line behind the quote"),
    File("a NUL", "a,y\n1,\0\n", "t.csv:2: expected text, got a NUL byte"),
    File(
      "Latin 1", "t.csv", Array("a,y\n1,".utf8) + [0xe4, 10], 65, "t.csv:2: expected UTF-8 text, got the byte 0xe4"),
    File("UTF-16", "t.csv", [0xff, 0xfe, 97, 0, 44, 0, 121, 0, 10, 0], 65, "expected UTF-8 text, got UTF-16"),
    File("equal names", "a,a,y\n1,2,3\n", "t.csv:1: expected a name of its own for each column, got 'a'"),
    File("a number beyond Float", "a,y\n1e99,x\n2,z\n", "column 'a' must be a finite number, but is '1e99'"),
    File("an empty label", "a,y\n1,x\n2,\n3,z\n", "t.csv:3: the label 'y' has no value"),
    File("an empty cell", "a,y\n1,x\n,z\n3,x\n4,z\n", "t.csv:3: column 'a' has no value"),
    File("one class", "a,y\n1,x\n2,x\n", "expected different classes in 'y', got 'x' in every row"),
    File("half a class", "a,y\n1,0\n2,0.5\n", "t.csv:3: the label 'y' must be a text or a whole number"),
    File("nothing but the label", "y\nx\nz\nx\nz\nx\nz\n", "expected a column to learn from beside the label"),
    File("no gzip", "t.csv", [0x1f, 0x8b, 9, 9, 9, 9], 65, "the gzip stream"),
    File("a cut gzip", "t.csv", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], 65, "the gzip stream ends early"),
    File("an unknown label", "t.csv", Array("a,label\n1,x\n2,z\n".utf8), 78, "there is no column 'y'"),
  ]

  static let brokenArrays: [File] = [
    File("nothing", "x.npy", [], 65, "expected a NumPy array (.npy), got other bytes"),
    File("a picture", "x.npy", [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], 65, "expected a NumPy array"),
    File("version 9", "x.npy", [0x93] + Array("NUMPY".utf8) + [9, 0, 0, 0], 65, "expected version 1.0, 2.0 or 3.0"),
    File(
      "a long header", "x.npy", [0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255], 65, "got one of 4294967295"),
    File("code", "x.npy", numPyFile("__import__('os')._exit(0)"), 65, "expected '{' at byte 0"),
    File("objects", "x.npy", numPyFile(type: "|O", shape: "(2,)", zeros: 16), 65, "can run code"),
    File("too short", "x.npy", numPyFile(shape: "(20, 2)", zeros: 159), 65, "the file is cut short"),
    File("too long", "x.npy", numPyFile(shape: "(20, 2)", zeros: 161), 65, "got more"),
    File(
      "2^64 elements", "x.npy", numPyFile(shape: "(4294967296, 4294967296)"), 65,
      "expected a shape of 1 to 8 dimensions"),
    File(
      "a terabyte", "x.npy", numPyFile(type: "<f8", shape: "(1000000000, 125)"), 65,
      "the file is cut short: expected 1000000000"),
    File("a negative size", "x.npy", numPyFile(shape: "(-1,)"), 65, "expected a whole number of 64 bits"),
    File("other samples than labels", "x.npy", numPyFile(shape: "(19, 2)", zeros: 152), 65, "got 19 samples"),
  ]

  private func check(_ file: File, _ keys: [String]) throws {
    try withFolder { folder in
      try Data(file.bytes).write(to: folder.appendingPathComponent(file.name))
      try Data(Self.numPyFile(type: "|u1", shape: "(20,)", zeros: 20)).write(to: folder.appendingPathComponent("y.npy"))
      let outcome = try Driver.run(
        ["train", "network.layers=[{ dense: 2, activation: softmax }]"] + keys, in: folder)
      #expect(outcome.status == file.status, "\(outcome.error)")
      #expect(outcome.error.hasPrefix("error: ") && outcome.output.isEmpty)
      #expect(outcome.error.contains(file.phrase), "\(outcome.error)")
      #expect((1...3).contains(outcome.error.split(separator: "\n").count))
    }
  }

  @Test("tables", arguments: brokenTables)
  func tables(file: File) throws { try check(file, ["data.format=csv", "data.file=t.csv", "data.label=y"]) }

  @Test("arrays", arguments: brokenArrays)
  func arrays(file: File) throws { try check(file, ["data.format=npy", "data.features=x.npy", "data.labels=y.npy"]) }

  @Test("sound arrays are trained on, evaluated and answered for")
  func soundArrays() throws {
    try withFolder { folder in
      let labels = (0..<40).map { UInt8($0 % 2) }
      let header = Self.numPyFile(type: "|u1", shape: "(40,)"), features = Self.numPyFile(type: "|u1", shape: "(40, 3)")
      try Data(header + labels).write(to: folder.appendingPathComponent("y.npy"))
      try Data(features + labels.flatMap { [$0 * 9, 3, 10 - $0] }).write(to: folder.appendingPathComponent("x.npy"))
      let trained = try Driver.run(
        [
          "train", "--json", "--output", "m", "network.layers=[{ dense: 2, activation: softmax }]", "data.format=npy",
          "data.features=x.npy", "data.labels=y.npy", "data.test={ features: x.npy, labels: y.npy }",
          "optimizer.learningRate=0.1",
        ], in: folder)
      #expect(try #require(trained.events().last)["test_accuracy"] as? Double == 1, "\(trained.error)")
      let lines = try Driver.run(["predict", "m", "x.npy"], in: folder).output.split(separator: "\n").dropFirst()
      #expect(lines.map { String($0.prefix(1)) } == labels.map { "\($0)" })
      let evaluated = try Driver.run(["evaluate", "m", "x.npy,y.npy", "--json"], in: folder)
      #expect(try #require(evaluated.events().first)["accuracy"] as? Double == 1, "\(evaluated.error)")
    }
  }

  /// An archive of two arrays that belong together.
  private static func archive(in folder: URL) throws -> [UInt8] {
    let path = folder.appendingPathComponent("good.npz").path
    let labels = (0..<40).map { UInt8($0 % 2) }
    try NumPyFile.writeArchive(
      [
        ("x", NumberArray(shape: [40, 3], elements: .uint8(labels.flatMap { [$0 * 9, 3, 10 - $0] }))),
        ("y", NumberArray(shape: [40], elements: .uint8(labels))),
      ], to: path)
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// What is done to the sound archive, the status that it ends with and a part of the sentence.
  static let brokenArchives: [(name: String, damage: @Sendable ([UInt8]) -> [UInt8], status: Int32, phrase: String)] = [
    ("nothing", { _ in [] }, 65, "expected a zip archive such as .npz, got a file of 0 bytes"),
    ("a text", { _ in Array("a,b\n1,2\n3,4\n5,6\n7,8\n9,0\n".utf8) }, 65, "got other bytes"),
    ("cut short", { $0.dropLast(40) }, 65, "the archive's directory, which stands at its end, is missing"),
    (
      "a flipped bit", { bytes in bytes.enumerated().map { $0.offset == 200 ? $0.element ^ 1 : $0.element } }, 65,
      "checksum"
    ),
    (
      "encrypted",
      { bytes in
        // The flags of the first member in the directory.
        let entry = bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4b, 1, 2]) } ?? 0
        return changed(bytes, [entry + 8: bytes[entry + 8] | 1])
      }, 65, "'x.npy': the member is encrypted"
    ),
    (
      "two of a name",
      { bytes in
        let name = Array("y.npy".utf8)
        let places = bytes.indices.filter { bytes[$0...].starts(with: name) }
        return changed(bytes, Dictionary(uniqueKeysWithValues: places.map { ($0, UInt8(ascii: "x")) }))
      }, 65, "two members have the same name"
    ),
  ]

  private static func changed(_ bytes: [UInt8], _ places: [Int: UInt8]) -> [UInt8] {
    bytes.enumerated().map { places[$0.offset] ?? $0.element }
  }

  @Test("archives", arguments: brokenArchives.indices)
  func archives(index: Int) throws {
    let row = Self.brokenArchives[index]
    try withFolder { folder in
      try Data(row.damage(Self.archive(in: folder))).write(to: folder.appendingPathComponent("d.npz"))
      let outcome = try Driver.run(
        ["train", "network.layers=[{ dense: 2, activation: softmax }]", "data.format=npz", "data.file=d.npz"],
        in: folder)
      #expect(outcome.status == row.status && outcome.output.isEmpty, "\(row.name): \(outcome.error)")
      #expect(outcome.error.hasPrefix("error: ") && outcome.error.contains(row.phrase), "\(row.name): \(outcome.error)")
      #expect((1...3).contains(outcome.error.split(separator: "\n").count))
    }
  }

  @Test("a sound archive is trained on, evaluated, answered for and inspected, by usual names or given ones")
  func soundArchive() throws {
    try withFolder { folder in
      _ = try Self.archive(in: folder)
      let train = [
        "train", "--json", "network.layers=[{ dense: 2, activation: softmax }]", "data.format=npz",
        "data.file=good.npz",
      ]
      let trained = try Driver.run(
        train + ["--output", "m", "data.test={ features: x }", "optimizer.learningRate=0.1"], in: folder)
      #expect(try #require(trained.events().last)["test_accuracy"] as? Double == 1, "\(trained.error)")
      for data in ["good.npz", "good.npz:x", "good.npz:x,y"] {
        let lines = try Driver.run(["predict", "m", data], in: folder).output.split(separator: "\n").dropFirst()
        #expect(lines.map { String($0.prefix(1)) } == (0..<40).map { "\($0 % 2)" }, "\(data)")
        let evaluated = try Driver.run(["evaluate", "m", data, "--json"], in: folder)
        #expect(try #require(evaluated.events().first)["accuracy"] as? Double == 1, "\(evaluated.error)")
      }
      #expect(
        try #require(Driver.run(["evaluate", "m", "--json"], in: folder).events().first)["accuracy"] as? Double == 1)
      let missing = try Driver.run(train + ["data.features=z"], in: folder)
      #expect(missing.status == 78 && missing.error.contains("there is no array 'z'; the arrays are 'x' or 'y'"))
      let report = try Driver.run(["inspect", "good.npz"], in: folder)
      #expect(report.output.contains("40 × 3") && report.output.contains("|u1"), "\(report)")
      let event = try #require(try Driver.run(["inspect", "good.npz", "--json"], in: folder).events().first)
      #expect(event["kind"] as? String == "numpy" && (event["arrays"] as? [Any])?.count == 2)
    }
  }
}
