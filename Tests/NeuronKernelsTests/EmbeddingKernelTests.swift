import NeuronKernels
import Testing

@Suite("Kernels of embeddings")
struct EmbeddingKernelTests {
  /// Samples, features, category column, categories and width around every edge.
  static let shapes = [
    (1, 1, 0, 1, 1), (16, 3, 2, 5, 4), (17, 8, 0, 300, 17), (31, 5, 4, 2, 33), (33, 39, 20, 7, 1), (80, 33, 32, 12, 16),
  ]

  private struct Case {
    let input: LayerPanels
    let output: LayerPanels
    let table: EmbeddingTable
    let values: [Float]
    let vectors: [Float]

    init(_ shape: (samples: Int, features: Int, column: Int, categories: Int, width: Int)) {
      input = LayerPanels(samples: shape.samples, features: shape.features)
      output = LayerPanels(samples: shape.samples, features: shape.features - 1 + shape.width)
      table = EmbeddingTable(
        featureCount: shape.features, column: shape.column, categories: shape.categories, width: shape.width)
      var random = PhiloxStream(seed: 5, stream: 1), values = input.random(1)
      for sample in 0..<input.computed {
        values[input.place(sample, shape.column)] = Float(random.next(below: UInt32(shape.categories)))
      }
      self.values = values
      vectors = (0..<table.elementCount).map { _ in 2 * random.nextUnitFloat() - 1 }
    }

    func category(_ sample: Int) -> Int { Int(values[input.place(sample, table.column)]) }

    /// The values that a sample keeps.
    func kept(_ sample: Int) -> [Float] {
      (0..<table.featureCount).filter { $0 != table.column }.map { values[input.place(sample, $0)] }
    }
  }

  private func same(_ a: [Float], _ b: [Float]) -> Bool { a.map(\.bitPattern) == b.map(\.bitPattern) }

  @Test("a vector stands behind the other values, for panels and rows, on every table", arguments: shapes.indices)
  func forward(shape: Int) throws {
    let shape = Case(Self.shapes[shape]), width = shape.table.width
    var expected: [Float] = []
    for sample in 0..<shape.input.computed {
      let first = shape.category(sample) * width
      expected += shape.kept(sample)
      expected += shape.vectors[first..<first + width]
    }
    for set in InstructionSet.runnable {
      let kernels = try KernelSet(set), input = GuardedBuffer(shape.values), vectors = GuardedBuffer(shape.vectors)
      let before = shape.output.random(3), output = GuardedBuffer(before)
      kernels.embed(
        input.pointer, to: output.pointer, by: shape.table, vectors: vectors.pointer,
        sampleCount: shape.input.samples)
      let after = output.values
      #expect(output.guardsAreIntact && input.holds(shape.values) && vectors.holds(shape.vectors))
      #expect(shape.output.untouched().allSatisfy { after[$0].bitPattern == before[$0].bitPattern })
      #expect(same(shape.output.values(after), expected), "\(set)")

      let rows = min(16, shape.input.samples)
      let inputStride = PanelLayout.lineCount(shape.input.features)
      let outputStride = PanelLayout.lineCount(shape.output.features)
      var sampleRows = [Float](repeating: 0, count: rows * inputStride)
      for row in 0..<rows {
        for feature in 0..<shape.input.features {
          sampleRows[row * inputStride + feature] = shape.values[shape.input.place(row, feature)]
        }
      }
      let source = GuardedBuffer(sampleRows)
      let target = GuardedBuffer([Float](repeating: poison, count: rows * outputStride))
      kernels.rowEmbed(
        SampleRows(UnsafePointer(source.pointer), stride: inputStride),
        to: SampleRows(target.pointer, stride: outputStride), by: shape.table, vectors: vectors.pointer,
        sampleCount: rows)
      #expect(target.guardsAreIntact)
      let answered = target.values
      var found: [Float] = []
      for row in 0..<rows { found += answered[row * outputStride..<row * outputStride + shape.output.features] }
      #expect(same(found, Array(expected.prefix(rows * shape.output.features))), "\(set)")
    }
  }

  @Test("gradients pass to the other values, and vectors get the sums over their samples", arguments: shapes.indices)
  func backward(shape: Int) throws {
    let shape = Case(Self.shapes[shape]), width = shape.table.width, gradient = shape.output.random(2)
    var sums = [Float](repeating: 0, count: shape.table.elementCount)
    for sample in 0..<shape.input.samples {
      for t in 0..<width {
        sums[shape.category(sample) * width + t] += gradient[shape.output.place(sample, shape.input.features - 1 + t)]
      }
    }
    for set in InstructionSet.runnable {
      let kernels = try KernelSet(set), input = GuardedBuffer(shape.values), above = GuardedBuffer(gradient)
      let before = shape.input.random(4), below = GuardedBuffer(before)
      kernels.embedBackward(
        above.pointer, by: shape.table, sampleCount: shape.input.samples, inputGradient: below.pointer)
      let after = below.values
      #expect(below.guardsAreIntact && above.holds(gradient))
      #expect(shape.input.untouched().allSatisfy { after[$0].bitPattern == before[$0].bitPattern })
      for sample in 0..<shape.input.computed {
        var wanted = (0..<shape.input.features - 1).map { gradient[shape.output.place(sample, $0)] }
        wanted.insert(0, at: shape.table.column)
        #expect(same((0..<shape.input.features).map { after[shape.input.place(sample, $0)] }, wanted), "\(set)")
      }
      // In blocks that divide vectors anywhere.
      for size in [1, 7, 1024] {
        var found: [Float] = []
        for first in stride(from: 0, to: sums.count, by: size) where sums.count / size < 2000 {
          let block = GuardedBuffer([Float](repeating: poison, count: min(size, sums.count - first)))
          kernels.embeddingGradient(
            of: shape.table, elements: first..<first + block.count, sampleCount: shape.input.samples,
            input: input.pointer, outputGradient: above.pointer, into: block.pointer)
          #expect(block.guardsAreIntact)
          found += block.values
        }
        if !found.isEmpty { #expect(same(found, sums), "\(set), blocks of \(size)") }
      }
    }
  }

  @Test("what is no category passes for the first, and reads nothing beyond the table")
  func strangers() throws {
    let table = EmbeddingTable(featureCount: 1, column: 0, categories: 3, width: 2)
    let strangers: [Float] = [-1, 3, 1e30, .nan, .infinity, -.infinity, -0.5, 2.5]
    for set in InstructionSet.runnable {
      let input = GuardedBuffer(strangers + [Float](repeating: 0, count: 24))
      let vectors = GuardedBuffer([1, 2, 3, 4, 5, 6] as [Float])
      let output = GuardedBuffer([Float](repeating: 0, count: 64))
      try KernelSet(set).embed(
        input.pointer, to: output.pointer, by: table, vectors: vectors.pointer, sampleCount: strangers.count)
      #expect(Array(output.values.prefix(8)) == [1, 1, 1, 1, 1, 1, 1, 5], "\(set)")
    }
  }
}
