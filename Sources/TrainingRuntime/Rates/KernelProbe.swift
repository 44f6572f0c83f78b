import NeuronKernels
import PerceptronModel
import WorkerTeam

/// Times the kernels of a step on the calling thread, in shapes that tell their narrow, small and large cases apart.
struct KernelProbe {
  private let kernels: KernelSet
  private let memory: AlignedStorage
  /// Three regions of a mebibyte or more, each larger than any operand but the large weights, which take the first.
  private let weights: UnsafeMutablePointer<Float>
  private let input: UnsafeMutablePointer<Float>
  private let output: UnsafeMutablePointer<Float>
  private let extra: UnsafeMutablePointer<Float>

  /// Inputs and outputs of the shape whose weights exceed a second-level cache.
  private static let largeWidth = 1024
  private static let regionFloats = 32 * 1024
  private static let bestOf = 4
  private static let nanoseconds: UInt64 = 25_000
  private static let longestProbeSeconds = 2e-3

  init(_ kernels: KernelSet) throws {
    self.kernels = kernels
    let large = Self.largeWidth * PanelLayout.panelRows(Self.largeWidth)
    memory = try AlignedStorage(byteCount: (large + 3 * Self.regionFloats) * MemoryLayout<Float>.stride)
    weights = memory.baseAddress.bindMemory(to: Float.self, capacity: large + 3 * Self.regionFloats)
    input = weights + large
    output = input + Self.regionFloats
    extra = output + Self.regionFloats
  }

  /// All rates of one core; those of a team keep neutral values.
  mutating func rates() -> MachineRates {
    let fmaRate = FMAPeak.ofThisCore(kernels, milliseconds: 1.5)
    return MachineRates(
      fmaRate: fmaRate, forward: forward(), backward: backward(), weightGradient: weightGradient(),
      halfPanelShare: halfPanelShare(), gatherSeconds: gatherSeconds(), transposeSeconds: transposeSeconds(),
      sumSeconds: sumSeconds(), exponentialSeconds: exponentialSeconds(), updateSeconds: updateSeconds(),
      oneWorkerMemoryRate: .infinity, allWorkersMemoryRate: .infinity,
      transferRate: CostModel.unmeasuredTransferRate, loadedSlowdown: 1,
      barriers: [])
  }

  // MARK: - Products

  private func forward() -> ProductTiming {
    timing(rows: 48) { rows, depth in
      dense(samples: 32, inputs: depth, outputs: rows)
    }
  }

  private func backward() -> ProductTiming {
    timing(rows: 96) { rows, depth in
      kernels.denseBackward(
        sampleCount: 32, shape: DenseShape(inputCount: rows, outputCount: depth), weights: weights,
        outputGradient: input, inputGradient: output, below: KernelActivation(.relu), belowOutput: extra,
        belowPreactivation: nil)
    }
  }

  private func weightGradient() -> ProductTiming {
    // A block at a time, as a step does.
    timing(rows: 48) { rows, depth in
      let isLarge = rows == Self.largeWidth
      for first in stride(from: 0, to: rows, by: ProductTiming.tileRows) {
        kernels.weightGradient(
          sampleCount: depth, outputCount: rows, rows: first..<min(first + ProductTiming.tileRows, rows),
          inputCount: 32, outputGradient: isLarge ? weights : extra, inputTransposed: input, gradient: output)
      }
    }
  }

  private func dense(samples: Int, inputs: Int, outputs: Int) {
    kernels.denseForward(
      sampleCount: samples, shape: DenseShape(inputCount: inputs, outputCount: outputs), weights: weights, bias: nil,
      input: input, output: output, preactivation: nil, activation: KernelActivation(.relu))
  }

  /// Times a product of `rows` rows with a long and a short reduction, of one row, and beyond the cache.
  private func timing(rows: Int, _ run: (_ rows: Int, _ depth: Int) -> Void) -> ProductTiming {
    let long = 256, short = 8
    let bulk = seconds { run(rows, long) }, narrow = seconds { run(rows, short) }, single = seconds { run(1, long) }
    let tiles = Double(rows) / Double(ProductTiming.tileRows)
    let step = max(bulk - narrow, 0.01 * bulk) / tiles / Double(long - short)
    let tileSeconds = max(1e-10, narrow / tiles - Double(short) * step)
    var timing = ProductTiming(
      tileSeconds: tileSeconds, rowSeconds: step / Double(ProductTiming.tileRows),
      stepSeconds: min(step, max(1e-12, (single - tileSeconds) / Double(long))), beyondCache: 1)
    let large = Self.largeWidth
    let expected = timing.seconds(rows: large, depth: large, exceedsCache: false)
    // Plain C loops take so long that no cache shows beside them.
    guard expected < Self.longestProbeSeconds else { return timing }
    timing.beyondCache = min(4, max(1, seconds(bestOf: 2) { run(large, large) } / expected))
    return timing
  }

  private func halfPanelShare() -> Double {
    let half = seconds { dense(samples: 16, inputs: 256, outputs: 48) }
    let whole = seconds { dense(samples: 32, inputs: 256, outputs: 48) }
    return min(1, max(0.25, half / whole))
  }

  // MARK: - Elements

  private func gatherSeconds() -> Double {
    let features = 128
    let indices: [UInt32] = (0..<32).map { ($0 &* 17) % 32 }
    let source = GatherSource(
      data: input, element: .float32, featureCount: features, scale: extra, shift: extra + features)
    return indices.withUnsafeBufferPointer { indices in
      seconds {
        kernels.gather(
          sampleCount: 32, source: source, indices: indices.baseAddress.unsafelyUnwrapped, firstSample: 0,
          capacity: 32, panels: output, transposed: weights)
      } / Double(32 * features)
    }
  }

  private func transposeSeconds() -> Double {
    let features = 128
    return seconds {
      kernels.transpose(
        sampleCount: 32, featureCount: features, firstSample: 0, capacity: 32, panels: input, transposed: output)
    } / Double(32 * features)
  }

  private func sumSeconds() -> Double {
    let rows = ParameterBlock.vectorRows
    return seconds {
      kernels.sampleSums(sampleCount: 32, featureCount: rows, rows: 0..<rows, values: input, sums: output)
    } / Double(32 * rows)
  }

  /// The hyperbolic tangent stands for all functions that need an exponential.
  private func exponentialSeconds() -> Double {
    let features = 64
    return seconds {
      kernels.activationForward(
        sampleCount: 32, featureCount: features, values: output, preactivation: nil, activation: KernelActivation(.tanh)
      )
      kernels.activationBackward(
        sampleCount: 32, featureCount: features, gradient: extra, output: output, preactivation: nil,
        activation: KernelActivation(.tanh))
    } / Double(32 * features)
  }

  private func updateSeconds() -> [Double] {
    let count = OperandPrecision.float32.blockRows * PanelLayout.laneCount
    var slice = UpdateSlice(count: count, parameters: output, gradients: input)
    let plain = seconds { kernels.updateSGD(slice, rate: 0) }
    slice.state0 = output + count
    let momentum = seconds { kernels.updateMomentum(slice, rate: 0, momentum: 0, nesterov: false) }
    slice.state1 = output + 2 * count
    let adam = seconds { kernels.updateAdam(slice, .still) }
    return [plain, momentum, adam].map { $0 / Double(count) }
  }

  // MARK: - Time

  /// Seconds of one run: the best of a few series, each long enough for the clock.
  private func seconds(bestOf repeats: Int = bestOf, _ run: () -> Void) -> Double {
    var count = 1
    var best = time(count, run)
    while best * Double(count) * 1e9 < Double(Self.nanoseconds), count < 1 << 16 {
      count *= 4
      best = time(count, run)
    }
    guard best * Double(count) < Self.longestProbeSeconds else { return best }
    for _ in 1..<repeats { best = min(best, time(count, run)) }
    return best
  }

  private func time(_ count: Int, _ run: () -> Void) -> Double {
    let start = MonotonicTime.nanoseconds()
    for _ in 0..<count { run() }
    return Double(max(1, MonotonicTime.nanoseconds() - start)) / Double(count) * 1e-9
  }
}

extension AdamScalars {
  /// An update that moves all bytes and changes no parameter.
  static var still: AdamScalars {
    AdamScalars(
      step: 0, rootCorrection: 1, beta1: 0.9, oneMinusBeta1: 0.1, beta2: 0.999, oneMinusBeta2: 0.001, epsilon: 1e-8,
      keep: 1)
  }
}
