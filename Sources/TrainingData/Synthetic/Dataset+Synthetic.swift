import Glibc
import NeuronKernels

extension Dataset {
  /// Draws a synthetic data set.
  ///
  /// - Throws: `.invalidArgument` when a number is out of range, `.outOfMemory`.
  /// - Complexity: O(samples) time and memory.
  public static func synthetic(_ data: SyntheticData) throws(TrainingDataError) -> Dataset {
    try data.validate()
    let name = data.shape.rawValue, width = data.featureCount
    let targets = try SampleStorage<Float>(count: data.shape == .friedman ? data.samples : 0) { _ in }
    let labels = try SampleStorage<Int32>(count: data.shape == .friedman ? 0 : data.samples) { _ in }
    let features = try SampleStorage<Float>(count: data.samples * width) { features in
      for sample in 0..<data.samples {
        var draws = SampleDraws(seed: data.seed, shape: data.shape, sample: sample)
        let row = UnsafeMutableBufferPointer(rebasing: features[sample * width..<(sample + 1) * width])
        if data.shape == .friedman {
          targets.writable[sample] = data.drawFriedman(into: row, &draws)
        } else {
          labels.writable[sample] = Int32(data.drawPoint(sample, into: row, &draws))
        }
      }
    }
    let storage = try FeatureStorage(.float32(features), featureCount: width, origin: name)
    guard data.shape != .friedman else {
      return try Dataset(
        name: name, features: storage, targets: .values(width: 1, rows: TargetRows(storage: targets, width: 1)))
    }
    return try Dataset(
      name: name, features: storage, targets: .classes(labels, classCount: data.classes, origin: name))
  }
}

extension SampleStorage {
  /// The elements while the set is being made, before anyone else has the storage.
  fileprivate var writable: UnsafeMutablePointer<Element> { UnsafeMutablePointer(mutating: baseAddress) }
}

extension SyntheticData {
  /// Writes the two features of a sample and returns its class.
  fileprivate func drawPoint(
    _ sample: Int, into row: UnsafeMutableBufferPointer<Float>, _ draws: inout SampleDraws
  ) -> Int {
    let turn = sample % classes, place = draws.uniform()
    var label = turn
    var (x, y): (Double, Double)
    switch shape {
    case .xor:
      // All four corners take turns, so the sign of the first feature is no coin that could fall unevenly.
      let corner = sample % 4
      (x, y) = (corner / 2 == 0 ? -1 : 1, (corner == 1 || corner == 2) ? 1 : -1)
      label = x == y ? 0 : 1
    case .moons:
      let angle = Double.pi * place
      (x, y) = turn == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
    case .circles:
      let angle = 2 * Double.pi * place, radius = turn == 0 ? 1 : 0.5
      (x, y) = (radius * cos(angle), radius * sin(angle))
    case .spirals:
      // The root spreads the points evenly along the arm; it begins a little outside, where the arms would meet.
      let radius = 0.1 + 0.9 * place.squareRoot()
      let angle = 2 * Double.pi * (1.5 * radius + Double(turn) / Double(classes))
      (x, y) = (radius * cos(angle), radius * sin(angle))
    case .blobs:
      let angle = 2 * Double.pi * Double(turn) / Double(classes)
      (x, y) = (cos(angle), sin(angle))
    case .friedman:
      preconditionFailure("a regression has no classes")
    }
    let (first, second) = draws.normals()
    row[0] = Float(x + noise * first)
    row[1] = Float(y + noise * second)
    return label
  }

  /// Writes the ten features of a sample and returns its target.
  fileprivate func drawFriedman(
    into row: UnsafeMutableBufferPointer<Float>, _ draws: inout SampleDraws
  ) -> Float {
    for feature in row.indices { row[feature] = Float(draws.uniform()) }
    let x = row.map(Double.init)
    let target = 10 * sin(Double.pi * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4]
    return Float(target + noise * draws.normals().0)
  }
}

/// The random numbers of one sample, whatever was drawn for others.
private struct SampleDraws {
  private var stream: PhiloxStream

  init(seed: UInt64, shape: SyntheticData.Shape, sample: Int) {
    // A stream for each shape and sample: the purpose, 5 bits for the shape, and 32 for the sample.
    let kind = UInt64(SyntheticData.Shape.allCases.firstIndex(of: shape) ?? 0)
    let purpose = UInt64(PhiloxStream.Purpose.syntheticSamples.rawValue)
    stream = PhiloxStream(seed: seed, stream: purpose << 48 | kind << 40 | UInt64(sample))
  }

  /// The middle of one of 2³² equal parts of 0 to 1: never 0, so its logarithm exists.
  mutating func uniform() -> Double { (Double(stream.nextWord()) + 0.5) * 0x1p-32 }

  /// Two independent draws of the normal distribution, by Box and Muller's transform.
  mutating func normals() -> (Double, Double) {
    let radius = (-2 * log(uniform())).squareRoot(), angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }
}
