import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// Summing gradients that were formed over shares of the samples, by their number, on the widest instruction set.
func registerGradientLanes() {
  let count = 256 << 10
  for laneCount in [2, 4, 8] {
    let floats = (laneCount + 1) * count
    Benchmark.movement(
      "sum of \(laneCount) gradients", elements: count, bytes: 4 * floats, workingSet: 4 * floats
    ) {
      try GradientLanes(laneCount, count: count)
    }
  }
}

/// One gradient out of several.
private final class GradientLanes: CheckedWork {
  private let lanes: [Block<Float>]
  private let pointers: Block<UnsafePointer<Float>?>
  private let sums: Block<Float>

  init(_ laneCount: Int, count: Int) throws {
    lanes = try (0..<laneCount).map { try Block<Float>(random: count, seed: UInt64($0)) }
    pointers = try Block<UnsafePointer<Float>?>(lanes.map { UnsafePointer($0.pointer) })
    sums = try Block<Float>(zeros: count)
  }

  func run() { sum(into: sums, .widest) }

  func check() throws {
    run()
    let expected = try Block<Float>(zeros: sums.count)
    sum(into: expected, .reference)
    try requireSameBits(sums.pointer, expected.pointer, count: sums.count, "sums")
  }

  private func sum(into sums: Block<Float>, _ kernels: KernelTable) {
    var arguments = nk_gradient_lanes(
      count: sums.count, first: 0, lane_count: lanes.count, lanes: pointers.pointer, sums: sums.pointer)
    kernels.functions.pointee.sum_gradient_lanes(&arguments)
  }
}
