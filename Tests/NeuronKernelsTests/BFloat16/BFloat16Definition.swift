import NeuronKernels

/// bfloat16 as `bfloat16_kernels.h` defines it, once more and by other means than the kernels'.
enum BFloat16Definition {
  /// The nearest bfloat16: of the two around `value`, the nearer, or of equally near ones the even.
  static func rounded(_ value: Float) -> UInt16 {
    let upper = UInt16(value.bitPattern >> 16)
    if value.isNaN { return upper | 0x40 }
    if value.isInfinite { return upper }
    if value.isSubnormal || value.isZero { return upper & 0x8000 }
    // Beyond the largest bfloat16 stands what would be the next; from the middle on, that is infinity.
    let below = Double(float(upper)), next = upper &+ 1
    let isOverflowing = float(next).isInfinite
    let above = isOverflowing ? 2 * below - Double(float(upper - 1)) : Double(float(next))
    let (down, up) = (abs(Double(value) - below), abs(above - Double(value)))
    return down < up || (down == up && upper % 2 == 0) ? upper : next
  }

  /// The float that a bfloat16 is.
  static func float(_ half: UInt16) -> Float { Float(bitPattern: UInt32(half) << 16) }

  /// sum + a.odd·b.odd + a.even·b.even, the odd product first, each step rounded and flushed.
  static func dot(_ sum: Float, _ a: UInt32, _ b: UInt32) -> Float {
    let first = step(sum, float(UInt16(a >> 16)), float(UInt16(b >> 16)))
    return step(first, float(UInt16(truncatingIfNeeded: a)), float(UInt16(truncatingIfNeeded: b)))
  }

  /// sum + the products of all pairs, 16 at a time: even and odd elements by themselves first, then both together.
  static func blocks(_ sum: Float, _ a: [UInt32], _ b: [UInt32]) -> Float {
    func half(_ word: UInt32, _ place: UInt32) -> Float { float(UInt16(truncatingIfNeeded: word >> (16 * place))) }
    return stride(from: 0, to: a.count, by: 16).reduce(sum) { sum, first in
      var parts: [Float] = [0, 0]
      for pair in first..<first + 16 {
        for place in 0..<2 {
          let (a, b) = pair < a.count ? (half(a[pair], UInt32(place)), half(b[pair], UInt32(place))) : (0, 0)
          parts[place] = step(parts[place], a, b)
        }
      }
      return step(sum, 1, step(parts[1], 1, parts[0]))
    }
  }

  /// c + a·b with subnormal operands read as zero and results flushed whose size, once rounded, is below the smallest
  /// normal number's.
  private static func step(_ c: Float, _ a: Float, _ b: Float) -> Float {
    let (a, b, c) = (normal(a), normal(b), normal(c))
    let exact = c.addingProduct(a, b)
    // Scaled by 2¹⁰⁰ nothing that matters is subnormal, so this rounds as if exponents had no end.
    let scaled = (c * 0x1p100).addingProduct(a * 0x1p100, b)
    guard scaled.magnitude < Float.leastNormalMagnitude * 0x1p100 else { return exact }
    return Float(sign: scaled.sign, exponent: 0, significand: 0)
  }

  private static func normal(_ value: Float) -> Float {
    value.isSubnormal ? Float(sign: value.sign, exponent: 0, significand: 0) : value
  }
}

/// The kernels with bfloat16 operands that run here, each beside the single-precision kernels of its instruction set.
enum BFloat16Tables {
  /// The plain loops, which define the bits.
  static func reference(_ arithmetic: BFloat16Arithmetic) throws -> KernelSet {
    try KernelSet(.reference).withBFloat16(arithmetic, isEmulated: true)
  }

  /// Every emulation in vectors, and the CPU's own dot product where it has one.
  static func others(_ arithmetic: BFloat16Arithmetic) throws -> [KernelSet] {
    try vectorSets.map { try KernelSet($0).withBFloat16(arithmetic, isEmulated: true) } + hardware(arithmetic)
  }

  /// The CPU's own dot product; none on CPUs without.
  static func hardware(_ arithmetic: BFloat16Arithmetic) throws -> [KernelSet] {
    try InstructionSet.runnable.filter { BFloat16Kernels.areRunnable(with: $0, arithmetic: arithmetic) }.map {
      try KernelSet($0).withBFloat16(arithmetic, isEmulated: false)
    }
  }

  static func all(_ arithmetic: BFloat16Arithmetic) throws -> [KernelSet] {
    try [reference(arithmetic)] + others(arithmetic)
  }
}

/// Row-major floats in the forms that the bfloat16 kernels read.
enum BFloat16Packing {
  /// Float panels, rounded: `[panel][feature][32]`.
  static func rows(_ panels: [Float]) -> [UInt16] { panels.map(BFloat16Definition.rounded) }

  /// Rows of memory of a panel of pairs.
  static func pairRows(_ features: Int) -> Int { PanelLayout.panelRows(PanelLayout.pairCount(features)) }

  /// Float panels `[panel][features][32]` as words `[panel][features/2][32]`; an odd last feature stands beside zero.
  static func pairs(_ panels: [Float], features: Int) -> [UInt32] {
    let lanes = PanelLayout.laneCount, rows = PanelLayout.panelRows(features), pairCount = pairRows(features)
    let panelCount = panels.count / (rows * lanes)
    var words = [UInt32](repeating: 0, count: panelCount * pairCount * lanes)
    for (place, value) in panels.enumerated() where place / lanes % rows < features {
      let (panel, feature, lane) = (place / lanes / rows, place / lanes % rows, place % lanes)
      let half = UInt32(BFloat16Definition.rounded(value))
      words[(panel * pairCount + feature / 2) * lanes + lane] |= half << (feature % 2 == 0 ? 0 : 16)
    }
    return words
  }

  /// Weight panels `[panel][outputs][32]` as columns in the order of an arithmetic.
  static func columns(_ panels: [Float], outputs: Int, _ arithmetic: BFloat16Arithmetic) -> [UInt32] {
    let lanes = PanelLayout.laneCount, rows = PanelLayout.panelRows(outputs)
    let panelWords = PanelLayout.weightColumnRows(outputs) * lanes
    var words = [UInt32](repeating: 0, count: panels.count / (rows * lanes) * panelWords)
    for (place, value) in panels.enumerated() where place / lanes % rows < outputs {
      let (panel, output, lane) = (place / lanes / rows, place / lanes % rows, place % lanes)
      let word =
        arithmetic == .pairs
        ? output / 2 * lanes + lane : (output / lanes * lanes + lane) * lanes / 2 + output % lanes / 2
      words[panel * panelWords + word] |= UInt32(BFloat16Definition.rounded(value)) << (output % 2 == 0 ? 0 : 16)
    }
    return words
  }

  /// Rows [samples][features ≤ 32] as one panel of sample pairs, zero elsewhere.
  static func samplePairs(_ rows: [Float], samples: Int, features: Int) -> [UInt32] {
    var words = [UInt32](repeating: 0, count: PanelLayout.pairCount(samples) * PanelLayout.laneCount)
    for (place, value) in rows.enumerated() {
      let (sample, feature) = (place / features, place % features)
      let half = UInt32(BFloat16Definition.rounded(value))
      words[sample / 2 * PanelLayout.laneCount + feature] |= half << (sample % 2 == 0 ? 0 : 16)
    }
    return words
  }

  /// Float panels from words.
  static func panels(_ words: [UInt32], features: Int) -> [Float] {
    let lanes = PanelLayout.laneCount, rows = PanelLayout.panelRows(features), pairCount = pairRows(features)
    return (0..<words.count / (pairCount * lanes) * rows * lanes).map { place in
      let (panel, feature, lane) = (place / lanes / rows, place / lanes % rows, place % lanes)
      guard feature < features else { return 0 }
      let word = words[(panel * pairCount + feature / 2) * lanes + lane]
      return BFloat16Definition.float(UInt16(truncatingIfNeeded: feature % 2 == 0 ? word : word >> 16))
    }
  }
}
