import NeuronKernels
import PerceptronModel
import WorkerTeam

extension Precision {
  /// What the matrix products multiply.
  var operands: OperandPrecision { self == .f32 ? .float32 : .bfloat16 }
}

extension KernelSet {
  /// These kernels with those that a precision needs.
  ///
  /// - Throws: ``NeuronKernelsError`` when the CPU, or these kernels, have none.
  func with(_ precision: Precision) throws(NeuronKernelsError) -> KernelSet {
    switch precision {
    case .f32: self
    case .bf16: try withBFloat16(isEmulated: false)
    case .bf16Emulated: try withBFloat16(isEmulated: true)
    }
  }
}

extension NetworkProgram {
  /// Bytes of what is made of the parameters to multiply with, where it is not the parameters themselves.
  var operandBytes: Int { (vectorCountWithOperands - vectorCount) * MemoryLayout<Float>.stride }
}

extension Trainer {
  /// Makes the operands of all weights anew: parameters may have been set since a step last left both in agreement.
  func refreshOperands(of engine: StepEngine) throws {
    guard program.operands != .float32 else { return }
    try team.broadcast(activeWorkers: engine.workerCount) { worker in
      for index in engine.ownedBlocks(worker: worker.index, of: worker.workerCount) {
        engine.refreshOperands(of: engine.blocks[index])
      }
    }
  }
}

extension StepEngine {
  /// Makes the operands of a block's weights anew after an update; nothing for other parameters, or in single precision.
  func refreshOperands(of block: ParameterBlock) {
    guard block.role == .weight else { return }
    network.refreshOperands(ofStage: block.stage, panel: block.panel, rows: block.rows, kernels: kernels)
  }
}
