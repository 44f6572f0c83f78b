import FuzzInstruments
import Testing
import TrainingData

/// Damaged tables never crash a reader nor keep it long.
@Suite("Damaged tables")
struct TableFuzzTests {
  private static let seeds = [
    "a,b,c\n1,x,\n2.5e3,\"y,\"\"z\"\"\n\",NA\n-0.125,\"two\nlines\",7\n",
    "\u{feff}id;größe;Σ\r\n1;\"3,5\";?\r\n\r\n2;4;x\r\n",
    "1\t2\t3\n4\t5\t6\n7\t8\t9\n", "only\n1\n\n3", "1e39,0x10,nan\n1,2,3\n", "\"a\",\"b\"\n\"1\",\"2\"",
  ].map { Array($0.utf8) }
  private static let pieces = [
    "\"", "\"\"", ",", ";", "\t", "|", "\n", "\r", "\r\n", "\u{feff}", "1e999", "-", ".", "NA", "é", "\0",
    "99999999999999999999",
  ]

  @Test("mutated files are read or refused, whole and prepared")
  func csv() throws {
    let folder = TemporaryFolder()
    var fuzzer = Fuzzer(seeds: Self.seeds, pieces: Self.pieces), count = 0
    let outcome = fuzzer.run { bytes in
      count += 1
      let path = folder.write(count % 16 > 0 ? bytes : bytes.gzipped, to: "t")
      if count % 4 == 0 { checkPieces(path) }
      guard let table = try? Table.csv(path) else { return false }
      check(table)
      return true
    }
    #expect(outcome.readCount > outcome.count / 20)
    outcome.expectBounds("tables")
  }

  /// Pieces and workers change nothing but which of two mistakes is met first: a byte that is no text, or another.
  private func checkPieces(_ path: String) {
    let reading = CSVReading(delimiter: .character(UInt8(ascii: ",")), header: .present)
    let whole = CSVPiecesTests.outcome { try Table.csv(path, reading: reading, workers: 1) }
    let pieces = CSVPiecesTests.outcome { try Table.csv(path, reading: reading, workers: 3, pieceByteCount: 24) }
    let isNoText = whole.contains("expected text, got") || whole.contains("expected UTF-8 text")
    #expect(pieces == whole || isNoText && pieces.hasPrefix(path))
  }

  /// Whatever was read is finite and consistent, and so are the features made of it.
  private func check(_ table: Table) {
    #expect(table.rowCount > 0)
    for (index, column) in table.columns.enumerated() where column.kind != .ignored {
      for row in 0..<table.rowCount {
        guard let value = table[row, index] else { continue }
        let isSound = column.kind == .numeric ? value.isFinite : column.categories.indices.contains(Int(value))
        #expect(isSound)
      }
    }
    let recipe = TableRecipe(label: "-1", standard: ColumnRecipe(imputation: .median))
    guard let preparation = try? recipe.fit(on: table, rows: (0..<UInt32(table.rowCount)).map { $0 }),
      let features = try? preparation.features(of: table)
    else { return }
    #expect(features.featureCount == preparation.featureCount)
  }
}
