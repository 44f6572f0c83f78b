import NeuronKernels
import Testing

/// One call of one kernel with fixed arguments, which any table can run.
protocol KernelCase: CustomStringConvertible {
  func run(on kernels: KernelSet) -> KernelResult
}

/// Counts how far two results are from holding the same bits; any NaN equals any other.
struct BitComparison {
  private(set) var count = 0
  private(set) var mismatches = 0
  private(set) var largestDifference = 0.0
  private(set) var firstMismatch: String?

  mutating func compare(_ actual: [OutputBlock], with expected: [OutputBlock], in context: String) {
    precondition(actual.map(\.values.count) == expected.map(\.values.count), "results of different shapes")
    for (a, e) in zip(actual, expected) {
      count += e.values.count
      for i in e.values.indices where !sameBits(a.values[i], e.values[i]) {
        mismatches += 1
        largestDifference = max(largestDifference, abs(a.values[i] - e.values[i]))
        firstMismatch = firstMismatch ?? "\(context): \(a.name)[\(i)] = \(a.values[i]), expected \(e.values[i])"
      }
    }
  }

  private func sameBits(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }
}

/// The instruction sets that are compared with the reference on this machine.
let vectorSets = InstructionSet.runnable.filter { $0 != .reference }

/// Runs `cases` on every runnable table and expects the reference's bits, intact guards and unchanged inputs.
func expectSameBits(_ kernel: String, _ cases: some Sequence<some KernelCase>) throws {
  try expectSameBits(kernel, cases, reference: KernelSet(.reference), tables: vectorSets.map { try KernelSet($0) })
}

/// The same with `reference` and `tables` of one's own.
func expectSameBits(
  _ kernel: String, _ cases: some Sequence<some KernelCase>, reference: KernelSet, tables: [KernelSet]
) throws {
  var comparisons = [BitComparison](repeating: BitComparison(), count: tables.count)
  for kernelCase in cases {
    let expected = kernelCase.run(on: reference)
    #expect(expected.violations.isEmpty, "reference, \(kernelCase)")
    #expect(expected.unwrittenCount == 0, "reference, \(kernelCase)")
    for (index, table) in tables.enumerated() {
      let actual = kernelCase.run(on: table)
      #expect(actual.violations.isEmpty, "\(table.label), \(kernelCase)")
      comparisons[index].compare(actual.blocks, with: expected.blocks, in: "\(kernelCase)")
    }
  }
  for (table, comparison) in zip(tables, comparisons) { report(kernel, table.label, comparison) }
}

extension KernelSet {
  /// What messages call these kernels.
  var label: String {
    instructionSet.rawValue + (bfloat16.map { ", bf16 \($0.arithmetic)\($0.isEmulated ? " emulated" : "")" } ?? "")
  }
}

private func report(_ kernel: String, _ set: String, _ comparison: BitComparison) {
  print("\(kernel), \(set) against reference: \(comparison.count) values, \(comparison.mismatches) differ")
  #expect(comparison.count > 0)
  #expect(
    comparison.mismatches == 0,
    "\(set): up to \(comparison.largestDifference) apart, first at \(comparison.firstMismatch ?? "")")
}
