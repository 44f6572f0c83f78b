/// What part of a step does not get shorter with more workers, fitted to measured steps.
///
///     t(T) = serial + parallel / T
///
/// by least squares of the relative errors over all measured T that have a processor to each worker. The serial part is
/// whatever behaves so: barriers, memory that all share, imbalance, and units too coarse to divide, not only code that one
/// worker runs alone. Below 0 it says that more workers did better than divide the work, as more cache may let them.
///
/// Source: Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", 1967,
/// doi:10.1145/1465482.1465560.
public struct AmdahlFit: Sendable, Hashable {
  /// Seconds of a step that no worker shortens.
  public let serialSeconds: Double
  /// Seconds of a step that workers divide.
  public let parallelSeconds: Double
  /// The root of the mean squared relative error of the fitted steps; 0 where two points leave no choice.
  public let error: Double

  /// The serial part of a step with one worker, as a share of 1.
  public var serialFraction: Double { serialSeconds / (serialSeconds + parallelSeconds) }

  /// The speed-up that no number of workers exceeds, by this fit; infinite without a serial part.
  public var largestSpeedup: Double { serialFraction > 0 ? 1 / serialFraction : .infinity }

  /// Fits steps of `seconds` with `workers` workers; nil with fewer than two different numbers of workers.
  public init?(_ points: [(workers: Int, seconds: Double)]) {
    guard Set(points.map(\.workers)).count > 1,
      points.allSatisfy({ $0.workers > 0 && $0.seconds > 0 && $0.seconds.isFinite })
    else { return nil }
    // Dividing by the measured step turns it into 1 = serial·p + parallel·q, whose errors are relative ones.
    var pp = 0.0, pq = 0.0, qq = 0.0, p1 = 0.0, q1 = 0.0
    for point in points {
      let p = 1 / point.seconds, q = p / Double(point.workers)
      pp += p * p
      pq += p * q
      qq += q * q
      p1 += p
      q1 += q
    }
    let determinant = pp * qq - pq * pq
    let serial = (p1 * qq - q1 * pq) / determinant, parallel = (q1 * pp - p1 * pq) / determinant
    guard serial.isFinite, parallel.isFinite, serial + parallel > 0 else { return nil }
    let squares = points.reduce(0.0) { sum, point in
      let error = (serial + parallel / Double(point.workers)) / point.seconds - 1
      return sum + error * error
    }
    (serialSeconds, parallelSeconds) = (serial, parallel)
    self.error = (squares / Double(points.count)).squareRoot()
  }
}
