import Foundation
import Testing

@Suite("Comparing numbers of workers")
struct ScalingCommandTests {
  private func numbers(_ value: Any?) throws -> [String: Double] { try #require(value as? [String: Double]) }

  @Test("bench tells what it predicted beside what it measured")
  func prediction() throws {
    let event = try #require(
      try Driver.run(["bench", "--workload", "tiny", "--workers", "1", "--seconds", "0.02", "--json"]).events().first)
    #expect(try #require(event["predicted_microseconds_per_step"] as? Double) > 0)
  }

  @Test("a scaling curve is one object with a point for each number of workers")
  func scaling() throws {
    let events = try Driver.run([
      "bench", "--scaling", "--workload", "tiny", "--workers", "1,2", "--seconds", "0.02", "--json",
    ]).events()
    let event = try #require(events.first)
    #expect(events.count == 1 && event["event"] as? String == "scaling_result")
    #expect(event["predicted"] as? Bool == false)
    let points = try #require(event["points"] as? [[String: Any]])
    #expect(points.map { $0["workers"] as? Int } == [1, 2])
    for point in points {
      #expect(try #require(point["microseconds_per_step"] as? Double) > 0)
      #expect(try #require(point["predicted_microseconds_per_step"] as? Double) > 0)
      let phases = try numbers(point["phase_microseconds"])
      #expect(
        Set(phases.keys) == [
          "forward", "backward", "gradient", "optimizer", "reduction", "data", "imbalance", "barrier_latency",
        ])
    }
    #expect(points[0]["speedup"] as? Double == 1)
  }

  @Test("the curve of a machine that isn't there is marked as predicted, in text and in JSON")
  func forecast() throws {
    let arguments = [
      "bench", "--scaling", "--workload", "tiny", "--seconds", "0.02", "--topology", "numa:2 l3:2 core:2 pu:1",
    ]
    let text = try Driver.run(arguments)
    #expect(text.status == 0, "\(text.error)")
    #expect(text.output.contains("PREDICTED, not measured, for "))
    #expect(text.output.contains("on which the model was off by "))
    let event = try #require(try Driver.run(arguments + ["--json"]).events().first)
    #expect(event["event"] as? String == "scaling_result" && event["predicted"] as? Bool == true)
    let points = try #require(event["points"] as? [[String: Any]])
    #expect(points.map { $0["workers"] as? Int } == Array(1...8))
    #expect(points.allSatisfy { $0["microseconds_per_step"] == nil && $0["predicted_microseconds_per_step"] != nil })
    let checks = try #require(event["checks"] as? [[String: Any]])
    #expect(checks.first?["workers"] as? Int == 1 && checks.allSatisfy { $0["error"] is Double })
  }

  @Test("a machine may come from a file that hwloc wrote")
  func savedMachine() throws {
    try withFolder { folder in
      let file = folder.appendingPathComponent("machine.xml")
      try Self.xml.write(to: file, atomically: true, encoding: .utf8)
      let outcome = try Driver.run([
        "bench", "--scaling", "--workload", "tiny", "--seconds", "0.02", "--topology", file.path, "--workers", "1,2",
      ])
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.output.contains("2 processors"))
      try "no machine".write(to: file, atomically: true, encoding: .utf8)
      let damaged = try Driver.run(["bench", "--scaling", "--topology", file.path])
      #expect(damaged.status == 64)
      #expect(damaged.error.contains("hwloc does not accept the saved machine"))
    }
  }

  @Test("a run says at its end what its plan had predicted, and keeps the rates for the next one")
  func runEnd() throws {
    try withFolder { folder in
      let environment = ["FASCICLE_CACHE": folder.path]
      let arguments = ["train", "training.epochs=1", "--json"]
      let end = try #require(try Driver.run(arguments, environment: environment).events().last)
      #expect(try #require(end["predicted_microseconds_per_step"] as? Double) > 0)
      #expect(try #require(end["fma_peak_gflops"] as? Double) > 0)
      let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      #expect(files.count == 1)
      // A damaged file is measured again and replaced, and nobody hears of it.
      let file = try #require(files.first)
      let kept = try Data(contentsOf: file)
      try Data("nonsense".utf8).write(to: file)
      let second = try Driver.run(arguments, environment: environment)
      #expect(second.status == 0 && second.error.contains("error") == false)
      #expect(try Data(contentsOf: file).count > kept.count / 2)
    }
  }

  private static let xml = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE topology SYSTEM "hwloc2.dtd">
    <topology version="2.0">
      <object type="Machine" os_index="0" cpuset="0x00000003" complete_cpuset="0x00000003" allowed_cpuset="0x00000003" \
    nodeset="0x00000001" complete_nodeset="0x00000001" allowed_nodeset="0x00000001" gp_index="1">
        <object type="NUMANode" os_index="0" cpuset="0x00000003" complete_cpuset="0x00000003" nodeset="0x00000001" \
    complete_nodeset="0x00000001" gp_index="2" local_memory="1073741824"/>
        <object type="Core" os_index="0" cpuset="0x00000001" complete_cpuset="0x00000001" nodeset="0x00000001" \
    complete_nodeset="0x00000001" gp_index="3">
          <object type="PU" os_index="0" cpuset="0x00000001" complete_cpuset="0x00000001" nodeset="0x00000001" \
    complete_nodeset="0x00000001" gp_index="4"/>
        </object>
        <object type="Core" os_index="1" cpuset="0x00000002" complete_cpuset="0x00000002" nodeset="0x00000001" \
    complete_nodeset="0x00000001" gp_index="5">
          <object type="PU" os_index="1" cpuset="0x00000002" complete_cpuset="0x00000002" nodeset="0x00000001" \
    complete_nodeset="0x00000001" gp_index="6"/>
        </object>
      </object>
    </topology>
    """
}
