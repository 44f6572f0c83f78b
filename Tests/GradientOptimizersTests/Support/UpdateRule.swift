/// An optimizer's rule written down plainly in Double, one parameter at a time, from the papers.
enum UpdateRule: Sendable {
  case descent(rate: Double, decay: Double = 0)
  case momentum(rate: Double, momentum: Double, decay: Double = 0)
  case nesterov(rate: Double, momentum: Double, decay: Double = 0)
  case adam(rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double = 0)
  case adamW(rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double)

  /// A parameter and what the rule remembers of it.
  struct Track {
    var parameter: Double
    var first = 0.0
    var second = 0.0
  }

  /// The parameter after step `number`, 1 for the first.
  func advance(_ track: inout Track, gradient: Double, number: Int) {
    switch self {
    case .descent(let rate, let decay):
      track.parameter -= rate * (gradient + decay * track.parameter)
    case .momentum(let rate, let momentum, let decay):
      track.first = momentum * track.first + gradient + decay * track.parameter
      track.parameter -= rate * track.first
    case .nesterov(let rate, let momentum, let decay):
      let gradient = gradient + decay * track.parameter
      track.first = momentum * track.first + gradient
      track.parameter -= rate * (gradient + momentum * track.first)
    case .adam(let rate, let beta1, let beta2, let epsilon, let decay):
      let gradient = gradient + decay * track.parameter
      Self.adamStep(&track, gradient, number, rate, beta1, beta2, epsilon)
    case .adamW(let rate, let beta1, let beta2, let epsilon, let decay):
      track.parameter -= rate * decay * track.parameter
      Self.adamStep(&track, gradient, number, rate, beta1, beta2, epsilon)
    }
  }

  private static func adamStep(
    _ track: inout Track, _ gradient: Double, _ number: Int, _ rate: Double, _ beta1: Double, _ beta2: Double,
    _ epsilon: Double
  ) {
    track.first = beta1 * track.first + (1 - beta1) * gradient
    track.second = beta2 * track.second + (1 - beta2) * gradient * gradient
    let first = track.first / (1 - power(beta1, number)), second = track.second / (1 - power(beta2, number))
    track.parameter -= rate * first / (second.squareRoot() + epsilon)
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1.0) { product, _ in product * base }
  }
}
