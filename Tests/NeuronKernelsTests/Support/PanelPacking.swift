import NeuronKernels

/// Moves plain row-major arrays into the kernels' layouts and back, by the arithmetic of `PanelLayout` alone.
enum PanelPacking {
  /// Rows [samples][features] as activation panels; `filler` stands in the lanes beyond the last sample.
  static func panels(_ rows: [Float], samples: Int, features: Int, filler: Float = 3.5) -> [Float] {
    var panels = [Float](repeating: filler, count: PanelLayout.paddedCount(samples) * PanelLayout.panelRows(features))
    for s in 0..<samples {
      for f in 0..<features {
        panels[PanelLayout.activationIndex(sample: s, feature: f, featureCount: features)] = rows[s * features + f]
      }
    }
    return panels
  }

  /// The rows [samples][features] that activation panels hold.
  static func rows(_ panels: [Float], samples: Int, features: Int) -> [Float] {
    var rows = [Float](repeating: 0, count: samples * features)
    for s in 0..<samples {
      for f in 0..<features {
        rows[s * features + f] = panels[PanelLayout.activationIndex(sample: s, feature: f, featureCount: features)]
      }
    }
    return rows
  }

  /// Weights [outputs][inputs] as weight panels; lanes beyond the last input are zero, as the kernels require.
  static func weightPanels(_ weights: [Float], inputs: Int, outputs: Int) -> [Float] {
    var panels = [Float](repeating: 0, count: DenseShape(inputCount: inputs, outputCount: outputs).weightCount)
    for o in 0..<outputs {
      for i in 0..<inputs {
        panels[PanelLayout.weightIndex(input: i, output: o, outputCount: outputs)] = weights[o * inputs + i]
      }
    }
    return panels
  }

  /// Rows [samples][features] in the transposed layout: lanes beyond `features` zero up to a multiple of 16, NaN after.
  static func transposed(_ rows: [Float], samples: Int, features: Int) -> [Float] {
    var transposed = [Float](repeating: .nan, count: PanelLayout.panelCount(features) * samples * PanelLayout.laneCount)
    for s in 0..<samples {
      for f in 0..<PanelLayout.lineCount(features) {
        let value = f < features ? rows[s * features + f] : 0
        transposed[PanelLayout.transposedIndex(sample: s, feature: f, capacity: samples)] = value
      }
    }
    return transposed
  }
}
