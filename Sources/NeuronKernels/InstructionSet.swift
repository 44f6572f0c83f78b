import CNeuronKernels
import Glibc

/// An instruction set that the neuron kernels are written for.
///
/// Three questions have three answers: what this build holds (``compiled``), what this CPU can run (``runnable``) and
/// what a run uses (``selected(forced:)``).
public enum InstructionSet: String, Sendable, CaseIterable {
  /// Plain C loops in the documented order; runs anywhere, and every other table must return its bits.
  case reference
  /// 256-bit vectors with fused multiply-add.
  case avx2
  /// 512-bit vectors (F, DQ, BW, VL).
  case avx512
  /// 128-bit vectors of arm64.
  case neon

  /// The environment variable that forces a choice: `FASCICLE_ISA`.
  public static let environmentVariable = "FASCICLE_ISA"

  var cValue: nk_instruction_set {
    switch self {
    case .reference: NK_ISA_REFERENCE
    case .avx2: NK_ISA_AVX2
    case .avx512: NK_ISA_AVX512
    case .neon: NK_ISA_NEON
    }
  }

  /// The instruction sets that this build has kernels for, plainest first.
  public static var compiled: [InstructionSet] {
    allCases.filter { nk_compiled_kernels($0.cValue) != nil }
  }

  /// The compiled instruction sets that this CPU and operating system can run, plainest first.
  public static var runnable: [InstructionSet] {
    compiled.filter { nk_isa_is_runnable($0.cValue) }
  }

  /// The instruction set that a run uses: the one forced by `FASCICLE_ISA`, else the widest that runs here.
  ///
  /// - Parameter forced: The value of `FASCICLE_ISA`; read from the environment when absent.
  /// - Throws: ``NeuronKernelsError`` when the forced name is unknown or this CPU cannot run it.
  public static func selected(forced: String? = environmentValue()) throws(NeuronKernelsError) -> InstructionSet {
    guard let forced, !forced.isEmpty else { return runnable.last ?? .reference }
    let names = runnable.map(\.rawValue).joined(separator: ", ")
    guard let set = InstructionSet(rawValue: forced) else {
      throw NeuronKernelsError(
        code: .instructionSetUnknown,
        message: "\(environmentVariable)=\(forced) names no instruction set",
        hint: "choose one of \(names), or unset it")
    }
    guard runnable.contains(set) else {
      throw NeuronKernelsError(
        code: .instructionSetNotRunnable,
        message: "\(environmentVariable)=\(forced) was asked for, but this CPU or build cannot run it",
        hint: "this machine runs \(names)")
    }
    return set
  }

  /// The value of `FASCICLE_ISA` in this process's environment.
  public static func environmentValue() -> String? {
    getenv(environmentVariable).map { String(cString: $0) }
  }
}
