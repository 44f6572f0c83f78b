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
  /// The cheapest way to share phase A among `workers` workers that the step supports, and its cost.
  ///
  /// Nearly equal ways go to the plainer one: whole panels before half ones, those before features.
  package func phaseASplit(workers: Int) -> (split: PhaseASplit, cost: PhaseACost) {
    var best = phaseASplitBySamples(workers: workers)
    guard support >= .features, let features = phaseASplitByFeatures(workers: workers) else { return best }
    if features.cost.seconds < Self.worthwhile * best.cost.seconds { best = features }
    return best
  }

  /// The cheaper of whole and half panels to each worker.
  package func phaseASplitBySamples(workers: Int) -> (split: PhaseASplit, cost: PhaseACost) {
    let whole = PanelLayout.laneCount
    let plain = (split: PhaseASplit.samples(unit: whole), cost: samplesCost(unit: whole, workers: workers))
    guard support >= .halfPanels else { return plain }
    let half = (split: PhaseASplit.samples(unit: whole / 2), cost: samplesCost(unit: whole / 2, workers: workers))
    return half.cost.seconds < Self.worthwhile * plain.cost.seconds ? half : plain
  }

  /// The cheapest split of features among the workers of a group; nil where no group would have two workers.
  package func phaseASplitByFeatures(workers: Int) -> (split: PhaseASplit, cost: PhaseACost)? {
    var best: (split: PhaseASplit, cost: PhaseACost)?
    for unit in [PanelLayout.laneCount, PanelLayout.laneCount / 2] {
      for groups in groupCounts(unitCount: (batchSize + unit - 1) / unit, workers: workers) {
        let cost = featuresCost(groups: groups, groupSize: workers / groups, unit: unit)
        if let best, best.cost.seconds <= cost.seconds { continue }
        best = (.features(groups: groups, groupSize: workers / groups, unit: unit), cost)
      }
    }
    return best
  }

  /// How much a split must gain before it is worth its barriers.
  private static let worthwhile = 0.97

  /// One group, two, four … and one for each unit, as far as each group has two workers.
  private func groupCounts(unitCount: Int, workers: Int) -> [Int] {
    let most = min(unitCount, workers / 2)
    guard most >= 1 else { return [] }
    let powers = [Int](sequence(first: 1) { $0 * 2 < most ? $0 * 2 : nil })
    return powers.last == most ? powers : powers + [most]
  }

  // MARK: - Costs

  private func samplesCost(unit: Int, workers: Int) -> PhaseACost {
    layersCost(samples: largestRun(unit: unit, parts: workers), groupSize: 1)
  }

  private func featuresCost(groups: Int, groupSize: Int, unit: Int) -> PhaseACost {
    var cost = layersCost(samples: largestRun(unit: unit, parts: groups), groupSize: groupSize)
    let barrierCount = 2 * program.stages.count - 1 - program.lowestLearningStage
    cost.barrier = Double(barrierCount) * barrierSeconds(groupSize)
    return cost
  }

  /// Samples of the part with most when units of `unit` samples go to `parts` parts.
  private func largestRun(unit: Int, parts: Int) -> Int {
    let units = (batchSize + unit - 1) / unit
    return min(batchSize, (units + parts - 1) / parts * unit)
  }

  /// All layers over `samples` samples, each layer's features divided among `groupSize` workers.
  private func layersCost(samples: Int, groupSize: Int) -> PhaseACost {
    let panels = panelEquivalents(samples), values = 32 * panels / Double(groupSize)
    var cost = PhaseACost()
    cost.data = values * Double(program.inputCount) * rates.gatherSeconds
    for (index, stage) in program.stages.enumerated() {
      addStage(stage, index, panels: panels, values: values, groupSize: groupSize, to: &cost)
    }
    // The loss of a sample needs all its outputs, so one worker of a group computes it.
    cost.forward += 32 * panels * Double(program.outputCount) * rates.exponentialSeconds
    return cost
  }

  private func addStage(
    _ stage: Stage, _ index: Int, panels: Double, values: Double, groupSize: Int, to cost: inout PhaseACost
  ) {
    if stage.activation.needsExponential, !(index == program.stages.count - 1 && program.fusesSoftmaxWithLoss) {
      cost.forward += values * Double(stage.outputCount) * rates.exponentialSeconds
    }
    guard let shape = stage.dense else { return }
    if index > 0 { cost.forward += values * Double(shape.inputCount) * rates.transposeSeconds }
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

  private func part(_ count: Int, of parts: Int) -> Int { (count + parts - 1) / parts }

  /// Panels of 32 samples, a half one counted as what it takes.
  private func panelEquivalents(_ samples: Int) -> Double {
    let rest = samples % PanelLayout.laneCount
    let last = rest == 0 ? 0 : rest <= PanelLayout.laneCount / 2 ? rates.halfPanelShare : 1
    return Double(samples / PanelLayout.laneCount) + last
  }
}

extension ActivationFunction {
  /// Whether a value costs an exponential.
  fileprivate var needsExponential: Bool {
    switch self {
    case .sigmoid, .tanh, .softmax: true
    case .linear, .step, .relu, .leakyReLU, .preLU: false
    }
  }
}
