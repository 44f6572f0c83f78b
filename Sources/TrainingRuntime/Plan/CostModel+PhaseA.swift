import NeuronKernels
import PerceptronModel

/// What phase A takes of the worker with most to do, before the team's slowdown.
package struct PhaseACost: Sendable, Hashable {
  package var data = 0.0
  package var forward = 0.0
  package var backward = 0.0
  /// Reading what the workers of a group have written for each other.
  package var transfer = 0.0
  /// The barriers inside a feature split.
  package var barrier = 0.0

  package var seconds: Double { data + forward + backward + transfer + barrier }
}

extension CostModel {
  /// The cheapest way for `workers` workers to share the samples of a minibatch, and what it costs.
  ///
  /// Groups that divide the layers' units must gain 3 % on samples alone to be worth their barriers.
  package func phaseASplit(workers: Int) -> (split: PhaseASplit, cost: PhaseACost) {
    let samples = (split: PhaseASplit.samples, cost: phaseACost(.samples, workers: workers))
    guard let units = phaseASplitByUnits(workers: workers),
      units.cost.seconds < WorkerChoice.worthwhile * samples.cost.seconds
    else { return samples }
    return units
  }

  /// The cheapest split by units: one group, two, four …, one for each half panel, as far as each has two workers.
  ///
  /// - Returns: nil where the network or the number of workers does not allow one.
  package func phaseASplitByUnits(workers: Int) -> (split: PhaseASplit, cost: PhaseACost)? {
    let most = min(PanelLayout.halfPanelCount(batchSize), workers / 2)
    guard most >= 1, program.splitsByUnits else { return nil }
    var best: (split: PhaseASplit, cost: PhaseACost)?
    for groups in [Int](sequence(first: 1) { $0 * 2 < most ? $0 * 2 : nil }) + [most] {
      let split = PhaseASplit.units(groupSize: workers / groups)
      let cost = phaseACost(split, workers: workers)
      if best.map({ cost.seconds < $0.cost.seconds }) ?? true { best = (split, cost) }
    }
    return best
  }

  // MARK: - Costs

  /// What a split costs the worker with most samples.
  package func phaseACost(_ split: PhaseASplit, workers: Int) -> PhaseACost {
    let canSplit = workers > 1 && program.splitsByUnits
    let split = canSplit ? split : .samples
    let groups = split.groupCount(workerCount: workers), size = split.groupSize(workerCount: workers)
    var cost = layersCost(panels: largestShare(of: groups), groupSize: size)
    if size > 1 {
      // After the gather and each layer all workers meet, the last time with those of phase B.
      let meetings = 2 * program.stages.count - program.lowestLearningStage
      cost.barrier = Double(meetings) * barrierSeconds(workers)
    }
    cost.barrier += Double(program.meetingsWithinPasses) * barrierSeconds(workers)
    return cost
  }

  /// Panels of the group with most to compute, a half one counted as what it takes.
  private func largestShare(of groups: Int) -> Double {
    var largest = 0.0
    for index in 0..<groups {
      let share = SampleShare(index, of: groups, sampleCount: batchSize)
      let leading = share.leadingHalf.isEmpty ? 0 : rates.halfPanelShare
      largest = max(largest, leading + panelEquivalents(share.panels.count))
    }
    return largest
  }

  /// All layers over `panels` panels, each layer's units divided among `groupSize` workers.
  private func layersCost(panels: Double, groupSize: Int) -> PhaseACost {
    var cost = PhaseACost()
    cost.data = 32 * panels * Double(panelPart(program.inputCount, of: groupSize)) * rates.gatherSeconds
    for (index, stage) in program.stages.enumerated() {
      addStage(stage, index, panels: panels, groupSize: groupSize, to: &cost)
    }
    // The loss of a sample needs all its outputs, so one worker of a group computes it.
    cost.forward += 32 * panels * Double(program.outputCount) * rates.exponentialSeconds
    return cost
  }

  private func addStage(_ stage: Stage, _ index: Int, panels: Double, groupSize: Int, to cost: inout PhaseACost) {
    if stage.activation.needsExponential, !(index == program.stages.count - 1 && program.fusesLastActivation) {
      cost.forward += 32 * panels * Double(part(stage.outputCount, of: groupSize)) * rates.exponentialSeconds
    }
    guard let shape = stage.dense else {
      // One way through the panels and one back; draws and gates cost about what an exponential does.
      let values = 32 * panels * Double(stage.outputCount)
      cost.forward += values * (stage.operation.drawsOrGates ? rates.exponentialSeconds : rates.transposeSeconds)
      if index > program.lowestLearningStage { cost.backward += values * rates.transposeSeconds }
      if stage.operation.normalizesBatches {
        // Two passes for mean and variance, and the two sums of the way back.
        cost.forward += 2 * values * rates.sumSeconds
        if index > program.lowestLearningStage { cost.backward += 2 * values * rates.sumSeconds }
      }
      return
    }
    if index > 0 {
      cost.forward += 32 * panels * Double(panelPart(shape.inputCount, of: groupSize)) * rates.transposeSeconds
    }
    let exceedsCache = shape.weightCount * 4 > team.secondLevelBytes
    cost.forward +=
      panels
      * rates.forward.seconds(
        rows: part(shape.outputCount, of: groupSize), depth: shape.inputCount, exceedsCache: exceedsCache)
    let goesFurther = index > program.lowestLearningStage
    if goesFurther {
      cost.backward +=
        panels
        * rates.backward.seconds(
          rows: part(shape.inputCount, of: groupSize), depth: shape.outputCount, exceedsCache: exceedsCache)
    }
    guard groupSize > 1 else { return }
    let read = Double(shape.inputCount + (goesFurther ? shape.outputCount : 0)) * 128 * panels
    cost.transfer += read * Double(groupSize - 1) / Double(groupSize) / rates.transferRate
  }

  /// The largest part of `count` units.
  private func part(_ count: Int, of parts: Int) -> Int { (count + parts - 1) / parts }

  /// The largest part of `count` features that are divided by whole panels.
  private func panelPart(_ count: Int, of parts: Int) -> Int {
    min(count, part(PanelLayout.panelCount(count), of: parts) * PanelLayout.laneCount)
  }

  /// Panels of 32 samples, a half one counted as what it takes.
  private func panelEquivalents(_ samples: Int) -> Double {
    let rest = samples % PanelLayout.laneCount
    let last = rest == 0 ? 0 : rest <= PanelLayout.laneCount / 2 ? rates.halfPanelShare : 1
    return Double(samples / PanelLayout.laneCount) + last
  }
}
