import Fascicle
import Glibc
import Synchronization

/// A gate before the update of a step: whoever trains stands still there until it is opened.
///
/// With it a test sees what happens *during* a step without asking the clock.
final class StepGate: Sendable {
  private let isOpen = Atomic<Bool>(false)

  func open() { isOpen.store(true, ordering: .releasing) }

  fileprivate func pass() {
    while !isOpen.load(ordering: .acquiring) { sched_yield() }
  }

  /// Plain gradient descent that waits at the gate.
  struct Optimizer: GradientOptimizer {
    let gate: StepGate
    var name: String { "gated_descent" }
    var learningRate: Float { 0.1 }

    func update(_ slice: ParameterSlice) {
      gate.pass()
      for index in 0..<slice.count { slice.parameters[index] -= slice.learningRate * slice.gradient(at: index) }
    }
  }
}
