import Fascicle
import Testing

@Suite("Gradients beside central differences in Double")
struct CentralDifferenceTests {
  /// Of the largest element of each tensor; the worst seen is 5.1e-6.
  static let bound = 1e-5
  /// Elements of a tensor that are checked: all of small ones, the first, the last and evenly spaced ones of others.
  static let elementsChecked = 48
  private static let step = 1e-5
  private static let kinkDistance = 1e-4

  @Test(
    "every activation, place and loss, and layers of other kinds",
    arguments: GradientCase.all + GradientCase.layers + GradientCase.batchNorms
      + GradientCase.embeddings)
  func agreesWithCentralDifferences(gradientCase: GradientCase) throws {
    let trainer = try Trainer(
      gradientCase.network, loss: gradientCase.loss, optimizer: GradientRecorder(), normalization: .none,
      runtime: .unpinned(1 + Int(gradientCase.seed % 2)))
    var (double, parameters, samples) = try #require(
      gradientCase.draw(shapes: trainer.stageParameters, kinkDistance: Self.kinkDistance))
    let dataset = try samples.dataset(gradientCase.network)
    let (gradient, loss) = try trainer.gradient(at: parameters, over: DataSubset(allOf: dataset))
    let tensors = DoubleNetwork.tensors(gradient)

    #expect(abs(loss - double.meanLoss) < 1e-5 * max(loss, 0.01))
    #expect(tensors.map(\.count) == double.tensors.map(\.count))
    for tensor in tensors.indices {
      let departure = Self.departure(of: tensors[tensor], from: &double, tensor: tensor)
      #expect(departure < Self.bound, "tensor \(tensor)")
    }
  }

  @Test("a gradient off by a thousandth is told from the right one")
  func rejectsScaledGradient() throws {
    let gradientCase = GradientCase(.inline, .tanh, .squaredErrorOfValues, sampleCount: 3, turn: 1)
    let trainer = try Trainer(
      gradientCase.network, loss: gradientCase.loss, optimizer: GradientRecorder(), normalization: .none,
      runtime: .unpinned(1))
    var (double, parameters, samples) = try #require(
      gradientCase.draw(shapes: trainer.stageParameters, kinkDistance: Self.kinkDistance))
    let dataset = try samples.dataset(gradientCase.network)
    let tensors = DoubleNetwork.tensors(try trainer.gradient(at: parameters, over: DataSubset(allOf: dataset)).gradient)

    for tensor in tensors.indices {
      #expect(Self.departure(of: tensors[tensor].map { $0 * 1.001 }, from: &double, tensor: tensor) > Self.bound)
    }
  }

  private static func departure(of gradient: [Double], from double: inout DoubleNetwork, tensor: Int) -> Double {
    let places = checkedElements(count: gradient.count)
    let expected = places.map { double.centralDifference(tensor: tensor, element: $0, step: step) }
    return Departure.of(places.map { gradient[$0] }, from: expected)
  }

  private static func checkedElements(count: Int) -> [Int] {
    guard count > elementsChecked else { return Array(0..<count) }
    return (0..<elementsChecked).map { $0 * (count - 1) / (elementsChecked - 1) }
  }
}
