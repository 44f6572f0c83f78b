import Benchmark
import BenchmarkInstruments
import Fascicle

/// Whose lines a worker touches.
enum Handover: String, CaseIterable, Sendable {
  /// Its own, which no other core has seen: the limit that the rest stands beside.
  case kept = "lines kept"
  /// Those that another worker has just written, and in turn those that another has just read.
  case exchanged = "lines exchanged"
}

/// Registers two workers who write a block each, meet, and read: their own block or the other's.
///
/// A training step does the same with parameters, outputs and gradients: each has one writer and is read by all.
func registerHandover(_ handover: Handover) {
  let metrics: [BenchmarkMetric] = [.readMegabytes, .writtenMegabytes]
  Benchmark.register("\(handover.rawValue), 256 KiB", reporting: metrics, for: .milliseconds(500)) {
    try HandoverSession(handover)
  } measure: { benchmark, session in
    let (read, written) = try session.bytesPerSecond()
    benchmark.record(.readMegabytes, read * 1e-6)
    benchmark.record(.writtenMegabytes, written * 1e-6)
  }
}

/// Two workers and a block for each, small enough for a second-level cache.
private final class HandoverSession {
  private typealias Line = SIMD16<Float>
  private static let lines = 4_096, rounds = 50

  private let team: WorkerTeam
  private let blocks: [Block<Float>]
  private let isExchanged: Bool

  init(_ handover: Handover) throws {
    team = try WorkerTeam(processors: WorkerCounts.processors(workerCount: 2))
    blocks = try (0..<2).map { _ in try Block<Float>(zeros: Self.lines * Line.scalarCount) }
    isExchanged = handover == .exchanged
    _ = try bytesPerSecond()
  }

  /// Bytes a second that a worker reads and writes, the mean of both; every round checks what it has read.
  func bytesPerSecond() throws -> (read: Double, written: Double) {
    let pointers = blocks.map { UnsafeMutableRawPointer($0.pointer).assumingMemoryBound(to: Line.self) }
    let times = try Block<UInt64>(zeros: 4)
    nonisolated(unsafe) let lines = (pointers[0], pointers[1]), spent = times.pointer
    let isExchanged = isExchanged
    try team.broadcast { worker in
      let own = worker.index == 0 ? lines.0 : lines.1, others = worker.index == 0 ? lines.1 : lines.0
      for round in 1...Self.rounds {
        try worker.barrier()
        let start = Stopwatch.nanoseconds()
        Self.write(Float(round), to: own)
        let written = Stopwatch.nanoseconds()
        try worker.barrier()
        let met = Stopwatch.nanoseconds()
        let sum = Self.sum(isExchanged ? others : own)
        spent[worker.index] += Stopwatch.nanoseconds() - met
        spent[2 + worker.index] += written - start
        guard sum == Float(round * Self.lines) else {
          throw WrongResult("lines: expected worker \(worker.index) to read \(round * Self.lines), got \(sum)")
        }
      }
    }
    let bytes = Double(2 * Self.rounds * Self.lines * MemoryLayout<Line>.stride)
    return (bytes / Double(spent[0] + spent[1]) * 1e9, bytes / Double(spent[2] + spent[3]) * 1e9)
  }

  private static func write(_ value: Float, to lines: UnsafeMutablePointer<Line>) {
    for line in 0..<Self.lines { lines[line] = Line(repeating: value) }
  }

  /// The sum of one lane: whole numbers below 2²⁴, so it is exact.
  private static func sum(_ lines: UnsafeMutablePointer<Line>) -> Float {
    var sums = (Line(), Line())
    for line in stride(from: 0, to: Self.lines, by: 2) {
      sums.0 += lines[line]
      sums.1 += lines[line + 1]
    }
    return sums.0[0] + sums.1[0]
  }
}
