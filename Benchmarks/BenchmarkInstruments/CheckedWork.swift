/// A piece of work that can be called over and over, and that can say whether what it does is right.
public protocol CheckedWork: AnyObject {
  /// Does it once.
  func run()
  /// Runs it in some way and compares what it gave with something independent.
  ///
  /// - Throws: ``WrongResult``, with a sentence; nothing is measured then.
  func check() throws
}

/// What a benchmark's own check found wrong.
public struct WrongResult: Error, CustomStringConvertible {
  /// A sentence.
  public let description: String

  /// Says what was wrong.
  public init(_ description: String) { self.description = description }
}

/// Expects two runs of floats to be the same bits.
///
/// - Throws: ``WrongResult``, with the first place where they differ.
public func requireSameBits(
  _ values: UnsafePointer<Float>, _ expected: UnsafePointer<Float>, count: Int, _ what: String
) throws {
  guard let index = (0..<count).first(where: { values[$0].bitPattern != expected[$0].bitPattern }) else { return }
  throw WrongResult("\(what)[\(index)]: expected \(expected[index]) as the reference gives, got \(values[index])")
}
