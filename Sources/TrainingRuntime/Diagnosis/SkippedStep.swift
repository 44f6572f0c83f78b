/// A step that was left out because its loss or gradient was not finite.
public struct SkippedStep: Sendable, Hashable {
  /// The step of the epoch, 1 for the first.
  public let step: Int
  /// What went wrong, as the error would have said it.
  public let message: String
  /// The rows of the data set whose values are not finite, in the order of the minibatch; all of the minibatch's where no
  /// row shows it alone.
  public let rows: [Int]

  /// How many of an epoch's skipped steps are told of.
  public static let limit = 16
}
