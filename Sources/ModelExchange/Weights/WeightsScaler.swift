import TrainingData

/// The scaler of features that a file of weights holds beside its layers, in the words of scikit-learn.
///
///     mean_, scale_      (x − mean_) / scale_      StandardScaler
///     center_, scale_    (x − center_) / scale_    RobustScaler
///     min_, scale_       x·scale_ + min_           MinMaxScaler
///
/// Any name may stand before them, as in `scaler.mean_`. What of a pair is missing was not done.
struct WeightsScaler {
  /// The tensors that say what is done, in the order of the file.
  let tensors: [WeightsFile.Tensor]
  private let path: String

  /// Names that say what is done to a feature.
  private static let words = ["mean_", "center_", "min_", "scale_"]
  /// What scalers know besides, which nobody needs here.
  private static let others = ["var_", "n_samples_seen_", "n_features_in_", "data_min_", "data_max_", "data_range_"]

  /// Whether a tensor belongs to a scaler and to no layer.
  static func owns(_ tensor: WeightsFile.Tensor) -> Bool { (words + others).contains(word(of: tensor)) }

  private static func word(of tensor: WeightsFile.Tensor) -> String {
    tensor.name.split { $0 == "." || $0 == "/" }.last.map(String.init) ?? ""
  }

  /// Finds the scaler; nil where there is none.
  init?(of file: WeightsFile) {
    tensors = file.tensors.filter { Self.words.contains(Self.word(of: $0)) }
    path = file.path
    if tensors.isEmpty { return nil }
  }

  /// What it does to every feature.
  ///
  /// - Throws: ``ModelExchangeError`` `.mismatch` for tensors of other lengths, and `.unsupported` for those of several scalers.
  func transform(featureCount: Int) throws(ModelExchangeError) -> FeatureTransform {
    var found: [String: [Double]] = [:]
    for tensor in tensors {
      guard tensor.shape.count <= 1, tensor.values.count == featureCount || tensor.values.count == 1 else {
        throw ModelExchangeError(
          code: .mismatch,
          message:
            "\(path): expected \(tensor.name) of \(featureCount) values, one for each feature, got \(tensor.shape)")
      }
      let values = tensor.values.count == 1 ? Array(repeating: tensor.values[0], count: featureCount) : tensor.values
      guard found.updateValue(values.map(Double.init), forKey: Self.word(of: tensor)) == nil else {
        throw severalScalers
      }
    }
    guard found.keys.filter({ $0 != "scale_" }).count <= 1 else { throw severalScalers }
    let zeros = [Double](repeating: 0, count: featureCount), ones = [Double](repeating: 1, count: featureCount)
    do {
      if let shift = found["min_"] {
        return try FeatureTransform(scale: (found["scale_"] ?? ones).map { Float($0) }, shift: shift.map { Float($0) })
      }
      return try FeatureTransform(
        means: found["mean_"] ?? found["center_"] ?? zeros, deviations: found["scale_"] ?? ones)
    } catch {
      throw .damaged(path, "the scaler cannot be used: \(error.message)")
    }
  }

  private var severalScalers: ModelExchangeError {
    ModelExchangeError(
      code: .unsupported,
      message: "\(path): \(Self.list(tensors)) are of several scalers, but a model has one",
      hint: "keep mean_ and scale_, center_ and scale_, or min_ and scale_")
  }

  static func list(_ tensors: [WeightsFile.Tensor]) -> String {
    tensors.map(\.name).joined(separator: " and ")
  }
}
