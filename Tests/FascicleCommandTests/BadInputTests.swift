import Fascicle
import Foundation
import Glibc
import Testing

@Suite("Bad input")
struct BadInputTests {
  private static let limit = RuntimeSettings.maximumWorkerCount

  /// A mistake, the status it ends with and a part of what is said.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let status: Int32
    let phrases: [String]

    init(_ description: String, _ arguments: [String], _ status: Int32, _ phrases: String...) {
      self.testDescription = description
      self.arguments = arguments
      self.status = status
      self.phrases = phrases
    }
  }

  private func check(_ mistake: Mistake, in folder: URL? = nil) throws {
    try Driver.expectRefusal(mistake.arguments, mistake.status, mistake.phrases, in: folder)
  }

  @Test(
    "wrong arguments end with 64 and say what was expected",
    arguments: [
      Mistake(
        "no worker", ["train", "--workers", "0"], 64, "whole number from 1 to \(limit), but is '0'", "train --help"),
      Mistake("ten thousand workers", ["train", "--workers", "10000"], 64, "1 to \(limit), but is '10000'"),
      Mistake("workers below zero", ["train", "--workers", "-1"], 64, "1 to \(limit), but is '-1'"),
      Mistake("workers in words", ["train", "--workers=two"], 64, "'auto' or a whole number", "but is 'two'"),
      Mistake("a seed below zero", ["train", "--seed", "-3"], 64, "--seed must be a whole number", "but is '-3'"),
      Mistake("an unknown flag", ["train", "--fast"], 64, "--fast", "see 'fascicle train --help'"),
      Mistake("two configurations", ["train", "a.yaml", "b.yaml"], 64, "one configuration file at most, got 2"),
      Mistake("no key", ["train", "=3"], 64, "expected a dotted path of keys before '='"),
      Mistake("an unknown command", ["trian"], 64, "unknown command 'trian'", "did you mean 'train'?"),
      Mistake("an unknown workload", ["bench", "--workload", "fashon"], 64, "did you mean 'fashion'?"),
      Mistake("one layer", ["bench", "--layers", "3"], 64, "two or more widths such as 784,256,10, but is '3'"),
      Mistake("no time", ["bench", "--seconds", "0"], 64, "--seconds must be a number above 0"),
      Mistake("layers of a named workload", ["bench", "--batch", "3"], 64, "--batch goes with --layers"),
      Mistake(
        "an unknown part of a machine", ["bench", "--scaling", "--topology", "numa:2 l3:2 cor:8 pu:1"], 64,
        "'cor' in 'numa:2 l3:2 cor:8 pu:1' is no file and no part of a machine such as", "did you mean 'core'?"),
      Mistake(
        "a machine without a number", ["bench", "--scaling", "--topology", "core:x"], 64,
        "hwloc does not accept the synthetic machine “core:x”"),
      Mistake("an empty machine", ["bench", "--scaling", "--topology", ""], 64, "is empty"),
      Mistake("a machine's file that is missing", ["bench", "--scaling", "--topology", "no.xml"], 64, "no such file"),
      Mistake("a machine for nothing", ["bench", "--topology", "core:2 pu:1"], 64, "--topology goes with --scaling"),
      Mistake("a quick nothing", ["bench", "--quick"], 64, "--quick goes with --sweep"),
      Mistake("two measurements", ["bench", "--scaling", "--sweep"], 64, "give one of them"),
      Mistake(
        "a sweep of workloads", ["bench", "--sweep", "--workload", "tiny"], 64, "--sweep has networks of its own"),
      Mistake("a sweep of workers", ["bench", "--sweep", "--workers", "2"], 64, "leave --workers out"),
      Mistake("placing no workers", ["topology", "--workers", "0"], 64, "1 to \(limit), but is '0'"),
    ])
  func wrongArguments(mistake: Mistake) throws { try check(mistake) }

  @Test(
    "a wrong configuration ends with 78 and names the place",
    arguments: [
      Mistake("an unknown key", ["train", "training.epohcs=3"], 78, "unknown key", "did you mean 'training.epochs'?"),
      Mistake(
        "a batch of none", ["train", "training.batchSize=0"], 78, "training.batchSize must be a whole number from 1"),
      Mistake("no number", ["train", "optimizer.learningRate=nan"], 78, "but is 'nan'; it must be finite"),
      Mistake("an unknown activation", ["validate", "network.layers.0.activation=rleu"], 78, "did you mean 'relu'?"),
      Mistake("another's key", ["validate", "optimizer.momentum=0.9"], 78, "does not belong to the optimizer adam"),
      Mistake(
        "a width that does not fit", ["train", "network.layers.1.dense=5"], 78,
        "the last dense layer must have 10 units, one for each class of digits, but has 5"),
      Mistake("a width beyond counting", ["summary", "network.layers.0.dense=99999999"], 78, "from 1 to 16777216"),
      Mistake(
        "a layer that cannot learn", ["train", "network.layers.0.activation=step"], 78, "step", "cannot be trained"),
      Mistake(
        "every key of a file", ["validate", "wrong.yaml"], 78, "wrong.yaml:2:3", "wrong.yaml:3:14", "more problem"),
      Mistake("no YAML", ["validate", "images"], 78, "images: a configuration is UTF-8 text"),
      Mistake("an empty file", ["validate", "empty.yaml"], 78, "empty.yaml: the configuration is empty"),
    ])
  func wrongConfigurations(mistake: Mistake) throws {
    try withFolder { folder in
      let yaml = "training:\n  epochz: 3\n  batchSize: 0\n  seed: x\n  validation: 2\n"
      try yaml.write(to: folder.appendingPathComponent("wrong.yaml"), atomically: false, encoding: .utf8)
      try Data([0, 0, 8, 0xff]).write(to: folder.appendingPathComponent("images"))
      try Data().write(to: folder.appendingPathComponent("empty.yaml"))
      try check(mistake, in: folder)
    }
  }

  @Test(
    "a configuration that can't be read ends with 66",
    arguments: [
      Mistake("a missing file", ["train", "none.yaml"], 66, "none.yaml: no such configuration file"),
      Mistake("a folder", ["train", "."], 66, "expected a configuration file, got a directory"),
      Mistake("a device", ["train", "/dev/null"], 66, "got a pipe or a device"),
    ])
  func unreadableConfigurations(mistake: Mistake) throws { try withFolder { try check(mistake, in: $0) } }

  @Test("a configuration of somebody else ends with 66", .enabled(if: geteuid() != 0))
  func forbiddenConfiguration() throws {
    try withFolder { folder in
      let path = folder.appendingPathComponent("secret.yaml").path
      let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0]
      #expect(FileManager.default.createFile(atPath: path, contents: Data("{}".utf8), attributes: attributes))
      try check(Mistake("", ["train", "secret.yaml"], 66, "this user may not read the configuration file"), in: folder)
    }
  }

  /// IDX files by name, and what is wrong when a run reads them.
  private static let dataSets: [(images: String, labels: String, mistake: Mistake)] = [
    ("none", "labels", Mistake("missing images", [], 66, "none: no such file")),
    ("images", "none", Mistake("missing labels", [], 66, "none: no such file")),
    (".", "labels", Mistake("a folder of images", [], 66, "expected a file, got a directory")),
    ("short", "labels", Mistake("truncated images", [], 65, "short")),
    ("long", "labels", Mistake("images with a tail", [], 65, "long")),
    ("images", "few", Mistake("fewer labels than images", [], 65, "expected as many labels as images, got 30", "29")),
    ("images", "high", Mistake("a label out of range", [], 65, "label 3 of sample 29 is out of range", "3 units")),
    ("lying.gz", "labels", Mistake("a gz that lies about its length", [], 65, "lying.gz")),
    ("cut.gz", "labels", Mistake("a gz without its end", [], 65, "cut.gz")),
    ("empty", "none-labels", Mistake("an empty data set", [], 65, "empty")),
    ("text", "labels", Mistake("no IDX at all", [], 65, "text")),
    ("labels", "images", Mistake("images and labels swapped", [], 65, "labels in one dimension")),
  ]

  @Test("bad data end with 65, missing data with 66", arguments: dataSets.indices)
  func badData(index: Int) throws {
    let (images, labels, mistake) = Self.dataSets[index]
    try withFolder { folder in
      try writeFiles(to: folder)
      let arguments = [
        "train", "data.format=idx", "data.images=\(images)", "data.labels=\(labels)", "network.layers.1.dense=3",
      ]
      try check(Mistake(mistake.testDescription, arguments, mistake.status), in: folder)
      for phrase in mistake.phrases {
        let outcome = try Driver.run(arguments, in: folder)
        #expect(outcome.error.contains(phrase), "\(outcome.error)")
      }
    }
  }

  @Test("the data of these tests are sound where nothing was done to them")
  func soundData() throws {
    try withFolder { folder in
      try writeFiles(to: folder)
      let outcome = try Driver.run(
        ["train", "data.format=idx", "data.images=sound.gz", "data.labels=labels", "network.layers.1.dense=3"],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.error)")
    }
  }

  @Test("a test set of another shape is refused before training")
  func testSetOfAnotherShape() throws {
    try withFolder { folder in
      try writeFiles(to: folder)
      let arguments = [
        "train", "data.format=idx", "data.images=images", "data.labels=labels", "data.test.images=wide",
        "data.test.labels=labels", "network.layers.1.dense=3",
      ]
      try check(
        Mistake("", arguments, 65, "test samples must have as many features as training samples, got 25"), in: folder)
    }
  }

  private func writeFiles(to folder: URL) throws {
    let images = IDXFile.images(30), labels = IDXFile.labels(30)
    let files: [String: Data] = [
      "images": images, "labels": labels, "short": images.dropLast(), "long": images + [0],
      "few": IDXFile.labels(29), "high": labels.dropLast() + [3], "wide": IDXFile.images(30, side: 5),
      "sound.gz": IDXFile.gzip(images, claimedByteCount: images.count),
      "lying.gz": IDXFile.gzip(images, claimedByteCount: images.count + 1),
      "cut.gz": IDXFile.gzip(images, claimedByteCount: images.count).dropLast(12),
      "empty": IDXFile.images(0), "none-labels": IDXFile.labels(0), "text": Data("not an IDX file at all".utf8),
    ]
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
  }

  @Test("a loss that stops being a number ends with 1, and names layer, step and what to try")
  func divergence() throws {
    let outcome = try Driver.run(["train", "--quiet", "optimizer.name=sgd", "optimizer.learningRate=1e30"])
    #expect(outcome.status == 1)
    for phrase in ["error: the loss is not a finite number in epoch 1, step 2", "layer ", "lower the learning rate"] {
      #expect(outcome.error.contains(phrase), "\(outcome.error)")
    }
    #expect(outcome.output.isEmpty)
  }

  @Test("a folder or a stream that can't be written to ends with 74")
  func unwritableOutput() throws {
    let folder = try Driver.run(["train", "--quiet", "--output", "/dev/null/run"])
    #expect(folder.status == 74)
    #expect(folder.error.hasPrefix("error: writing to /dev/null/run failed: "))

    let process = Driver.process(["train", "--quiet", "training.epochs=1"])
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(Driver.status(of: process) == 74)
  }

  @Test("an instruction set that this machine does not have ends with 64")
  func unknownInstructionSet() throws {
    let outcome = try Driver.run(["train"], environment: ["FASCICLE_ISA": "mmx"])
    #expect(outcome.status == 64)
    #expect(outcome.error.hasPrefix("error: FASCICLE_ISA=mmx names no instruction set; choose one of reference"))
  }
}
