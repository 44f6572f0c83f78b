// swift-tools-version: 6.2
import PackageDescription

let fascicle = Target.Dependency.product(name: "Fascicle", package: "fascicle")
let kernels = Target.Dependency.product(name: "CNeuronKernels", package: "fascicle")
let benchmark = Target.Dependency.product(name: "Benchmark", package: "benchmark")
let runner = Target.PluginUsage.plugin(name: "BenchmarkPlugin", package: "benchmark")

// A package of its own, so that whoever uses Fascicle never fetches or builds the benchmark library. That library takes
// for a suite every executable target whose folder lies directly in one named `Benchmarks`, as they do here.
let package = Package(
  name: "fascicle-benchmarks",
  dependencies: [
    // Named, because a package at a path is otherwise called after its folder, and a checkout may have any name.
    .package(name: "fascicle", path: ".."),
    // The traits interpose malloc and the Swift runtime to count calls; no figure here needs that.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "BenchmarkInstruments", dependencies: [fascicle, kernels, benchmark], path: "BenchmarkInstruments"),
    .executableTarget(
      name: "KernelBenchmarks", dependencies: ["BenchmarkInstruments", fascicle, kernels, benchmark],
      path: "KernelBenchmarks", plugins: [runner]),
    .executableTarget(
      name: "WorkerBenchmarks", dependencies: ["BenchmarkInstruments", fascicle, benchmark],
      path: "WorkerBenchmarks", plugins: [runner]),
    .executableTarget(
      name: "TrainingBenchmarks", dependencies: ["BenchmarkInstruments", fascicle, benchmark],
      path: "TrainingBenchmarks", plugins: [runner]),
  ],
  swiftLanguageModes: [.v6],
)
