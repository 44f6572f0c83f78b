import NeuronKernels

extension DataSubset {
  /// Divides the chosen rows so that each part has its share of every class, as nearly as whole samples allow.
  ///
  /// The held-out part is as large as that of ``split(validationFraction:seed:)``; a class keeps a sample to train on as long
  /// as others can give theirs. Rows keep their order.
  ///
  /// - Throws: `.invalidArgument` when the targets are no classes, when the fraction is outside 0 ..< 1 or leaves nothing to
  ///   train on.
  /// - Complexity: O(samples + classes·log classes).
  public func stratifiedSplit(
    validationFraction: Double, seed: UInt64
  ) throws(TrainingDataError) -> (training: DataSubset, validation: DataSubset) {
    let members = try positionsByClass()
    let count = try TrainingSplit.validationCount(of: sampleCount, fraction: validationFraction)
    let quotas = Self.quotas(of: members.map(\.count), total: count)
    var isHeldOut = [Bool](repeating: false, count: sampleCount)
    for (index, positions) in members.enumerated() {
      for position in Self.shuffled(positions, seed: seed, index: UInt32(index) + 1).prefix(quotas[index]) {
        isHeldOut[Int(position)] = true
      }
    }
    let positions = (0..<sampleCount).map { UInt32($0) }
    return (
      choosing(positions.filter { !isHeldOut[Int($0)] }), choosing(positions.filter { isHeldOut[Int($0)] })
    )
  }

  /// Divides the chosen rows into `count` parts of nearly one size, and gives each in turn to validation, all others to
  /// training: k-fold cross-validation.
  ///
  ///     for fold in try data.folds(5, seed: 7) { … trainer.fit(fold.training, …) … trainer.evaluate(fold.validation) … }
  ///
  /// - Parameters:
  ///   - count: how many parts.
  ///   - seed: the seed of the run.
  ///   - stratified: whether every part has its share of every class, as nearly as whole samples allow.
  /// - Throws: `.invalidArgument` when `count` is below 2 or above the number of samples, or when parts are to be stratified
  ///   by targets that are no classes.
  /// - Complexity: O(`count`·samples).
  public func folds(
    _ count: Int, seed: UInt64, stratified: Bool = false
  ) throws(TrainingDataError) -> [(training: DataSubset, validation: DataSubset)] {
    guard count >= 2, count <= sampleCount else {
      throw TrainingDataError(
        .invalidArgument,
        "\(dataset.name): expected 2 to \(sampleCount) folds, one sample in each at least, got \(count)")
    }
    let groups = stratified ? try positionsByClass() : [(0..<sampleCount).map { UInt32($0) }]
    var fold = [Int](repeating: 0, count: sampleCount), next = 0
    for (index, positions) in groups.enumerated() {
      // Dealt round like cards, from where the class before ended, so that no fold has two samples more than another.
      for position in Self.shuffled(positions, seed: seed, index: Self.foldStream + UInt32(index)) {
        fold[Int(position)] = next
        next = (next + 1) % count
      }
    }
    let positions = (0..<sampleCount).map { UInt32($0) }
    return (0..<count).map { part in
      (choosing(positions.filter { fold[Int($0)] != part }), choosing(positions.filter { fold[Int($0)] == part }))
    }
  }

  /// Where the streams of folds begin, beyond those of stratified splits.
  private static let foldStream: UInt32 = 1 << 31

  /// The places among the chosen rows of each class's samples.
  private func positionsByClass() throws(TrainingDataError) -> [[UInt32]] {
    guard case .classes(let count, let labels) = dataset.targets else {
      throw TrainingDataError(
        .invalidArgument, "\(dataset.name) has target values, so there are no classes to divide evenly",
        hint: "divide at random instead")
    }
    var members = [[UInt32]](repeating: [], count: count)
    for (position, row) in rows.enumerated() { members[labels[Int(row)]].append(UInt32(position)) }
    return members
  }

  /// How many of each class to hold out: the largest remainders of their shares get the samples left over.
  ///
  /// - Source: Hare and Niemeyer's method.
  private static func quotas(of counts: [Int], total: Int) -> [Int] {
    let all = counts.reduce(0, +)
    var quotas = counts.map { min($0 * total / max(1, all), max(0, $0 - 1)) }
    let order = counts.indices.sorted { left, right in
      let remainders = (counts[left] * total % max(1, all), counts[right] * total % max(1, all))
      return remainders.0 != remainders.1 ? remainders.0 > remainders.1 : left < right
    }
    var missing = total - quotas.reduce(0, +)
    // A class gives its last sample only when no other has more than one left.
    for isLast in [false, true] {
      while missing > 0 {
        let before = missing
        for index in order where missing > 0 && quotas[index] < counts[index] - (isLast ? 0 : 1) {
          quotas[index] += 1
          missing -= 1
        }
        if missing == before { break }
      }
    }
    return quotas
  }

  /// The positions in random order.
  ///
  /// - Source: Durstenfeld (1964), Algorithm 235: Random permutation, doi:10.1145/364520.364540.
  private static func shuffled(_ positions: [UInt32], seed: UInt64, index: UInt32) -> [UInt32] {
    var shuffled = positions, generator = PhiloxStream(seed: seed, purpose: .validationSplit, index: index)
    for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
      shuffled.swapAt(last, Int(generator.next(below: UInt32(last + 1))))
    }
    return shuffled
  }
}
