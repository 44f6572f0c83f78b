import Fascicle

/// How a model's outputs are read as a class, and how sure it is of it.
struct AnswerReading {
  private let loss: Loss
  private let last: ActivationFunction

  init(_ model: TrainedModel) {
    loss = model.loss
    last = model.network.lastActivation ?? .linear
  }

  /// The class of a sample's outputs, and from 0, a guess, to 1, certainty, how sure the network is; 1 where the outputs do
  /// not say.
  func answer(_ outputs: ArraySlice<Float>) -> (label: Int, sureness: Float) {
    guard outputs.count > 1 else { return answer(single: outputs[outputs.startIndex]) }
    let best = outputs.indices.max { outputs[$0] < outputs[$1] } ?? outputs.startIndex
    guard last == .softmax else { return (best - outputs.startIndex, 1) }
    let guess = 1 / Float(outputs.count), sureness = (outputs[best] - guess) / (1 - guess)
    return (best - outputs.startIndex, sureness.isFinite ? sureness : 0)
  }

  /// A single output tells two classes apart, by the loss's threshold.
  private func answer(single output: Float) -> (label: Int, sureness: Float) {
    let label = output > loss.threshold ? 1 : 0
    guard last == .sigmoid else { return (label, 1) }
    return (label, output.isFinite ? abs(2 * output - 1) : 0)
  }
}
