import NeuronKernels
import Testing

extension LayerPanels {
  /// Expects the bits of panels of the same samples as rows, on every table.
  ///
  /// - Parameters:
  ///   - input: the samples, as panels.
  ///   - expected: what panels become, sample by sample.
  ///   - run: the kernel for rows.
  func expectRows(
    of input: [Float], toBecome expected: [Float], run: (KernelSet, SampleRows<UnsafeMutablePointer<Float>>) -> Void
  ) throws {
    let stride = PanelLayout.lineCount(features)
    let values = (0..<samples * stride).map { index in
      index % stride < features ? input[place(index / stride, index % stride)] : 0
    }
    for set in InstructionSet.runnable {
      let buffer = GuardedBuffer(values)
      run(try KernelSet(set), SampleRows(buffer.pointer, stride: stride))
      #expect(buffer.guardsAreIntact)
      let found = (0..<samples).flatMap { sample in (0..<features).map { buffer.values[sample * stride + $0] } }
      #expect(found.map(\.bitPattern) == expected.prefix(samples * features).map(\.bitPattern), "\(set)")
    }
  }
}
