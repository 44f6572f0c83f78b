import Testing
import TrainingData

@Suite("Broken tables")
struct CSVBadInputTests {
  /// A broken file and what is said of it, PATH standing for the file.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let reading: CSVReading
    let code: TrainingDataError.Code
    let answer: String

    init(
      _ description: String, _ text: String, _ code: TrainingDataError.Code, _ answer: String,
      reading: CSVReading = CSVReading()
    ) {
      self.init(description, Array(text.utf8), code, answer, reading: reading)
    }

    init(
      _ description: String, _ bytes: [UInt8], _ code: TrainingDataError.Code, _ answer: String,
      reading: CSVReading = CSVReading()
    ) {
      testDescription = description
      self.bytes = bytes
      self.reading = reading
      self.code = code
      self.answer = answer
    }
  }

  private static let bomb = [UInt8](repeating: UInt8(ascii: ","), count: 24 << 20).gzipped

  static let mistakes: [Mistake] = [
    Mistake("an empty file", "", .emptyDataset, "PATH: expected a table, got an empty file"),
    Mistake("only empty lines", "\n\r\n\n", .emptyDataset, "PATH: expected a table, got an empty file"),
    Mistake(
      "line ends without end", [UInt8](repeating: 10, count: 64 << 20).gzipped, .emptyDataset,
      "PATH: expected rows, got more than a mebibyte of empty lines; is it a table?"),
    Mistake(
      "a header and line ends without end", Array("a,b".utf8) + [UInt8](repeating: 10, count: 3 << 20), .emptyDataset,
      "PATH: expected rows, got more than a mebibyte of empty lines; is it a table?"),
    Mistake("only a mark", [0xef, 0xbb, 0xbf], .emptyDataset, "PATH: expected a table, got an empty file"),
    Mistake(
      "only a header", "a,b\n", .emptyDataset,
      "PATH: expected rows below the header, got none; if the first line is a row, say that there is no header"),
    Mistake(
      "a short record", "a,b,c\n1,2,3\n4,5\n", .malformedText,
      "PATH:3: expected 3 fields as in the header, got 2; fields with delimiters or line ends belong between quotes"),
    Mistake(
      "a long record", "a,b\n1,2\n\n3,4,5,6\n", .malformedText,
      "PATH:4: expected 2 fields as in the header, got 4; fields with delimiters or line ends belong between quotes"),
    Mistake(
      "a long record below quoted lines", "a,b\n\"1\n\n\",2\n3,4,5\n", .malformedText,
      "PATH:5: expected 2 fields as in the header, got 3; fields with delimiters or line ends belong between quotes"),
    Mistake(
      "a long record without a header", "1,2\n3,4,5\n", .malformedText,
      "PATH:2: expected 2 fields as in the first line, got 3; fields with delimiters or line ends belong between quotes"
    ),
    Mistake(
      "a quote without end", "a,b\n1,2\n3,\"4\n5,6\n", .malformedText,
      "PATH:3: column 'b' begins with a quote, and no other quote ends it; a quote inside quotes is written twice"),
    Mistake(
      "a quote without end in the header", "a,\"b\n1,2\n", .malformedText,
      "PATH:1: field 1 begins with a quote, and no other quote ends it; a quote inside quotes is written twice"),
    Mistake(
      "text behind a quote", "a,b\n1,\"x\"y\n", .malformedText,
      "PATH:2: expected a delimiter or the end of the line behind the quote that ends column 'b'; a quote inside quotes is "
        + "written twice"),
    Mistake(
      "a NUL byte", Array("a,b\n1,2\n3,".utf8) + [0] + Array("\n".utf8), .unrecognizedFormat,
      "PATH:3: expected text, got a NUL byte; is it a binary file?"),
    Mistake(
      "a byte that is no UTF-8", Array("a,b\n1,x\n2,".utf8) + [0xe9, 0x0a], .unrecognizedFormat,
      "PATH:3: expected UTF-8 text, got the byte 0xe9; save it as UTF-8, or is it a binary file?"),
    Mistake(
      "an overlong form", Array("a\n".utf8) + [0xc0, 0xaf], .unrecognizedFormat,
      "PATH:2: expected UTF-8 text, got the byte 0xc0; save it as UTF-8, or is it a binary file?"),
    Mistake(
      "UTF-16", [0xff, 0xfe, 0x61, 0, 0x2c, 0], .unrecognizedFormat,
      "PATH: expected UTF-8 text, got UTF-16; save it as UTF-8"),
    Mistake(
      "a name twice", "a,b,a\n1,2,3\n", .invalidHeader,
      "PATH:1: expected a name of its own for each column, got 'a' for the columns 0 and 2; if the first line is a row, say "
        + "that there is no header"),
    Mistake(
      "a column that is not there", "Age,Fare\n1,2\n", .unknownColumn,
      "PATH: there is no column 'Agee'; did you mean 'Age'?",
      reading: CSVReading(kinds: ["Agee": .numeric])),
    Mistake(
      "another column that is not there", "Age,Fare\n1,2\n", .unknownColumn,
      "PATH: there is no column 'Deck'; the columns are Age or Fare", reading: CSVReading(kinds: ["Deck": .ignored])),
    Mistake(
      "no number", "a,b\n1,2\nold,3\n", .invalidValue,
      "PATH:3: column 'a' must be a finite number, but is 'old'; if 'old' stands for a missing value, name it among those "
        + "texts", reading: CSVReading(kinds: ["a": .numeric])),
    Mistake(
      "a decimal comma", "a;b\n1;2\n\"3,5\";3\n", .invalidValue,
      "PATH:3: column 'a' must be a finite number, but is '3,5'; decimals have a point, and thousands no comma",
      reading: CSVReading(kinds: ["a": .numeric])),
    Mistake(
      "a number without end", "a,b\n1,2\n3,inf\n", .invalidValue,
      "PATH:3: column 'b' must be a finite number, but is 'inf'; if 'inf' stands for a missing value, name it among those "
        + "texts", reading: CSVReading(kinds: ["b": .numeric])),
    Mistake(
      "a number too large", "a,b\n1,2\n3,1e39\n", .invalidValue,
      "PATH:3: column 'b' must be a finite number, but is '1e39'; it is too large for single precision"),
    Mistake(
      "a delimiter that is a digit", "a,b\n1,2\n", .invalidArgument,
      "expected a delimiter such as ',', ';', '|' or a tab, got '7'",
      reading: CSVReading(delimiter: .character(UInt8(ascii: "7")))),
    Mistake(
      "too many columns", String(repeating: ",", count: 100_000) + "\n", .invalidHeader,
      "PATH:1: expected 100000 columns at most, got 100001; is it a table with one sample a line?"),
    Mistake(
      "a cut gzip file", Array(Array("a,b\n1,2\n".utf8).gzipped.dropLast(9)), .truncated,
      "PATH: the gzip stream ends early, after 19 compressed bytes; copy or download the file again"),
    Mistake(
      "a gzip bomb", bomb, .corrupted,
      "PATH: expected a text that inflates to 256 times its \(bomb.count) bytes at most, got more; unpack it first if it is "
        + "meant to"),
  ]

  @Test("every broken file is refused with its line and what was expected", arguments: mistakes)
  func refused(mistake: Mistake) throws {
    let folder = TemporaryFolder(), path = folder.write(mistake.bytes, to: "broken.csv")
    let error = try #require(throws: TrainingDataError.self) { try Table.csv(path, reading: mistake.reading) }
    #expect(error.code == mistake.code)
    #expect("\(error)".replacing(path, with: "PATH") == mistake.answer)
  }

  @Test("what is no file is refused")
  func noFile() {
    #expect(throws: TrainingDataError.self) { try Table.csv("/nowhere/table.csv") }
    #expect(throws: TrainingDataError.self) { try Table.csv("/") }
  }
}
