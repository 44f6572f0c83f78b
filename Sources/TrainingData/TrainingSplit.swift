import NeuronKernels

/// Divides rows at random into those that are trained on and those that are held out.
public struct TrainingSplit {
  /// Divides `count` rows; the same arguments always give the same parts.
  ///
  /// The held-out part has `count · validationFraction` rows, rounded to the nearest and at least one unless the
  /// fraction is 0. Both parts are in ascending order, which evaluation streams through; the training part is shuffled
  /// anew in every epoch (``EpochOrder``).
  /// - Parameters:
  ///   - count: how many rows there are, 1 to 2³² − 1.
  ///   - validationFraction: the part to hold out, at least 0 and below 1.
  ///   - seed: the seed of the run.
  /// - Throws: `.emptyDataset` when there is no row; `.invalidArgument` when the fraction is outside its range or
  ///   nothing would be left to train on.
  /// - Complexity: O(`count`) time and memory.
  public static func split(
    count: Int, validationFraction: Double, seed: UInt64
  ) throws(TrainingDataError) -> (training: [UInt32], validation: [UInt32]) {
    let validationCount = try validationCount(of: count, fraction: validationFraction)
    guard validationCount > 0 else { return ((0..<count).map { UInt32($0) }, []) }
    var isHeldOut = [Bool](repeating: false, count: count)
    chooseRandomly(validationCount, in: &isHeldOut, seed: seed)

    var (training, validation) = ([UInt32](), [UInt32]())
    training.reserveCapacity(count - validationCount)
    validation.reserveCapacity(validationCount)
    for row in 0..<count {
      if isHeldOut[row] { validation.append(UInt32(row)) } else { training.append(UInt32(row)) }
    }
    return (training, validation)
  }

  static func validationCount(of count: Int, fraction: Double) throws(TrainingDataError) -> Int {
    guard count > 0, count <= Dataset.sampleLimit else {
      throw TrainingDataError(.emptyDataset, "can't split: expected 1 to \(Dataset.sampleLimit) samples, got \(count)")
    }
    guard fraction >= 0, fraction < 1 else {
      throw TrainingDataError(
        .invalidArgument, "expected a fraction of at least 0 and below 1, got \(fraction)")
    }
    guard fraction > 0 else { return 0 }
    let validationCount = max(1, Int((Double(count) * fraction).rounded()))
    guard validationCount < count else {
      throw TrainingDataError(
        .invalidArgument,
        "a fraction of \(fraction) holds out all \(count) samples, expected at least one to train on",
        hint: "use a smaller fraction, or 0 to train on everything")
    }
    return validationCount
  }

  /// Marks `chosenCount` places, each set of places being equally likely.
  ///
  /// Floyd's method needs no list of candidates: when a place is taken already, the newest one is still free.
  /// - Source: Bentley, Floyd (1987), Programming Pearls: A Sample of Brilliance, algorithm F2, doi:10.1145/30401.315746.
  private static func chooseRandomly(_ chosenCount: Int, in isChosen: inout [Bool], seed: UInt64) {
    var generator = PhiloxStream(seed: seed, purpose: .validationSplit)
    for newest in (isChosen.count - chosenCount)..<isChosen.count {
      let candidate = Int(generator.next(below: UInt32(newest + 1)))
      isChosen[isChosen[candidate] ? newest : candidate] = true
    }
  }
}
