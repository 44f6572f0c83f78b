import NeuronKernels
import Testing

struct InstructionSetTests {
  @Test func theReferenceRunsEverywhereAndRunnableSetsAreCompiled() {
    #expect(InstructionSet.runnable.first == .reference)
    #expect(Set(InstructionSet.runnable).isSubset(of: InstructionSet.compiled))
    #if arch(x86_64)
      #expect(InstructionSet.compiled == [.reference, .avx2, .avx512])
    #elseif arch(arm64)
      #expect(InstructionSet.compiled == [.reference, .neon])
      #expect(InstructionSet.runnable == [.reference, .neon])
    #endif
  }

  @Test func theWidestRunnableSetIsSelectedUnlessForced() throws {
    for absent in [nil, ""] {
      #expect(try InstructionSet.selected(forced: absent) == InstructionSet.runnable.last)
    }
    for set in InstructionSet.runnable {
      #expect(try InstructionSet.selected(forced: set.rawValue) == set)
    }
  }

  @Test func theEnvironmentIsAskedWhenNothingIsGiven() throws {
    let expected = try InstructionSet.selected(forced: InstructionSet.environmentValue())
    #expect(try InstructionSet.selected() == expected)
    #expect(try KernelSet.selected().instructionSet == expected)
  }

  @Test func anUnknownNameIsRefusedWithTheNamesToChooseFrom() throws {
    let error = try #require(throws: NeuronKernelsError.self) { try InstructionSet.selected(forced: "AVX2") }
    #expect(error.code == .instructionSetUnknown)
    let names = InstructionSet.runnable.map(\.rawValue).joined(separator: ", ")
    #expect(error.description == "FASCICLE_ISA=AVX2 names no instruction set; choose one of \(names), or unset it")
  }

  @Test(arguments: InstructionSet.allCases.filter { !InstructionSet.runnable.contains($0) })
  func aSetThatThisMachineCannotRunIsRefused(set: InstructionSet) throws {
    let forced = try #require(throws: NeuronKernelsError.self) { try InstructionSet.selected(forced: set.rawValue) }
    #expect(forced.code == .instructionSetNotRunnable)
    let names = InstructionSet.runnable.map(\.rawValue).joined(separator: ", ")
    #expect(
      forced.description == "FASCICLE_ISA=\(set.rawValue) was asked for, but this CPU or build cannot run it; "
        + "this machine runs \(names)")
    let direct = try #require(throws: NeuronKernelsError.self) { try KernelSet(set) }
    #expect(direct.code == .instructionSetNotRunnable)
    #expect(direct.description == "this CPU or build cannot run the \(set.rawValue) kernels")
  }

  @Test(arguments: zip([InstructionSet.reference, .avx2, .avx512, .neon], [1, 8, 16, 4]))
  func kernelSetsKnowTheirWidthAndCountTheirPeakLoop(set: InstructionSet, width: Int) throws {
    guard InstructionSet.runnable.contains(set) else { return }
    let kernels = try KernelSet(set)
    #expect(kernels.instructionSet == set)
    #expect(kernels.vectorWidth == width)
    #expect(kernels.fusedMultiplyAddLoop(iterations: 1000) == Double(2 * 12 * width * 1000))
  }
}
