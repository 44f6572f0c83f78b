import Foundation
import NeuronKernels
import Testing

/// Panels with random values where samples are, and poison elsewhere.
struct LayerPanels {
  let samples: Int
  let features: Int

  var count: Int { PanelLayout.paddedCount(samples) * PanelLayout.panelRows(features) }
  /// Samples rounded up to what is computed.
  var computed: Int { PanelLayout.halfPanelCount(samples) * PanelLayout.halfLaneCount }

  func place(_ sample: Int, _ feature: Int) -> Int {
    PanelLayout.activationIndex(sample: sample, feature: feature, featureCount: features)
  }

  func random(_ stream: UInt64) -> [Float] {
    var random = PhiloxStream(seed: 17, stream: stream), values = [Float](repeating: poison, count: count)
    for sample in 0..<computed {
      for feature in 0..<features { values[place(sample, feature)] = 4 * random.nextUnitFloat() - 2 }
    }
    return values
  }

  /// Everything that no kernel may write: lanes of the other half, rows beyond the features.
  func untouched() -> [Int] {
    let written = Set((0..<computed).flatMap { sample in (0..<features).map { place(sample, $0) } })
    return (0..<count).filter { !written.contains($0) }
  }

  /// The computed values, sample by sample.
  func values(_ panel: [Float]) -> [Float] {
    (0..<computed).flatMap { sample in (0..<features).map { panel[place(sample, $0)] } }
  }
}

@Suite("Kernels of layers")
struct LayerKernelTests {
  /// Samples and features around every edge.
  static let shapes = [(1, 1), (16, 3), (17, 8), (31, 5), (33, 39), (64, 32), (80, 33)]

  private func same(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }

  /// Runs a kernel on buffers that begin as `panels`, expects nothing written beyond, and gives what is in them afterwards.
  private func run(
    _ panels: [(LayerPanels, [Float])], on set: InstructionSet,
    _ body: (KernelSet, [UnsafeMutablePointer<Float>]) -> Void
  ) throws -> [[Float]] {
    let buffers = panels.map { GuardedBuffer($0.1) }
    body(try KernelSet(set), buffers.map(\.pointer))
    for ((layout, before), buffer) in zip(panels, buffers) {
      #expect(buffer.guardsAreIntact)
      let after = buffer.values
      #expect(layout.untouched().allSatisfy { after[$0].bitPattern == before[$0].bitPattern })
    }
    return zip(panels, buffers).map { panel, buffer in panel.0.values(buffer.values) }
  }

  /// The same on every table; the reference's answer.
  @discardableResult private func agreeing(
    _ panels: [(LayerPanels, [Float])], _ body: (KernelSet, [UnsafeMutablePointer<Float>]) -> Void
  ) throws -> [[Float]] {
    let expected = try run(panels, on: .reference, body)
    for set in vectorSets {
      for (found, wanted) in zip(try run(panels, on: set, body), expected) { #expect(same(found, wanted), "\(set)") }
    }
    return expected
  }

  private func near(_ value: Float, _ wanted: Double, _ bound: Double = 2e-6) -> Bool {
    abs(Double(value) - wanted) <= bound * max(1, abs(wanted))
  }

  @Test("combinations are their equations on every table", arguments: shapes)
  func combinations(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features)
    for combination in Combination.allCases {
      let values = layout.random(1)
      var other = layout.random(2)
      other[layout.place(0, 0)] = 0
      let found = try agreeing([(layout, values), (layout, other)]) { kernels, at in
        kernels.combine(
          at[0], combination, with: at[1], sampleCount: samples, featureCount: features, a: 0.25, b: -0.5)
      }
      for (index, value) in found[0].enumerated() {
        let v = Double(layout.values(values)[index]), o = Double(layout.values(other)[index])
        let wanted =
          switch combination {
          case .add: v + o
          case .multiply: v * o
          case .penalty: v + 0.25 * (o > 0 ? 1 : o < 0 ? -1 : 0) - 0.5 * o
          case .scale: v * 0.25
          case .raise: max(v, 0.25)
          }
        #expect(near(value, wanted))
      }
      #expect(same(found[1], layout.values(other)), "the other operand stays")
    }
  }

  @Test("slices are combined like panels", arguments: [16, 32, 48, 400])
  func slices(count: Int) throws {
    var random = PhiloxStream(seed: 3, stream: 1)
    let values = (0..<count).map { _ in 4 * random.nextUnitFloat() - 2 }
    let other = (0..<count).map { _ in 4 * random.nextUnitFloat() - 2 }
    for combination in Combination.allCases {
      func combined(_ set: InstructionSet) throws -> [Float] {
        let buffer = GuardedBuffer(values), second = GuardedBuffer(other)
        try KernelSet(set).combine(buffer.pointer, combination, with: second.pointer, count: count, a: 0.25, b: -0.5)
        #expect(buffer.guardsAreIntact && second.holds(other))
        return buffer.values
      }
      let expected = try combined(.reference)
      for set in vectorSets { #expect(same(try combined(set), expected), "\(set)") }
      #expect(expected != values)
    }
  }

  @Test("NaN passes through every combination")
  func notANumber() throws {
    let layout = LayerPanels(samples: 16, features: 1), values = [Float](repeating: .nan, count: 32)
    for combination in Combination.allCases {
      let found = try agreeing([(layout, values), (layout, layout.random(1))]) { kernels, at in
        kernels.combine(at[0], combination, with: at[1], sampleCount: 16, featureCount: 1, a: 1, b: 1)
      }
      #expect(found[0].allSatisfy { $0.isNaN })
    }
  }

  @Test("masks follow from seed, step, sample and unit, by the generator's words", arguments: shapes)
  func masks(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features), values = layout.random(5)
    let draws = ActivationDraws(seed: 0x1234_5678_9ABC_DEF0, step: 3, firstSample: 100)
    let change = RandomChange.drop(rate: 0.3, scale: 1.5, shift: 0.25, dropped: -1)
    let found = try agreeing([(layout, values), (layout, layout.random(6))]) { kernels, at in
      kernels.change(
        at[0], change, factors: at[1], sampleCount: samples, featureCount: features, draws: draws, stage: 2)
    }
    for sample in 0..<layout.computed {
      for feature in 0..<features {
        let words = Philox4x32.block(
          key: draws.seed, counter: (UInt64(100 + sample) << 32 | UInt64(feature / 4), (5 << 16 | 2) << 32 | 3))
        let drops = Philox4x32.unitFloat(words[feature % 4]) < 0.3, index = sample * features + feature
        let before = Double(values[layout.place(sample, feature)])
        #expect(near(found[0][index], drops ? -1 : 1.5 * before + 0.25))
        #expect(found[1][index] == (drops ? 0 : 1.5))
      }
    }
  }

  @Test("masks leave out their share, and differ from step to step and stage to stage")
  func maskShares() throws {
    let layout = LayerPanels(samples: 320, features: 100), ones = [Float](repeating: 1, count: layout.count)
    func factors(rate: Float, step: Int = 1, stage: Int = 0) throws -> [Float] {
      try run([(layout, ones), (layout, ones)], on: .reference) { kernels, at in
        kernels.change(
          at[0], .drop(rate: rate, scale: 1, shift: 0, dropped: 0), factors: at[1], sampleCount: 320, featureCount: 100,
          draws: ActivationDraws(seed: 8, step: step, firstSample: 0), stage: stage)
      }[1]
    }
    for rate in [0, 0.1, 0.5, 0.9] as [Float] {
      let share = try Double(factors(rate: rate).count { $0 == 0 }) / 32_000
      let deviation = (Double(rate) * (1 - Double(rate)) / 32_000).squareRoot()
      #expect(abs(share - Double(rate)) <= 4 * deviation, "\(rate)")
    }
    let base = try factors(rate: 0.5)
    for other in [try factors(rate: 0.5, step: 2), try factors(rate: 0.5, stage: 1)] {
      let same = zip(base, other).count { $0 == $1 }
      #expect((15_000...17_000).contains(same))
    }
    // Neighbours, above and beside, agree half of the time.
    #expect((15_000...17_000).contains(zip(base, base.dropFirst()).count { $0 == $1 }))
    #expect((15_000...17_000).contains(zip(base, base.dropFirst(100)).count { $0 == $1 }))
  }

  @Test("noise is normal: mean, variance, shares and the same bits on every table")
  func noise() throws {
    let layout = LayerPanels(samples: 320, features: 100), zeros = [Float](repeating: 0, count: layout.count)
    let drawn = try agreeing([(layout, zeros)]) { kernels, at in
      kernels.change(
        at[0], .noise(deviation: 2), factors: nil, sampleCount: 320, featureCount: 100,
        draws: ActivationDraws(seed: 8, step: 1, firstSample: 0), stage: 1)
    }[0].map { Double($0) / 2 }
    let count = Double(drawn.count), mean = drawn.reduce(0, +) / count
    let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    #expect(abs(mean) < 4 / count.squareRoot())
    #expect(abs(variance - 1) < 4 * (2 / count).squareRoot())
    for bound in [0.5, 1, 2, 3] {
      let share = erf(bound / 2.0.squareRoot()), found = Double(drawn.count { abs($0) < bound }) / count
      #expect(abs(found - share) < 4 * (share * (1 - share) / count).squareRoot(), "\(bound)")
    }
  }

  @Test("normalizations and their way back are their equations on every table", arguments: shapes)
  func normalizations(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features), row = LayerPanels(samples: samples, features: 1)
    let gain = GuardedBuffer((0..<PanelLayout.lineCount(features)).map { 1 + Float($0 % 5) / 4 })
    let shift = GuardedBuffer((0..<PanelLayout.lineCount(features)).map { Float($0 % 3) - 1 })
    for centers in [false, true] {
      let normalization = FeatureNormalization(
        centers: centers, epsilon: 0.01, gain: gain.pointer, shift: centers ? UnsafePointer(shift.pointer) : nil)
      let input = layout.random(1), gradient = layout.random(2)
      let forward = try agreeing([(layout, input), (layout, layout.random(3)), (row, row.random(4))]) { kernels, at in
        kernels.normalize(
          at[0], by: normalization, sampleCount: samples, featureCount: features, normalized: at[1], inverses: at[2])
      }
      let backward = try agreeing([
        (layout, input), (layout, layout.random(3)), (row, row.random(4)), (layout, gradient),
        (layout, layout.random(5)),
      ]) { kernels, at in
        kernels.normalize(
          at[0], by: normalization, sampleCount: samples, featureCount: features, normalized: at[1], inverses: at[2])
        kernels.normalizeBackward(
          at[3], by: normalization, sampleCount: samples, featureCount: features, normalized: at[1], inverses: at[2],
          inputGradient: at[4])
      }
      for sample in 0..<layout.computed {
        let x = (0..<features).map { Double(input[layout.place(sample, $0)]) }
        let dy = (0..<features).map { Double(gradient[layout.place(sample, $0)]) }
        let count = Double(features), mean = centers ? x.reduce(0, +) / count : 0
        let inverse = 1 / (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count + Double(Float(0.01))).squareRoot()
        let hat = x.map { ($0 - mean) * inverse }
        let g = dy.indices.map { dy[$0] * Double(gain.pointer[$0]) }
        let sum = centers ? g.reduce(0, +) / count : 0
        let dot = zip(g, hat).reduce(0) { $0 + $1.0 * $1.1 } / count
        for f in 0..<features {
          let index = sample * features + f
          let y = Double(gain.pointer[f]) * hat[f] + (centers ? Double(shift.pointer[f]) : 0)
          #expect(near(forward[0][index], y, 2e-5) && near(forward[1][index], hat[f], 2e-5))
          #expect(near(backward[4][index], inverse * (g[f] - sum - hat[f] * dot), 5e-5 * max(1, inverse)))
        }
        #expect(near(forward[2][sample], inverse, 2e-5))
      }
      try layout.expectRows(of: input, toBecome: forward[0]) { kernels, rows in
        kernels.rowNormalize(rows, by: normalization, sampleCount: samples, featureCount: features)
      }
    }
  }

  @Test("products over samples are sums of products, in the order of sample sums", arguments: shapes)
  func products(samples: Int, features: Int) throws {
    let layout = LayerPanels(samples: samples, features: features), a = layout.random(1), b = layout.random(2)
    func sums(_ set: InstructionSet) throws -> [Float] {
      let first = GuardedBuffer(a), second = GuardedBuffer(b)
      let sums = GuardedBuffer([Float](repeating: poison, count: features))
      try KernelSet(set).sampleProducts(
        sampleCount: samples, featureCount: features, rows: 0..<features, first.pointer, second.pointer,
        sums: sums.pointer)
      #expect(sums.guardsAreIntact && first.holds(a) && second.holds(b))
      return sums.values
    }
    let expected = try sums(.reference)
    for set in vectorSets { #expect(same(try sums(set), expected), "\(set)") }
    for feature in 0..<features {
      let wanted = (0..<samples).reduce(0.0) {
        $0 + Double(a[layout.place($1, feature)]) * Double(b[layout.place($1, feature)])
      }
      #expect(near(expected[feature], wanted, 2e-5))
    }
  }

  @Test("gates and their way back are their equations, for panels and rows", arguments: shapes)
  func gates(samples: Int, features: Int) throws {
    let input = LayerPanels(samples: samples, features: 2 * features),
      output = LayerPanels(samples: samples, features: features)
    let x = input.random(1), dy = output.random(2)
    let found = try agreeing([(input, x), (output, output.random(3)), (output, dy), (input, input.random(4))]) {
      kernels, at in
      kernels.gate(sampleCount: samples, outputCount: features, input: at[0], output: at[1])
      kernels.gateBackward(
        sampleCount: samples, outputCount: features, input: at[0], outputGradient: at[2], inputGradient: at[3])
    }
    for sample in 0..<output.computed {
      for f in 0..<features {
        let linear = Double(x[input.place(sample, f)])
        let gate = 1 / (1 + exp(-Double(x[input.place(sample, features + f)])))
        let d = Double(dy[output.place(sample, f)]), at = sample * 2 * features
        #expect(near(found[1][sample * features + f], linear * gate))
        #expect(near(found[3][at + f], d * gate) && near(found[3][at + features + f], d * linear * gate * (1 - gate)))
      }
    }
    let inputStride = PanelLayout.lineCount(2 * features), outputStride = PanelLayout.lineCount(features)
    let rows = (0..<samples * inputStride).map { index in
      index % inputStride < 2 * features ? x[input.place(index / inputStride, index % inputStride)] : 0
    }
    for set in InstructionSet.runnable {
      let source = GuardedBuffer(rows), target = GuardedBuffer([Float](repeating: 0, count: samples * outputStride))
      try KernelSet(set).rowGate(
        sampleCount: samples, outputCount: features,
        input: SampleRows(UnsafePointer(source.pointer), stride: inputStride),
        output: SampleRows(target.pointer, stride: outputStride))
      #expect(target.guardsAreIntact && source.holds(rows))
      let values = (0..<samples).flatMap { sample in (0..<features).map { target.values[sample * outputStride + $0] } }
      #expect(same(values, Array(found[1].prefix(samples * features))), "\(set)")
    }
  }

  @Test("a comparison tells a mask of another rate, and a norm of another epsilon")
  func controls() throws {
    let layout = LayerPanels(samples: 33, features: 9), values = layout.random(1)
    let gain = GuardedBuffer([Float](repeating: 1, count: 16))
    func changed(_ rate: Float) throws -> [Float] {
      try run([(layout, values), (layout, values)], on: .reference) { kernels, at in
        kernels.change(
          at[0], .drop(rate: rate, scale: 1, shift: 0, dropped: 0), factors: at[1], sampleCount: 33, featureCount: 9,
          draws: ActivationDraws(seed: 1, step: 1, firstSample: 0), stage: 0)
      }[0]
    }
    func normalized(_ epsilon: Float) throws -> [Float] {
      try run([(layout, values)], on: .reference) { kernels, at in
        kernels.normalize(
          at[0], by: FeatureNormalization(centers: true, epsilon: epsilon, gain: gain.pointer, shift: nil),
          sampleCount: 33, featureCount: 9)
      }[0]
    }
    #expect(!same(try changed(0.5), try changed(0.6)))
    #expect(!same(try normalized(1e-5), try normalized(1e-3)))
  }
}
