/// A parameter of an activation, see ``NamedParameter``.
public typealias ActivationParameter = NamedParameter

/// A parameter of an activation, an initializer, a layer or a loss as configurations and model files write it: a key and its value.
public struct NamedParameter: Sendable, Hashable {
  /// What a key can stand for.
  public enum Value: Sendable, Hashable {
    /// A number.
    case number(Float)
    /// One of a few words.
    case word(String)
  }

  /// Which numbers a function can work with.
  enum Range: Sendable, Hashable {
    case finite, nonNegative, positive, nonZero
    /// From 0 to 1, both included.
    case share
    /// From 0 up to, not including, 1.
    case rate
    /// Between 0 and 1, neither included.
    case insideUnit

    func contains(_ number: Float) -> Bool {
      switch self {
      case .finite: number.isFinite
      case .nonNegative: number.isFinite && number >= 0
      case .positive: number.isFinite && number > 0
      case .nonZero: number.isFinite && number != 0
      case .share: (0...1).contains(number)
      case .rate: (0..<1).contains(number)
      case .insideUnit: number > 0 && number < 1
      }
    }

    /// What must be the case, as in `needs a slope of at least 0`.
    func wording(_ name: String) -> String {
      switch self {
      case .finite: "a finite \(name)"
      case .nonNegative: "a finite \(name) of at least 0"
      case .positive: "a finite \(name) above 0"
      case .nonZero: "a finite \(name) other than 0"
      case .share: "a \(name) from 0 to 1"
      case .rate: "a \(name) of at least 0 and below 1"
      case .insideUnit: "a \(name) between 0 and 1"
      }
    }
  }

  /// The key.
  public let name: String
  /// The value.
  public var value: Value
  /// The words that the key accepts, the usual one first; empty for a number.
  public let words: [String]
  let range: Range

  static func number(_ name: String, _ value: Float, _ range: Range = .finite) -> NamedParameter {
    NamedParameter(name: name, value: .number(value), words: [], range: range)
  }

  static func word<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ choice: Choice
  ) -> NamedParameter where Choice.RawValue == String {
    NamedParameter(
      name: name, value: .word(choice.rawValue), words: Choice.allCases.map(\.rawValue), range: .finite)
  }

  /// The number, or 0 for a word.
  var number: Float { if case .number(let number) = value { number } else { 0 } }

  /// Whether `value` is one that the key can stand for; a number's range is for the network to check.
  public func accepts(_ value: Value) -> Bool {
    switch value {
    case .number: words.isEmpty
    case .word(let word): words.contains(word)
    }
  }

  /// What must be the case where it is not, as in `a finite slope of at least 0, but has nan`; nil when all is well.
  var refusal: String? {
    guard words.isEmpty, !range.contains(number) else { return nil }
    return "\(range.wording(name)), but has \(number)"
  }
}
