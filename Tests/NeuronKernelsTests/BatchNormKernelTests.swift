import NeuronKernels
import Testing

@Suite("Kernels of batch normalization")
struct BatchNormKernelTests {
  private func same(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

  private func near(_ value: Float, _ wanted: Double, _ bound: Double = 2e-5) -> Bool {
    abs(Double(value) - wanted) <= bound * max(1, abs(wanted))
  }

  /// Means and variances of some rows of panels.
  private func moments(
    _ values: [Float], _ layout: LayerPanels, rows: Range<Int>, on set: InstructionSet
  ) throws -> (means: [Float], variances: [Float]) {
    let input = GuardedBuffer(values)
    let means = GuardedBuffer([Float](repeating: poison, count: rows.count))
    let variances = GuardedBuffer([Float](repeating: poison, count: rows.count))
    try KernelSet(set).batchMoments(
      sampleCount: layout.samples, featureCount: layout.features, rows: rows, values: input.pointer,
      means: means.pointer, variances: variances.pointer)
    #expect(input.holds(values) && means.guardsAreIntact && variances.guardsAreIntact)
    return (means.values, variances.values)
  }

  @Test("means and variances are those of the real samples, on every table", arguments: LayerKernelTests.shapes)
  func moments(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features), values = layout.random(1)
    let rows = min(1, features - 1)..<features
    let expected = try moments(values, layout, rows: rows, on: .reference)
    for set in vectorSets {
      let found = try moments(values, layout, rows: rows, on: set)
      #expect(same(found.means, expected.means) && same(found.variances, expected.variances), "\(set)")
    }
    for (place, row) in rows.enumerated() {
      let x = (0..<samples).map { Double(values[layout.place($0, row)]) }
      let mean = x.reduce(0, +) / Double(samples)
      #expect(near(expected.means[place], mean))
      #expect(
        near(expected.variances[place], x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples)))
    }
  }

  @Test("a mean of ten thousand leaves the variance its digits", arguments: [2, 33, 1000, 4096])
  func largeMean(samples: Int) throws {
    let layout = LayerPanels(samples: samples, features: 2)
    var values = layout.random(3)
    for index in values.indices where values[index] != poison { values[index] += 10_000 }
    for set in InstructionSet.runnable {
      let found = try moments(values, layout, rows: 0..<2, on: set)
      for row in 0..<2 {
        let x = (0..<samples).map { Double(values[layout.place($0, row)]) }
        let mean = x.reduce(0, +) / Double(samples)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples)
        // Half a unit in the last place of a number near ten thousand.
        #expect(abs(Double(found.means[row]) - mean) < 5e-4)
        #expect(abs(Double(found.variances[row]) / variance - 1) < 2e-6, "\(set)")
      }
    }
  }

  @Test(
    "the way forward and back are their equations on every table, for panels and rows",
    arguments: LayerKernelTests.shapes)
  func equations(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features), width = PanelLayout.lineCount(features)
    func vector(_ value: (Int) -> Float) -> GuardedBuffer<Float> { GuardedBuffer((0..<width).map(value)) }
    let mean = vector { Float($0 % 7) / 4 - 0.5 }, variance = vector { 0.25 + Float($0 % 4) }
    let gain = vector { 1 + Float($0 % 5) / 4 }, shift = vector { Float($0 % 3) - 1 }
    let sums = vector { Float($0 % 6) - 2 }, products = vector { Float($0 % 9) / 2 - 2 }
    let input = layout.random(1), gradient = layout.random(2), share = 1 / Float(samples)
    for (hasGain, hasShift) in [(true, true), (false, true), (true, false)] {
      let normalization = UnitNormalization(
        epsilon: 0.01, mean: mean.pointer, variance: variance.pointer,
        gain: hasGain ? UnsafePointer(gain.pointer) : nil,
        shift: hasShift ? UnsafePointer(shift.pointer) : nil)
      func run(_ set: InstructionSet) throws -> [[Float]] {
        let kernels = try KernelSet(set), source = GuardedBuffer(input), above = GuardedBuffer(gradient)
        let targets = (3...5).map { layout.random(UInt64($0)) }, buffers = targets.map { GuardedBuffer($0) }
        kernels.batchNormalize(
          source.pointer, to: buffers[0].pointer, by: normalization, sampleCount: samples, featureCount: features,
          normalized: buffers[1].pointer)
        kernels.batchNormalizeBackward(
          above.pointer, by: normalization, sampleCount: samples, featureCount: features, share: share,
          sums: sums.pointer, products: products.pointer, normalized: buffers[1].pointer,
          inputGradient: buffers[2].pointer)
        #expect(source.holds(input) && above.holds(gradient) && buffers.allSatisfy(\.guardsAreIntact))
        for (buffer, before) in zip(buffers, targets) {
          let after = buffer.values
          #expect(layout.untouched().allSatisfy { after[$0].bitPattern == before[$0].bitPattern })
        }
        // In place, and without what the way back needs.
        kernels.batchNormalize(
          source.pointer, to: source.pointer, by: normalization, sampleCount: samples, featureCount: features)
        #expect(same(layout.values(source.values), layout.values(buffers[0].values)))
        return buffers.map { layout.values($0.values) }
      }
      let found = try run(.reference)
      for set in vectorSets { #expect(zip(try run(set), found).allSatisfy(same), "\(set)") }
      for sample in 0..<layout.computed {
        for f in 0..<features {
          let index = sample * features + f, factor = hasGain ? Double(gain.pointer[f]) : 1
          let inverse = 1 / (Double(variance.pointer[f]) + Double(Float(0.01))).squareRoot()
          let hat = (Double(input[layout.place(sample, f)]) - Double(mean.pointer[f])) * inverse
          let dy = Double(gradient[layout.place(sample, f)]), part = Double(share)
          #expect(near(found[1][index], hat))
          #expect(near(found[0][index], factor * hat + (hasShift ? Double(shift.pointer[f]) : 0)))
          #expect(
            near(
              found[2][index],
              factor * inverse
                * (dy - part * Double(sums.pointer[f]) - hat * part * Double(products.pointer[f]))))
        }
      }
      try layout.expectRows(of: input, toBecome: found[0]) { kernels, rows in
        kernels.rowBatchNormalize(
          rows, by: normalization, sampleCount: samples, featureCount: features)
      }
    }
  }
}
