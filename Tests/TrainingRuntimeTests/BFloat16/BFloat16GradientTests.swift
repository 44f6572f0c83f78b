import Fascicle
import Testing

@Suite("Gradients with bfloat16 operands")
struct BFloat16GradientTests {
  @Test(
    "loss and gradients are PyTorch's, with operands rounded alike",
    arguments: OracleFile.bfloat16.cases.indices, BFloat16Arithmetic.allCases)
  func gradientsArePyTorchs(index: Int, arithmetic: BFloat16Arithmetic) throws {
    let oracle = OracleFile.bfloat16.cases[index]
    let samples = OracleFile.Samples(inputs: oracle.inputs, labels: oracle.labels, targets: oracle.targets)
    func departure(_ precision: Precision) throws -> (gradient: Double, loss: Double) {
      let trainer = try Trainer(
        oracle.layers.network, loss: #require(Loss.named(oracle.loss)), optimizer: GradientRecorder(),
        normalization: .none, runtime: .unpinned(1, precision))
      let (gradient, loss) = try trainer.gradient(
        at: oracle.parameters.map(\.stageParameters), over: DataSubset(allOf: Dataset(samples, layers: oracle.layers)))
      #expect(gradient.count == oracle.gradients.count)
      let departures = zip(gradient, oracle.gradients).map { stage, layer in layer.departure(of: stage) }
      return (Departure.worst(departures), abs(loss - oracle.value) / oracle.value)
    }
    let (gradient, loss) = try departure(.here(arithmetic))
    #expect(gradient < 1e-5)
    #expect(loss < 1e-6)
    // Single precision, which rounds no operand, is told apart.
    #expect(try departure(.f32).gradient > 1e-4)
  }

  /// Of the largest element of each tensor: an operand is off by 2⁻⁹ at most, and errors of several layers add up.
  static let bound = 0.03

  /// A mean over one sample or three may nearly cancel, or be a residual near zero, and then little of it is left to
  /// compare with; what such numbers must be is PyTorch's to say, above.
  static let cases = GradientCase.all.filter { $0.sampleCount >= 16 }

  @Test(
    "every activation, place and loss is close to single precision",
    arguments: cases, BFloat16Arithmetic.allCases)
  func closeToSinglePrecision(gradientCase: GradientCase, arithmetic: BFloat16Arithmetic) throws {
    func trainer(_ precision: Precision) throws -> Trainer {
      try Trainer(
        gradientCase.network, loss: gradientCase.loss, optimizer: GradientRecorder(), normalization: .none,
        runtime: .unpinned(1 + Int(gradientCase.seed % 2), precision))
    }
    let single = try trainer(.f32), half = try trainer(.here(arithmetic))
    // Far enough from every kink that rounding does not carry a sum across.
    guard let (_, parameters, samples) = gradientCase.draw(shapes: single.stageParameters, kinkDistance: 0.01) else {
      return
    }
    let dataset = DataSubset(allOf: try samples.dataset(gradientCase.network))
    let (expected, expectedLoss) = try single.gradient(at: parameters, over: dataset)
    let (gradient, loss) = try half.gradient(at: parameters, over: dataset)
    let tensors = zip(DoubleNetwork.tensors(gradient), DoubleNetwork.tensors(expected))
    let departure = Departure.worst(tensors.map { Departure.of($0, from: $1) })
    #expect(departure < Self.bound)
    #expect(abs(loss - expectedLoss) < 0.02 * max(expectedLoss, 0.1))
  }
}
