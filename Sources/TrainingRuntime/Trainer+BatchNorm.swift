import PerceptronModel

extension Trainer {
  /// Refuses minibatches of one sample where a batch normalization would divide by their variance.
  func requireVariance(sampleCount: Int, batchSize: Int) throws(TrainingRuntimeError) {
    guard let index = program.stages.firstIndex(where: { $0.operation.normalizesBatches }),
      batchSize == 1 || sampleCount % batchSize == 1
    else { return }
    let name = program.stageNames[index]
    guard sampleCount > 1 else {
      throw TrainingRuntimeError(
        code: .setting, message: "\(name) needs at least 2 samples in every minibatch, but there is one in all",
        hint: "train on more samples, or use { norm: layer }, which needs one")
    }
    let better = (max(2, batchSize)...sampleCount).first { sampleCount % $0 != 1 } ?? sampleCount
    throw TrainingRuntimeError(
      code: .setting,
      message: batchSize == 1
        ? "\(name) needs at least 2 samples in every minibatch, but the batch size is 1"
        : "\(name) needs at least 2 samples in every minibatch, but \(sampleCount) samples in minibatches of "
          + "\(batchSize) leave one for the last",
      hint: "use a batch size of \(better), or { norm: layer }, which needs one sample")
  }

  /// Copies running statistics to where the network will be evaluated: no rule and no average has ever seen them.
  func copyRunningStatistics(to point: UnsafeMutablePointer<Float>) {
    for stage in program.stages {
      for places in [stage.runningMean, stage.runningVariance] where !places.isEmpty {
        (point + places.lowerBound).update(from: storage.parameters + places.lowerBound, count: places.count)
      }
    }
  }
}
