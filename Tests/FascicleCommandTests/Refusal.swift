import Foundation
import Testing

extension Driver {
  /// Expects a run to end with a status and with one to three lines that have some phrases in them, and to put out nothing.
  static func expectRefusal(
    _ arguments: [String], _ status: Int32, _ phrases: [String], in folder: URL? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments, in: folder)
    #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.error.hasPrefix("error: "), "\(outcome.error)", sourceLocation: sourceLocation)
    #expect(
      (1...3).contains(outcome.error.split(separator: "\n").count), "\(outcome.error)", sourceLocation: sourceLocation)
    for phrase in phrases {
      #expect(outcome.error.contains(phrase), "\(outcome.error)", sourceLocation: sourceLocation)
    }
  }

  /// The same with one phrase.
  static func expectRefusal(
    _ arguments: [String], _ status: Int32, _ phrase: String, in folder: URL? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectRefusal(arguments, status, [phrase], in: folder, sourceLocation: sourceLocation)
  }
}
