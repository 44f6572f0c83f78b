import Glibc
import Testing
import TrainingData

/// Damaged tables never crash a reader nor keep it long.
///
/// `FUZZ_SECONDS` in the environment makes it go on for longer.
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
  ].map { Array($0.utf8) }

  private func mutate(_ bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0..<4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: place)
      case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<8, using: &generator)))
      case 3:
        let other = Self.seeds.randomElement(using: &generator) ?? []
        bytes = Array(bytes[..<place]) + other.suffix(Int.random(in: 0...other.count, using: &generator))
      default: bytes += bytes.suffix(Int.random(in: 0..<64, using: &generator))
      }
      if bytes.count > 4096 { bytes.removeLast(bytes.count - 4096) }
    }
    return bytes
  }

  @Test("mutated files are read or refused, whole and prepared")
  func csv() throws {
    let folder = TemporaryFolder()
    let seconds = getenv("FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 0
    let clock = ContinuousClock(), end = clock.now + .seconds(seconds)
    var generator = SplitMix(state: seconds > 0 ? UInt64(time(nil)) : 1), corpus = Self.seeds, count = 0, readCount = 0
    while count < 4000 || clock.now < end {
      let bytes = mutate(corpus.randomElement(using: &generator) ?? [], &generator)
      let path = folder.write(Bool.random(using: &generator) || count % 8 > 0 ? bytes : bytes.gzipped, to: "t")
      let start = clock.now
      if let table = try? Table.csv(path) {
        readCount += 1
        if corpus.count < 500 { corpus.append(bytes) }
        check(table)
      }
      if count % 4 == 0 { checkPieces(path) }
      #expect(clock.now - start < .seconds(5), "seed count \(count): \(bytes)")
      count += 1
    }
    #expect(readCount > count / 20 && readCount < count)
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
