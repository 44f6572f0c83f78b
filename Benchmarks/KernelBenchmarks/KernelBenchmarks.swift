import Benchmark

/// Every kernel, alone on one core.
let benchmarks: @Sendable () -> Void = {
  registerDenseProducts()
  registerActivations()
  registerLossHeads()
  registerLayouts()
  registerUpdates()
  registerGradientLanes()
}
