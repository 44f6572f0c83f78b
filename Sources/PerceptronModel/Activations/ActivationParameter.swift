/// A parameter of an activation or a loss as configurations and model files write it: a key and its value.
public struct ActivationParameter: Sendable, Hashable {
  /// What a key can stand for.
  public enum Value: Sendable, Hashable {
    /// A number.
    case number(Float)
    /// One of a few words.
    case word(String)
  }

  /// Which numbers a function can work with.
  enum Range: Sendable, Hashable {
    case finite, nonNegative, positive, nonZero, belowOne, insideUnit

    func contains(_ number: Float) -> Bool {
      switch self {
      case .finite: number.isFinite
      case .nonNegative: number.isFinite && number >= 0
      case .positive: number.isFinite && number > 0
      case .nonZero: number.isFinite && number != 0
      case .belowOne: number >= 0 && number < 1
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
      case .belowOne: "a \(name) of at least 0 and below 1"
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

  static func number(_ name: String, _ value: Float, _ range: Range = .finite) -> ActivationParameter {
    ActivationParameter(name: name, value: .number(value), words: [], range: range)
  }

  static func word<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ choice: Choice
  ) -> ActivationParameter where Choice.RawValue == String {
    ActivationParameter(
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
}
