import Fascicle

/// How fast a table is read: the fastest of some readings, so that the disk and other programs count as little as can be.
struct TableBenchmark {
  let path: String
  let seconds: Double

  /// Reads the file with one worker and with as many as the budget allows, and writes a line for each.
  func run() throws {
    let limit = ProcessorBudget.current(on: try Machine.current()).limit
    for workers in limit > 1 ? [1, limit] : [1] { try run(workers: workers) }
  }

  /// Reads the file until the time is over, three times at least.
  private func run(workers: Int) throws {
    let byteCount = try InputFile(path: path).byteCount
    let start = MonotonicTime.nanoseconds()
    var fastest = Double.infinity, readings = 0, rows = 0, columns = 0
    while readings < 3 || Double(MonotonicTime.nanoseconds() - start) * 1e-9 < seconds {
      let begin = MonotonicTime.nanoseconds()
      let table = try Table.csv(path, workers: workers)
      fastest = min(fastest, Double(MonotonicTime.nanoseconds() - begin) * 1e-9)
      (rows, columns) = (table.rowCount, table.columns.count)
      readings += 1
    }
    let speed = Double(byteCount) / fastest * 1e-6
    try StandardOutput.write(
      "\(path): \(NumberFormat.grouped(byteCount)) bytes, \(NumberFormat.grouped(rows)) rows of \(columns) columns in "
        + "\(NumberFormat.fixed(fastest, 4)) s, the fastest of \(readings): \(NumberFormat.fixed(speed, 0)) MB/s on "
        + "\(MeasurementWatch.workers(workers))\n")
  }
}
