public import Benchmark

/// What the benchmarks report. The library counts in whole numbers, so the units are small ones.
extension BenchmarkMetric {
  /// Arithmetic done, in 10⁶ FLOP a second.
  public static var megaflops: BenchmarkMetric { larger("MFLOP/s") }
  /// The peak of fused multiply-adds beside it, in 10⁶ FLOP a second.
  public static var peakMegaflops: BenchmarkMetric { larger("MFLOP/s, FMA peak") }
  /// The one as a share of the other.
  public static var percentOfPeak: BenchmarkMetric { larger("% of FMA peak") }

  /// Bytes read and bytes written, in 10⁶ a second.
  public static var megabytes: BenchmarkMetric { larger("MB/s") }
  /// The same of copying memory beside it.
  public static var copiedMegabytes: BenchmarkMetric { larger("MB/s, memory copy") }
  /// The one as a share of the other.
  public static var percentOfCopy: BenchmarkMetric { larger("% of memory copy") }
  /// Bytes read, in 10⁶ a second.
  public static var readMegabytes: BenchmarkMetric { larger("MB/s read") }
  /// Bytes written, in 10⁶ a second.
  public static var writtenMegabytes: BenchmarkMetric { larger("MB/s written") }
  /// Time of one element, in 10⁻¹² s.
  public static var picosecondsPerElement: BenchmarkMetric { smaller("ps per element") }

  /// Time of one call, in 10⁻⁹ s.
  public static var nanosecondsPerCall: BenchmarkMetric { smaller("ns per call") }
  /// Training samples a second.
  public static var samplesPerSecond: BenchmarkMetric { larger("samples/s") }
  /// Time of a training step, in 10⁻⁹ s.
  public static var nanosecondsPerStep: BenchmarkMetric { smaller("ns per step") }
  /// The part of it that a worker waits in barriers, on average.
  public static var barrierNanosecondsPerStep: BenchmarkMetric { smaller("ns per step in barriers") }
  /// The part of it that forms weight gradients, reduces and applies them, on average.
  public static var gradientNanosecondsPerStep: BenchmarkMetric { smaller("ns per step in gradients and updates") }

  /// The part of a run that looking for sick layers takes, in 10⁻⁶.
  public static var diagnosisPartsPerMillion: BenchmarkMetric { smaller("ppm of the run in diagnosis") }

  private static func larger(_ name: String) -> BenchmarkMetric {
    .custom(name, polarity: .prefersLarger, useScalingFactor: false)
  }

  private static func smaller(_ name: String) -> BenchmarkMetric {
    .custom(name, polarity: .prefersSmaller, useScalingFactor: false)
  }
}
