import Foundation
import Testing

@Suite("fascicle train")
struct TrainCommandTests {
  /// The repository's folder.
  private static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("training on the digits learns them, and reports what, how fast and where the time went")
  func digits() throws {
    let outcome = try Driver.run(["train"])
    #expect(outcome.status == 0, "\(outcome.error)")
    for label in [
      "run ", "machine ", "workers ", "kernels ", "network ", "data ", "step ", "memory ", "result ", "speed ", "time ",
      "weights     sha256 ",
    ] {
      #expect(
        outcome.output.split(separator: "\n").contains { $0.hasPrefix(label) }, "no \(label) in \(outcome.output)")
    }
    for phrase in [
      "64 → 64 relu → 10 softmax, 4,810 parameters", "1,294 training, 144 validation, 359 test samples", "samples/s",
      "% of the FMA peak of", "gradient + update", "barrier wait", "at the peak",
    ] {
      #expect(outcome.output.contains(phrase), "no \(phrase) in \(outcome.output)")
    }
  }

  @Test("progress is one plain line an epoch where nobody watches")
  func plainProgress() throws {
    let outcome = try Driver.run(["train", "training.epochs=12"])
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines.first?.split(separator: " ").first == "epoch")
    #expect(lines.dropFirst().compactMap { $0.split(separator: " ").first } == (1...12).map { "\($0)/12" })
    #expect(!outcome.error.contains("\u{1b}") && !outcome.error.contains("\r"))
    #expect(!outcome.output.contains("\u{1b}"))
    #expect(Set(lines.map(\.count)).count == 1, "columns are aligned")
  }

  @Test("quiet leaves the results alone")
  func quiet() throws {
    let outcome = try Driver.run(["train", "--quiet", "training.epochs=1"])
    #expect(outcome.error.isEmpty)
    #expect(outcome.output.hasPrefix("result "))
  }

  @Test("events are those of the contract, with all their fields and nothing between them")
  func events() throws {
    let events = try Driver.run(["train", "--json", "--seed", "11", "training.epochs=3"]).events()
    #expect(events.map { $0["event"] as? String } == ["run_start", "first_step", "epoch", "epoch", "epoch", "run_end"])
    for event in events {
      #expect(event["schema"] as? Int == 1)
      let time = try #require(event["time"] as? String)
      #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil, "\(time)")
    }
    let fields = [
      "run_start": [
        "configuration", "seed", "version", "instruction_set", "topology", "effective_cpus", "workers", "worker_cpus",
        "reduction", "lanes", "same_bits", "memory_plan_bytes",
      ],
      "first_step": ["seconds"],
      "epoch": [
        "epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "samples_per_second",
        "learning_rate", "seconds",
      ],
      "run_end": [
        "samples_per_second", "gflops", "fma_peak_gflops", "percent_of_peak", "phase_seconds", "test_loss",
        "test_accuracy", "steps", "seconds", "workers", "weights_sha256", "peak_memory_bytes",
      ],
    ]
    for event in events {
      for field in try #require(fields[event["event"] as? String ?? ""]) {
        #expect(event[field] != nil && !(event[field] is NSNull), "no \(field) in \(event)")
      }
    }
    #expect(events[0]["seed"] as? Int == 11)
    #expect((events[0]["configuration"] as? [String: Any])?["training"] is [String: Any])
    #expect(events[2...4].map { $0["epoch"] as? Int } == [1, 2, 3])
    let phases = try #require(events[5]["phase_seconds"] as? [String: Double])
    #expect(
      Set(phases.keys)
        == ["forward", "backward", "gradient_and_update", "barrier", "data", "evaluation", "diagnosis"])
    #expect((events[5]["weights_sha256"] as? String)?.count == 64)
    #expect(events[5]["steps"] as? Int == 3 * 41)
    let firstStep = try #require(events[1]["seconds"] as? Double)
    #expect(firstStep > 0 && firstStep.isFinite)
  }

  @Test("what is not there is null, not a number that JSON does not know")
  func missingFigures() throws {
    let events = try Driver.run([
      "train", "--json", "training.epochs=1", "training.validation=0", "data.test.fraction=0",
    ])
    .events()
    #expect(events[2]["validation_loss"] is NSNull)
    #expect(events[3]["test_accuracy"] is NSNull)
  }

  @Test("the digits' default learns at least 96 % of a held-out fifth, whatever the seed", arguments: [1, 7])
  func accuracy(seed: Int) throws {
    let end = try #require(try Driver.run(["train", "--json", "--seed", "\(seed)"]).events().last)
    #expect(try #require(end["test_accuracy"] as? Double) >= 0.96)
  }

  @Test("weights are the same, bit for bit, for any number of workers, pinned or not")
  func sameBits() throws {
    let digests = try [["--workers", "1"], ["--workers", "2"], ["--workers", "3"], ["runtime.pin=false"]].map {
      options in
      try Driver.run(["train", "--json", "training.epochs=2"] + options).events().last?["weights_sha256"] as? String
    }
    #expect(digests[0] != nil && Set(digests).count == 1)
    let other = try Driver.run(["train", "--json", "training.epochs=2", "--seed", "8"]).events().last
    #expect(other?["weights_sha256"] as? String != digests[0])
  }

  @Test("lanes decide bits and workers do not, and the report says which")
  func lanes() throws {
    let options = ["train", "--json", "training.epochs=2", "training.batchSize=128", "runtime.reduction=segmented"]
    let runs = try [["runtime.lanes=4"], ["runtime.lanes=4", "--workers", "3"], ["runtime.lanes=2"]].map {
      try Driver.run(options + $0).events()
    }
    let digests = runs.map { $0.last?["weights_sha256"] as? String }
    #expect(digests[0] != nil && digests[0] == digests[1] && digests[0] != digests[2])
    let start = try #require(runs[0].first)
    #expect(start["reduction"] as? String == "segmented")
    #expect(start["lanes"] as? Int == 4)
    #expect(start["same_bits"] as? Bool == true)
    #expect((start["memory_plan_bytes"] as? [String: Int])?["gradient_lanes"] == 4 * 4816 * 4)
    #expect(runs[0].last?["staleness"] is NSNull)
    let text = try Driver.run(options.filter { $0 != "--json" } + ["runtime.lanes=4"]).output
    #expect(text.contains("\nreduction   segmented: 4 lanes asked for; the bits are the same"))
  }

  @Test("without waiting, the report says that bits differ and how stale gradients were")
  func hogwild() throws {
    let options = ["train", "training.epochs=2", "runtime.reduction=hogwild", "--workers", "2"]
    let events = try Driver.run(options + ["--json"]).events()
    #expect(events.first?["same_bits"] as? Bool == false)
    let staleness = try #require(events.last?["staleness"] as? [String: Any])
    #expect((staleness["counts"] as? [Int])?.reduce(0, +) == 2 * 41)
    #expect(staleness["updates"] as? Int == 2 * 41)
    let text = try Driver.run(options).output
    #expect(
      text.contains("\nreduction   hogwild: workers do not wait for one another, so no two runs give the same bits"))
    #expect(text.contains("\nstaleness   "))
  }

  @Test("the digits configuration and no configuration give the same weights")
  func defaultConfiguration() throws {
    let digests = try [[], [Self.repository.appendingPathComponent("configs/digits.yaml").path]].map { arguments in
      try Driver.run(["train", "--json", "training.epochs=1"] + arguments).events().last?["weights_sha256"] as? String
    }
    #expect(digests[0] != nil && digests[0] == digests[1])
  }

  @Test("a dry run prints a configuration that can be run, the plan and its memory, and trains nothing")
  func dryRun() throws {
    try withFolder { folder in
      let dry = try Driver.run(["train", "--dry-run", "--workers", "2", "training.batchSize=9"], in: folder)
      #expect(dry.status == 0)
      #expect(dry.error.isEmpty)
      #expect(dry.output.contains("  batchSize: 9\n") && dry.output.contains("  workers: 2\n"))
      #expect(dry.output.contains("# workers     2: ") && dry.output.contains("# memory      "))
      #expect(!dry.output.contains("sha256"))
      try dry.output.write(to: folder.appendingPathComponent("again.yaml"), atomically: false, encoding: .utf8)
      let again = try Driver.run(["train", "--dry-run", "again.yaml"], in: folder)
      #expect(again.output.prefix { $0 != "#" } == dry.output.prefix { $0 != "#" })
    }
  }

  @Test("an output folder is made, and keeps the configuration and every run's events")
  func outputFolder() throws {
    try withFolder { folder in
      for _ in 1...2 {
        let outcome = try Driver.run(["train", "--quiet", "--output", "a/b", "training.epochs=1"], in: folder)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("a/b/metrics.jsonl"))
      }
      let metrics = try String(contentsOf: folder.appendingPathComponent("a/b/metrics.jsonl"), encoding: .utf8)
      #expect(metrics.split(separator: "\n").count == 2 * 4)
      let validation = try Driver.run(["validate", "a/b/config.yaml"], in: folder)
      #expect(validation.status == 0 && validation.output.contains("4,810 parameters"))
    }
  }
}
