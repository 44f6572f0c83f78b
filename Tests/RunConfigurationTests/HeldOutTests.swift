import Fascicle
import Foundation
import RunConfiguration
import Testing
import TrainingData

/// Validation samples that have files of their own, in every format that has files.
@Suite("Samples that only watch, by file")
struct HeldOutTests {
  private static let layers = "network: { layers: [{ dense: 2, activation: softmax }] }"

  /// A configuration's data, and the folder in which it finds its files.
  private func withData(_ data: String, _ files: [String: [UInt8]], _ body: (RunConfiguration) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
    try body(load("data: { \(data.replacingOccurrences(of: "DIR", with: folder.path)) }\n\(Self.layers)"))
  }

  /// Two bytes for each sample, or its label; every value tells the file that it is of.
  private func npy(_ count: Int, _ value: UInt8, width: Int? = nil) -> [UInt8] {
    NumberArray(
      shape: width.map { [count, $0] } ?? [count],
      elements: .uint8([UInt8](repeating: value, count: count * (width ?? 1)))
    ).npyBytes
  }

  private func expectParts(_ configuration: RunConfiguration) throws {
    let data = try configuration.loadData()
    #expect(data.training.sampleCount == 8, "validation has files of its own, and takes nothing of the training's")
    let parts = [data.training, try #require(data.validation), try #require(data.test)]
    #expect(parts.map(\.sampleCount) == [8, 4, 2])
    // Each part's features are those of its own file.
    #expect(Set(parts.map { $0.dataset.features[sample: 0, feature: 0] }).count == 3)
    let again = try load(configuration.yaml)
    #expect(again.data == configuration.data && again.yaml == configuration.yaml)
  }

  @Test("IDX and NumPy files")
  func arrays() throws {
    let counts = [("x", 8, 1), ("v", 4, 2), ("t", 2, 3)] as [(String, Int, UInt8)]
    var files: [String: [UInt8]] = [:]
    for (name, count, value) in counts {
      files["\(name).npy"] = npy(count, value, width: 2)
      files["\(name)y.npy"] = npy(count, 1)
      files["\(name).idx"] =
        [0, 0, 8, 2, 0, 0, 0, UInt8(count), 0, 0, 0, 2] + [UInt8](repeating: value, count: 2 * count)
      files["\(name)y.idx"] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + [UInt8](repeating: 1, count: count)
    }
    for (format, first, ending) in [("npy", "features", "npy"), ("idx", "images", "idx")] {
      func pair(_ name: String) -> String {
        "\(first): \"DIR/\(name).\(ending)\", labels: \"DIR/\(name)y.\(ending)\""
      }
      try withData(
        "format: \(format), \(pair("x")), validation: { \(pair("v")) }, test: { \(pair("t")) }", files,
        expectParts)
    }
  }

  @Test("arrays of an archive, named or recognised")
  func archives() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fascicle-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: folder) }
    var arrays: [NumPyFile.Named] = []
    for (name, count, value) in [("train", 8, 1), ("val", 4, 2), ("test", 2, 3)] as [(String, Int, UInt8)] {
      arrays.append(
        ("x_\(name)", NumberArray(shape: [count, 2], elements: .uint8([UInt8](repeating: value, count: 2 * count)))))
      arrays.append(("y_\(name)", NumberArray(shape: [count], elements: .uint8([UInt8](repeating: 1, count: count)))))
    }
    try NumPyFile.writeArchive(arrays, to: folder.path)
    let archive = [UInt8](try Data(contentsOf: folder))
    for validation in ["features: x_val, labels: y_val", "labels: y_val", "file: \"DIR/d.npz\""] {
      try withData(
        "format: npz, file: \"DIR/d.npz\", validation: { \(validation) }, test: { features: x_test }",
        ["d.npz": archive], expectParts)
    }
  }

  @Test("tables, prepared as those that are trained on")
  func tables() throws {
    func table(_ count: Int, _ value: Int) -> [UInt8] {
      Array(("x,y\n" + (0..<count).map { "\(value + $0),\($0 % 2 == 0 ? "a" : "b")\n" }.joined()).utf8)
    }
    try withData(
      "format: csv, file: \"DIR/x.csv\", label: y, validation: { file: \"DIR/v.csv\" }, test: { file: \"DIR/t.csv\" }",
      ["x.csv": table(8, 0), "v.csv": table(4, 100), "t.csv": table(2, 300)]
    ) { configuration in
      try expectParts(configuration)
      let column = try #require(try configuration.loadData().preparation.table).columns[0]
      guard case .number(let number) = column.content else { throw WrongColumn() }
      #expect(number.scale.centre == 3.5, "measured on the training rows alone")
    }
  }

  @Test("weights of samples come from a file, an archive or a column, for every part of it")
  func weights() throws {
    let weights = NumberArray(shape: [8], elements: .float32([0, 1, 2, 3, 4, 5, 6, 7]))
    let files = ["x.npy": npy(8, 1, width: 2), "xy.npy": npy(8, 1), "w.npy": weights.npyBytes]
    func expectWeights(_ configuration: RunConfiguration, count: Int = 8) throws {
      let data = try configuration.loadData()
      let parts = [data.training, data.validation, data.test].compactMap { $0 }
      #expect(parts.reduce(0) { $0 + $1.sampleCount } == count)
      for part in parts {
        for row in part.rows { #expect(part.dataset.weight(ofSample: Int(row)) == Float(row)) }
      }
      #expect(try load(configuration.yaml).data == configuration.data)
    }
    let arrays = "format: npy, features: \"DIR/x.npy\", labels: \"DIR/xy.npy\", test: { fraction: 0.25 }"
    try withData("\(arrays), weights: \"DIR/w.npy\"", files) { try expectWeights($0) }
    try withData("\(arrays), weights: \"DIR/x.npy\"", files) { configuration in
      #expect(throws: TrainingDataError.self) { try configuration.loadData() }
    }
    let table = "x,w,y\n" + (0..<8).map { "\($0 % 3),\($0),\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
    let data = "format: csv, file: \"DIR/t.csv\", label: y, weights: w, test: { file: \"DIR/t.csv\" }"
    try withData(data, ["t.csv": Array(table.utf8)]) { configuration in
      try expectWeights(configuration, count: 16)
      let columns = try #require(try configuration.loadData().preparation.table)
      #expect(columns.featureNames == ["x"] && columns.ignoredColumns == ["w"])
    }
    try withData(data, ["t.csv": Array("x,w,y\n1,2,a\n3,,b\n".utf8)]) { configuration in
      let error = try #require(throws: TrainingDataError.self) { try configuration.loadData() }
      #expect("\(error)".hasSuffix("t.csv:3: column 'w' has no weight; a weight of 0 leaves a row out"), "\(error)")
    }
  }

  private struct WrongColumn: Error {}

  @Test(
    "what says nothing, or says too much, is refused",
    arguments: [
      (
        "format: npy, features: /x, labels: /y, validation: { fraction: 0.1 }",
        "data.validation must name samples of its own, as in { features: FILE, labels: FILE }; training.validation holds out a "
          + "part of the training samples"
      ),
      ("format: idx, images: /x, labels: /y, validation: { images: /v }", "data.validation.labels is missing"),
      (
        "format: csv, file: /x, label: y, validation: { file: /v, column: c, values: [d] }",
        "data.validation.file does not belong to a validation by a column"
      ),
      (
        "format: csv, file: /x, label: y, validation: { column: c, values: [d] }, test: { column: c, values: [e, d] }",
        "data.validation.values has 'd', which data.test.values has too: a row belongs to one of them"
      ),
      ("format: moons, validation: { file: /v }", "unknown key 'data.validation'; it belongs under 'training'"),
    ])
  func refused(data: String, phrase: String) throws {
    let error = try #require(throws: RunConfigurationError.self) { try load("data: { \(data) }") }
    #expect("\(error)".contains(phrase), "\(error)")
  }
}
