import ArgumentParser
import Fascicle
import FoundationEssentials
import RunConfiguration

/// Reads the text of `--topology`: a file of hwloc XML, or a machine in hwloc's synthetic language.
enum TopologySource {
  /// The machine that `text` describes; a `ValidationError` says what is wrong with it.
  static func machine(_ text: String) throws -> Machine {
    if let xml = try file(text) {
      return try refusal(of: text) { try Machine.saved(xml: xml) }
    }
    if let problem = unknownPart(of: text) { throw ValidationError(problem) }
    return try refusal(of: text) { try Machine.synthetic(text) }
  }

  /// What a file holds; nil where `text` is no path.
  private static func file(_ text: String) throws -> String? {
    var isFolder: Bool = false
    let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isFolder)
    guard exists || text.contains("/") || text.hasSuffix(".xml") else { return nil }
    guard exists else { throw ValidationError("--topology: no such file: \(text)") }
    guard !isFolder, let xml = try? String(contentsOfFile: text, encoding: .utf8) else {
      throw ValidationError("--topology: \(text) is not a text file that this user may read")
    }
    return xml
  }

  private static func refusal(of text: String, _ make: () throws -> Machine) throws -> Machine {
    do { return try make() } catch let error as HardwareTopologyError {
      throw ValidationError("--topology: \(error.message)" + (error.hint.map { " Hint: \($0)" } ?? ""))
    }
  }

  /// The parts of a machine that hwloc's language knows, by their usual names.
  private static let parts = [
    "pack", "package", "socket", "die", "numa", "node", "group", "l5", "l4", "l3", "l2", "l1", "core", "pu", "machine",
  ]

  /// A sentence on the first word that names no part of a machine, for hwloc itself does not say which it was.
  private static func unknownPart(of text: String) -> String? {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != ":" && $0 != "=" }
    let names = words.compactMap { word -> String? in
      // A word such as `l3:2` names a part; `4` is a number alone, and `size=32MB` describes the part before it.
      guard let first = word.first, first.isLetter, !word.contains("=") else { return nil }
      return String(word.prefix { $0 != ":" }).lowercased()
    }
    let wrong = names.first { name in !parts.contains(name) && !parts.contains(String(name.dropLast())) }
    if words.isEmpty { return "--topology must name an hwloc XML file or a machine such as '\(example)', but is empty" }
    guard let wrong else { return nil }
    let near = Suggestion.nearest(to: wrong, among: parts).map { "; did you mean '\($0)'?" } ?? ""
    return "--topology: '\(wrong)' in '\(text)' is no file and no part of a machine such as '\(example)'\(near)"
  }

  private static let example = "numa:2 l3:2 core:8 pu:1"
}
