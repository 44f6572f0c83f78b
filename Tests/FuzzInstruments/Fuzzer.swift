import Glibc

/// Gives a reader ever other damaged inputs, made of sound ones, and watches how long and how much memory each takes.
///
/// A few thousand from a fixed seed by default. `FUZZ_SECONDS` or `FUZZ_INPUTS` in the environment makes it go on for so long or
/// so many, from another seed each time; with `FUZZ_MEMORY` it then watches the memory of the process, which must have nothing
/// else to do.
public struct Fuzzer {
  private let seeds: [[UInt8]]
  private let pieces: [[UInt8]]
  private let byteLimit: Int
  private var corpus: [[UInt8]]
  private var generator: SplitMix

  /// What came of it.
  public struct Outcome: Sendable {
    /// Inputs that were tried.
    public fileprivate(set) var count = 0
    /// Those that the reader took.
    public fileprivate(set) var readCount = 0
    /// The input that took most time of processors, and how much.
    public fileprivate(set) var slowest: (bytes: [UInt8], time: Duration) = ([], .zero)
    /// The input that took most memory beyond four times its size, and how many bytes beyond that; 0 where nobody watched.
    public fileprivate(set) var hungriest: (bytes: [UInt8], excess: Int) = ([], 0)
  }

  /// - Parameters:
  ///   - seeds: sound inputs.
  ///   - pieces: what the format is made of, and what breaks it.
  ///   - byteLimit: how long inputs get.
  public init(seeds: [[UInt8]], pieces: [String] = [], byteLimit: Int = 4096) {
    self.seeds = seeds
    self.pieces = pieces.map { Array($0.utf8) }
    self.byteLimit = byteLimit
    corpus = seeds
    generator = SplitMix(state: Self.isLong ? UInt64(time(nil)) : 1)
  }

  /// Whether somebody asked for more than a few thousand inputs.
  public static var isLong: Bool { seconds > 0 || leastInputs > 0 }

  private static var seconds: Double { number("FUZZ_SECONDS") }
  private static var leastInputs: Int { Int(min(number("FUZZ_INPUTS"), 1e12)) }

  private static func number(_ name: String) -> Double { getenv(name).flatMap { Double(String(cString: $0)) } ?? 0 }

  /// Tries inputs, of which `read` says whether they were taken; those are damaged further.
  public mutating func run(inputs: Int = 4000, _ read: ([UInt8]) throws -> Bool) rethrows -> Outcome {
    let clock = ContinuousClock(), end = clock.now + .seconds(Self.seconds)
    let inputs = max(inputs, Self.leastInputs)
    let memory = Self.isLong && getenv("FUZZ_MEMORY") != nil ? ResidentMemory() : nil
    var outcome = Outcome()
    while outcome.count < inputs || clock.now < end {
      let bytes = mutated()
      memory?.begin()
      let start = Self.processorTime()
      if try read(bytes) {
        outcome.readCount += 1
        if corpus.count < 500 { corpus.append(bytes) }
      }
      let time = Self.processorTime() - start, excess = (memory?.growth() ?? 0) - 4 * bytes.count
      if time > outcome.slowest.time { outcome.slowest = (bytes, time) }
      if excess > outcome.hungriest.excess { outcome.hungriest = (bytes, excess) }
      outcome.count += 1
    }
    return outcome
  }

  /// What this thread, or in a long run the whole process, has had of processors: other programs do not make it longer.
  private static func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(isLong ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private mutating func mutated() -> [UInt8] {
    var bytes = corpus.randomElement(using: &generator) ?? []
    for _ in 0...Int.random(in: 0..<4, using: &generator) { change(&bytes) }
    if bytes.count > byteLimit { bytes.removeLast(bytes.count - byteLimit) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [9], at: place)
    case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 2 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<8, using: &generator)))
    case 4: bytes.removeLast(bytes.count - place)
    case 5:
      let other = seeds.randomElement(using: &generator) ?? []
      bytes = Array(bytes[..<place]) + other.suffix(Int.random(in: 0...other.count, using: &generator))
    default: bytes += bytes.suffix(Int.random(in: 0..<64, using: &generator))
    }
  }
}
