import NeuronKernels

/// Activation panels copied into the transposed layout.
struct TransposeCase: KernelCase {
  let samples: Int
  let features: Int
  let firstSample: Int
  let capacity: Int
  /// Rows [samples][features].
  let values: [Float]

  var description: String { "transpose \(samples) × \(features) to rows \(firstSample)… of \(capacity)" }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let transposed = TransposedOutput(memory, features: features, capacity: capacity)
    kernels.transpose(
      sampleCount: samples, featureCount: features, firstSample: firstSample, capacity: capacity,
      panels: memory.input("panels", PanelPacking.panels(values, samples: samples, features: features)),
      transposed: transposed.buffer.pointer)
    transposed.expectOtherRowsUntouched(memory, writtenFrom: firstSample, samples: samples)
    return memory.result(transposed.block(rows: firstSample..<firstSample + samples))
  }
}

/// Data set rows, scaled into panels and into the transposed layout.
struct GatherCase: KernelCase {
  let samples: Int
  let features: Int
  let firstSample: Int
  let capacity: Int
  let data: GatherData
  let indices: [UInt32]
  /// One a feature.
  let scale: [Float]
  let shift: [Float]

  var description: String {
    "gather \(samples) × \(features) of \(data.element) to rows \(firstSample)… of \(capacity)"
  }

  func run(on kernels: KernelSet) -> KernelResult {
    let memory = KernelMemory()
    let panels = memory.output("panels", PanelLayout.paddedCount(samples) * PanelLayout.panelRows(features))
    let transposed = TransposedOutput(memory, features: features, capacity: capacity)
    let padding = [Float](repeating: 0, count: PanelLayout.paddedCount(features) - features)
    let source = GatherSource(
      data: data.argument(memory), element: data.element, featureCount: features,
      scale: memory.input("scale", scale + padding), shift: memory.input("shift", shift + padding))
    kernels.gather(
      sampleCount: samples, source: source, indices: memory.input("indices", indices), firstSample: firstSample,
      capacity: capacity, panels: panels.pointer, transposed: transposed.buffer.pointer)
    transposed.expectOtherRowsUntouched(memory, writtenFrom: firstSample, samples: samples)
    // The rows beyond the last sample are promised to be zero, so they are compared too.
    return memory.result(
      OutputBlock("panels", PanelPacking.rows(panels.values, samples: samples, features: features)),
      transposed.block(rows: firstSample..<firstSample + PanelLayout.lineCount(samples)))
  }
}

/// A data set's rows [any][features], as bytes or floats.
enum GatherData {
  case uint8([UInt8])
  case float32([Float])

  var element: ElementType {
    switch self {
    case .uint8: .uint8
    case .float32: .float32
    }
  }

  /// The rows, with 64 bytes after their end that may be read but must not matter.
  func argument(_ memory: KernelMemory) -> UnsafeRawPointer {
    switch self {
    case .uint8(let rows): UnsafeRawPointer(memory.input("data", rows + [UInt8](repeating: 0xFF, count: 64)))
    case .float32(let rows): UnsafeRawPointer(memory.input("data", rows + [Float](repeating: .nan, count: 16)))
    }
  }

  /// Element `at` as a float.
  subscript(at: Int) -> Float {
    switch self {
    case .uint8(let rows): Float(rows[at])
    case .float32(let rows): rows[at]
    }
  }
}

/// The transposed layout as an output: [panels][capacity][32].
private struct TransposedOutput {
  let features: Int
  let capacity: Int
  let buffer: GuardedBuffer<Float>

  init(_ memory: KernelMemory, features: Int, capacity: Int) {
    self.features = features
    self.capacity = capacity
    buffer = memory.output("transposed", PanelLayout.paddedCount(features) * capacity)
  }

  /// The features of `rows`, and the lanes after them that are promised to be zero.
  func block(rows: Range<Int>) -> OutputBlock {
    let lanes = PanelLayout.lineCount(features)
    let values = rows.flatMap { row in
      (0..<lanes).map { buffer.pointer[PanelLayout.transposedIndex(sample: row, feature: $0, capacity: capacity)] }
    }
    return OutputBlock("transposed", values)
  }

  /// Half panels of rows are written from `first`; every other row of the capacity belongs to someone else.
  func expectOtherRowsUntouched(_ memory: KernelMemory, writtenFrom first: Int, samples: Int) {
    let written = first..<first + PanelLayout.lineCount(samples)
    let others = (0..<capacity).filter { !written.contains($0) }
    let indices = others.flatMap { row in
      (0..<PanelLayout.paddedCount(features)).map {
        PanelLayout.transposedIndex(sample: row, feature: $0, capacity: capacity)
      }
    }
    memory.expectPoison("transposed", in: buffer, at: indices)
  }
}
