import ArgumentParser
import Fascicle
import RunConfiguration

/// The arguments that say what run is meant.
struct RunArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A configuration file, and key=value for every key to change. Without a file, all defaults hold.",
      valueName: "CONFIG | key=value"))
  var arguments: [String] = []

  func validate() throws {
    guard paths.count <= 1 else {
      throw ValidationError(
        "expected one configuration file at most, got \(paths.count): \(paths.joined(separator: ", "))")
    }
  }

  /// What the file and the overrides say.
  func load() throws -> RunConfiguration {
    try .load(path: paths.first, overrides: arguments.filter(Self.isOverride))
  }

  /// The one argument, where it is a folder, as models are.
  var folder: String? { arguments.count == 1 && Folder.exists(arguments[0]) ? arguments[0] : nil }

  /// What reports call the run.
  var title: String { paths.first ?? (arguments.isEmpty ? "digits, the default" : "the default, with overrides") }

  private var paths: [String] { arguments.filter { !Self.isOverride($0) } }

  /// A file's path has a slash or another character that no key has; in doubt, `./` in front makes it a path.
  private static func isOverride(_ argument: String) -> Bool {
    guard let separator = argument.firstIndex(of: "=") else { return false }
    return argument[..<separator].allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
  }
}
