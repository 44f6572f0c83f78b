import Foundation
import Testing

/// How every broken or hostile file ends a command, word for word: the status and what stands on standard error.
///
/// The table lies beside the tests in `Snapshots/hostile-files.txt`. Where a sentence was changed on purpose,
/// `FASCICLE_RECORD=$PWD/Tests/FascicleCommandTests/Snapshots/hostile-files.txt make test` writes it anew, to be read before it is
/// committed.
@Suite("Hostile files, word for word", .serialized)
struct HostileFileSnapshotTests {
  /// Files in a folder, and what is asked of the driver there.
  private struct Case {
    let name: String
    let files: [String: [UInt8]]
    let arguments: [String]
  }

  private static let network = "network.layers=[{ dense: 2, activation: softmax }]"

  private static var cases: [Case] {
    let tables = HostileDataTests.brokenTables.map { file in
      Case(
        name: "table, \(file.testDescription)", files: [file.name: file.bytes],
        arguments: ["train", network, "data.format=csv", "data.file=t.csv", "data.label=y"])
    }
    let labels = HostileDataTests.numPyFile(type: "|u1", shape: "(20,)", zeros: 20)
    let arrays = HostileDataTests.brokenArrays.map { file in
      Case(
        name: "array, \(file.testDescription)", files: [file.name: file.bytes, "y.npy": labels],
        arguments: ["train", network, "data.format=npy", "data.features=x.npy", "data.labels=y.npy"])
    }
    return tables + arrays + images + configurations + models
  }

  private static let images: [Case] = {
    let images = [UInt8](IDXFile.images(30)), labels = [UInt8](IDXFile.labels(30))
    let broken: [(String, [UInt8], [UInt8])] = [
      ("nothing", [], labels), ("cut short", images.dropLast(), labels), ("too long", images + [0], labels),
      ("text", Array("not an IDX file at all".utf8), labels), ("no samples", [UInt8](IDXFile.images(0)), labels),
      ("few labels", images, [UInt8](IDXFile.labels(29))), ("a high label", images, labels.dropLast() + [3]),
      ("9 dimensions", [0, 0, 8, 9] + [UInt8](repeating: 1, count: 36), labels),
      ("a terabyte", [0, 0, 8, 3] + [UInt8](repeating: 0x7f, count: 12), labels),
      ("an unknown type", [0, 0, 7, 1, 0, 0, 0, 1, 0], labels),
      ("a lying gzip", [UInt8](IDXFile.gzip(Data(images), claimedByteCount: 7)), labels),
    ]
    return broken.map { name, images, labels in
      Case(
        name: "IDX, \(name)", files: ["x": images, "y": labels],
        arguments: [
          "train", "network.layers=[{ dense: 3, activation: softmax }]", "data.format=idx", "data.images=x",
          "data.labels=y",
        ])
    }
  }()

  private static let configurations: [Case] = [
    ("nothing but a tab", "\t"), ("an open list", "training: [1, 2"), ("a list", "- 1\n- 2\n"),
    ("a key twice", "loss: a\nloss: b"),
    ("an unknown key", "trainng: { epochs: 1 }"), ("a wrong value", "training: { epochs: many }"),
    ("laughs", "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]"),
    ("an alias of nothing", "loss: *nobody"), ("a NUL", "loss: a\u{0}"), ("a tag", "loss: !!python/object:os.system x"),
  ].map { Case(name: "configuration, \($0)", files: ["run.yaml": Array($1.utf8)], arguments: ["train", "run.yaml"]) }

  private static let models: [Case] = {
    func tensors(_ header: String, _ count: Int = 0, claimed: UInt64? = nil) -> [UInt8] {
      let length = withUnsafeBytes(of: (claimed ?? UInt64(header.utf8.count)).littleEndian, Array.init)
      return length + header.utf8 + [UInt8](repeating: 0, count: count)
    }
    let float = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
    let files: [(String, [UInt8])] = [
      ("cut short", tensors(float, 7)), ("too long", tensors(float, 9)),
      ("an endless header", tensors(float, 8, claimed: 1 << 60)),
      ("no JSON", tensors("{\"a\":", 8)),
      ("a negative shape", tensors(float.replacingOccurrences(of: "[2]", with: "[-2]"), 8)),
      ("a shape beyond", tensors(float.replacingOccurrences(of: "[2]", with: "[4294967296,4294967296]"), 8)),
      (
        "overlapping",
        tensors(
          "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}",
          3)
      ),
    ]
    return files.map {
      Case(name: "safetensors, \($0)", files: ["w.safetensors": $1], arguments: ["inspect", "w.safetensors"])
    } + [
      Case(
        name: "model, no JSON", files: ["model.json": Array("{".utf8), "model.safetensors": []],
        arguments: ["predict", "."]),
      Case(
        name: "model, another file's", files: ["model.json": Array("{\"format\":\"other\"}".utf8)],
        arguments: ["inspect", "."]),
      Case(name: "ONNX, noise", files: ["m.onnx": [8, 1, 0x3a, 0xff, 0xff]], arguments: ["inspect", "m.onnx"]),
    ]
  }()

  private static func answer(_ item: Case) throws -> String {
    try withFolder { folder in
      for (name, bytes) in item.files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
      let outcome = try Driver.run(item.arguments, in: folder)
      #expect(outcome.output.isEmpty && outcome.status != 0, "\(item.name): \(outcome)")
      let error = outcome.error.replacingOccurrences(of: folder.path, with: "DIR")
      return "\(item.name)\n  \(outcome.status) \(error.split(separator: "\n").joined(separator: "\n     "))\n"
    }
  }

  @Test("the answers are those of the table")
  func answers() throws {
    let found = try Self.cases.map(Self.answer)
    #expect(found.count >= 50)
    if let path = ProcessInfo.processInfo.environment["FASCICLE_RECORD"] {
      try Data(found.joined().utf8).write(to: URL(fileURLWithPath: path))
    }
    let file = try #require(
      Bundle.module.url(forResource: "hostile-files", withExtension: "txt", subdirectory: "Snapshots"))
    let known = try String(contentsOf: file, encoding: .utf8)
    for answer in found { #expect(known.contains(answer), "\(answer)") }
    #expect(known == found.joined())
  }
}
