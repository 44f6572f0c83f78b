/// Gathers what is wrong with a configuration while it is read, so that one run shows several problems.
///
/// Also keeps where each value was written, for checks that come later.
final class ProblemList {
  private(set) var problems: [RunConfigurationError.Problem] = []
  private(set) var places: [String: SourcePlace] = [:]

  func add(_ code: RunConfigurationError.Code, _ place: SourcePlace, _ message: String, hint: String? = nil) {
    problems.append(.init(code: code, place: place.description, message: message, hint: hint))
  }

  /// Remembers where the value of a dotted path was written.
  func remember(_ path: String, _ place: SourcePlace) { places[path] = place }

  /// Ends reading: nothing happens when nothing is wrong.
  func throwIfAny() throws(RunConfigurationError) {
    if !problems.isEmpty { throw RunConfigurationError(problems: problems) }
  }
}
