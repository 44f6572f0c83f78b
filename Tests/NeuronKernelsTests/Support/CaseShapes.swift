import NeuronKernels

/// The sizes that the comparisons run over, chosen around 16 and 32 lanes and around every tile height.
enum CaseShapes {
  static let sampleCounts = [1, 2, 15, 16, 17, 31, 32, 33, 47, 64, 100, 129]
  static let featureCounts = [1, 2, 5, 10, 13, 14, 16, 17, 31, 32, 33, 40]

  /// Wider stages; those above 1024 have their reduction cut into blocks.
  static let wideShapes = [
    (64, 100), (100, 64), (784, 10), (783, 100), (10, 784), (100, 785),
    (1025, 10), (1056, 33), (2050, 13), (13, 1025), (33, 1056), (10, 2050),
    (512, 33), (33, 512), (1024, 10), (10, 1024),  // panels with spare rows
  ].map { DenseShape(inputCount: $0.0, outputCount: $0.1) }

  /// Every small shape with every number of samples, then the wide ones with a few.
  static var stages: [(samples: Int, shape: DenseShape)] {
    let small = featureCounts.flatMap { inputs in
      featureCounts.map { DenseShape(inputCount: inputs, outputCount: $0) }
    }
    return small.flatMap { shape in sampleCounts.map { ($0, shape) } }
      + wideShapes.flatMap { shape in [1, 17, 33, 129].map { ($0, shape) } }
  }
}

/// An activation in a case: its kind and its parameters, PReLU's slopes by unit.
struct CaseActivation: CustomStringConvertible {
  let kind: KernelActivation.Kind
  var a: Float
  var b: Float
  var sharesSlope = false
  var slopes: [Float] = []

  static let kinds = KernelActivation.Kind.allCases
  /// Those that the products' kernels apply to their own results.
  static let fusedKinds = kinds.filter { $0 != .logSoftmax }

  /// Parameters that each kind can work with.
  static func parameters(_ kind: KernelActivation.Kind) -> (a: Float, b: Float) {
    switch kind {
    case .leakyReLU: (0.01, 0)
    case .signedLeakyReLU: (-0.3, 0)
    case .scaledTanh: (1.7159, 0.6667)
    case .rreLU: (0.125, 0.3)
    case .squareplus: (4, 0)
    case .threshold: (0.25, -0.75)
    default: (0.75, 0)
    }
  }

  /// PReLU's slopes are of both signs, every fifth of them zero.
  init(_ kind: KernelActivation.Kind, units: Int, _ random: inout TestRandom) {
    self.kind = kind
    (a, b) = Self.parameters(kind)
    sharesSlope = kind == .preLU && random.integer(below: 3) == 0
    if kind == .preLU { slopes = (0..<units).map { $0 % 5 == 1 ? 0 : random.float(reach: 1.5) } }
  }

  var description: String { "\(kind)" }

  func argument(_ memory: KernelMemory) -> KernelActivation {
    argument(slopes: kind == .preLU ? memory.input("slopes", slopes) : nil)
  }

  func argument(slopes: UnsafePointer<Float>?) -> KernelActivation {
    KernelActivation(kind, a: a, b: b, sharesSlope: sharesSlope, slopes: slopes)
  }

  /// The panels where z is left; randomized leaky ReLU finds its slopes there.
  func preactivation(_ memory: KernelMemory, count: Int) -> GuardedBuffer<Float> {
    guard kind == .rreLU else { return memory.output("preactivation", count) }
    return memory.watched("preactivation", (0..<count).map { Float($0 % 11) / 16 })
  }
}
