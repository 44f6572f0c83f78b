/// How the samples of a minibatch are shared out in phase A; it changes no bit.
public enum PhaseASplit: Sendable, Hashable {
  /// Every worker takes samples of its own, in half panels of 16, through all layers without meeting anyone.
  case samples
  /// Groups of workers take samples together, each worker a part of every layer's units, with a barrier between layers.
  case units(groupSize: Int)

  /// How many groups `workerCount` workers form; those left over wait.
  package func groupCount(workerCount: Int) -> Int {
    switch self {
    case .samples: workerCount
    case .units(let size): max(1, workerCount / size)
    }
  }

  /// Workers of a group.
  package func groupSize(workerCount: Int) -> Int {
    switch self {
    case .samples: 1
    case .units(let size): min(size, workerCount)
    }
  }
}

extension PhaseASplit: CustomStringConvertible {
  /// For people, as in `by samples`.
  public var description: String {
    switch self {
    case .samples: "by samples"
    case .units(let size): "by samples and by units, \(size) workers a group"
    }
  }
}
