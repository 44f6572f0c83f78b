import PerceptronModel
import TrainingRuntime

extension TrainedModel {
  /// Copies of all parameters by the names that `model.safetensors` has, which are those of a PyTorch module with
  /// `self.layers = ModuleList([Linear(…), …])`: `layers.0.weight` `[outputs][inputs]`, `layers.0.bias` and so on.
  public var weightTensors: [WeightsFile.Tensor] {
    zip(StageTensors.all(of: parameters.program), stageParameters).flatMap { tensors, values in
      let pairs = [
        (tensors.weights, values.weights), (tensors.bias, values.bias), (tensors.slopes, values.slopes),
        (tensors.runningMean, values.runningMean), (tensors.runningVariance, values.runningVariance),
      ]
      return pairs.compactMap { tensor, values in
        tensor.map { WeightsFile.Tensor(name: $0.name, shape: $0.shape, elementType: "F32", values: values) }
      }
    }
  }
}
