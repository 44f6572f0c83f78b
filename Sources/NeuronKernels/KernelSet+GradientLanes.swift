import CNeuronKernels

extension KernelSet {
  /// The most gradient lanes that ``sumGradientLanes(_:laneCount:first:count:into:)`` adds up.
  package static let gradientLaneLimit = Int(NK_GRADIENT_LANE_LIMIT)

  /// Adds `count` floats from `first` on of all lanes, in one binary tree over neighbours; see `nk_gradient_lanes`.
  ///
  /// - Parameter sums: `count` floats, or the place in one of the lanes that is being summed.
  package func sumGradientLanes(
    _ lanes: UnsafePointer<UnsafePointer<Float>?>, laneCount: Int, first: Int, count: Int,
    into sums: UnsafeMutablePointer<Float>
  ) {
    var arguments = nk_gradient_lanes(count: count, first: first, lane_count: laneCount, lanes: lanes, sums: sums)
    table.sum_gradient_lanes(&arguments)
  }
}
