// swift-tools-version: 6.2
import PackageDescription

// The house, lowest room first. A target imports only strictly lower levels; see `Architecture` in the DocC catalogue.
let package = Package(
  name: "fascicle",
  products: [
    .library(name: "Fascicle", targets: ["Fascicle"]),
    // Apart, for it needs Foundation.
    .library(name: "ONNXExchange", targets: ["ONNXExchange"]),
    .executable(name: "fascicle", targets: ["FascicleCommand"]),
    // The C contract of the kernels, for the benchmarks, which are a package of their own.
    .library(name: "CNeuronKernels", targets: ["CNeuronKernels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    // Level 0: the system's libraries and our C.
    .systemLibrary(name: "CHwloc", pkgConfig: "hwloc", providers: [.apt(["libhwloc-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CPlatform"),
    .target(name: "CNeuronKernels"),
    .target(name: "CTextScan"),

    // Level 1: what the machine is, and what it computes with.
    .target(name: "HardwareTopology", dependencies: ["CHwloc", "CPlatform"]),
    .target(name: "NeuronKernels", dependencies: ["CNeuronKernels"]),

    // Level 2: workers, data, model, optimizers; none knows another.
    .target(
      name: "WorkerTeam", dependencies: ["CPlatform", "HardwareTopology"], exclude: ["Model", "PROTOCOL.md"]),
    .target(
      name: "TrainingData",
      dependencies: ["CPlatform", "CTextScan", "CZip", "CZlib", "HardwareTopology", "NeuronKernels"],
      exclude: ["Digits/SOURCE.md", "Digits/make_digits_archive.py"]),
    .target(name: "PerceptronModel", dependencies: ["NeuronKernels"]),
    .target(name: "GradientOptimizers", dependencies: ["NeuronKernels"]),

    // Level 3: the plan, the step, the loop.
    .target(
      name: "TrainingRuntime",
      dependencies: [
        "CLibcrypto", "CPlatform", "HardwareTopology", "NeuronKernels", "WorkerTeam", "TrainingData", "PerceptronModel",
        "GradientOptimizers",
      ]),

    // Level 4: what goes to files and comes from them.
    .target(
      name: "ModelExchange",
      dependencies: ["CZip", "NeuronKernels", "TrainingData", "PerceptronModel", "TrainingRuntime"]),

    // Level 5: what `import Fascicle` gives.
    .target(
      name: "Fascicle",
      dependencies: [
        "HardwareTopology", "NeuronKernels", "WorkerTeam", "TrainingData", "PerceptronModel", "GradientOptimizers",
        "TrainingRuntime", "ModelExchange",
      ]),

    // Levels 6 and 7: the run as a file, other programs' formats that need a library of their own, and the driver.
    .target(name: "RunConfiguration", dependencies: ["Fascicle", .product(name: "Yams", package: "Yams")]),
    .target(
      name: "ONNXExchange",
      dependencies: ["Fascicle", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["Protocol/onnx.proto"]),
    .executableTarget(
      name: "FascicleCommand",
      dependencies: [
        "Fascicle", "ONNXExchange", "RunConfiguration",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // One test target per room.
    .testTarget(name: "HardwareTopologyTests", dependencies: ["HardwareTopology"], resources: [.copy("Machines")]),
    .testTarget(name: "NeuronKernelsTests", dependencies: ["NeuronKernels"]),
    .testTarget(name: "WorkerTeamTests", dependencies: ["WorkerTeam", "HardwareTopology"]),
    .testTarget(
      name: "TrainingDataTests",
      dependencies: ["TrainingData", "NeuronKernels", "CTextScan", "CZlib", "FuzzInstruments"],
      resources: [.copy("Arrays"), .copy("Archives"), .copy("Sparse"), .copy("Tables")]),
    .testTarget(name: "PerceptronModelTests", dependencies: ["PerceptronModel"]),
    // The rows of its oracle name optimizers as configurations do.
    .testTarget(
      name: "GradientOptimizersTests", dependencies: ["GradientOptimizers", "RunConfiguration"],
      resources: [.copy("Oracle")]),
    .target(name: "RuntimeInstruments", path: "Tests/RuntimeInstruments"),
    .target(name: "FuzzInstruments", path: "Tests/FuzzInstruments"),
    .testTarget(
      name: "TrainingRuntimeTests", dependencies: ["Fascicle", "RunConfiguration", "RuntimeInstruments"],
      resources: [.copy("Oracle")]),
    .testTarget(
      name: "ModelExchangeTests", dependencies: ["Fascicle", "FuzzInstruments"], resources: [.copy("Models")]),
    // A user's own module: it sees what is public and nothing else.
    .testTarget(name: "PublicInterfaceTests", dependencies: ["Fascicle"], packageAccess: false),
    .testTarget(name: "RunConfigurationTests", dependencies: ["RunConfiguration", "Fascicle", "FuzzInstruments"]),
    .testTarget(
      name: "ONNXExchangeTests", dependencies: ["ONNXExchange", "Fascicle"]),
    .testTarget(
      name: "FascicleCommandTests", dependencies: ["FascicleCommand", "RunConfiguration", "Fascicle"],
      resources: [.copy("Snapshots")]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)

// Continuous integration sets this: a warning of ours is an error, while a user with a newer compiler still gets a build.
if Context.environment["FASCICLE_STRICT"] != nil {
  for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
    target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)]
  }
}
