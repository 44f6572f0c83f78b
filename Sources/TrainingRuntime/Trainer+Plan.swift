import HardwareTopology
import NeuronKernels
import PerceptronModel
import TrainingData

extension Trainer {
  /// The plan that `fit` would follow for these samples; takes no lasting memory.
  ///
  /// - Throws: ``TrainingRuntimeError`` when data and network do not fit, or the plan does not fit into memory.
  public func plan(for training: DataSubset, batchSize: Int = 128) throws -> TrainingPlan {
    try require(batchSize, "the batch size", atLeast: 1)
    try requireFit(of: training)
    return try makePlan(sampleCount: training.sampleCount, batchSize: min(batchSize, training.sampleCount))
  }

  func makePlan(sampleCount: Int, batchSize: Int) throws -> TrainingPlan {
    try program.requireTrainable()
    let choice = WorkerChoice.make(
      runtime.workers, split: runtime.phaseASplit, limit: budget.limit,
      model: try costModel(batchSize: batchSize, measures: runtime.workers == .automatic))
    let plan = TrainingPlan(
      machine: machine, budget: budget,
      placement: WorkerPlacement.plan(machine: machine, budget: budget, workerCount: choice.workerCount),
      workerCount: choice.workerCount, workerReason: choice.reason,
      predictedStepSeconds: choice.predictedStepSeconds, phaseASplit: choice.phaseASplit,
      pinsWorkers: runtime.pinsWorkers,
      instructionSet: kernels.instructionSet, reduction: runtime.reduction, precision: runtime.precision,
      network: program.network, parameterCount: program.parameterCount, batchSize: batchSize,
      stepsPerEpoch: (sampleCount + batchSize - 1) / batchSize,
      flopsPerStep: program.flopsPerStep(sampleCount: batchSize),
      memory: memoryPlan(sampleCount: sampleCount, batchSize: batchSize, workerCount: choice.workerCount))
    try plan.memory.requireFit(within: .current())
    return plan
  }

  private func memoryPlan(sampleCount: Int, batchSize: Int, workerCount: Int) -> MemoryPlan {
    let layout = StepMemoryLayout(
      program: program, batchSize: batchSize, blockCount: ParameterBlock.all(of: program, batchSize: batchSize).count,
      keepsGradients: clipping != .none, workerCount: workerCount)
    let vectorBytes = program.vectorCount * MemoryLayout<Float>.stride
    return MemoryPlan(parts: [
      MemoryPlan.Part(name: "parameters", byteCount: vectorBytes),
      MemoryPlan.Part(name: "optimizer state", byteCount: vectorBytes * optimizer.stateSlotCount),
      MemoryPlan.Part(name: "activations", byteCount: layout.workspaceBytes),
      MemoryPlan.Part(name: "gradients", byteCount: layout.gradientBytes),
      MemoryPlan.Part(name: "workers", byteCount: layout.workerBytes + layout.slotBytes),
      MemoryPlan.Part(name: "epoch order", byteCount: sampleCount * MemoryLayout<UInt32>.stride),
    ])
  }

  func require(_ value: Int, _ name: String, atLeast least: Int) throws(TrainingRuntimeError) {
    guard value >= least else {
      throw TrainingRuntimeError(code: .setting, message: "\(name) must be at least \(least), but is \(value)")
    }
  }

  /// Refuses data whose widths or kind of target are not the network's.
  func requireFit(of data: DataSubset) throws(TrainingRuntimeError) {
    let dataset = data.dataset
    guard !data.isEmpty else {
      throw TrainingRuntimeError(code: .dataMismatch, message: "\(dataset.name): there are no samples")
    }
    guard dataset.featureCount == program.inputCount else {
      throw TrainingRuntimeError(
        code: .dataMismatch,
        message:
          "\(dataset.name) has \(dataset.featureCount) features a sample, but the network takes \(program.inputCount)",
        hint: "make the network's inputs \(dataset.featureCount)")
    }
    switch dataset.targets {
    case .classes(let count, _) where count > program.outputCount:
      throw mismatch(dataset, "\(count) classes", count)
    case .values(let width, _) where width != program.outputCount:
      throw mismatch(dataset, "\(width) targets a sample", width)
    case .values where program.loss == .categoricalCrossEntropy:
      throw TrainingRuntimeError(
        code: .dataMismatch,
        message: "\(dataset.name) has target values, but the loss \(program.loss.rawValue) needs classes",
        hint: "use the loss mean_squared_error")
    default:
      return
    }
  }

  private func mismatch(_ dataset: Dataset, _ wanted: String, _ count: Int) -> TrainingRuntimeError {
    TrainingRuntimeError(
      code: .dataMismatch, message: "\(dataset.name) has \(wanted), but the network puts out \(program.outputCount)",
      hint: "make the last layer \(count) units wide")
  }
}
