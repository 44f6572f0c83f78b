import FuzzInstruments
import RunConfiguration
import Testing

/// Damaged configurations and overrides never crash a reader nor keep it long, and what is refused is refused with a place.
@Suite("Damaged configurations")
struct ConfigurationFuzzTests {
  private static let seeds = [
    "data:\n  format: digits\nnetwork:\n  layers:\n    - dense: 32\n      activation: relu\n    - dense: 10\n      activation: softmax\n"
      + "training:\n  epochs: 3\n  batchSize: 64\noptimizer:\n  name: adam\n  learningRate: 1e-3\n",
    "network: { layers: [{ dense: 4, activation: { name: leakyReLU, slope: 0.1 } }, { dropout: 0.5 }, { dense: 1 }] }\n"
      + "loss: { name: huber, delta: 2 }\n",
    "a: &x [1, 2]\nb: *x\n", "optimizer: { name: sgd, momentum: 0.9, schedule: { name: cosine, warmupSteps: 10 } }\n",
    "checkpoint: { folder: kept, everySteps: 10, keepLast: 2 }\nruntime: { workers: 2, precision: f32 }\n",
  ].map { Array($0.utf8) }
  private static let pieces = [
    ": ", "- ", "\n", "\n  ", "\t", "{", "}", "[", "]", "&a ", "*a", "!!float ", "!!binary ", "|", ">", "?", "#",
    "%YAML 9\n", "---\n",
    "...\n", "'", "\"", "\\", "<<: ", "~", "no", "0x1f", "1e999", ".nan", "-1", "99999999999999999999", "\u{feff}",
    "\0", "é",
    "network:", "layers:", "dense: ", "training:", "epochs: ", "[[[[[[[[[[",
  ]

  @Test("YAML files")
  func yaml() {
    var fuzzer = Fuzzer(seeds: Self.seeds, pieces: Self.pieces)
    let outcome = fuzzer.run(inputs: 2000) { bytes in
      isRead {
        try RunConfiguration.load(text: String(decoding: bytes, as: UTF8.self), path: "run.yaml", overrides: [])
      }
    }
    outcome.expectBounds("YAML")
  }

  @Test("overrides")
  func overrides() {
    let seeds = [
      "training.epochs=3", "network.layers.0.dense=5", "optimizer={ name: sgd, learningRate: 0.1 }",
      "network.layers=[{ dense: 2, activation: softmax }]", "data.file=a b.csv", "runtime.workers=auto",
    ]
    var fuzzer = Fuzzer(
      seeds: seeds.map { Array($0.utf8) }, pieces: Self.pieces + ["=", ".", "..", "0", "[0]"], byteLimit: 512)
    let outcome = fuzzer.run(inputs: 2000) { bytes in
      isRead {
        try RunConfiguration.load(
          text: "training: { epochs: 2 }", path: "run.yaml", overrides: [String(decoding: bytes, as: UTF8.self)])
      }
    }
    outcome.expectBounds("overrides")
  }

  private func isRead(_ load: () throws -> RunConfiguration) -> Bool {
    do {
      _ = try load()
      return true
    } catch {
      #expect(error is RunConfigurationError && !"\(error)".isEmpty, "\(error)")
      return false
    }
  }
}
