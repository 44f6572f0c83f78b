import HardwareTopology

/// Tells somebody who waits how much of a file has been read, from 0 to 1; called now and then on the thread that reads.
public typealias ReadingProgress = (_ done: Double) -> Void

/// How many threads read a text.
enum ReadingTeam {
  /// Smaller files are read before a second thread has begun to help.
  private static let smallByteCount = 4 << 20

  /// One for a small file, else as many as the budget of this process allows.
  static func standardWorkers(path: String) throws(TrainingDataError) -> Int {
    guard try InputFile(path: path).byteCount > smallByteCount, let machine = try? Machine.current() else { return 1 }
    return ProcessorBudget.current(on: machine).limit
  }
}
