import Benchmark
import BenchmarkInstruments
import CNeuronKernels

/// Transposing panels, and gathering shuffled rows of a data set, on the widest instruction set.
func registerLayouts() {
  for (samples, features) in [(128, 256), (128, 784), (512, 4096)] {
    let elements = samples * features
    Benchmark.movement(
      "transpose \(samples)x\(features)", elements: elements, bytes: 2 * 4 * elements, workingSet: 2 * 4 * elements
    ) {
      try Transposition(samples: samples, features: features)
    }
  }
  // A data set of 60,000 images, which no cache holds: rows come from memory, panels go to the caches.
  let samples = 128, features = 784, rows = 60_000
  for element in Gathering.Element.allCases {
    let bytes = samples * features * (element.byteCount + 2 * 4)
    Benchmark.movement(
      "gather \(element.rawValue) \(samples)x\(features)", elements: samples * features, bytes: bytes,
      workingSet: rows * features * element.byteCount
    ) {
      try Gathering(element, samples: samples, features: features, rows: rows)
    }
  }
}

/// Panels into the sample-major layout that weight gradients read.
private final class Transposition: CheckedWork {
  private let samples, features: Int
  private let panels, transposed: Block<Float>

  init(samples: Int, features: Int) throws {
    self.samples = samples
    self.features = features
    panels = try Block<Float>(random: samples * nk_panel_rows(features), seed: 1)
    transposed = try Block<Float>(zeros: samples * (features + 31) / 32 * 32)
  }

  func run() { transpose(into: transposed, .widest) }

  func check() throws {
    run()
    let expected = try Block<Float>(zeros: transposed.count)
    transpose(into: expected, .reference)
    try requireSameBits(transposed.pointer, expected.pointer, count: expected.count, "transposed")
  }

  private func transpose(into transposed: Block<Float>, _ kernels: KernelTable) {
    var arguments = nk_transpose(
      samples: samples, features: features, first_row: 0, rows: features, first_sample: 0, capacity: samples,
      panels: panels.pointer, transposed: transposed.pointer)
    kernels.functions.pointee.transpose(&arguments)
  }
}

/// A minibatch's rows into both layouts, another minibatch of an epoch at every call.
private final class Gathering: CheckedWork {
  enum Element: String, CaseIterable {
    case bytes, floats

    var byteCount: Int { self == .bytes ? 1 : 4 }
  }

  private let element: Element
  private let samples, features: Int
  private let data: Block<UInt8>
  private let order: Block<UInt32>
  private let scale, shift: Block<Float>
  private let output: Output
  private var firstRow = 0

  private struct Output {
    let panels, transposed: Block<Float>

    init(samples: Int, features: Int) throws {
      panels = try Block<Float>(zeros: samples * nk_panel_rows(features))
      transposed = try Block<Float>(zeros: samples * ((features + 31) / 32 * 32))
    }
  }

  init(_ element: Element, samples: Int, features: Int, rows: Int) throws {
    self.element = element
    self.samples = samples
    self.features = features
    data = try Self.data(element, count: rows * features)
    var random = RandomBits(seed: 1)
    order = try Block<UInt32>((0..<UInt32(rows)).shuffled(using: &random))
    let padding = [Float](repeating: 0, count: 32)
    scale = try Block<Float>([Float](repeating: 1 / 255, count: features) + padding)
    shift = try Block<Float>([Float](repeating: -0.5, count: features) + padding)
    output = try Output(samples: samples, features: features)
  }

  func run() {
    gather(output, .widest)
    firstRow = firstRow + 2 * samples <= order.count ? firstRow + samples : 0
  }

  func check() throws {
    let expected = try Output(samples: samples, features: features)
    gather(output, .widest)
    gather(expected, .reference)
    let (panels, transposed) = (expected.panels, expected.transposed)
    try requireSameBits(output.panels.pointer, panels.pointer, count: panels.count, "panels")
    try requireSameBits(output.transposed.pointer, transposed.pointer, count: transposed.count, "transposed")
  }

  private func gather(_ output: Output, _ kernels: KernelTable) {
    var arguments = nk_gather(
      samples: samples, features: features, first_row: 0, rows: features, first_sample: 0, capacity: samples,
      element: element == .bytes ? NK_ELEMENT_UINT8 : NK_ELEMENT_FLOAT32, data: data.pointer,
      indices: order.pointer + firstRow, scale: scale.pointer, shift: shift.pointer, panels: output.panels.pointer,
      transposed: output.transposed.pointer)
    kernels.functions.pointee.gather(&arguments)
  }

  /// `count` whole numbers from 0 to 255 of the given type, with the 64 readable bytes that the kernel asks for.
  private static func data(_ element: Element, count: Int) throws -> Block<UInt8> {
    let block = try Block<UInt8>(zeros: count * element.byteCount + 64)
    var random = RandomBits(seed: 2)
    for index in 0..<count {
      let value = UInt8(truncatingIfNeeded: random.next())
      switch element {
      case .bytes: block.pointer[index] = value
      case .floats:
        UnsafeMutableRawPointer(block.pointer).storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
      }
    }
    return block
  }
}
