/// What outputs hold before a kernel writes them: finite, and nothing that a kernel would compute.
let poison = Float(bitPattern: 0xDEAD_BEEF)

/// The arguments of one kernel call, watched: inputs must not change, guards must hold.
final class KernelMemory {
  private var checks: [() -> String?] = []

  /// An argument that the kernel may only read.
  func input<Element: BitwiseCopyable>(_ name: String, _ values: [Element]) -> UnsafePointer<Element> {
    let buffer = watched(name, values)
    expectUnchanged(name, buffer, values)
    return UnsafePointer(buffer.pointer)
  }

  /// Watches for writes to `buffer`, which holds `values`.
  func expectUnchanged<Element>(_ name: String, _ buffer: GuardedBuffer<Element>, _ values: [Element]) {
    checks.append { buffer.holds(values) ? nil : "wrote its input `\(name)`" }
  }

  /// An argument that the kernel may only write; it starts as poison.
  func output(_ name: String, _ count: Int) -> GuardedBuffer<Float> {
    watched(name, [Float](repeating: poison, count: count))
  }

  /// An argument that the kernel reads and writes.
  func watched<Element: BitwiseCopyable>(_ name: String, _ values: [Element]) -> GuardedBuffer<Element> {
    let buffer = GuardedBuffer(values)
    checks.append { buffer.guardsAreIntact ? nil : "wrote outside `\(name)`" }
    return buffer
  }

  /// Watches for writes to elements of `buffer` that a call has no business with.
  func expectPoison(_ name: String, in buffer: GuardedBuffer<Float>, at indices: [Int]) {
    checks.append {
      let strays = indices.count { buffer.pointer[$0].bitPattern != poison.bitPattern }
      return strays == 0 ? nil : "wrote \(strays) elements of `\(name)` outside its rows"
    }
  }

  /// What the call gave, and what it did wrong.
  func result(_ blocks: OutputBlock...) -> KernelResult {
    KernelResult(blocks: blocks, violations: checks.compactMap { $0() })
  }
}

/// The meaningful elements of one output, as doubles, which hold every float and every count exactly.
struct OutputBlock {
  let name: String
  let values: [Double]

  init(_ name: String, _ values: [Double]) {
    self.name = name
    self.values = values
  }

  init(_ name: String, _ values: [Float]) { self.init(name, values.map(Double.init)) }
}

/// What one kernel call gave.
struct KernelResult {
  let blocks: [OutputBlock]
  /// Sentences about writes where none belonged.
  let violations: [String]

  /// Output elements that the kernel should have written and did not.
  var unwrittenCount: Int {
    blocks.reduce(0) { $0 + $1.values.count { $0.bitPattern == Double(poison).bitPattern } }
  }
}
