import Foundation
import FuzzInstruments
import Testing
import TrainingData

@Suite("Sparse texts")
struct LIBSVMTests {
  private let folder = TemporaryFolder()

  private func read(_ text: String, _ reading: LIBSVMReading = LIBSVMReading()) throws -> Table {
    try Table.libsvm(folder.write(Array(text.utf8), to: "t.svm"), reading: reading)
  }

  private func rows(_ table: Table) -> [[Float]] {
    (0..<table.rowCount).map { row in table.columns.indices.map { table[row, $0] ?? .nan } }
  }

  @Test("files hold what scikit-learn reads from them", arguments: ["one_based", "zero_based", "values", "by_hand"])
  func oracle(name: String) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Sparse")
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("\(name).json")))
        as? [String: Any])
    let features = try #require(json["features"] as? [[Double]]), labels = try #require(json["labels"] as? [Double])
    let table = try Table.libsvm(folder.appendingPathComponent("\(name).svm").path)
    #expect(table.rowCount == labels.count && table.columns.count == features[0].count + 1)
    #expect(table.columnNames[1] == (name == "zero_based" ? "0" : "1") && table.columnNames[0] == "label")
    for row in 0..<table.rowCount {
      #expect(table[row, 0] == Float(labels[row]))
      for (column, value) in features[row].enumerated() {
        #expect(table[row, column + 1] == Float(value), "row \(row), feature \(column)")
      }
    }
  }

  @Test("the first index is recognised or said, and so is the number of features")
  func indices() throws {
    #expect(rows(try read("1 1:5\n2 3:6\n")) == [[1, 5, 0, 0], [2, 0, 0, 6]])
    #expect(rows(try read("1 0:5\n2 1:6\n")) == [[1, 5, 0], [2, 0, 6]])
    #expect(rows(try read("1 1:5\n", LIBSVMReading(firstIndex: .zero))) == [[1, 0, 5]])
    #expect(rows(try read("1 1:5\n", LIBSVMReading(featureCount: 3))) == [[1, 5, 0, 0]])
    #expect(rows(try read("1\n2\n", LIBSVMReading(featureCount: 1))) == [[1, 0], [2, 0]])
  }

  @Test("comments, queries, marks, gzip and any line end are passed over")
  func surroundings() throws {
    let text = "\u{feff}# first\n\n1 qid:7 1:2 # behind\r\n\t \n2\t2:3\t\n#last"
    #expect(rows(try read(text)) == [[1, 2, 0], [2, 0, 3]])
    let path = folder.write(Array(text.utf8).gzipped, to: "t.svm.gz")
    #expect(rows(try Table.libsvm(path)) == [[1, 2, 0], [2, 0, 3]])
  }

  @Test("a text of many blocks is read whole")
  func manyBlocks() throws {
    let lines = (0..<200_000).map { "\($0 % 3) \(1 + $0 % 7):\($0) 9:0.5" }
    let table = try read(lines.joined(separator: "\n") + "\n")
    #expect(table.rowCount == 200_000 && table.columns.count == 10)
    for row in stride(from: 0, to: 200_000, by: 997) {
      #expect(table[row, 1 + row % 7] == Float(row) && table[row, 9] == 0.5 && table[row, 0] == Float(row % 3))
    }
  }

  @Test(
    "broken lines are refused with their number",
    arguments: [
      ("1 1:2\n1,2 1:3\n", "2: expected one label a sample, got several, '1,2'; samples with several labels"),
      ("1:2 2:3\n", "1: expected a number as label at the start of the line, got '1:2'; each line begins"),
      ("1 1:2\nx 1:3\n", "2: expected a number as label at the start of the line, got 'x'"),
      ("1 1:2\n\n1 3:1 2:4\n", "3: expected indices that ascend, got 2 behind 3; sort the entries"),
      ("1 2:1 2:4\n", "1: expected indices that ascend, got 2 behind 2; each feature may come once"),
      ("1 1:x\n", "1: feature 1 must be a finite number, but is 'x'"),
      ("1 1:nan\n", "1: feature 1 must be a finite number, but is 'nan'"),
      ("1 1:1e39\n", "1: feature 1 must be a finite number, but is '1e39'; it is too large"),
      ("1 1\n", "1: expected index:value, got '1'"), ("1 -1:2\n", "1: expected index:value, got '-1:2'"),
      ("1 1:2,3:4\n", "1: expected a space behind an entry, got ',3:4'"),
      ("1 qid:x 1:2\n", "1: expected a whole number"),
      ("1 99999999999999999999:1\n", "1: expected less than 100000 features, got 4294967295"),
    ])
  func broken(text: String, answer: String) throws {
    let path = folder.write(Array(text.utf8), to: "t.svm")
    let error = #expect(throws: TrainingDataError.self) { try Table.libsvm(path) }
    #expect(error?.description.hasPrefix("\(path):\(answer)") == true, "\(error?.description ?? "")")
  }

  @Test("what cannot be is refused with a sentence")
  func impossible() throws {
    func refusal(_ text: String, _ reading: LIBSVMReading = LIBSVMReading()) throws -> String {
      let path = folder.write(Array(text.utf8), to: "t.svm")
      let error = #expect(throws: TrainingDataError.self) { try Table.libsvm(path, reading: reading) }
      return error?.description ?? ""
    }
    #expect(try refusal("").contains("expected a sample a line, got none"))
    #expect(try refusal("# only\n\n").contains("expected a sample a line, got none"))
    #expect(try refusal("1\n2\n").contains("expected a feature in one of the lines, got none"))
    #expect(try refusal("1 0:2\n", LIBSVMReading(firstIndex: .one)).contains(":1: expected indices from 1 on, got 0"))
    #expect(
      try refusal("1 1:1\n1 5:2\n", LIBSVMReading(featureCount: 4))
        .contains(":2: expected indices up to 4, got 5; 4 features were asked for, counted from 1"))
    #expect(
      try refusal("1 5000:1\n1 1:2\n", LIBSVMReading(byteLimit: 40_000))
        .contains("2 samples of 5000 features take 40008 bytes, and may take 40000; zeros are kept in memory too"))
    #expect(try refusal("1 1:2\u{0}\n").contains("got a NUL byte"))
  }

  @Test("a table of it is prepared, and a later file is read with the same indices")
  func preparation() throws {
    let table = try read("-1 1:5 3:2\n1 2:4\n1 3:8\n-1 1:1\n")
    let recipe = TableRecipe(
      label: Table.libsvmLabel, goal: .classes, standard: ColumnRecipe(scaling: ColumnRecipe.Scaling.none))
    let preparation = try recipe.fit(on: table, rows: [0, 1, 2, 3])
    #expect(preparation.format == .libsvm && preparation.classNames == ["-1", "1"])
    let later = folder.write(Array("1 2:7\n".utf8), to: "later.svm")
    let features = try preparation.features(of: .file(later, for: preparation, wantsLabel: false))
    #expect((0..<3).map { features[sample: 0, feature: $0] } == [0, 7, 0])
    let wide = folder.write(Array("1 4:7\n".utf8), to: "wide.svm")
    #expect(throws: TrainingDataError.self) { try Table.file(wide, for: preparation, wantsLabel: false) }
  }

  private static let seeds = [
    "1 1:2 3:4\n-1 2:5\n", "# c\n\n2 qid:1 1:.5e3\r\n", "0.5 0:1 7:-2 # x\n3\n", "1,2 1:3\n", "1 100:1\n1 1:1",
  ].map { Array($0.utf8) }
  private static let pieces = [
    ":", " ", "\t", "\n", "\r\n", "#", "qid:", ",", "-", "1e99", "4294967296", "é", "\0",
  ]

  @Test("damaged files are read or refused, and what is read is finite")
  func fuzz() throws {
    var fuzzer = Fuzzer(seeds: Self.seeds, pieces: Self.pieces, byteLimit: 2048), count = 0
    let outcome = fuzzer.run { bytes in
      count += 1
      let path = folder.write(count % 8 > 0 ? bytes : bytes.gzipped, to: "t")
      guard let table = try? Table.libsvm(path, reading: LIBSVMReading(byteLimit: 1 << 20)) else { return false }
      let isSound = (0..<table.rowCount).allSatisfy { row in
        table.columns.indices.allSatisfy { table[row, $0]?.isFinite == true }
      }
      #expect(isSound && table.rowCount > 0)
      return true
    }
    #expect(outcome.readCount > outcome.count / 20)
    outcome.expectBounds("LIBSVM")
  }
}
