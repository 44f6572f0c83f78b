import Testing
import TrainingData

@Suite("Data sets that are drawn")
struct SyntheticDataTests {
  @Test(
    "every shape has the features, classes and samples that were asked for", arguments: SyntheticData.Shape.allCases)
  func counts(shape: SyntheticData.Shape) throws {
    let data = SyntheticData(shape, samples: 101)
    let dataset = try Dataset.synthetic(data)
    #expect(dataset.sampleCount == 101)
    #expect(dataset.featureCount == data.featureCount)
    #expect(dataset.name == shape.rawValue)
    switch dataset.targets {
    case .classes(let count, let labels):
      #expect(count == shape.usualClassCount)
      let sizes = (0..<count).map { label in (0..<101).filter { labels[$0] == label }.count }
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "classes take turns: \(sizes)")
    case .values(let width, _): #expect(shape == .friedman && width == 1)
    }
  }

  @Test("a sample follows from seed and place alone", arguments: SyntheticData.Shape.allCases)
  func samplesAreIndexed(shape: SyntheticData.Shape) throws {
    let few = try rows(of: SyntheticData(shape, samples: 10, seed: 5))
    let many = try rows(of: SyntheticData(shape, samples: 50, seed: 5))
    #expect(few == Array(many.prefix(10)))
    #expect(try rows(of: SyntheticData(shape, samples: 10, seed: 6)) != few)
  }

  @Test("without noise the points lie on their shapes")
  func shapes() throws {
    for (index, point) in try rows(of: SyntheticData(.moons, samples: 60, noise: 0)).enumerated() {
      let centre: (Float, Float) = index % 2 == 0 ? (0, 0) : (1, 0.5)
      #expect(abs(distance(point, centre) - 1) < 1e-6)
      #expect(index % 2 == 0 ? point[1] >= 0 : point[1] <= 0.5)
    }
    for (index, point) in try rows(of: SyntheticData(.circles, samples: 60, noise: 0)).enumerated() {
      #expect(abs(distance(point, (0, 0)) - (index % 2 == 0 ? 1 : 0.5)) < 1e-6)
    }
    for (index, point) in try rows(of: SyntheticData(.xor, samples: 60, noise: 0)).enumerated() {
      #expect(abs(point[0]) == 1 && abs(point[1]) == 1)
      #expect((point[0] * point[1] < 0) == (index % 2 == 1))
    }
    for point in try rows(of: SyntheticData(.spirals, samples: 60, noise: 0)) {
      #expect((0.1...1.000_001).contains(distance(point, (0, 0))))
    }
    let centres = Set(try rows(of: SyntheticData(.blobs, samples: 60, noise: 0, classes: 5)))
    #expect(centres.count == 5)
  }

  @Test("noise has the deviation that was asked for")
  func noise() throws {
    let clean = try rows(of: SyntheticData(.blobs, samples: 4_000, noise: 0))
    let noisy = try rows(of: SyntheticData(.blobs, samples: 4_000, noise: 0.25))
    var squares = 0.0
    for (a, b) in zip(clean, noisy) {
      for (x, y) in zip(a, b) { squares += Double(x - y) * Double(x - y) }
    }
    #expect(abs((squares / 8_000).squareRoot() - 0.25) < 0.01)
  }

  @Test("the regression is Friedman's equation")
  func friedman() throws {
    let dataset = try Dataset.synthetic(SyntheticData(.friedman, samples: 40, noise: 0))
    guard case .values(_, let targets) = dataset.targets else { return #expect(Bool(false), "not a regression") }
    for sample in 0..<40 {
      let x = (0..<10).map { Double(dataset.features[sample: sample, feature: $0]) }
      #expect(x.allSatisfy { (0...1).contains($0) })
      let half = x[2] - 0.5
      let expected = 10 * sine(.pi * x[0] * x[1]) + 20 * half * half + 10 * x[3] + 5 * x[4]
      #expect(abs(Double(targets[sample, 0]) - expected) < 1e-5)
    }
  }

  @Test(
    "numbers that no set can be drawn from are refused",
    arguments: [
      (SyntheticData(.moons, samples: 0), "moons: expected 1 to 10000000 samples, got 0"),
      (SyntheticData(.xor, noise: -1), "xor: expected noise from 0 to 1000, got -1.0"),
      (SyntheticData(.xor, noise: .nan), "xor: expected noise from 0 to 1000, got nan"),
      (SyntheticData(.blobs, classes: 1), "blobs: expected 2 to 64 classes, got 1"),
      (SyntheticData(.moons, classes: 3), "moons: expected 2 classes, got 3"),
      (SyntheticData(.friedman, classes: 2), "friedman: expected no classes, got 2"),
    ])
  func refusals(data: SyntheticData, message: String) {
    #expect(throws: TrainingDataError(.invalidArgument, message)) { try Dataset.synthetic(data) }
  }

  private func rows(of data: SyntheticData) throws -> [[Float]] {
    let dataset = try Dataset.synthetic(data)
    return (0..<dataset.sampleCount).map { sample in
      (0..<dataset.featureCount).map { dataset.features[sample: sample, feature: $0] }
    }
  }

  private func distance(_ point: [Float], _ centre: (Float, Float)) -> Float {
    let (x, y) = (point[0] - centre.0, point[1] - centre.1)
    return (x * x + y * y).squareRoot()
  }

  /// Taylor's series, so that the test shares no function with the code.
  private func sine(_ x: Double) -> Double {
    var term = x, sum = x
    for n in 1...20 {
      term *= -x * x / Double(2 * n * (2 * n + 1))
      sum += term
    }
    return sum
  }
}
