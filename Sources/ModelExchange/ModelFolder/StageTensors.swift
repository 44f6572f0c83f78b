import PerceptronModel

/// The tensors of a network: which there are, what they are called, and whose parameters they hold.
///
/// The names are those of a PyTorch module with `self.layers = ModuleList([Linear(…), …])`, N counting the layers of
/// `model.json` from 0, those of a residual span before the span itself: `layers.N.weight` `[outputs][inputs]`,
/// `layers.N.bias`, and `layers.N.slopes` where slopes are learned. An embedding's vectors are its `weight`
/// `[categories][width]`. A norm's gains are its `weight`, its shifts its `bias`, and
/// what a batch norm has seen its `running_mean` and `running_var`.
struct StageTensors {
  let stage: Int
  let weights: SafetensorsWriter.Tensor?
  let bias: SafetensorsWriter.Tensor?
  let slopes: SafetensorsWriter.Tensor?
  let runningMean: SafetensorsWriter.Tensor?
  let runningVariance: SafetensorsWriter.Tensor?

  /// The tensors that are there, in the order of the digest.
  var all: [SafetensorsWriter.Tensor] { [weights, bias, slopes, runningMean, runningVariance].compactMap { $0 } }

  static func all(of program: NetworkProgram) -> [StageTensors] {
    program.stages.enumerated().map { index, stage in
      func tensor(_ name: String, _ shape: [Int]) -> SafetensorsWriter.Tensor {
        SafetensorsWriter.Tensor(name: "layers.\(index).\(name)", shape: shape)
      }
      return StageTensors(
        stage: index,
        weights: stage.dense.map { tensor("weight", [$0.outputCount, $0.inputCount]) }
          ?? stage.embeddingTable.map { tensor("weight", [$0.categories, $0.width]) },
        bias: stage.bias.isEmpty ? nil : tensor("bias", [stage.bias.count]),
        slopes: stage.slopes.isEmpty
          ? nil : tensor(stage.isNormalization ? "weight" : "slopes", [stage.slopes.count]),
        runningMean: stage.runningMean.isEmpty ? nil : tensor("running_mean", [stage.runningMean.count]),
        runningVariance: stage.runningVariance.isEmpty ? nil : tensor("running_var", [stage.runningVariance.count]))
    }
  }
}
