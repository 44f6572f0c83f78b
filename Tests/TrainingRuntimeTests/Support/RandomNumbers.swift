import Fascicle

extension PhiloxStream {
  /// A number in [−reach, reach).
  mutating func uniform(reach: Float) -> Float { reach * (2 * nextUnitFloat() - 1) }

  /// `count` numbers in [−reach, reach).
  mutating func uniform(count: Int, reach: Float) -> [Float] { (0..<count).map { _ in uniform(reach: reach) } }

  /// One of `choices`.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[Int(next(below: UInt32(choices.count)))] }

  /// A number of a closed range.
  mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next(below: UInt32(range.count)))
  }
}
