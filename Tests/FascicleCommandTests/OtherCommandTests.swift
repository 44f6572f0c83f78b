import Foundation
import Testing

@Suite("The other commands")
struct OtherCommandTests {
  @Test(
    "help has examples, for the driver and every command",
    arguments: ["", "train", "validate", "summary", "topology", "bench", "plot", "plot activations"])
  func help(command: String) throws {
    let outcome = try Driver.run(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.error.isEmpty)
    #expect(outcome.output.contains("Examples:\n"))
    #expect(outcome.output.contains("  fascicle \(command.isEmpty ? "train" : command)"))
    // Wider help wraps where terminals are 80 columns wide, and examples fall apart.
    let examples = outcome.output.split(separator: "\n").filter { $0.hasPrefix("  fascicle ") }
    #expect(examples.count >= 2 && examples.allSatisfy { $0.count <= 80 })
  }

  @Test("no command at all shows the help, and the version is a line")
  func nothing() throws {
    #expect(try Driver.run([]).output.contains("SUBCOMMANDS:"))
    #expect(try Driver.run(["--version"]).output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test("summary lists layers, parameters and memory")
  func summary() throws {
    let outcome = try Driver.run(["summary", "network.layers.0={ dense: 20, activation: prelu, bias: false }"])
    #expect(outcome.status == 0)
    let rows = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    for row in ["input 64", "1 dense 20 prelu(0.25) 20 1,300", "2 dense 10 softmax 10 210", "in all 1,510"] {
      #expect(rows.contains(row), "no '\(row)' in \(rows)")
    }
    #expect(rows.contains { $0.hasPrefix("optimizer state ") })
  }

  @Test("validate says that a configuration is sound")
  func validate() throws {
    let outcome = try Driver.run(["validate"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("sound "))
    #expect(outcome.output.contains("1,294 training, 144 validation, 359 test samples"))
    let short = try Driver.run(
      ["validate", "schedule.name=cosine", "schedule.warmUpEpochs=4", "training.epochs=2"])
    #expect(short.output.contains("warning     the learning rate warms up for 4.0 epochs, but the run has 2"))
  }

  @Test(
    "plot activations draws every activation with its name, both curves and axes", arguments: ["auto", "light", "dark"])
  func plotActivations(theme: String) throws {
    let outcome = try Driver.run(["plot", "activations", "--theme", theme])
    #expect(outcome.status == 0)
    let names = [
      "linear", "step", "sigmoid", "hard_sigmoid", "log_sigmoid", "tanh", "hard_tanh", "scaled_tanh", "tanh_shrink",
      "relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish",
      "softplus", "squareplus", "softsign", "elliot", "exponential", "gaussian", "threshold", "soft_shrink",
      "hard_shrink", "softmax", "log_softmax", "glu",
    ]
    for name in names { #expect(outcome.output.contains(">\(name)"), "no \(name)") }
    #expect(outcome.output.hasPrefix("<svg ") && outcome.output.hasSuffix("</svg>\n"))
    // The legend has one of each as well.
    #expect(outcome.output.components(separatedBy: "<path class=\"function\"").count == names.count + 2)
    #expect(outcome.output.components(separatedBy: "<path class=\"derivative\"").count == names.count + 2)
    #expect(outcome.output.contains("prefers-color-scheme: dark") == (theme == "auto"))
    #expect(!outcome.output.contains("nan") && !outcome.output.contains("inf"))
  }

  @Test("topology tells the machine, the budget and what the cores reach")
  func topology() throws {
    let report = try Driver.run(["topology"])
    #expect(report.status == 0)
    for label in ["machine ", "caches ", "memory ", "budget ", "placement ", "reached "] {
      #expect(report.output.split(separator: "\n").contains { $0.hasPrefix(label) })
    }
    let event = try #require(try Driver.run(["topology", "--json", "--workers", "3"]).events().first)
    #expect((event["worker_cpus"] as? [Int])?.count == 3)
    #expect(try #require(event["fma_peak_gflops"] as? Double) > 0)
    #expect(try #require(event["copy_gigabytes_per_second"] as? Double) > 0)
  }

  @Test("bench writes one object for each workload and worker count, with the fields of the contract")
  func benchEvents() throws {
    let events = try Driver.run([
      "bench", "--workload", "tiny", "--workers", "1,2", "--seconds", "0.02", "--json",
    ]).events()
    #expect(
      events.map { "\($0["workload"] ?? "") \($0["workers"] ?? "")" } == ["tiny 1", "tiny 2"])
    for event in events {
      #expect(event["event"] as? String == "result" && event["schema"] as? Int == 1)
      for field in [
        "layers", "batch", "precision", "samples_per_second", "samples_per_second_spread", "microseconds_per_step",
        "gflops", "fma_peak_gflops", "percent_of_peak", "barrier_nanoseconds",
      ] {
        #expect(event[field] != nil && !(event[field] is NSNull), "no \(field)")
      }
    }
    #expect(events[0]["layers"] as? [Int] == [32, 64, 64, 10])
  }

  @Test("bench measures a network of one's own, as a table")
  func benchTable() throws {
    let outcome = try Driver.run([
      "bench", "--layers", "8,16,4", "--batch", "16", "--activation", "tanh", "--optimizer", "momentum", "--loss",
      "mean_squared_error", "--workers", "1", "--seconds", "0.02",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("workload") && lines[1].hasPrefix("8-16-4"))
  }
}
