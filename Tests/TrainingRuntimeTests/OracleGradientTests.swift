import Fascicle
import Testing

@Suite("Gradients beside PyTorch's")
struct OracleGradientTests {
  @Test("loss and gradients are PyTorch's", arguments: OracleFile.gradients.cases.indices)
  func gradientsArePyTorchs(index: Int) throws {
    let oracle = OracleFile.gradients.cases[index]
    let samples = OracleFile.Samples(inputs: oracle.inputs, labels: oracle.labels, targets: oracle.targets)
    let trainer = try Trainer(
      oracle.layers.network, loss: try #require(Loss.named(oracle.loss)), optimizer: GradientRecorder(),
      normalization: .none, runtime: .unpinned(1))
    let (gradient, loss) = try trainer.gradient(
      at: oracle.parameters.map(\.stageParameters), over: DataSubset(allOf: Dataset(samples, layers: oracle.layers)))

    let departure = Departure.worst(zip(gradient, oracle.gradients).map { stage, layer in layer.departure(of: stage) })
    #expect(gradient.count == oracle.gradients.count)
    #expect(departure < 1e-5)
    #expect(abs(loss - oracle.value) < 1e-6 * oracle.value)
    print("\(oracle.name): gradients \(Departure.text(departure)) from PyTorch's")
  }
}
