import NeuronKernels
import Testing

/// Samples on their way into pairs of features and pairs of samples: every value in its place, rounded once.
struct BFloat16SampleTests {
  static let sizes = [(1, 1), (2, 33), (15, 16), (16, 31), (17, 64), (33, 5), (47, 100), (64, 40)]

  @Test(arguments: sizes) func gatheredSamplesStandInBothForms(samples: Int, features: Int) throws {
    var random = TestRandom(seed: samples * 100 + features)
    let rowCount = 20, padded = PanelLayout.paddedCount(features)
    let data = random.floats(rowCount * features + 16, reach: 100), indices = random.indices(samples, below: rowCount)
    let scale = random.floats(features) + [Float](repeating: 0, count: padded - features)
    let shift = random.floats(features) + [Float](repeating: 0, count: padded - features)
    for kernels in try BFloat16Tables.all(.pairs) {
      let memory = KernelMemory(), places = Places(samples, features)
      let pairs = memory.watched("pairs", places.pairs),
        samplePairs = memory.watched("sample pairs", places.samplePairs)
      let source = GatherSource(
        data: memory.input("data", data), element: .float32, featureCount: features,
        scale: memory.input("scale", scale),
        shift: memory.input("shift", shift))
      try #require(kernels.bfloat16).gather(
        sampleCount: samples, source: source, rows: 0..<features, indices: memory.input("indices", indices),
        firstSample: 0,
        capacity: places.capacity, pairs: pairs.pointer, samplePairs: samplePairs.pointer)
      #expect(memory.result().violations.isEmpty)
      places.expect(pairs.values, samplePairs.values, "\(kernels.label)") { sample, feature in
        BFloat16Definition.rounded(
          shift[feature].addingProduct(data[Int(indices[sample]) * features + feature], scale[feature]))
      }
    }
  }

  @Test(arguments: sizes) func transposedPairsStandInBothForms(samples: Int, features: Int) throws {
    var random = TestRandom(seed: samples * 100 + features)
    let values = random.floats(samples * features)
    let panels = PanelPacking.panels(values, samples: samples, features: features, filler: .nan)
    for kernels in try BFloat16Tables.all(.pairs) {
      let memory = KernelMemory(), places = Places(samples, features)
      let words = BFloat16Packing.pairs(panels, features: features)
      let samplePairs = memory.watched("sample pairs", places.samplePairs)
      try #require(kernels.bfloat16).transpose(
        sampleCount: samples, featureCount: features, rows: 0..<features, firstSample: 0, capacity: places.capacity,
        pairs: memory.input("pairs", words), samplePairs: samplePairs.pointer)
      #expect(memory.result().violations.isEmpty)
      places.expect(words, samplePairs.values, "\(kernels.label)") { sample, feature in
        BFloat16Definition.rounded(values[sample * features + feature])
      }
    }
  }
}

/// Where samples stand in the two paired forms.
private struct Places {
  let samples: Int
  let features: Int
  let capacity: Int

  init(_ samples: Int, _ features: Int) {
    self.samples = samples
    self.features = features
    capacity = PanelLayout.paddedCount(samples)
  }

  /// Room for both forms, filled with what no kernel would leave.
  var pairs: [UInt32] { [UInt32](repeating: 0x7fc1_7fc1, count: capacity * PanelLayout.pairCount(features)) }
  var samplePairs: [UInt32] {
    [UInt32](repeating: 0x7fc1_7fc1, count: capacity / 2 * PanelLayout.paddedCount(features))
  }

  /// Expects the value of every sample and feature in both forms, and zero beside the last of an odd number.
  func expect(_ pairs: [UInt32], _ samplePairs: [UInt32], _ what: String, _ value: (Int, Int) -> UInt16) {
    let lanes = PanelLayout.laneCount, pairCount = PanelLayout.pairCount(features)
    func half(_ word: UInt32, _ index: Int) -> UInt16 {
      UInt16(truncatingIfNeeded: index % 2 == 0 ? word : word >> 16)
    }
    var wrong = 0
    for sample in 0..<2 * PanelLayout.pairCount(samples) {
      for feature in 0..<2 * pairCount {
        let isReal = sample < samples && feature < features
        let expected = isReal ? value(sample, feature) : 0
        let word = samplePairs[(feature / lanes * (capacity / 2) + sample / 2) * lanes + feature % lanes]
        if half(word, sample) != expected { wrong += 1 }
        guard sample < samples else { continue }
        let pair = pairs[PanelLayout.activationIndex(sample: sample, feature: feature / 2, featureCount: pairCount)]
        if half(pair, feature) != expected { wrong += 1 }
      }
    }
    #expect(wrong == 0, "\(what): \(wrong) of \(samples) × \(features) values are not where they belong")
  }
}
