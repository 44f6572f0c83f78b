import Fascicle
import RunConfiguration
import Testing

@Suite("Overrides on the command line")
struct OverrideTests {
  @Test("an override replaces what the file says, and the last one wins")
  func replaces() throws {
    let yaml = "optimizer: { name: sgd, learningRate: 0.5 }"
    let configuration = try load(yaml, "optimizer.learningRate=1", "optimizer.learningRate=0.01")
    #expect(configuration.optimizer.optimizer.name == "sgd")
    #expect(configuration.optimizer.optimizer.learningRate == 0.01)
  }

  @Test("an override adds what the file does not say")
  func adds() throws {
    let configuration = try load("{}", "optimizer.name=adamw", "training.epochs=3", "data.test.fraction=0.5")
    #expect(configuration.optimizer.optimizer.name == "adamw")
    #expect(configuration.training.epochs == 3)
    #expect(configuration.data.test == .fraction(0.5))
  }

  @Test("overrides work without a file")
  func withoutFile() throws {
    #expect(try RunConfiguration.load(overrides: ["training.batchSize=7"]).training.batchSize == 7)
  }

  @Test("elements of lists are reached by number, those of the default list too")
  func lists() throws {
    let yaml = "network: { layers: [{ dense: 5, activation: tanh }, { dense: 10, activation: softmax }] }"
    let written = try load(yaml, "network.layers.0.dense=64")
    #expect(written.layers.first == .dense(Dense(64, activation: .tanh)))
    let standard = try load("{}", "network.layers.0.activation=sigmoid")
    #expect(standard.layers.first == .dense(Dense(64, activation: .sigmoid)))
    #expect(standard.layers.count == RunConfiguration().layers.count)
  }

  @Test("a value may be a list or a section")
  func structuredValues() throws {
    let configuration = try load(
      "{}", "network.layers=[{ dense: 10, activation: softmax }]", "schedule={ name: cosine }")
    #expect(configuration.layers == [.dense(Dense(10, activation: .softmax))])
    #expect(configuration.schedule == .cosine())
  }

  @Test(
    "a wrong override is refused by its own words",
    arguments: [
      (
        "optimizer.learningRat=0.01",
        "override optimizer.learningRat=0.01: unknown key 'optimizer.learningRat'; "
          + "did you mean 'optimizer.learningRate'?"
      ),
      (
        "optimiser.learningRate=1",
        "override optimiser.learningRate=1: unknown key 'optimiser'; did you mean 'optimizer'?"
      ),
      ("epochs=3", "override epochs=3: unknown key 'epochs'; it belongs under 'training'"),
      (
        "optimizer.learningRate=nan",
        "override optimizer.learningRate=nan: optimizer.learningRate must be a number, but is 'nan'; it must be finite"
      ),
      (
        "training.epochs=",
        "override training.epochs=: training.epochs must be a whole number from 1 to 1000000, "
          + "but is nothing"
      ),
      ("epochs", "override epochs: expected key=value; as in optimizer.learningRate=0.01"),
      ("=3", "override =3: expected a dotted path of keys before '='; as in optimizer.learningRate=0.01"),
      ("a..b=3", "override a..b=3: expected a dotted path of keys before '='; as in optimizer.learningRate=0.01"),
      (
        "network.layers.9.dense=3",
        "override network.layers.9.dense=3: expected a number from 0 to 1 after 'network.layers', got '9'"
      ),
      ("loss=&a x", "override loss=&a x: anchors (&name) and aliases (*name) are not allowed"),
      ("loss=[", "override loss=[: this is not valid YAML: "),
    ])
  func refused(override: String, start: String) throws {
    let description = try refusal(of: "{}", [override]).description
    #expect(description.hasPrefix(start), "got \(description)")
  }

  @Test("a path through a plain value is refused")
  func throughScalar() throws {
    #expect(
      try refusal(of: "data: digits", ["data.format=x"]).description
        == "override data.format=x: 'data' is 'digits', so there is no 'format' in it")
    #expect(
      try refusal(of: "loss: huber", ["loss.delta.x=1"]).description.hasPrefix(
        "override loss.delta.x=1: loss.delta must be"))
  }

  @Test("a loss, an optimizer or a schedule that is a mere name takes further keys")
  func behindNames() throws {
    #expect(try load("{ loss: huber, network: { layers: [{ dense: 10 }] } }", "loss.delta=2").loss == .huber(delta: 2))
    let long = try load("{ optimizer: { name: sgd, momentum: 0.5 }, schedule: { name: step, factor: 0.25 } }").yaml
    #expect(
      try load("{ optimizer: sgd, schedule: step }", "optimizer.momentum=0.5", "schedule.factor=0.25").yaml == long)
    #expect(
      try load("{}", "optimizer=sgd", "optimizer.momentum=0.5", "schedule=step", "schedule.factor=0.25").yaml == long)
  }
}
