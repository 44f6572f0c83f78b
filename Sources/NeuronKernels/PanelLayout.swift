import CNeuronKernels

/// The arithmetic of the panel layouts that all kernels share; `neuron_kernels.h` draws them.
public enum PanelLayout {
  /// Samples of an activation panel, and inputs of a weight panel: 32.
  public static let laneCount = Int(NK_LANES)

  /// Samples that are always computed together, half a panel: 16.
  public static let halfLaneCount = Int(NK_HALF_LANES)

  /// Half panels that `count` samples take.
  public static func halfPanelCount(_ count: Int) -> Int { (count + halfLaneCount - 1) / halfLaneCount }

  /// Whole panels that `count` samples or inputs take.
  public static func panelCount(_ count: Int) -> Int { (count + laneCount - 1) / laneCount }

  /// `count` rounded up to whole panels.
  public static func paddedCount(_ count: Int) -> Int { panelCount(count) * laneCount }

  /// `count` rounded up to 16 floats, one 64-byte line: slices of the parameter vector begin and end on lines.
  public static func lineCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Rows of memory of a panel that holds `count` rows: some more where panels would be a large power of two apart and push
  /// each other out of the caches.
  public static func panelRows(_ count: Int) -> Int { nk_panel_rows(count) }

  /// Where the panel that holds sample `sample`, a multiple of 16, begins in activation panels, its half included.
  package static func shardOffset(sample: Int, featureCount: Int) -> Int {
    sample / laneCount * laneCount * panelRows(featureCount) + sample % laneCount
  }

  /// Where sample `sample`'s feature stands in activation panels `[panel][row][32]` of ``panelRows(_:)`` rows.
  public static func activationIndex(sample: Int, feature: Int, featureCount: Int) -> Int {
    (sample / laneCount * panelRows(featureCount) + feature) * laneCount + sample % laneCount
  }

  /// Where the weight from `input` to `output` stands in weight panels `[panel][row][32]` of ``panelRows(_:)`` rows.
  public static func weightIndex(input: Int, output: Int, outputCount: Int) -> Int {
    (input / laneCount * panelRows(outputCount) + output) * laneCount + input % laneCount
  }

  /// Where sample row `sample`'s feature stands in the transposed layout `[panel][capacity][32]`.
  public static func transposedIndex(sample: Int, feature: Int, capacity: Int) -> Int {
    (feature / laneCount * capacity + sample) * laneCount + feature % laneCount
  }
}
