import GradientOptimizers
import NeuronKernels
import PerceptronModel
import WorkerTeam

/// What the options of a layer do to a block of its parameters.
extension StepEngine {
  /// How the layer of a block learns.
  func learning(of block: ParameterBlock) -> LayerLearning { network.stages[block.stage].stage.learning }

  /// Whether a block keeps its parameters; its gradient is never formed and stays zero where all are kept.
  func isFrozen(_ block: ParameterBlock) -> Bool { !block.learnsPlainly && learning(of: block).isFrozen }

  /// Whether the optimizer's weight decay is meant for a block.
  func decays(_ block: ParameterBlock) -> Bool {
    transforms.decayed.contains(block.role) && (block.learnsPlainly || learning(of: block).decays)
  }

  /// Adds the gradient of a block's penalty to the whole minibatch's, from the parameters that formed it.
  ///
  /// - Concurrency: for the block's owner, who alone changes its parameters in the step.
  func addPenalty(of block: ParameterBlock, to gradient: UnsafeMutablePointer<Float>) {
    if block.learnsPlainly { return }
    let learning = learning(of: block)
    if block.role == .weight, learning.orthogonal > 0, !learning.isFrozen {
      orthogonalPenalty?.add(self, of: block, factor: learning.orthogonal, to: gradient)
    }
    let regularizer =
      switch block.role {
      case .weight: learning.weights
      case .bias: learning.biases
      case .slope: learning.slopes
      }
    if regularizer.isNone || learning.isFrozen { return }
    // Padding is zero and has no penalty.
    kernels.combine(
      gradient, .penalty, with: parameters + block.offset, count: block.count, a: regularizer.l1, b: 2 * regularizer.l2)
  }

  /// The step with the layer's own learning rate; nil where that is everybody's.
  func ownStep(_ learning: LayerLearning, step: OptimizerStep) -> OptimizerStep? {
    learning.rateFactor == 1
      ? nil : OptimizerStep(number: step.number, learningRate: step.learningRate * learning.rateFactor)
  }

  /// Brings single weights of a block back to their constraint.
  func constrainValues(of block: ParameterBlock, _ learning: LayerLearning) {
    guard learning.constraint == .nonNegative, block.role == .weight, !learning.isFrozen else { return }
    let weights = parameters + block.offset
    kernels.combine(weights, .raise, with: weights, count: block.count, a: 0)
  }
}

// MARK: - Constraints on whole rows

/// Some rows of a dense stage whose lengths are constrained.
///
/// A row's weights lie in as many blocks as the stage has input panels, each perhaps another worker's: so all meet between
/// the update and this.
struct ConstrainedRows: Sendable, Hashable {
  let stage: Int
  let rows: Range<Int>

  /// Even, since operands in bfloat16 are made of pairs of rows.
  private static let height = 16

  /// All of a network's, in order.
  static func all(of program: NetworkProgram) -> [ConstrainedRows] {
    program.stages.enumerated().flatMap { index, stage -> [ConstrainedRows] in
      guard let shape = stage.dense, stage.learning.constraint.needsWholeRows, !stage.learning.isFrozen else {
        return []
      }
      return stride(from: 0, to: shape.outputCount, by: height).map { first in
        ConstrainedRows(stage: index, rows: first..<min(first + height, shape.outputCount))
      }
    }
  }
}

extension StepEngine {
  /// Whether workers meet once more after the update, to bring rows back to their lengths.
  var constrainsRows: Bool { !constrainedRows.isEmpty }

  /// Brings this worker's share of all constrained rows back, once every block is updated.
  func constrainRows(worker: Int, of workerCount: Int) {
    for index in IndexPartition.range(ofPart: worker, parts: workerCount, count: constrainedRows.count) {
      constrain(constrainedRows[index])
    }
  }

  private func constrain(_ tile: ConstrainedRows) {
    let stage = network.stages[tile.stage].stage
    guard let shape = stage.dense else { return }
    let panelCount = PanelLayout.panelCount(shape.inputCount)
    let panelStride = PanelLayout.panelRows(shape.outputCount) * PanelLayout.laneCount
    let weights = parameters + stage.weights.lowerBound
    for row in tile.rows {
      let first = weights + row * PanelLayout.laneCount
      var squares = 0.0
      for panel in 0..<panelCount {
        squares += kernels.sumOfSquares(first + panel * panelStride, count: PanelLayout.laneCount)
      }
      guard let factor = Self.factor(stage.learning.constraint, norm: squares.squareRoot()) else { continue }
      for panel in 0..<panelCount {
        let lanes = first + panel * panelStride
        kernels.combine(lanes, .scale, with: lanes, count: PanelLayout.laneCount, a: factor)
      }
    }
    for panel in 0..<panelCount {
      network.refreshOperands(ofStage: tile.stage, panel: panel, rows: tile.rows, kernels: kernels)
    }
  }

  /// What a row of this length is multiplied with; nil where it may stay.
  private static func factor(_ constraint: WeightConstraint, norm: Double) -> Float? {
    switch constraint {
    case .maxNorm(let limit): norm > Double(limit) ? Float(Double(limit) / norm) : nil
    case .unitNorm: norm > 0 ? Float(1 / norm) : nil
    case .none, .nonNegative: nil
    }
  }
}
