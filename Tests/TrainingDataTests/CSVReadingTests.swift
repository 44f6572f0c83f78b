import Foundation
import Testing
import TrainingData

@Suite("Reading tables")
struct CSVReadingTests {
  private let folder = TemporaryFolder()

  private func read(_ text: String, _ reading: CSVReading = CSVReading()) throws -> Table {
    try Table.csv(folder.write(Array(text.utf8), to: "table.csv"), reading: reading)
  }

  /// A cell as what it stands for.
  private func cell(_ table: Table, _ row: Int, _ column: Int) -> String? {
    table[row, column].map { value in
      table.columns[column].kind == .numeric ? "\(value)" : table.columns[column].categories[Int(value)]
    }
  }

  private func cells(_ table: Table) -> [[String?]] {
    (0..<table.rowCount).map { row in table.columns.indices.map { cell(table, row, $0) } }
  }

  @Test(
    "files that Python wrote hold what Python says",
    arguments: ["excel", "unix", "semicolons", "tabs", "bars", "all_quoted", "mark", "headerless", "compressed"])
  func python(name: String) throws {
    let tables = try #require(Bundle.module.resourceURL).appendingPathComponent("Tables")
    let file = tables.appendingPathComponent(name == "compressed" ? "\(name).csv.gz" : "\(name).csv").path
    let expected = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: tables.appendingPathComponent("\(name).json")))
        as? [[Any]])
    let table = try Table.csv(file)
    #expect(table.hasHeader == (name != "headerless"))
    #expect(
      table.columnNames == (name == "headerless" ? ["0", "1", "2", "3"] : ["number", "text", "count", "colour"]))
    #expect(table.columns.map(\.kind) == [.numeric, .categorical, .numeric, .categorical])
    #expect(table.rowCount == expected.count)
    for (row, values) in expected.enumerated() {
      for column in [0, 2] {
        // Python's number is a double; the text is its shortest form.
        let value = (values[column] as? NSNumber)?.doubleValue
        #expect(table[row, column] == value.map { DecimalNumber.float("\($0)") ?? .nan }, "row \(row)")
      }
      for column in [1, 3] { #expect(cell(table, row, column) == values[column] as? String, "row \(row)") }
    }
  }

  @Test("records end with LF, CRLF or CR, and the last may lack its end")
  func lineEnds() throws {
    for end in ["\n", "\r\n", "\r"] {
      for tail in ["", end, end + end] {
        let table = try read(["a,b", "1,x", "2,y"].joined(separator: end) + tail)
        #expect(cells(table) == [["1.0", "x"], ["2.0", "y"]])
      }
    }
  }

  @Test("quotes hold delimiters, line ends and quotes; elsewhere a quote is a character")
  func quotes() throws {
    let table = try read("a,b\n\"1\",\"x,\"\"y\"\"\r\nz\"\n 2 , 5\" pipe \n\"3\" ,\"\"\n")
    #expect(cells(table) == [["1.0", "x,\"y\"\r\nz"], ["2.0", "5\" pipe"], ["3.0", nil]])
  }

  @Test("missing values are those texts that are said to be, also numbers")
  func missing() throws {
    let standard = try read("a,b\nNA,x\n,?\n3,NaN\n\"\",null\n")
    #expect(cells(standard) == [[nil, "x"], [nil, nil], ["3.0", nil], [nil, nil]])
    let own = try read("a,b\n-999,x\n1,NA\n", CSVReading(missingTexts: ["-999", "x"]))
    #expect(cells(own) == [[nil, nil], ["1.0", "NA"]])
  }

  @Test("a single column may have empty lines, which are missing values; others pass over them")
  func emptyLines() throws {
    #expect(cells(try read("a\n1\n\n3\n")) == [["1.0"], [nil], ["3.0"]])
    #expect(cells(try read("\n\na,b\n\n1,2\n\n")) == [["1.0", "2.0"]])
  }

  @Test(
    "the delimiter is the one that divides records alike",
    arguments: [
      ("a;b\n1,5;2\n", ["a", "b"]), ("a\tb c\n1\t2\n", ["a", "b c"]), ("a|b,c\n1|2\n", ["a", "b,c"]),
      ("a;b;c\n\"1;2;3,4\";x,y;z\n", ["a", "b", "c"]), ("lonely\n1\n", ["lonely"]),
    ])
  func delimiters(text: String, names: [String]) throws { #expect(try read(text).columnNames == names) }

  @Test("a header is recognised unless a field of the first record is a number, and can be said")
  func headers() throws {
    #expect(try read("x,1\ny,2\n").columnNames == ["0", "1"])
    #expect(try read("x,1\ny,2\n", CSVReading(header: .present)).columnNames == ["x", "1"])
    #expect(try read("x,y\nz,w\n", CSVReading(header: .absent)).rowCount == 2)
    #expect(try read(",b\n1,2\n").columnNames == ["column 0", "b"])
  }

  @Test("a text far down makes its column one of categories, and says why")
  func lateText() throws {
    let rows = (0..<3000).map { "\($0),\($0 % 3)" }
    let table = try read("a,b\n" + rows.joined(separator: "\n") + "\nx,5\n")
    #expect(table.columns.map(\.kind) == [.categorical, .numeric])
    #expect(table.columns[0].categories.count == 3001)
    #expect(cell(table, 2999, 0) == "2999" && cell(table, 3000, 0) == "x" && cell(table, 3000, 1) == "5.0")
  }

  @Test("kinds can be given, and columns left out")
  func kinds() throws {
    let reading = CSVReading(kinds: ["a": .categorical, "b": .ignored])
    let table = try read("a,b,c\n10,x,1\n9,y,2\n", reading)
    #expect(table.columns.map(\.kind) == [.categorical, .ignored, .numeric])
    #expect(table.columns[0].categories == ["10", "9"])
    #expect(cell(table, 1, 2) == "2.0")
  }

  @Test("many categories are told apart")
  func manyCategories() throws {
    let texts = (0..<20_000).map { "c\($0 * 7919 % 5003)" }
    let table = try read("t\n" + texts.joined(separator: "\n"))
    #expect(table.columns[0].categories.count == 5003)
    #expect(table.columns[0].categories == Array(Set(texts)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for (row, text) in texts.enumerated() where cell(table, row, 0) != text { Issue.record("row \(row)") }
  }
}
