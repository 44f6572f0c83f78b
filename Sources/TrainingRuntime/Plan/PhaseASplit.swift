/// How phase A of a step, forward and backward, is shared out; none of it changes a bit.
package enum PhaseASplit: Sendable, Hashable {
  /// Each worker takes a run of units of `unit` samples, 32 or 16, through all layers.
  case samples(unit: Int)
  /// Workers stand in `groups` groups of `groupSize`. A group takes a run of units of `unit` samples; in each layer its
  /// workers divide the features and meet at a barrier of their own.
  case features(groups: Int, groupSize: Int, unit: Int)

  /// What the step can do; the cost model predicts no split beyond it.
  package enum Support: Int, Sendable, Hashable, Comparable {
    case wholePanels, halfPanels, features

    package static func < (left: Support, right: Support) -> Bool { left.rawValue < right.rawValue }

    /// What ``TrainingWorker`` does.
    package static let ofTheStep = Support.wholePanels
  }
}
