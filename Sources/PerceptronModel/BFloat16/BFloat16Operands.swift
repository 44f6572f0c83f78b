import NeuronKernels

/// Where a stage's operands in bfloat16 stand in the workspace, in floats from its start; nil for what is not kept.
struct BFloat16Places: Sendable, Hashable {
  /// The pairs that a dense stage reads as its input: the output of the stage below, or the network's input.
  var inputPairs: Int?
  /// The transposed copy of them that a dense stage's weight gradient reads.
  var inputSamplePairs: Int?
  /// y for the dense stage above.
  var outputPairs: Int?
  /// ∂loss/∂z of a dense stage, for its weight gradient.
  var gradientRows: Int?
  /// ∂loss/∂z of a dense stage, for the product that takes it down.
  var gradientPairs: SharedPairs?
}

/// Pairs that stages use in turns: a stage's own are dead once the stage two below has its own.
///
/// Every sample has room for the widest stage, so that shards never touch each other's, whatever stage each is at.
struct SharedPairs: Sendable, Hashable {
  let place: Int
  /// Words of a sample.
  let stride: Int
}

/// The addresses of a stage's operands in bfloat16; a trivial value, and all nil in single precision.
struct BFloat16Operands {
  let weightRows: UnsafeMutablePointer<UInt16>?
  let weightColumns: UnsafeMutablePointer<UInt32>?
  let inputPairs: UnsafeMutablePointer<UInt32>?
  let inputSamplePairs: UnsafeMutablePointer<UInt32>?
  let outputPairs: UnsafeMutablePointer<UInt32>?
  let gradientRows: UnsafeMutablePointer<UInt16>?
  let gradientPairs: UnsafeMutablePointer<UInt32>?
  /// Words of a sample in ``gradientPairs``.
  let gradientStride: Int

  /// The operands behind `parameters` and in `workspace`, whose bytes the kernels read as words and halves alone.
  init(
    _ weights: WeightOperandPlaces?, _ places: BFloat16Places, parameters: UnsafePointer<Float>,
    workspace: UnsafeMutablePointer<Float>
  ) {
    func words(_ place: Int?) -> UnsafeMutablePointer<UInt32>? {
      place.map { UnsafeMutableRawPointer(workspace + $0).assumingMemoryBound(to: UInt32.self) }
    }
    let vector = UnsafeMutableRawPointer(mutating: parameters)
    let floatSize = MemoryLayout<Float>.stride
    weightRows = weights.map { (vector + $0.rows * floatSize).assumingMemoryBound(to: UInt16.self) }
    weightColumns = weights.map { (vector + $0.columns * floatSize).assumingMemoryBound(to: UInt32.self) }
    inputPairs = words(places.inputPairs)
    inputSamplePairs = words(places.inputSamplePairs)
    outputPairs = words(places.outputPairs)
    gradientRows = places.gradientRows.map {
      UnsafeMutableRawPointer(workspace + $0).assumingMemoryBound(to: UInt16.self)
    }
    gradientPairs = words(places.gradientPairs?.place)
    gradientStride = places.gradientPairs?.stride ?? 0
  }
}
