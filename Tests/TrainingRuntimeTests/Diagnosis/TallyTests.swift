import Fascicle
import Testing

@Suite("Statistics of what a step leaves behind")
struct TallyTests {
  /// Widths around panels and halves of them, neighbours as wide so that gradients lie where outputs were, and an activation
  /// that stands alone.
  private static let widths = [1, 5, 16, 17, 31, 32, 33, 64, 70]

  @Test(
    "they are those of every single value, at ragged sizes", arguments: [1, 2, 15, 16, 17, 31, 32, 33, 64, 97],
    [false, true])
  func sameAsPlain(sampleCount: Int, inBFloat16: Bool) throws {
    for (number, width) in Self.widths.enumerated() {
      var random = PhiloxStream(seed: UInt64(number), stream: 3)
      let activations: [ActivationFunction] = [.relu, .tanh, .sigmoid, .relu6, .softsign, .linear]
      let network = Network(inputs: 7) {
        Dense(width, activation: random.pick(activations))
        Dense(width, activation: random.pick(activations))
        Dense(width, activation: random.pick(activations))
        Dense(3)
        Activation(.softmax)
        Dense(4, activation: .softmax)
      }
      try compare(network, sampleCount: sampleCount, inBFloat16: inBFloat16, random: &random)
    }
  }

  private func compare(
    _ network: Network, sampleCount: Int, inBFloat16: Bool, random: inout PhiloxStream
  ) throws {
    let program = try NetworkProgram(
      network, loss: .categoricalCrossEntropy, operands: inBFloat16 ? .bfloat16(.pairs) : .float32)
    let kernels =
      inBFloat16 ? try KernelSet.selected().withBFloat16(.pairs, isEmulated: true) : try KernelSet.selected()
    let minibatch = try ComputedMinibatch(program, kernels: kernels, sampleCount: sampleCount, random: &random)
    let bound = minibatch.binding.network
    for (index, stage) in program.stages.enumerated() {
      var tallies = [UnitTally](repeating: UnitTally(), count: stage.outputCount)
      for panel in 0..<PanelLayout.panelCount(stage.outputCount) {
        // Twice, since tallies add to what is there.
        for _ in 0..<2 { bound.tally(stage: index, panel: panel, sampleCount: sampleCount, into: &tallies) }
      }
      for unit in 0..<stage.outputCount {
        let plain = plainTally(bound, stage: index, unit: unit, sampleCount: sampleCount), found = tallies[unit]
        let place = "stage \(index) unit \(unit) of \(network), \(sampleCount) samples, bf16 \(inBFloat16)"
        #expect(found.sampleCount == 2 * sampleCount)
        #expect(found.firedCount == 2 * plain.firedCount, "\(place)")
        #expect(found.saturatedCount == 2 * plain.saturatedCount, "\(place)")
        for (a, b, scale) in [
          (found.sum, plain.sum, plain.squareSum), (found.squareSum, plain.squareSum, plain.squareSum),
          (found.gradientSum, plain.gradientSum, plain.gradientSquareSum),
          (found.gradientSquareSum, plain.gradientSquareSum, plain.gradientSquareSum),
        ] {
          let size = max(scale, (scale * Double(sampleCount)).squareRoot())
          #expect(abs(a / 2 - b) <= 1e-5 * size, "\(place): \(a / 2) and \(b)")
        }
      }
    }
  }

  /// Value by value, in double precision.
  private func plainTally(_ network: BoundNetwork, stage: Int, unit: Int, sampleCount: Int) -> UnitTally {
    let activation = network.stages[stage].stage.activation
    var tally = UnitTally()
    for sample in 0..<sampleCount {
      let value = network.outputValue(ofStage: stage, sample: sample, unit: unit)
      let gradient = Double(network.gradientValue(ofStage: stage, sample: sample, unit: unit))
      tally.sum += Double(value)
      tally.squareSum += Double(value) * Double(value)
      if value > 0 { tally.firedCount += 1 }
      if let limits = activation.saturation, value <= limits.lower || value >= limits.upper {
        tally.saturatedCount += 1
      }
      tally.gradientSum += gradient
      tally.gradientSquareSum += gradient * gradient
    }
    return tally
  }
}

/// A minibatch that has been through a network and back.
private final class ComputedMinibatch {
  let binding: NetworkBinding
  private let parameters: AlignedStorage
  private let workspace: AlignedStorage

  init(_ program: NetworkProgram, kernels: KernelSet, sampleCount: Int, random: inout PhiloxStream) throws {
    let layout = ActivationWorkspaceLayout(program, sampleCapacity: sampleCount)
    parameters = try AlignedStorage(byteCount: 4 * program.vectorCountWithOperands)
    workspace = try AlignedStorage(byteCount: 4 * layout.floatCount)
    let vector = parameters.baseAddress.assumingMemoryBound(to: Float.self)
    program.initialize(vector, seed: random.next())
    // Large weights, so that some units are silent and some saturated.
    for index in 0..<program.vectorCount { vector[index] *= 3 }
    binding = NetworkBinding(
      program, layout: layout, workspace: workspace.baseAddress.assumingMemoryBound(to: Float.self),
      parameters: vector)
    let network = binding.network
    for (index, stage) in program.stages.enumerated() {
      guard let shape = stage.dense else { continue }
      for panel in 0..<PanelLayout.panelCount(shape.inputCount) {
        network.refreshOperands(ofStage: index, panel: panel, rows: 0..<shape.outputCount, kernels: kernels)
      }
    }
    let inputs = program.inputCount, padded = PanelLayout.paddedCount(inputs)
    // The gather reads whole lines of them.
    let constants = try AlignedStorage(byteCount: 2 * 4 * padded)
    let scale = constants.baseAddress.assumingMemoryBound(to: Float.self)
    for feature in 0..<padded { scale[feature] = 1 }
    var features = random.uniform(count: sampleCount * inputs + 64, reach: 2)
    var indices = (0..<UInt32(sampleCount)).map { $0 }
    var labels = (0..<sampleCount).map { _ in UInt32(random.integer(in: 0...(program.outputCount - 1))) }
    var losses = [Double](repeating: 0, count: 8), hits = [UInt32](repeating: 0, count: 8)
    let pass = ShardPass(
      network, kernels: kernels, firstSample: 0, sampleCount: sampleCount, gradientScale: 1 / Float(sampleCount))
    features.withUnsafeMutableBufferPointer { features in
      indices.withUnsafeMutableBufferPointer { indices in
        labels.withUnsafeMutableBufferPointer { labels in
          losses.withUnsafeMutableBufferPointer { losses in
            hits.withUnsafeMutableBufferPointer { hits in
              pass.gather(
                GatherSource(
                  data: UnsafeRawPointer(features.baseAddress!), element: .float32, featureCount: inputs,
                  scale: scale, shift: scale + padded), indices: indices.baseAddress!)
              pass.forward(keepsTransposed: true)
              pass.applyLoss(
                LossTargets(indices: indices.baseAddress!, labels: labels.baseAddress!, targets: nil),
                withGradient: true,
                slots: LossSlots(lossSums: losses.baseAddress!, correctCounts: hits.baseAddress!))
              pass.backward()
            }
          }
        }
      }
    }
    withExtendedLifetime(constants) {}
  }
}
