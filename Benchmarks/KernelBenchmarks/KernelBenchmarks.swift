import Benchmark

/// Every kernel, alone on one core.
let benchmarks: @Sendable () -> Void = {
  registerDenseProducts()
  registerActivations()
  registerGates()
  registerLossHeads()
  registerLayouts()
  registerUpdates()
  registerGradientLanes()
}
