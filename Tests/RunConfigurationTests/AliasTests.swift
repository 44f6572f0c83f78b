import RunConfiguration
import Testing

@Suite("Anchors and aliases")
struct AliasTests {
  @Test(
    "anchors and aliases are refused wherever they stand",
    arguments: [
      ("training: &a { epochs: 3 }", "run.yaml:1:11"),
      ("training: { epochs: &a 3 }", "run.yaml:1:21"),
      ("network: { layers: &a [] }", "run.yaml:1:20"),
      ("{ &a loss: mean_squared_error }", "run.yaml:1:3"),
      ("loss: *a", "run.yaml:1:7"),
      ("training: { epochs: &a 3, batchSize: *a }", "run.yaml:1:38"),
      ("{ training: &a {}, *a : 3 }", "run.yaml:1:20"),
      ("# größe\nloss: &ü-a x\nb: *a", "run.yaml"),
    ])
  func refused(yaml: String, place: String) throws {
    let error = try refusal(of: yaml)
    #expect(error.problems[0].place.hasPrefix(place))
    #expect(error.code == .unsupportedYAML || error.code == .notYAML)
  }

  @Test("stars and ampersands in comments and quotes are nobody's alias")
  func harmlessSigns() throws {
    let configuration = try load(
      """
      # use *this* file & have &fun: 2 * 3, a&b
      data: { format: idx, images: "R&D *.gz", labels: 'a & *c' }  # *b, 2*fun
      """)
    #expect(configuration.data.source != .digits)
  }

  /// Each of `levels` anchors stands for two of the one before it, so that the last stands for 2^levels values.
  private func bomb(levels: Int, level: (Int) -> String) -> String {
    (0..<levels).map(level).joined(separator: "\n")
  }

  @Test("a billion laughs are not laughed")
  func billionLaughs() throws {
    let yaml = "a0: &a0 lol\n" + bomb(levels: 60) { "a\($0 + 1): &a\($0 + 1) [*a\($0), *a\($0)]" }
    #expect(try refusal(of: yaml).description.contains("anchors (&name) and aliases (*name) are not allowed"))
  }

  @Test("an alias as a key, which a parser would hash with all it stands for, is refused first")
  func aliasAsKey() throws {
    let yaml =
      "a0: &a0 lol\n" + bomb(levels: 60) { "a\($0 + 1): &a\($0 + 1) [*a\($0), *a\($0)]" }
      + "\n? *a60\n: 1\n{ *a60 : 1 }"
    #expect(try refusal(of: yaml).code == .unsupportedYAML)
  }

  @Test("a bomb hidden behind misleading quotes and comments is found all the same")
  func hiddenBomb() throws {
    let yaml =
      "x: [foo\n \"a, \"b # \", &a0 [lol], *a0 ]\n"
      + bomb(levels: 60) { "- [\"it's # *a\($0)\", &a\($0 + 1) *a\($0) ]" }
    #expect(try refusal(of: yaml).code == .unsupportedYAML)
  }

  @Test("trees as keys, each hashed at every level above, are refused before they are many")
  func treesAsKeys() throws {
    let yaml = String(repeating: "{? ", count: 900) + "[" + String(repeating: "a,", count: 300_000) + "]"
    #expect(try refusal(of: yaml).message.hasSuffix("a key must be a single word, such as 'epochs'"))
  }

  @Test("nesting without end is refused", arguments: ["[", "{a: ", "- ", "? "])
  func deepNesting(opening: String) throws {
    let yaml = String(repeating: opening, count: 200_000)
    #expect([.notYAML, .unsupportedYAML].contains(try refusal(of: yaml).code))
  }
}
