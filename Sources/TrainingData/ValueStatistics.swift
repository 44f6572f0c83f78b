/// What numbers are like: their extremes, their mean, and how many are not finite.
public struct ValueStatistics: Sendable, Hashable {
  /// Numbers in all.
  public private(set) var count = 0
  /// Infinities and NaNs, which the other figures pass over.
  public private(set) var notFiniteCount = 0
  /// The smallest finite number; nil without one.
  public private(set) var smallest: Double?
  /// The largest finite number; nil without one.
  public private(set) var largest: Double?
  private var sum = 0.0

  /// Statistics of no number.
  public init() {}

  /// Statistics of all elements, O(count).
  public init(_ values: some Sequence<Double>) { for value in values { add(value) } }

  /// The mean of the finite numbers; nil without one.
  public var mean: Double? { count > notFiniteCount ? sum / Double(count - notFiniteCount) : nil }

  /// Takes one number more into account.
  public mutating func add(_ value: Double) {
    count += 1
    guard value.isFinite else {
      notFiniteCount += 1
      return
    }
    smallest = Swift.min(smallest ?? value, value)
    largest = Swift.max(largest ?? value, value)
    sum += value
  }
}
