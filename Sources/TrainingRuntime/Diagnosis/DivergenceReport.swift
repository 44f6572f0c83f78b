/// Where a run stopped being finite, and the values that led there.
public struct DivergenceReport: Sendable, Hashable {
  /// The part of a step in which the first bad value appeared.
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// In the features after their scaling.
    case input
    /// In the parameters, through the step before.
    case parameters
    /// On the way through the layers.
    case forward
    /// In the loss, of outputs that are finite.
    case loss
    /// On the way back.
    case backward
    /// In the sum of a gradient over the minibatch, or of its squares.
    case gradient
  }

  /// The epoch, 1 for the first.
  public let epoch: Int
  /// The step of the epoch, 1 for the first.
  public let step: Int
  /// The part of the step.
  public let phase: Phase
  /// What messages call the layer; nil for the input and the loss.
  public let layer: String?
  /// The unit, or the feature of an input, from 0; nil where it is no unit's.
  public let unit: Int?
  /// The row of the data set; nil where it is no single row's.
  public let row: Int?
  /// The value; the largest in the loss's place.
  public let value: Float
  /// The values of the minibatch: of the input, then of every layer.
  public let ranges: [ValueRange]

  /// The values of one layer in the step at hand.
  public struct ValueRange: Sendable, Hashable {
    /// What messages call the layer; `input` before the first.
    public let name: String
    /// The least and the largest finite value; nil when there is none.
    public let finite: ClosedRange<Float>?
    /// How many values are not finite.
    public let badCount: Int
  }
}
