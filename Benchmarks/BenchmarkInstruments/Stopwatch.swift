import Glibc

/// Time taken by the monotonic clock.
public enum Stopwatch {
  /// Seconds that a call of `body` takes.
  public static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = nanoseconds()
    try body()
    return Double(max(1, nanoseconds() - start)) * 1e-9
  }

  /// How many calls of `body` in a row take about `seconds`, at least one.
  ///
  /// The clock costs some 20 ns to read, so calls are timed in rows of a millisecond or so.
  public static func callCount(lasting seconds: Double, _ body: () -> Void) -> Int {
    var count = 1
    while true {
      let taken = self.seconds { for _ in 0..<count { body() } }
      if taken >= seconds / 4 || count >= 1 << 30 { return max(1, Int(Double(count) * seconds / taken)) }
      count *= 4
    }
  }

  /// Nanoseconds since some fixed moment.
  public static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
