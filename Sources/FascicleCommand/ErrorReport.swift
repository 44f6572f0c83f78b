import ArgumentParser
import Fascicle
import RunConfiguration

/// Tells the user what went wrong, in one to three lines on standard error.
enum ErrorReport {
  /// Prints what `error` has to say, and returns how the process should end.
  ///
  /// Help and versions come as errors too; they are what was asked for, so they go to standard output.
  static func print(_ error: any Error, arguments: [String]) -> ProcessStatus {
    if FascicleCommand.exitCode(for: error) == .success {
      try? StandardOutput.write(FascicleCommand.fullMessage(for: error) + "\n")
      return .done
    }
    let status = ProcessStatus(error)
    // Whoever stops a run knows that it stopped.
    if error is StoppedBySignal { return status }
    StandardError.write(text(of: error, status: status, arguments: arguments))
    return status
  }

  private static func text(of error: any Error, status: ProcessStatus, arguments: [String]) -> String {
    let isUsage = FascicleCommand.exitCode(for: error) == .validationFailure
    let message = unknownCommand(arguments) ?? (isUsage ? FascicleCommand.message(for: error) : "\(error)")
    var lines = message.split(separator: "\n").prefix(isUsage ? 2 : 3).map(String.init)
    if lines.isEmpty { lines = ["\(status)"] }
    if isUsage { lines.append("see '\(helpCall(arguments))'") }
    return "error: " + lines.joined(separator: "\n       ") + "\n"
  }

  private static var commandNames: [String] {
    FascicleCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  private static func unknownCommand(_ arguments: [String]) -> String? {
    guard let name = arguments.first, !name.hasPrefix("-"), !(commandNames + ["help"]).contains(name) else {
      return nil
    }
    let near = Suggestion.nearest(to: name, among: commandNames).map { "; did you mean '\($0)'?" } ?? ""
    return "unknown command '\(name)', expected \(Suggestion.list(commandNames))\(near)"
  }

  private static func helpCall(_ arguments: [String]) -> String {
    guard let name = arguments.first, commandNames.contains(name) else { return "fascicle --help" }
    return "fascicle \(name) --help"
  }
}
