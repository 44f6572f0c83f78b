import GradientOptimizers

extension Trainer {
  /// The transforms with what ``onDivergence`` asks of them.
  var transformsInForce: UpdateTransforms {
    guard case .skip(let limit) = onDivergence else { return transforms }
    var transforms = transforms
    transforms.skipLimit = max(transforms.skipLimit, limit)
    return transforms
  }

  /// Bytes of the copy that a roll-back goes back to.
  var goodEpochBytes: Int {
    if case .rollBack = onDivergence { GoodEpoch.byteCount(storage) } else { 0 }
  }

  /// Refuses limits out of range, and skips where no step has a place in an order.
  func requirePolicy() throws {
    switch onDivergence {
    case .stop: return
    case .skip(let limit):
      guard !(optimizer is LBFGS) else {
        throw TrainingRuntimeError(
          code: .setting,
          message: "onDivergence skip cannot run with the optimizer lbfgs, whose steps are the whole data set",
          hint: "use stop or rollBack")
      }
      try require(limit, "the number of steps to skip in a row", atLeast: 1)
      guard runtime.reduction != .hogwild else {
        throw TrainingRuntimeError(
          code: .setting, message: "onDivergence skip cannot run with the reduction hogwild, whose steps have no order",
          hint: "use rollBack, or the reduction segmented")
      }
    case .rollBack(let limit): try require(limit, "the number of roll-backs", atLeast: 1)
    }
  }
}

extension TrainingRuntimeError {
  /// The same after so many attempts with ever smaller rates.
  func after(rollBacks count: Int) -> TrainingRuntimeError {
    var error = TrainingRuntimeError(
      code: code, message: "\(message) (after \(count) \(count == 1 ? "roll-back" : "roll-backs"))",
      hint: "if one row of the data is to blame, leave its minibatch out (onDivergence: skip)")
    error.divergence = divergence
    return error
  }
}

extension Trainer {
  /// The reduction that was asked for.
  package var runtimeReduction: GradientReduction { runtime.reduction }
}
