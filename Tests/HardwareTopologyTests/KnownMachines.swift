import Foundation
import HardwareTopology
import Testing

/// The machines that the tests plan for.
enum KnownMachine: String, CaseIterable, CustomTestStringConvertible {
  case oneCore = "pack:1 [numa] l3:1 core:1 pu:1"
  case twoCores = "pack:1 [numa] l3:1 l2:2 core:1 pu:1"
  /// Numbered as Linux does: processors 4–7 are the second threads of the cores of 0–3.
  case oneSocketSMT = "pack:1 [numa] l3:1 l2:4 core:1 pu:2(indexes=2*4:1*2)"
  case twoSockets = "pack:2 [numa] l3:1 core:4 pu:1"
  /// 8 dies of 8 cores, each with its own third-level cache; processors 64–127 are second threads.
  case eightDieEPYC = "pack:1 [numa] l3:8 l2:8 core:1 pu:2(indexes=2*64:1*2)"
  case hybrid = "hybrid-6p8e.xml"
  case cpusetWithHoles = "cpuset-with-holes.xml"
  /// 2 sockets of 2 memory nodes of 3 dies of 8 cores: 4 × 24.
  case fourNodes = "pack:2 group:2 [numa] l3:3 core:8 pu:1"
  /// Four threads a core, and no cache that cores share.
  case fourThreadCores = "pack:2 [numa] l2:4 core:1 pu:4"
  /// A virtual machine that shows no caches at all.
  case withoutCaches = "pack:2 [numa] core:3 pu:1"

  var testDescription: String { "\(self)" }

  func machine() throws -> Machine {
    guard rawValue.hasSuffix(".xml") else { return try Machine.synthetic(rawValue) }
    return try Machine.saved(xml: Self.savedText(rawValue))
  }

  static func savedText(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.url(forResource: "Machines", withExtension: nil))
    return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }
}

extension ProcessorBudget {
  /// The budget of a process on a host without control groups that may use `affinity`, by default everything.
  static func withoutQuota(on machine: Machine, affinity: ProcessorSet? = nil, useSMT: Bool = false) -> ProcessorBudget
  {
    .current(
      on: machine, useSMT: useSMT,
      environment: HostEnvironment(affinity: affinity ?? machine.processorSet, rootPath: "/nonexistent"))
  }
}
