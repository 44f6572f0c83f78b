import Glibc

/// The monotonic clock in nanoseconds, the unit of every time limit and measurement.
package enum MonotonicTime {
  /// Nanoseconds since some fixed moment in the past (`CLOCK_MONOTONIC`; about 20 ns a call, no system call).
  package static func nanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

extension Duration {
  /// The duration in whole nanoseconds, held within zero and one hour, so that adding it to a clock can't overflow.
  var boundedNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 0 }
    if seconds >= 3600 { return 3_600_000_000_000 }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
  }
}
