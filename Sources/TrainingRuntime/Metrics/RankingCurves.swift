/// How well scores put the samples of a class before the others.
public enum RankingCurves {
  /// The area under the receiver operating characteristic: the share of pairs of a member and another sample in which the
  /// member has the higher score, ties counting half.
  ///
  /// - Returns: nil without members, or without others.
  /// - Complexity: O(n·log n).
  /// - Source: Fawcett, "An introduction to ROC analysis", 2006, doi:10.1016/j.patrec.2005.10.010.
  public static func rocAUC(scores: [Float], isMember: [Bool]) -> Double? {
    let groups = groupsOfEquals(scores, isMember)
    let members = groups.reduce(0) { $0 + $1.members }, others = groups.reduce(0) { $0 + $1.others }
    guard members > 0, others > 0 else { return nil }
    var pairs = 0.0, membersBefore = 0
    for group in groups {
      pairs += Double(group.others) * (Double(membersBefore) + 0.5 * Double(group.members))
      membersBefore += group.members
    }
    return pairs / (Double(members) * Double(others))
  }

  /// The area under precision over recall, as average precision: Σ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds.
  ///
  /// - Returns: nil without members.
  /// - Complexity: O(n·log n).
  public static func prAUC(scores: [Float], isMember: [Bool]) -> Double? {
    let groups = groupsOfEquals(scores, isMember), members = groups.reduce(0) { $0 + $1.members }
    guard members > 0 else { return nil }
    var area = 0.0, membersBefore = 0, samplesBefore = 0
    for group in groups {
      membersBefore += group.members
      samplesBefore += group.members + group.others
      area += Double(group.members) * Double(membersBefore) / Double(samplesBefore)
    }
    return area / Double(members)
  }

  /// Samples with equal scores, the highest first; scores that are not numbers come last.
  private static func groupsOfEquals(_ scores: [Float], _ isMember: [Bool]) -> [(members: Int, others: Int)] {
    precondition(scores.count == isMember.count, "expected \(scores.count) flags, got \(isMember.count)")
    let keys = scores.map { $0.isNaN ? -Float.infinity : $0 }
    var groups: [(members: Int, others: Int)] = [], last: Float?
    for index in keys.indices.sorted(by: { keys[$0] > keys[$1] }) {
      if keys[index] != last { groups.append((0, 0)) }
      last = keys[index]
      if isMember[index] { groups[groups.count - 1].members += 1 } else { groups[groups.count - 1].others += 1 }
    }
    return groups
  }
}
