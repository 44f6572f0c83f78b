import NeuronKernels
import Testing

/// Controls: what the suites above rely on must notice kernels that are wrong.
struct ComparisonControlTests {
  /// How a plain copy of the forward pass deviates.
  enum Defect: CaseIterable { case none, reversedOrder, missingBias, unfusedProducts }

  @Test func theComparisonRejectsEveryWrongForwardAndAcceptsTheRightOne() throws {
    var random = TestRandom(seed: 7)
    let (samples, shape) = (33, DenseShape(inputCount: 40, outputCount: 13))
    let forward = DenseForwardCase(
      samples: samples, shape: shape, activation: CaseActivation(.linear, units: 13, &random),
      keepsPreactivation: false, weights: random.floats(40 * 13), bias: random.floats(13),
      input: random.floats(samples * 40))
    let expected = try forward.run(on: KernelSet(.reference)).blocks
    for defect in Defect.allCases {
      var comparison = BitComparison()
      comparison.compare([plainForward(forward, defect), OutputBlock("", [Float]())], with: expected, in: "\(defect)")
      #expect(comparison.count == samples * 13)
      #expect((comparison.mismatches == 0) == (defect == .none), "\(defect)")
    }
  }

  /// The forward pass once more in plain Swift, in the order that `neuron_kernels.h` promises, or with a defect.
  private func plainForward(_ forward: DenseForwardCase, _ defect: Defect) -> OutputBlock {
    let (inputs, outputs) = (forward.shape.inputCount, forward.shape.outputCount)
    var rows: [Float] = []
    for s in 0..<forward.samples {
      for o in 0..<outputs {
        var z = defect == .missingBias ? 0 : forward.bias![o]
        for step in 0..<inputs {
          let i = defect == .reversedOrder ? inputs - 1 - step : step
          let (w, x) = (forward.weights[o * inputs + i], forward.input[s * inputs + i])
          z = defect == .unfusedProducts ? z + w * x : z.addingProduct(w, x)
        }
        rows.append(z)
      }
    }
    return OutputBlock("output", rows)
  }

  @Test func aSingleFlippedBitAndASignOfZeroAreMismatches() {
    var comparison = BitComparison()
    comparison.compare(
      [OutputBlock("", [Float(1).nextUp, -0.0, .nan, 2])], with: [OutputBlock("", [Float(1), 0, .nan, 2])], in: "")
    #expect(comparison.mismatches == 2)
  }

  @Test func guardsNoticeAWriteBesideTheBuffer() {
    for offset in [-1, 3] {
      let memory = KernelMemory()
      let output = memory.output("output", 3)
      #expect(memory.result().violations.isEmpty)
      output.pointer[offset] = 1
      #expect(memory.result().violations == ["wrote outside `output`"])
    }
  }

  @Test func changedInputsAndUnwrittenOutputsAreNoticed() {
    let memory = KernelMemory()
    let values: [Float] = [1, 2]
    UnsafeMutablePointer(mutating: memory.input("values", values))[1] = 3
    let output = memory.output("output", 2)
    output.pointer[0] = 1
    let result = memory.result(OutputBlock("output", output.values))
    #expect(result.violations == ["wrote its input `values`"])
    #expect(result.unwrittenCount == 1)
  }

  @Test func anErrorBoundRejectsNaNAndOneRoundingTooMany() {
    var nan = WorstError()
    nan.note(.nan, exact: 1, bound: 1)
    #expect(nan.ratio == .infinity)
    var loose = WorstError()
    loose.note(Float(1).nextUp, exact: 1, bound: ErrorBounds.unitRoundoff)
    #expect(loose.ratio > 1)
  }
}
