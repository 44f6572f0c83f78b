import RunConfiguration
import Testing

@Suite("Traps of YAML")
struct YAMLTrapTests {
  @Test(
    "numbers mean what they look like",
    arguments: [
      ("1e-3", Float(0.001)), ("1E-3", 0.001), ("0.001", 0.001), (".001", 0.001), ("+1.e-3", 0.001), ("1", 1), ("0", 0),
      ("0.5e0", 0.5),
    ])
  func numbers(text: String, expected: Float) throws {
    #expect(try load("optimizer: { learningRate: \(text) }").optimizer.optimizer.learningRate == expected)
  }

  @Test(
    "numbers that readers of YAML disagree on are refused with how to write them",
    arguments: [
      ("training: { epochs: 010 }", "write it in decimal, without a leading 0"),
      ("training: { epochs: 0x10 }", "write it in decimal, without a leading 0"),
      ("training: { epochs: 1e3 }", "write 1000"),
      ("training: { epochs: 20.0 }", "write 20"),
      ("training: { epochs: 1_000 }", "write 1000"),
      ("training: { epochs: '20' }", "remove the quotes"),
      ("optimizer: { learningRate: \"0.1\" }", "remove the quotes"),
      ("optimizer: { learningRate: 0x1p-3 }", "write it in decimal, without a leading 0"),
      ("runtime: { pin: no }", "write false"),
      ("runtime: { pin: On }", "write true"),
    ])
  func disputedValues(yaml: String, hint: String) throws {
    #expect(try refusal(of: yaml).hint == hint)
  }

  @Test(
    "sexagesimal and empty numbers are no numbers", arguments: ["1:30", "~", "null", "", "twenty", "1e", "e3", "."])
  func noNumbers(text: String) throws {
    #expect(try refusal(of: "training: { epochs: \(text) }").message.contains("training.epochs must be a whole number"))
  }

  @Test("no is a name like any other where a name is expected")
  func noIsAWord() throws {
    #expect(try refusal(of: "loss: no").message.hasSuffix("but is 'no'"))
  }

  @Test(
    "a key that is given twice is refused",
    arguments: [
      ("training: { epochs: 1, epochs: 2 }", "run.yaml:1:13: the key 'epochs' is given more than once in this section"),
      ("loss: mean_squared_error\ntraining: {}\nloss: mean_squared_error", "run.yaml:1:1: the key 'loss' is given"),
    ])
  func duplicateKeys(yaml: String, start: String) throws {
    let error = try refusal(of: yaml)
    #expect(error.message.hasPrefix(start))
    #expect(error.code == .key)
  }

  @Test(
    "what is no single section of keys gets its own sentence",
    arguments: [
      ("", "run.yaml: the configuration is empty; for all defaults, give no file or write {}"),
      ("# nothing but a comment\n", "run.yaml: the configuration is empty; for all defaults, give no file or write {}"),
      ("---\n", "run.yaml: the configuration is empty; for all defaults, give no file or write {}"),
      ("- a\n- b\n", "run.yaml:1:1: a configuration is a section of keys such as 'training:', but this is a list"),
      ("hello", "run.yaml:1:1: a configuration is a section of keys such as 'training:', but this is 'hello'"),
      (
        "{}\n---\n{}\n",
        "run.yaml:2:1: a configuration is a single YAML document, but a second one begins here; "
          + "remove the line '---' and what follows, or put it in a file of its own"
      ),
      ("? [a, b]\n: 1", "run.yaml:1:3: a key must be a single word, such as 'epochs'"),
      ("training: !!set {}", "run.yaml:1:11: tags such as 'tag:yaml.org,2002:set' are not allowed"),
      ("loss: !secret x", "run.yaml:1:7: tags such as '!secret' are not allowed in a configuration"),
      ("training:\n\tepochs: 3", "run.yaml:2:1: this is not valid YAML: "),
      ("training: {", "run.yaml:2:1: this is not valid YAML: "),
      ("training: \u{1}", "run.yaml: this is not valid YAML: control characters are not allowed (character 1)"),
      ("<<: {}", "run.yaml:1:1: unknown key '<<'"),
    ])
  func wrongDocuments(yaml: String, start: String) throws {
    let description = try refusal(of: yaml).description
    #expect(description.hasPrefix(start), "got \(description)")
  }

  @Test("tabs are named as the cause where they indent")
  func tabs() throws {
    #expect(try refusal(of: "training:\n\tepochs: 3").hint == "indent with spaces, not with tabs")
  }

  @Test("the column counts letters, not bytes")
  func columns() throws {
    #expect(try refusal(of: "{ \"größe\": 1, loss: x }").problems.map(\.place) == ["run.yaml:1:3", "run.yaml:1:21"])
  }
}
