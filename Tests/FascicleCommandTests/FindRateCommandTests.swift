import Foundation
import Testing

@Suite("fascicle find-rate")
struct FindRateCommandTests {
  @Test("shows a curve, a table and a rate to try, and writes nothing")
  func report() throws {
    let outcome = try Driver.run(["find-rate"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasPrefix("digits, the default, adam\n"))
    #expect(outcome.output.contains("█") && outcome.output.contains("▁"))
    #expect(outcome.output.contains("the loss falls fastest at "))
    let last = try #require(outcome.output.split(separator: "\n").last)
    let rate = try #require(last.split(separator: "=").last.flatMap { Double($0) })
    #expect(last.hasPrefix("try optimizer.learningRate="))
    #expect((1e-4...0.3).contains(rate), "\(rate)")
  }

  @Test("as JSON with every point")
  func json() throws {
    let arguments = ["find-rate", "optimizer.name=sgd", "--from", "1e-4", "--to", "1e4", "--steps", "50", "--json"]
    let event = try #require(try Driver.run(arguments).events().first)
    #expect(event["event"] as? String == "rate_sweep")
    let points = try #require(event["points"] as? [[String: Any]])
    #expect(!points.isEmpty && points.count <= 50)
    #expect(points.allSatisfy { $0["rate"] is Double && $0["loss"] is Double && $0["smoothed_loss"] is Double })
    #expect(event["suggested_rate"] is Double)
  }

  @Test(
    "arguments that make no sweep are refused",
    arguments: [
      ["--from", "0"], ["--from", "x"], ["--from", "1", "--to", "0.5"], ["--steps", "9"], ["--to", "inf"],
    ])
  func refusals(arguments: [String]) throws {
    #expect(try Driver.run(["find-rate"] + arguments).status == 64)
  }

  @Test("an optimizer without a rate is refused with the reason")
  func rprop() throws {
    let outcome = try Driver.run(["find-rate", "optimizer.name=rprop"])
    #expect(outcome.status != 0)
    #expect(outcome.error.contains("finds the lengths of its steps itself"))
  }
}
