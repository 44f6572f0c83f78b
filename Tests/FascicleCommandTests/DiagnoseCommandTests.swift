import Foundation
import Testing

@Suite("fascicle diagnose, and the diagnosis of a run")
struct DiagnoseCommandTests {
  @Test("healthy digits get a table and a clean bill")
  func healthy() throws {
    let outcome = try Driver.run(["diagnose"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("layer 1 (dense 64 relu)") && outcome.output.contains("update/weight"))
    #expect(outcome.output.hasSuffix("no layer is sick\n"))
  }

  @Test("a sick layer is named with its illness and what to try")
  func sick() throws {
    let outcome = try Driver.run(["diagnose", "optimizer.learningRate=0.1", "--epochs", "4"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("sick: layer 1 (dense 64 relu): "))
    #expect(outcome.output.contains("% of its ReLUs never fire, since epoch "))
    let events = try Driver.run(["diagnose", "optimizer.learningRate=0.1", "--epochs", "4", "--json"]).events()
    #expect(events.count == 4)
    let diagnosis = try #require(events.last?["diagnosis"] as? [String: Any])
    let verdict = try #require((diagnosis["verdicts"] as? [[String: Any]])?.first)
    #expect(verdict["kind"] as? String == "dead_units")
    #expect((diagnosis["layers"] as? [Any])?.count == 2)
  }

  @Test("an illness that passed is told with its last epoch")
  func healed() throws {
    let outcome = try Driver.run(["diagnose", "data.format=moons", "data.samples=1000", "optimizer.learningRate=1"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("no layer is sick any more\nsick until epoch 1: layer "), "\(outcome.output)")
  }

  @Test("a run tells of an illness once, when it begins, and again in its report")
  func run() throws {
    let outcome = try Driver.run(["train", "optimizer.learningRate=0.1", "training.epochs=5"])
    #expect(outcome.status == 0)
    #expect(outcome.error.components(separatedBy: "ReLUs never fire").count == 2)
    #expect(outcome.output.contains("sick        layer 1 (dense 64 relu): "))
    let off = try Driver.run(["train", "optimizer.learningRate=0.1", "training.epochs=5", "training.diagnosis=false"])
    #expect(!(off.output + off.error).contains("sick"))
    func digest(_ output: String) -> Substring? { output.split(separator: "\n").first { $0.contains("sha256") } }
    #expect(digest(off.output) == digest(outcome.output))
  }

  private static let diverging = [
    "optimizer.name=sgd", "optimizer.learningRate=1e30", "training.epochs=2", "network.layers.0.activation=linear",
  ]

  @Test("a run that diverges shows the values that led there", arguments: ["train", "diagnose"])
  func diverged(command: String) throws {
    let arguments = [command] + (command == "train" ? Self.diverging : Self.diverging + ["--epochs", "2"])
    let text = try Driver.run(arguments)
    #expect(text.status == 1)
    #expect((text.output + text.error).contains("values in the bad step"))
    let events = try Driver.run(arguments + ["--json"])
    #expect(events.status == 1)
    let event = try #require(try events.events().last)
    #expect(event["event"] as? String == "diverged")
    #expect(event["phase"] as? String == "forward" && event["row"] is Int)
    #expect((event["ranges"] as? [[String: Any]])?.first?["name"] as? String == "input")
  }

  @Test("a roll-back is told and recorded")
  func rollBack() throws {
    let arguments = ["train", "--json", "training.onDivergence=rollBack"] + Self.diverging
    let outcome = try Driver.run(arguments)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("(after 5 roll-backs); if one row of the data is to blame"))
    let events = try outcome.events().compactMap { $0["event"] as? String }
    #expect(events.filter { $0 == "rolled_back" }.count == 5)
  }

  @Test("arguments that cannot be diagnosed are refused")
  func refusals() throws {
    #expect(try Driver.run(["diagnose", "--epochs", "0"]).status == 64)
    let hogwild = try Driver.run(["diagnose", "runtime.reduction=hogwild"])
    #expect(hogwild.status == 78)
    #expect(hogwild.error.contains("whose steps never end together"))
    let policy = try Driver.run(["train", "training.onDivergence=ignore"])
    #expect(policy.status == 78)
    #expect(policy.error.contains("training.onDivergence must be stop, skip or rollBack"))
  }
}
