import NeuronKernels

/// What happens when the loss, or the gradient's norm where it is asked for, is not a finite number.
public enum DivergencePolicy: Sendable, Hashable {
  /// The run ends with an error that names layer, step and row; the parameters are those before the bad step.
  case stop
  /// The minibatch is left out, as if it had not been there; more than so many in a row end the run.
  case skip(inARow: Int = 10)
  /// Parameters and optimizer state go back to the end of the last good epoch, the learning rate is halved, and the epoch
  /// is run again; the rate stays so for the rest of the call. More than so many times in a call of `fit` end the run.
  case rollBack(atMost: Int = 5)

  /// Names in configurations.
  public static let names = ["stop", "skip", "rollBack"]

  /// The name that configurations use.
  public var name: String {
    switch self {
    case .stop: "stop"
    case .skip: "skip"
    case .rollBack: "rollBack"
    }
  }

  /// The policy of a configuration's name with its usual limit; nil for an unknown name.
  public static func named(_ name: String) -> DivergencePolicy? {
    switch name {
    case "stop": .stop
    case "skip": .skip()
    case "rollBack": .rollBack()
    default: nil
    }
  }
}

/// A return to the last good epoch.
public struct RollBack: Sendable, Hashable {
  /// What went wrong, as the error would have said.
  public let message: String
  /// The epoch that is run again, 1 for the first.
  public let epoch: Int
  /// What the learning rate is multiplied with from now on.
  public let rateFactor: Float
}

/// Everything that training changes, as it was at the end of the last good epoch.
///
/// - Concurrency: taken and restored between steps, on the thread that called `fit`.
final class GoodEpoch {
  let copy: StateCopy

  init(_ storage: ParameterStorage) throws(NeuronKernelsError) {
    copy = try StateCopy(of: storage.regions)
    take()
  }

  /// Bytes of a copy.
  static func byteCount(_ storage: ParameterStorage) -> Int { StateCopy.byteCount(of: storage.regions) }

  func take() { copy.take() }

  func restore() { copy.restore() }
}
