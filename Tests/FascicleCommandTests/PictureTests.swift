import Foundation
import Testing

@Suite("Pictures")
struct PictureTests {
  private static let xor = [
    "data.format=xor", "data.samples=80",
    "network.layers=[{dense: 4, activation: tanh}, {dense: 2, activation: softmax}]", "training.epochs=3",
  ]

  /// Whether the text is one well-formed XML document.
  private func isXML(_ text: String) -> Bool { XMLTags(text).areBalanced }

  @Test("the regions of a decision are drawn with the samples over them", arguments: ["auto", "light", "dark"])
  func decision(theme: String) throws {
    let outcome = try Driver.run(["plot", "decision"] + Self.xor + ["--theme", theme])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(isXML(outcome.output))
    #expect(outcome.output.contains("xor: 2 → 4 tanh → 2 softmax"))
    #expect(outcome.output.components(separatedBy: "class=\"dot ").count - 1 == 58 + 2, "samples and the legend")
    #expect(outcome.output.contains("class=\"region c0") && outcome.output.contains("class=\"region c1"))
  }

  @Test("a network is drawn with units and weights, large layers in part")
  func network() throws {
    let outcome = try Driver.run(["plot", "network", "--epochs", "0"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(isXML(outcome.output))
    #expect(outcome.output.contains("untrained, 4,810 parameters"))
    // 64 inputs and 64 units are cut to eleven circles each and a gap; ten outputs; the legend's.
    #expect(outcome.output.components(separatedBy: "class=\"unit\"").count - 1 == 11 + 11 + 10 + 1)
    #expect(outcome.output.components(separatedBy: "⋮").count - 1 == 2)
    #expect(outcome.output.components(separatedBy: "class=\"weight ").count - 1 == 11 * 11 + 11 * 10 + 2)
  }

  @Test("layers without units of their own are passed over, and a gate halves what is drawn behind it")
  func otherLayers() throws {
    let layers =
      "network.layers=[{dense: 16}, {activation: glu}, {norm: layer}, {dropout: 0.1}, "
      + "{residual: [{dense: 8, activation: gelu}]}, {dense: 2, activation: softmax}]"
    let outcome = try Driver.run(["plot", "network", "data.format=xor", "data.samples=80", layers, "--epochs", "1"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(isXML(outcome.output))
    // Sixteen units before the gate, of which the picture shows eleven; eight behind it and two outputs, all shown.
    #expect(outcome.output.components(separatedBy: "class=\"unit\"").count - 1 == 2 + 11 + 8 + 2 + 1)
  }

  @Test("a single output is read as the loss reads it")
  func singleOutput() throws {
    let outcome = try Driver.run([
      "plot", "decision", "data.format=xor", "data.samples=200", "loss=binary_cross_entropy", "training.epochs=40",
      "optimizer.learningRate=0.05", "network.layers=[{dense: 8, activation: tanh}, {dense: 1, activation: sigmoid}]",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("class=\"region c0") && outcome.output.contains("class=\"region c1"))
  }

  @Test("a picture shows the network that train would make, class weights and all")
  func classWeights() throws {
    let settings = [
      "data.format=moons", "data.samples=300", "data.noise=0.3", "loss=binary_cross_entropy",
      "network.layers=[{dense: 8, activation: tanh}, {dense: 1, activation: sigmoid}]", "training.epochs=10",
    ]
    let plain = try Driver.run(["plot", "decision"] + settings)
    let weighted = try Driver.run(["plot", "decision"] + settings + ["training.classWeights=[1, 50]"])
    #expect(plain.status == 0 && weighted.status == 0, "\(weighted.error)")
    #expect(plain.output != weighted.output)
  }

  @Test("one sample, one unit and an untrained network are drawn as well")
  func smallest() throws {
    let one = ["data.format=xor", "data.samples=1", "data.test.fraction=0", "training.validation=0"]
    let layers = "network.layers=[{dense: 2, activation: softmax}]"
    for epochs in ["0", "1"] {
      for kind in ["decision", "network"] {
        let outcome = try Driver.run(["plot", kind] + one + [layers, "--epochs", epochs])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(isXML(outcome.output))
      }
    }
  }

  @Test("the model of a folder is drawn as it was saved")
  func folder() throws {
    try withFolder { folder in
      let model = folder.appendingPathComponent("model").path
      #expect(try Driver.run(["train", "--quiet", "--output", model] + Self.xor).status == 0)
      for kind in ["decision", "network"] {
        let outcome = try Driver.run(["plot", kind, model])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.output.contains("after 3 epochs"))
      }
    }
  }

  @Test("data without a plane are refused before anything is trained")
  func otherData() throws {
    let digits = try Driver.run(["plot", "decision"])
    #expect(digits.status == 78)
    #expect(
      digits.error
        == "error: digits has 64 features a sample, but a picture of decisions needs 2; try data.format=moons\n")
    let friedman = try Driver.run([
      "plot", "decision", "data.format=friedman", "network.layers=[{dense: 1}]", "loss=mean_squared_error",
    ])
    #expect(friedman.status == 78)
    #expect(friedman.error.contains("friedman has 10 features a sample"))
  }

  @Test("labels in scale have no classes to draw, trained just now or before")
  func labelsInScale() throws {
    try withFolder { folder in
      let rows = (0..<40).map { "\($0 % 8),\($0 % 5),\($0 % 2)" }
      try Data(("a,b,y\n" + rows.joined(separator: "\n")).utf8).write(to: folder.appendingPathComponent("t.csv"))
      let settings = [
        "data.format=csv", "data.file=t.csv", "data.label=y", "data.labelScale=standardize", "loss=mean_squared_error",
        "network.layers=[{ dense: 1 }]", "training.epochs=1",
      ]
      #expect(try Driver.run(["train", "--quiet", "--output", "m"] + settings, in: folder).status == 0)
      for arguments in [settings, ["m"]] {
        let outcome = try Driver.run(["plot", "decision"] + arguments, in: folder)
        #expect(outcome.status == 78 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.error.contains("t.csv has targets and no classes, but a picture of decisions needs classes"))
      }
      let classes = try Driver.run(["plot", "decision"] + settings + ["loss=binary_cross_entropy"], in: folder)
      #expect(classes.status == 78 && classes.error.contains("data.labelScale cannot be standardize"), "\(classes)")
    }
  }

  @Test("arguments that make no picture are refused")
  func arguments() throws {
    for arguments in [["plot", "network", "--epochs", "-1"], ["plot", "activations", "--output", "a.gif"]] {
      let outcome = try Driver.run(arguments)
      #expect(outcome.status == 64, "\(outcome.error)")
      #expect(outcome.error.hasPrefix("error: --"))
    }
    #expect(try Driver.run(["plot", "activations", "--output", "/nowhere/a.svg"]).status == 74)
  }

  @Test("a PNG is made by rsvg-convert, and a sentence says so where it is missing")
  func png() throws {
    try withFolder { folder in
      let path = folder.appendingPathComponent("all.png").path
      let missing = try Driver.run(["plot", "activations", "--output", path], environment: ["PATH": folder.path])
      #expect(missing.status == 69)
      #expect(missing.error.contains("a PNG needs rsvg-convert, which is not installed; install librsvg2-bin"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [], "nothing is left behind")
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/rsvg-convert") else { return }
      for (kind, arguments) in [("activations", []), ("decision", Self.xor), ("network", Self.xor)] {
        for theme in ["light", "dark"] {
          let outcome = try Driver.run(["plot", kind] + arguments + ["--theme", theme, "--output", path])
          #expect(outcome.status == 0, "\(outcome.error)")
          let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
          #expect(bytes.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
          #expect(bytes.count > 5_000)
        }
      }
    }
  }
}

/// The tags of a document, as far as these pictures need it.
private struct XMLTags {
  let areBalanced: Bool

  init(_ text: String) {
    var open: [Substring] = [], isSound = true, rest = text[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      if tag.hasPrefix("/") {
        isSound = isSound && open.popLast() == tag.dropFirst()
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
      rest = rest[rest.index(after: end)...]
    }
    areBalanced = isSound && open.isEmpty && text.hasPrefix("<svg")
  }
}
