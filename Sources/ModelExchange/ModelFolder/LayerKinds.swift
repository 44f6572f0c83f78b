import NeuronKernels
import PerceptronModel

extension JSONPlace {
  /// The keys that say what a layer is, each with what it makes.
  private static let layerKinds = [
    "dense", "activation", "dropout", "alpha_dropout", "gaussian_noise", "norm", "residual", "embedding",
  ]

  /// Refuses a layer of a kind that this program does not know, with its place, its keys and the kinds there are.
  func requireLayerKind() throws(ModelExchangeError) {
    guard case .object(let members) = node else { throw wrong("an object, as every layer is") }
    let keys = members.map(\.key)
    guard !keys.contains(where: Self.layerKinds.contains) else { return }
    let found = keys.isEmpty ? "no keys" : "the keys \(keys.prefix(8).map { "'\($0)'" }.joined(separator: ", "))"
    let near = keys.lazy.compactMap { Suggestion.nearest(to: $0, among: Self.layerKinds) }.first
    throw ModelExchangeError(
      code: .unsupported,
      message: "\(file): \(path) is a layer of an unknown kind, for it has \(found), but none of "
        + Suggestion.list(Self.layerKinds),
      hint: near.map { "did you mean '\($0)'?" } ?? "a newer version of fascicle may have written it")
  }
}
