/// Why a configuration cannot be used, with every problem that was found in it.
public struct RunConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of trouble.
  public enum Code: Sendable, Hashable {
    /// There is no such file, or it is a directory, or this user may not read it.
    case missing
    /// Reading the file failed half-way.
    case readFailed
    /// The file is too large, empty, not UTF-8 or not YAML.
    case notYAML
    /// The YAML is sound, but uses anchors, aliases, tags or keys that are not plain words.
    case unsupportedYAML
    /// A key is unknown, given twice, or belongs to another choice.
    case key
    /// A value has the wrong form or is out of range.
    case value
    /// An override is not `key=value`.
    case override
  }

  /// One thing that is wrong.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The kind of trouble.
    public let code: Code
    /// Where it is, as in `run.yaml:3:12`.
    public let place: String
    /// What is wrong, what was expected and what was found, as a sentence without its full stop.
    public let message: String
    /// What to write instead.
    public let hint: String?

    /// Place, message and hint.
    public var description: String { "\(place): \(message)\(hint.map { "; \($0)" } ?? "")" }
  }

  /// The problems, in the order of the file; at least one.
  public let problems: [Problem]

  /// How many problems are printed; the rest is counted.
  static let printedProblemLimit = 3

  init(problems: [Problem]) {
    self.problems = problems
  }

  init(_ code: Code, _ place: SourcePlace, _ message: String, hint: String? = nil) {
    self.init(problems: [Problem(code: code, place: place.description, message: message, hint: hint)])
  }

  /// The kind of the first problem.
  public var code: Code { problems[0].code }
  /// Place and message of the first problem.
  public var message: String { "\(problems[0].place): \(problems[0].message)" }
  /// The first problem's hint.
  public var hint: String? { problems[0].hint }

  /// The first problems, one a line.
  public var description: String {
    var lines = problems.prefix(Self.printedProblemLimit).map(\.description)
    let others = problems.count - lines.count
    if others > 0 { lines[lines.count - 1] += " (and \(others) more problem\(others == 1 ? "" : "s"))" }
    return lines.joined(separator: "\n")
  }
}
