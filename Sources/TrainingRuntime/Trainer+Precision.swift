import NeuronKernels
import PerceptronModel
import WorkerTeam

extension Precision {
  /// What the matrix products multiply.
  var operands: OperandPrecision {
    switch self {
    case .f32: .float32
    case .bf16, .bf16Emulated: .bfloat16(.pairs)
    case .bf16AMX, .bf16AMXEmulated: .bfloat16(.blocks)
    }
  }
}

extension KernelSet {
  /// These kernels with those that a precision needs.
  ///
  /// - Throws: ``NeuronKernelsError`` when the CPU, or these kernels, have none.
  func with(_ precision: Precision) throws(NeuronKernelsError) -> KernelSet {
    guard case .bfloat16(let arithmetic) = precision.operands else { return self }
    return try withBFloat16(arithmetic, isEmulated: precision == .bf16Emulated || precision == .bf16AMXEmulated)
  }
}

extension TrainingPlan {
  /// Instruction set and precision, with a faster precision of this CPU where there is one that rounds alike.
  package var kernelWords: String {
    let words = "\(instructionSet.rawValue), \(precision.rawValue)"
    guard precision == .bf16, BFloat16Kernels.areRunnable(with: instructionSet, arithmetic: .blocks) else {
      return words
    }
    return words + " (this CPU also has bf16-amx, which is much faster here)"
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
