/// Gathers what is wrong with a configuration while it is read, so that one run shows several problems.
///
/// Also keeps where each value was written, for checks that come later.
final class ProblemList {
  private var problems: [(place: SourcePlace, problem: RunConfigurationError.Problem)] = []
  private(set) var places: [String: SourcePlace] = [:]

  func add(_ code: RunConfigurationError.Code, _ place: SourcePlace, _ message: String, hint: String? = nil) {
    problems.append((place, .init(code: code, place: place.description, message: message, hint: hint)))
  }

  /// Remembers where the value of a dotted path was written.
  func remember(_ path: String, _ place: SourcePlace) { places[path] = place }

  /// Ends reading: throws all problems in the order of the file, those of overrides behind them.
  func throwIfAny() throws(RunConfigurationError) {
    if problems.isEmpty { return }
    let sorted = problems.enumerated().sorted { (Self.rank($0), $0.offset) < (Self.rank($1), $1.offset) }
    throw RunConfigurationError(problems: sorted.map(\.element.problem))
  }

  private static func rank(_ entry: (offset: Int, element: (place: SourcePlace, RunConfigurationError.Problem))) -> Rank
  {
    guard case .position(_, let line, let column) = entry.element.place else { return Rank(line: .max, column: .max) }
    return Rank(line: line, column: column)
  }

  private struct Rank: Comparable {
    var line, column: Int
    static func < (a: Rank, b: Rank) -> Bool { (a.line, a.column) < (b.line, b.column) }
  }
}
