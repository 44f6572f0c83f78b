import GradientOptimizers
import Testing

@Suite("Clipping by the global norm")
struct GradientClippingTests {
  @Test("shrinks to the limit what is above it, and nothing else")
  func scales() {
    let cases: [(limit: Float, norm: Double, scale: Double)] = [
      (1, 0, 1), (1, 0.5, 1), (1, 2, 0.5), (0.5, 10, 0.05), (3, 1e30, 3e-30), (1e-3, 1, 1e-3),
    ]
    for (limit, norm, scale) in cases {
      let found = Double(GradientClipping.globalNorm(limit).scale(norm: norm))
      #expect(abs(found - scale) <= 2e-6 * scale, "limit \(limit), norm \(norm)")
      #expect(found * norm <= Double(limit) * (1 + 1e-6))
    }
  }

  @Test("without a limit nothing shrinks", arguments: [0, 1e-30, 1, 1e30])
  func noLimit(norm: Double) {
    #expect(GradientClipping.none.scale(norm: norm) == 1)
  }

  @Test("only those that look at a norm ask for one")
  func needsNorm() {
    #expect(GradientClipping.globalNorm(1).needsNorm && GradientClipping.tensorNorm(1).needsNorm)
    #expect(!GradientClipping.none.needsNorm && !GradientClipping.value(1).needsNorm)
    #expect(GradientClipping.value(1).scale(norm: 5) == 1)
    #expect(GradientClipping.tensorNorm(1).scale(norm: 4) == GradientClipping.globalNorm(1).scale(norm: 4))
  }
}
