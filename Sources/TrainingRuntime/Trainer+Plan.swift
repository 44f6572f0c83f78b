import GradientOptimizers
import HardwareTopology
import NeuronKernels
import PerceptronModel
import TrainingData

extension Trainer {
  func makePlan(
    sampleCount: Int, batchSize: Int, earlyStopping: EarlyStopping? = nil, checkpoints: Checkpoints? = nil
  ) throws -> TrainingPlan {
    try program.requireTrainable()
    try requireVariance(sampleCount: sampleCount, batchSize: batchSize)
    let accumulation = transforms.accumulation, stepSize = batchSize * accumulation
    let stepsPerEpoch = (sampleCount + stepSize - 1) / stepSize
    try requireWholeSteps(stepsPerEpoch: stepsPerEpoch, sampleCount: sampleCount, stepSize: stepSize)
    let reduction = try ReductionChoice.make(
      runtime, placement: runtime.largestPlacement(on: machine, budget: budget), batchSize: batchSize)
    let choice =
      reduction.reduction == .hogwild
      ? WorkerChoice.withoutWaiting(runtime.workers, limit: budget.limit, stepsPerEpoch: stepsPerEpoch)
      : WorkerChoice.make(
        runtime.workers, split: reduction.reduction == .ownerComputes ? runtime.phaseASplit : .samples,
        limit: budget.limit, model: try costModel(batchSize: batchSize, measures: runtime.workers == .automatic))
    let placement = WorkerPlacement.plan(machine: machine, budget: budget, workerCount: choice.workerCount)
    let shape = StepShape(
      batchSize: batchSize, workerCount: choice.workerCount, split: choice.phaseASplit,
      reduction: reduction.reduction, teams: reduction.teams(for: placement))
    let plan = TrainingPlan(
      machine: machine, budget: budget, placement: placement,
      workerCount: choice.workerCount, workerReason: choice.reason,
      predictedStepSeconds: choice.predictedStepSeconds, phaseASplit: shape.split,
      pinsWorkers: runtime.pinsWorkers,
      instructionSet: kernels.instructionSet, reduction: reduction.reduction, laneCount: reduction.laneCount,
      reductionReason: reduction.reason, precision: runtime.precision, network: program.network,
      parameterCount: program.parameterCount, batchSize: batchSize, accumulation: accumulation,
      stepsPerEpoch: stepsPerEpoch,
      flopsPerStep: program.flopsPerStep(sampleCount: min(stepSize, sampleCount)),
      memory: memoryPlan(
        sampleCount: sampleCount, shape: shape, keepsBest: earlyStopping?.restoreBest == true,
        checkpoints: checkpoints),
      shape: shape)
    try plan.memory.requireFit(within: .current())
    return plan
  }

  private func memoryPlan(
    sampleCount: Int, shape: StepShape, keepsBest: Bool, checkpoints: Checkpoints?
  ) -> MemoryPlan {
    let blockCount = ParameterBlock.count(of: program)
    let layout = StepMemoryLayout(
      program: program, shape: shape, blockCount: blockCount,
      keepsGradients: StepEngine.keepsGradients(optimizer, clipping: clipping, transforms: transformsInForce))
    let lanes = LaneMemoryLayout(program: program, shape: shape, needsNorm: needsNorm)
    let laneCount = lanes?.laneCount ?? 0, laneSlots = laneCount * (lanes?.slotBytes ?? 0)
    let vectorBytes = program.vectorCount * MemoryLayout<Float>.stride
    return MemoryPlan(parts: [
      MemoryPlan.Part(name: "parameters", byteCount: vectorBytes),
      MemoryPlan.Part(name: "bf16 weights", byteCount: program.operandBytes),
      MemoryPlan.Part(
        name: "optimizer state",
        byteCount: vectorBytes * storage.stateSlotCount + storage.factoredCount * MemoryLayout<Float>.stride),
      MemoryPlan.Part(name: "evaluation point", byteCount: storage.spare == nil ? 0 : vectorBytes),
      MemoryPlan.Part(name: "best epoch", byteCount: keepsBest ? TrainerSnapshot.byteCount(storage) : 0),
      MemoryPlan.Part(name: "last good epoch", byteCount: goodEpochBytes),
      MemoryPlan.Part(
        name: "checkpoint buffers", byteCount: checkpointBytes(keepsBest: keepsBest, checkpoints: checkpoints)),
      MemoryPlan.Part(name: "activations", byteCount: layout.workspaceBytes + laneCount * (lanes?.workspaceBytes ?? 0)),
      MemoryPlan.Part(name: "gradients", byteCount: layout.gradientBytes),
      MemoryPlan.Part(name: "gradient lanes", byteCount: laneCount * (lanes?.gradientBytes ?? 0)),
      MemoryPlan.Part(
        name: "orthogonal penalties",
        byteCount: OrthogonalPenalty.Layout(program, workerCount: shape.workerCount)?.byteCount ?? 0),
      MemoryPlan.Part(
        name: "line search",
        byteCount: (optimizer as? LBFGS).map {
          QuasiNewton.byteCount(
            vectorCount: program.vectorCount, blockCount: blockCount, workerCount: shape.workerCount,
            history: $0.history)
        } ?? 0),
      MemoryPlan.Part(
        name: "orthogonal directions",
        byteCount: Orthogonalization.Layout(program, optimizer: optimizer)?.byteCount ?? 0),
      MemoryPlan.Part(
        name: "factored moments",
        byteCount: FactoredMoments.Layout(program, optimizer: optimizer)?.scratchBytes ?? 0),
      MemoryPlan.Part(name: "workers", byteCount: layout.workerBytes + layout.slotBytes + laneSlots),
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
    if case .plateau(let plateau) = schedule, plateau.metric == .accuracy, case .values = dataset.targets {
      throw TrainingRuntimeError(
        code: .dataMismatch,
        message: "\(dataset.name) has target values and so no accuracy, which the schedule plateau is to watch",
        hint: "let it watch the metric loss")
    }
    try requireCategories(of: data)
    try TargetCheck(program: program, data: data).require(code: .dataMismatch)
    try requirePerceptronTargets(of: data)
  }
}
