import NeuronKernels
import PerceptronModel

/// The flat parameter vector of a program in memory of its own.
final class ParameterVector {
  let program: NetworkProgram
  private let storage: AlignedStorage

  /// Initial parameters of a seed; nil leaves everything zero.
  init(_ program: NetworkProgram, seed: UInt64?) throws {
    self.program = program
    storage = try AlignedStorage(byteCount: program.vectorCount * MemoryLayout<Float>.stride)
    if let seed { program.initialize(base, seed: seed) }
  }

  var base: UnsafeMutablePointer<Float> { storage.baseAddress.assumingMemoryBound(to: Float.self) }

  /// Every float of the vector, padding included.
  var bits: [UInt32] { (0..<program.vectorCount).map { base[$0].bitPattern } }

  subscript(stage: Int) -> StageParameters {
    get { program.parameters(ofStage: stage, in: base) }
    set { program.setParameters(newValue, ofStage: stage, in: base) }
  }
}
