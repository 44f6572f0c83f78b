import Fascicle

/// A network's layers with their outputs and parameters.
package struct LayerTable {
  private var table = TextTable([.right, .left, .right, .right])
  private var parameterCount = 0

  /// Lists the layers of `network`, the input first.
  package init(_ network: Network) {
    table.add(["", "layer", "outputs", "parameters"])
    table.add(["", "input", NumberFormat.grouped(network.inputs), ""])
    var width = network.inputs
    for (index, layer) in network.layers.enumerated() {
      let (name, outputs, parameters) = Self.row(layer, inputs: width)
      table.add(["\(index + 1)", name, NumberFormat.grouped(outputs), NumberFormat.grouped(parameters)])
      width = outputs
      parameterCount += parameters
    }
    table.add(["", "in all", "", NumberFormat.grouped(parameterCount)])
  }

  /// The table as lines.
  package var lines: [String] { table.lines }

  private static func row(_ layer: Layer, inputs: Int) -> (name: String, outputs: Int, parameters: Int) {
    switch layer {
    case .embedding(let embedding):
      return (layer.summary, layer.outputs(of: inputs), embedding.categories * embedding.width)
    case .dense(let dense):
      let activation = dense.activation == .linear ? "" : " \(dense.activation)"
      let parameters =
        (inputs + (dense.usesBias ? 1 : 0)) * dense.units + dense.activation.learnedSlopeCount(units: dense.units)
      return ("dense \(dense.units)\(activation)", dense.units, parameters)
    case .activation(let activation):
      return ("\(activation.function)", inputs, activation.function.learnedSlopeCount(units: inputs))
    case .layerNorm: return (layer.summary, inputs, 2 * inputs)
    case .rmsNorm: return (layer.summary, inputs, inputs)
    case .batchNorm(let norm):
      return (layer.summary, inputs, (norm.usesGain ? inputs : 0) + (norm.usesShift ? inputs : 0))
    case .residual(let residual):
      var width = inputs, parameters = 0
      for inner in residual.layers {
        let row = row(inner, inputs: width)
        width = row.outputs
        parameters += row.parameters
      }
      return (layer.summary, inputs, parameters)
    case .dropout, .alphaDropout, .gaussianNoise, .gatedLinear:
      return (layer.summary, layer.outputs(of: inputs), 0)
    }
  }
}
