import Glibc
import FuzzInstruments
import Testing
import TrainingData

@Suite("Tables as arrays")
struct TableConversionTests {
  private let folder = TemporaryFolder()

  private func convert(
    _ text: String, label: String?, _ reading: CSVReading = CSVReading(), workers: Int = 1,
    pieceByteCount: Int = 1 << 20
  ) throws -> TableConversion.Result {
    let path = folder.write(Array(text.utf8), to: "t.csv")
    return try TableConversion(path, label: label, reading: reading, workers: workers, pieceByteCount: pieceByteCount)
      .write(features: "\(folder.path)/x.npy", labels: label.map { _ in "\(folder.path)/y.npy" })
  }

  private func exists(_ name: String) -> Bool { access("\(folder.path)/\(name)", F_OK) == 0 }

  @Test("features and labels of texts come back as they stood, for any number of workers and any size of a piece")
  func texts() throws {
    var generator = SplitMix(state: 9)
    let rows = (0..<3000).map { row in
      "\(row),\(["b", "a", "\"c,\"\"\n\""][Int.random(in: 0..<3, using: &generator)]),\(Double(row) / 8)"
    }
    let text = "x,kind,z\n" + rows.joined(separator: "\n")
    let table = try Table.csv(folder.write(Array(text.utf8), to: "t.csv"))
    for (workers, bytes) in [(1, 1 << 20), (1, 500), (2, 700), (3, 64)] {
      let result = try convert(text, label: "kind", workers: workers, pieceByteCount: bytes)
      #expect(result.rowCount == 3000 && result.featureNames == ["x", "z"])
      #expect(result.classNames == ["a", "b", "c,\"\n"])
      let data = try Dataset.npy(features: "\(folder.path)/x.npy", labels: "\(folder.path)/y.npy")
      #expect(data.sampleCount == 3000 && data.featureCount == 2)
      guard case .classes(3, let labels) = data.targets else {
        Issue.record("no classes")
        return
      }
      for row in 0..<3000 {
        #expect(data.features[sample: row, feature: 0] == Float(row))
        #expect(data.features[sample: row, feature: 1] == Float(row) / 8)
        #expect(Float(labels[row]) == table[row, 1])
      }
    }
  }

  @Test("labels of numbers stay numbers, and without a label all columns are features")
  func numbers() throws {
    let result = try convert("a,b,c\n1,2,3\n4,5,6\n", label: "b")
    #expect(result.classNames == nil && result.featureNames == ["a", "c"])
    let data = try Dataset.npy(features: "\(folder.path)/x.npy", labels: "\(folder.path)/y.npy")
    guard case .values(1, let rows) = data.targets else {
      Issue.record("no values")
      return
    }
    #expect(rows[0, 0] == 2 && rows[1, 0] == 5)
    _ = try convert("a,b,c\n1,2,3\n4,5,6\n", label: nil, CSVReading(kinds: ["b": .ignored]))
    let all = try FeatureStorage.npy("\(folder.path)/x.npy")
    #expect(all.featureCount == 2 && all[sample: 1, feature: 1] == 6)
  }

  @Test("a text far down makes a label one of classes after all")
  func lateText() throws {
    let rows = (0..<2000).map { "\($0),\($0 % 3)" }.joined(separator: "\n")
    let result = try convert("x,y\n\(rows)\n7,none\n", label: "y", workers: 2, pieceByteCount: 400)
    #expect(result.classNames == ["0", "1", "2", "none"] && result.rowCount == 2001)
  }

  @Test("what cannot become an array is refused with its line, and nothing is left behind")
  func refused() throws {
    func refusal(_ text: String, label: String?, workers: Int = 1, pieceByteCount: Int = 1 << 20) -> String {
      let error = #expect(throws: TrainingDataError.self) {
        try convert(text, label: label, workers: workers, pieceByteCount: pieceByteCount)
      }
      return error?.description ?? ""
    }
    #expect(
      refusal("a,b\n1,x\n", label: "a").contains(
        "t.csv: column 'b' must hold numbers to become part of an array, but line 2 has 'x'"))
    let rows = (0..<500).map { "\($0),\($0)" }.joined(separator: "\n")
    for (workers, bytes) in [(1, 1 << 20), (2, 100)] {
      let gap = refusal("a,b\n\(rows)\n1,\n", label: "a", workers: workers, pieceByteCount: bytes)
      #expect(gap.contains("t.csv:502: column 'b' has no value"), "\(gap)")
      let short = refusal("a,b\n\(rows)\n1\n", label: "a", workers: workers, pieceByteCount: bytes)
      #expect(short.contains("t.csv:502: expected 2 fields"), "\(short)")
    }
    #expect(refusal("a,b\n1,2\n", label: "c").contains("there is no column 'c'"))
    #expect(refusal("a\n1\n", label: "a").contains("expected a column of numbers beside the label"))
    #expect(!exists("x.npy") && !exists("y.npy") && !exists("x.npy.unfinished-\(getpid())"))
    let path = folder.write(Array("a,b\n1,2\n".utf8), to: "t.csv")
    let error = #expect(throws: TrainingDataError.self) {
      try TableConversion(path, label: nil).write(features: "\(folder.path)/none/x.npy", labels: nil)
    }
    #expect(error?.code == .writeFailed)
  }

  /// `FASCICLE_TABLE_BYTES` in the environment makes the table larger: `make table-soak` writes 2 GB.
  @Test("a long table is converted in memory that does not grow with it")
  func soak() throws {
    let byteCount = getenv("FASCICLE_TABLE_BYTES").flatMap { Int(String(cString: $0)) } ?? 2_000_000
    let path = "\(folder.path)/long.csv"
    let rowCount = Self.writeTable(to: path, byteCount: byteCount)
    let before = Self.peakMemory()
    let clock = ContinuousClock(), start = clock.now
    let result = try TableConversion(path, label: "kind").write(
      features: "\(folder.path)/x.npy", labels: "\(folder.path)/y.npy")
    let elapsed = clock.now - start
    #expect(result.rowCount == rowCount && result.classNames == ["no, never", "perhaps", "yes"])
    let grown = Self.peakMemory() - before
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    // Alone in its process; among others their memory counts too.
    if byteCount > 1 << 28 {
      #expect(grown < 64 << 20, "the peak grew by \(grown) bytes")
      print(
        "\(byteCount) bytes in \(seconds) s: \(Int(Double(byteCount) / seconds * 1e-6)) MB/s, \(grown >> 20) MiB more")
    }
    // What was written is what was drawn.
    var status = stat()
    #expect(stat("\(folder.path)/x.npy", &status) == 0 && Int(status.st_size) == 128 + rowCount * 8 * 4)
    #expect(stat("\(folder.path)/y.npy", &status) == 0 && Int(status.st_size) == 128 + rowCount * 4)
  }

  /// Writes rows of eight numbers and a text until the file has so many bytes; returns how many.
  private static func writeTable(to path: String, byteCount: Int) -> Int {
    var generator = SplitMix(state: 1), block = "", blockRows = 0
    while block.utf8.count < min(1 << 20, byteCount) {
      let numbers = (0..<8).map { _ in "\(Float(Int(generator.next() % 2_000_000)) / 1000 - 1000)" }
      block += numbers.joined(separator: ",") + "," + ["yes", "\"no, never\"", "perhaps"][blockRows % 3] + "\n"
      blockRows += 1
    }
    guard let file = fopen(path, "w") else { return 0 }
    defer { fclose(file) }
    fputs("a,b,c,d,e,f,g,h,kind\n", file)
    var written = 0, rows = 0
    while written < byteCount {
      fputs(block, file)
      written += block.utf8.count
      rows += blockRows
    }
    return rows
  }

  /// The most memory that the process has had, in bytes.
  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
