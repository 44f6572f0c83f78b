import Foundation
import NeuronKernels
import PerceptronModel
import Testing

/// The initializers beyond Glorot's and He's, by the properties that their papers give them.
@Suite("Further initial parameters")
struct FurtherInitializerTests {
  private static func drawn(
    _ initializer: Initializer, inputs: Int, outputs: Int, seed: UInt64 = 1, initialBias: Float = 0
  ) throws -> StageParameters {
    let network = Network(inputs: inputs) { Dense(outputs, initializer: initializer, initialBias: initialBias) }
    return try ParameterVector(NetworkProgram(network, loss: .meanSquaredError), seed: seed)[0]
  }

  /// A distribution with its deviation and where it ends, in deviations.
  struct Distribution: Sendable, CustomTestStringConvertible {
    let initializer: Initializer
    let deviation: Double
    var end: Double?
    var testDescription: String { "\(initializer)" }
  }

  private static let inputs = 300, outputs = 200
  static let distributions: [Distribution] = [
    Distribution(initializer: .lecunUniform, deviation: 1 / 300.0.squareRoot(), end: 3.0.squareRoot()),
    Distribution(initializer: .lecunNormal, deviation: 1 / 300.0.squareRoot()),
    Distribution(initializer: .randomNormal(deviation: 0.3), deviation: 0.3),
    Distribution(initializer: .randomUniform(bound: 0.5), deviation: 0.5 / 3.0.squareRoot(), end: 3.0.squareRoot()),
    // Cut at ±2: variance 1 − 2·2·φ(2)/(2Φ(2) − 1).
    Distribution(initializer: .truncatedNormal(deviation: 0.2), deviation: 0.2 * 0.8796256610342398, end: 2.2736),
    Distribution(initializer: .varianceScaling(scale: 2), deviation: (2 / 300.0).squareRoot(), end: 2.2736),
    Distribution(
      initializer: .varianceScaling(scale: 3, fan: .output, distribution: .normal), deviation: (3 / 200.0).squareRoot()),
    Distribution(
      initializer: .varianceScaling(fan: .average, distribution: .uniform), deviation: (1 / 250.0).squareRoot(),
      end: 3.0.squareRoot()),
  ]

  @Test("have the mean, the variance and the ends of their distributions", arguments: distributions)
  func moments(of distribution: Distribution) throws {
    let weights = try Self.drawn(distribution.initializer, inputs: Self.inputs, outputs: Self.outputs).weights
      .map { Double($0) / distribution.deviation }
    let count = Double(weights.count), mean = weights.reduce(0, +) / count
    let variance = weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let largest = weights.reduce(0) { max($0, abs($1)) }
    // Five standard errors of 60,000 draws; the draws are fixed, so this never fails by chance.
    #expect(abs(mean) < 5 / count.squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / count).squareRoot())
    if let end = distribution.end {
      #expect(largest <= end * (1 + 1e-4))
      #expect(largest > 0.995 * end)
    } else {
      #expect(largest > 3.5)
    }
  }

  @Test("a cut normal distribution has the shares of its definition")
  func truncatedShares() throws {
    let weights = try Self.drawn(.truncatedNormal(deviation: 1), inputs: 300, outputs: 200).weights
    let inside = erf(2 / 2.0.squareRoot())
    for bound in [0.1, 0.5, 1, 1.5, 1.9] {
      let expected = erf(bound / 2.0.squareRoot()) / inside
      let share = Double(weights.count { Double(abs($0)) < bound }) / Double(weights.count)
      #expect(abs(share - expected) < 5 * (expected * (1 - expected) / Double(weights.count)).squareRoot(), "\(bound)")
    }
  }

  @Test("rotations are orthonormal, wide or tall, whatever the seed", arguments: [(5, 5), (7, 40), (70, 33), (1, 9)])
  func orthogonal(inputs: Int, outputs: Int) throws {
    let weights = try Self.drawn(.orthogonal(gain: 1.5), inputs: inputs, outputs: outputs).weights.map { Double($0) }
    func row(_ index: Int) -> [Double] { (0..<inputs).map { weights[index * inputs + $0] } }
    func column(_ index: Int) -> [Double] { (0..<outputs).map { weights[$0 * inputs + index] } }
    let vectors = outputs <= inputs ? (0..<outputs).map(row) : (0..<inputs).map(column)
    for (i, a) in vectors.enumerated() {
      for (j, b) in vectors.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 2.25 : 0)) < 1e-6)
      }
    }
    let other = try Self.drawn(.orthogonal(gain: 1.5), inputs: inputs, outputs: outputs, seed: 2).weights
    #expect(other.map { Double($0) } != weights)
    #expect(
      try Self.drawn(.orthogonal(gain: 1.5), inputs: inputs, outputs: outputs).weights.map { Double($0) } == weights)
  }

  @Test("large rotations are orthonormal as well, wide or tall", arguments: [(700, 513), (515, 601), (600, 600)])
  func largeOrthogonal(inputs: Int, outputs: Int) throws {
    let weights = try Self.drawn(.orthogonal(), inputs: inputs, outputs: outputs).weights.map { Double($0) }
    let isWide = outputs <= inputs, count = min(inputs, outputs), length = max(inputs, outputs)
    func element(_ vector: Int, _ place: Int) -> Double {
      isWide ? weights[vector * inputs + place] : weights[place * inputs + vector]
    }
    let vectors = (0..<count).map { vector in (0..<length).map { element(vector, $0) } }
    // Rounding to single precision leaves 6e-8 of each element.
    for i in stride(from: 0, to: count, by: 7) {
      for j in [0, 63, 64, 65, i, count - 1] {
        let product = zip(vectors[i], vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-6, "\(i), \(j)")
      }
    }
  }

  @Test("rotations of up to 512 vectors are those that were always drawn")
  func knownRotations() throws {
    // As drawn before there was a method for many vectors.
    let weights = try Self.drawn(.orthogonal(), inputs: 2, outputs: 3, seed: 7).weights
    #expect(weights.map(\.bitPattern) == [0xbf66de52, 0xbe89baa0, 0xbe6dbace, 0xbeb77ba1, 0xbeba95ef, 0x3f64dc52])
  }

  @Test("rotations are drawn evenly: the sign of an element is as often either")
  func orthogonalSigns() throws {
    let positive = try (0..<UInt64(400)).count { seed in
      try Self.drawn(.orthogonal(), inputs: 3, outputs: 3, seed: seed).weights[0] > 0
    }
    #expect((150...250).contains(positive))
  }

  @Test("constants, ones and identities are what they say")
  func constants() throws {
    #expect(try Self.drawn(.constant(value: 0.25), inputs: 5, outputs: 7).weights.allSatisfy { $0 == 0.25 })
    #expect(try Self.drawn(.ones, inputs: 5, outputs: 7).weights.allSatisfy { $0 == 1 })
    let rows = try Self.drawn(.identity(gain: 3), inputs: 40, outputs: 35).weights
    for output in 0..<35 {
      for input in 0..<40 { #expect(rows[output * 40 + input] == (input == output ? 3 : 0)) }
    }
  }

  @Test("sparse units have exactly their share of zeros, each its own")
  func sparse() throws {
    let inputs = 45, weights = try Self.drawn(.sparse(share: 0.8, deviation: 2), inputs: inputs, outputs: 60).weights
    let rows = (0..<60).map { Array(weights[$0 * inputs..<($0 + 1) * inputs]) }
    for row in rows { #expect(row.count { $0 == 0 } == 36) }
    #expect(Set(rows.map { row in row.indices.filter { row[$0] == 0 } }).count > 50)
    let others = rows.flatMap { $0 }.filter { $0 != 0 }.map { Double($0) }
    let variance = others.reduce(0) { $0 + $1 * $1 } / Double(others.count)
    #expect(abs(variance / 4 - 1) < 0.3)
    let none = try Self.drawn(.sparse(share: 0, deviation: 2), inputs: inputs, outputs: 60).weights
    #expect(!none.contains(0))
  }

  @Test("Nguyen and Widrow's rows have their length, and their biases spread as far")
  func nguyenWidrow() throws {
    let inputs = 3, outputs = 50, length = 0.7 * pow(50, 1 / 3.0)
    let drawn = try Self.drawn(.nguyenWidrow, inputs: inputs, outputs: outputs, initialBias: 9)
    for output in 0..<outputs {
      let norm = (0..<inputs).reduce(0.0) { $0 + pow(Double(drawn.weights[output * inputs + $1]), 2) }.squareRoot()
      #expect(abs(norm / length - 1) < 1e-6)
    }
    #expect(drawn.bias.allSatisfy { abs(Double($0)) <= length })
    #expect(Double(drawn.bias.max() ?? 0) > 0.85 * length)
    #expect(Double(drawn.bias.min() ?? 0) < -0.85 * length)
    #expect(Set(drawn.bias).count == outputs)
  }

  @Test("biases begin where the layer says")
  func initialBias() throws {
    #expect(
      try Self.drawn(.heNormal, inputs: 3, outputs: 20, initialBias: -0.5).bias == [Float](repeating: -0.5, count: 20))
  }

  @Test("numbers that cannot work are refused with the layer's name")
  func refusals() {
    let cases: [(Dense, String)] = [
      (Dense(3, initializer: .randomNormal(deviation: -1)), "needs a finite deviation of at least 0, but has -1.0"),
      (Dense(3, initializer: .varianceScaling(scale: 0)), "needs a finite scale above 0, but has 0.0"),
      (Dense(3, initializer: .orthogonal(gain: .nan)), "needs a finite gain, but has nan"),
      (Dense(3, initializer: .sparse(share: 1.5)), "needs a share from 0 to 1, but has 1.5"),
      (Dense(3, initialBias: .infinity), "needs a finite initialBias, but has inf"),
      (
        Dense(3, learning: LayerLearning(weights: .l2(-1))),
        "needs a finite l2 of at least 0, but has -1.0 in its regularizer"
      ),
      (Dense(3, learning: LayerLearning(constraint: .maxNorm(limit: 0))), "needs a finite limit above 0, but has 0.0"),
      (Dense(3, learning: LayerLearning(rateFactor: 0)), "needs a finite learningRateFactor above 0, but has 0.0"),
    ]
    for (dense, sentence) in cases {
      do {
        _ = try NetworkProgram(Network(inputs: 4, layers: [.dense(dense)]), loss: .meanSquaredError)
        Issue.record("\(sentence) was accepted")
      } catch {
        #expect(error.code == .parameter)
        #expect(error.description == "layer 1 (dense 3) \(sentence)")
      }
    }
  }
}
