import GradientOptimizers
import PerceptronModel

/// What L-BFGS asks of everything around it: a line search wants one function, whose gradient nobody changes.
extension Trainer {
  /// Refuses what would make the gradient another function's.
  static func checkLineSearch(
    _ optimizer: any GradientOptimizer, _ program: NetworkProgram, schedule: LearningRateSchedule,
    clipping: GradientClipping, transforms: UpdateTransforms, reduction: GradientReduction
  ) throws(TrainingRuntimeError) {
    guard optimizer is LBFGS else { return }
    func refuse(_ what: String, _ hint: String) -> TrainingRuntimeError {
      TrainingRuntimeError(
        code: .setting,
        message: "the optimizer lbfgs searches along lines for the least loss, so it cannot have \(what)", hint: hint)
    }
    if reduction != .ownerComputes {
      throw refuse("the reduction \(reduction.rawValue)", "use the reduction ownerComputes")
    }
    if schedule != .constant { throw refuse("the schedule \(schedule.name)", "use the schedule constant") }
    if clipping != .none { throw refuse("a clipped gradient", "leave \(clipping.key) out") }
    if transforms.averaging != .none || transforms.lookahead != nil || transforms.skipLimit > 0 {
      throw refuse("averages, lookahead or skipped steps", "leave those out")
    }
    if let index = program.stages.firstIndex(where: \.operation.normalizesBatches) {
      throw refuse(
        "statistics that move with every step, as \(program.stageNames[index]) has", "use { norm: layer } in its place")
    }
    guard let index = program.stages.firstIndex(where: \.learning.changesTheGradient) else { return }
    throw refuse(
      "penalties, constraints or rates of single layers, as \(program.stageNames[index]) has",
      "leave those out; the optimizer's own weightDecay is a penalty on all weights")
  }

  /// Refuses minibatches: every step of L-BFGS is the whole data set.
  func requireWholeSteps(stepsPerEpoch: Int, sampleCount: Int, stepSize: Int) throws(TrainingRuntimeError) {
    guard optimizer is LBFGS, stepsPerEpoch > 1 else { return }
    throw TrainingRuntimeError(
      code: .setting,
      message: "the optimizer lbfgs needs all \(sampleCount) samples in every step, but a step has \(stepSize)",
      hint: "use a batch size of \(sampleCount), or a gradientAccumulation that reaches it with less memory")
  }
}

extension LayerLearning {
  /// Whether the step of the layer is another than that of its loss alone.
  fileprivate var changesTheGradient: Bool {
    regularizers.contains { !$0.regularizer.isNone } || orthogonal > 0 || constraint != .none || rateFactor != 1
  }
}
