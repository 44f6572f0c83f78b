/// Figures of some numbers, at least one; those that need an order sort them once.
struct NumberFigures {
  private var values: [Double]
  private var isSorted = false

  init(_ values: [Double]) { self.values = values }

  /// The sum, in order, divided by the count.
  var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The root of the mean squared distance from the mean.
  var deviation: Double {
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  var smallest: Double { values.min() ?? 0 }
  var largest: Double { values.max() ?? 0 }

  /// The value below which this share of the others lies, between two values in proportion, as `numpy.quantile` has it.
  mutating func quantile(_ share: Double) -> Double {
    sort()
    let place = share * Double(values.count - 1), below = Int(place)
    guard below + 1 < values.count else { return values[below] }
    return values[below] + (values[below + 1] - values[below]) * (place - Double(below))
  }

  /// The value that comes most often, the smallest of those.
  var mostFrequent: Double {
    mutating get {
      sort()
      var best = (value: values[0], count: 0), first = 0
      for position in values.indices {
        if values[position] != values[first] { first = position }
        if position - first + 1 > best.count { best = (values[position], position - first + 1) }
      }
      return best.value
    }
  }

  private mutating func sort() {
    if !isSorted { values.sort() }
    isSorted = true
  }
}
