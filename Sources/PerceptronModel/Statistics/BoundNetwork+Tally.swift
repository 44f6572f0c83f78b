import NeuronKernels

/// Statistics of a minibatch that a step has left in the workspace; nothing here changes it.
extension BoundNetwork {
  /// Adds what the first `sampleCount` samples show of one panel of a stage's units, 32 or the rest, to their tallies.
  ///
  /// Sums over a minibatch are of singles, sixteen lanes side by side, each in the samples' order; so they depend on the
  /// layout and on nothing else.
  /// - Parameter tallies: of all units of the stage.
  /// - Precondition: a step has been computed, and nothing since.
  /// - Concurrency: writes the tallies of its own units; allocates nothing.
  package func tally(
    stage index: Int, panel: Int, sampleCount: Int, into tallies: UnsafeMutablePointer<UnitTally>
  ) {
    let bound = stages[index], first = panel * PanelLayout.laneCount
    let units = first..<min(first + PanelLayout.laneCount, bound.stage.outputCount)
    let limits = TallyLimits(bound.stage.activation)
    if let copy = transposedOutput(ofStage: index) {
      tallyRows(
        copy + first * sampleCapacity, units: units, sampleCount: sampleCount, limits: limits, into: tallies)
    } else {
      var panel = InlineArray<32, LaneTally>(repeating: LaneTally(limits))
      forEachOutputLine(of: bound, units: units, sampleCount: sampleCount) { panel[$0].add($1) }
      for (place, unit) in units.enumerated() { panel[place].addTotal(to: &tallies[unit]) }
    }
    for unit in units { tallies[unit].sampleCount += sampleCount }
    if index >= lowestLearningStage {
      tallyGradients(stage: index, units: units, sampleCount: sampleCount, into: tallies)
    }
  }

  /// Whether a unit gives a value above 0 for any of `sampleCount` samples from `firstSample` on, after a forward pass
  /// that kept no transposed copies.
  package func fires(stage index: Int, unit: Int, firstSample: Int, sampleCount: Int) -> Bool {
    (firstSample..<firstSample + sampleCount).contains {
      forwardOutputValue(ofStage: index, sample: $0, unit: unit) > 0
    }
  }

  /// Where a step leaves a stage's values even when a gradient has taken their place; see ``outputValue(ofStage:sample:unit:)``.
  private func transposedOutput(ofStage index: Int) -> UnsafeMutablePointer<Float>? {
    index + 1 < stages.count ? stages[index + 1].inputTransposed : nil
  }

  /// Values that stand sample by sample, 32 units side by side.
  private func tallyRows(
    _ rows: UnsafePointer<Float>, units: Range<Int>, sampleCount: Int, limits: TallyLimits,
    into tallies: UnsafeMutablePointer<UnitTally>
  ) {
    for half in 0..<(units.count + PanelLayout.halfLaneCount - 1) / PanelLayout.halfLaneCount {
      let offset = half * PanelLayout.halfLaneCount
      var tally = LaneTally(limits)
      for sample in 0..<sampleCount { tally.add(Lanes(rows + sample * PanelLayout.laneCount + offset)) }
      for lane in 0..<min(PanelLayout.halfLaneCount, units.count - offset) {
        tally.addLane(lane, to: &tallies[units.lowerBound + offset + lane])
      }
    }
  }

  private func tallyGradients(
    stage index: Int, units: Range<Int>, sampleCount: Int, into tallies: UnsafeMutablePointer<UnitTally>
  ) {
    var sums = InlineArray<32, SIMD16<Float>>(repeating: .zero), squareSums = sums
    forEachGradientLine(of: stages[index], units: units, sampleCount: sampleCount) { place, line in
      sums[place] += line.values
      squareSums[place] += line.values * line.values
    }
    for (place, unit) in units.enumerated() {
      tallies[unit].gradientSum += sums[place].total
      tallies[unit].gradientSquareSum += squareSums[place].total
    }
  }

  /// Gives `body` the values of all samples and some units, sixteen of a unit at a time, from floats or from pairs of bfloat16.
  @inline(__always)
  private func forEachOutputLine(
    of bound: BoundStage, units: Range<Int>, sampleCount: Int, _ body: (_ place: Int, Lanes) -> Void
  ) {
    let features = bound.stage.outputCount, first = units.lowerBound
    if let output = bound.output {
      return forEachLine(units.count, of: features, sampleCount: sampleCount) { place, samples, count in
        body(place, Lanes(output + samples + (first + place) * PanelLayout.laneCount, count: count))
      }
    }
    guard let pairs = bound.bfloat16.outputPairs else { return }
    forEachLine(units.count, of: PanelLayout.pairCount(features), sampleCount: sampleCount) { place, samples, count in
      let unit = first + place, pair = pairs + samples + unit / 2 * PanelLayout.laneCount
      let words = UnsafeRawPointer(pair).loadUnaligned(as: SIMD16<UInt32>.self)
      body(place, Lanes(bits: unit % 2 == 1 ? words & 0xffff_0000 : words &<< 16, count: count))
    }
  }

  /// The same of ∂loss/∂z.
  @inline(__always)
  private func forEachGradientLine(
    of bound: BoundStage, units: Range<Int>, sampleCount: Int, _ body: (_ place: Int, Lanes) -> Void
  ) {
    let features = bound.stage.outputCount, first = units.lowerBound, rows = bound.bfloat16.gradientRows
    forEachLine(units.count, of: features, sampleCount: sampleCount) { place, samples, count in
      let line = samples + (first + place) * PanelLayout.laneCount
      if let gradient = bound.gradient { return body(place, Lanes(gradient + line, count: count)) }
      guard let rows else { return }
      let halves = UnsafeRawPointer(rows + line).loadUnaligned(as: SIMD16<UInt16>.self)
      body(place, Lanes(bits: SIMD16<UInt32>(truncatingIfNeeded: halves) &<< 16, count: count))
    }
  }

  /// Gives `body` sixteen samples at a time of one unit after the other: where they stand for the first feature, and how many
  /// of them there are.
  ///
  /// Units of the same samples lie beside each other; the next samples of a unit lie a page or more away.
  @inline(__always)
  private func forEachLine(
    _ unitCount: Int, of featureCount: Int, sampleCount: Int,
    _ body: (_ place: Int, _ samples: Int, _ count: Int) -> Void
  ) {
    let width = PanelLayout.halfLaneCount
    for first in stride(from: 0, to: sampleCount, by: width) {
      let samples = PanelLayout.activationIndex(sample: first, feature: 0, featureCount: featureCount)
      for place in 0..<unitCount { body(place, samples, min(width, sampleCount - first)) }
    }
  }
}

/// Sixteen values, of which the first `count` are there.
private struct Lanes {
  let values: SIMD16<Float>
  let isThere: SIMDMask<SIMD16<Int32>>

  @inline(__always)
  init(_ address: UnsafePointer<Float>, count: Int = 16) {
    self.init(UnsafeRawPointer(address).loadUnaligned(as: SIMD16<Float>.self), count: count)
  }

  /// Values by their bits.
  @inline(__always)
  init(bits: SIMD16<UInt32>, count: Int) {
    self.init(unsafeBitCast(bits, to: SIMD16<Float>.self), count: count)
  }

  /// Lanes without a sample become 0, and are not there.
  @inline(__always)
  private init(_ loaded: SIMD16<Float>, count: Int) {
    guard count < 16 else {
      // Not by comparing: the compiler does that lane by lane, ten times slower than all the rest.
      isThere = SIMDMask(repeating: true)
      values = loaded
      return
    }
    isThere = Self.numbers .< Int32(truncatingIfNeeded: count)
    values = SIMD16<Float>.zero.replacing(with: loaded, where: isThere)
  }

  private static var numbers: SIMD16<Int32> { SIMD16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }
}

/// The limits as vectors; for activations without, such that no value is beyond them.
private struct TallyLimits {
  let lower: Float
  let upper: Float

  init(_ activation: ActivationFunction) {
    lower = activation.saturation?.lower ?? -.infinity
    upper = activation.saturation?.upper ?? .infinity
  }
}

/// The sums of sixteen lanes.
private struct LaneTally {
  private var sums = SIMD16<Float>.zero, squareSums = SIMD16<Float>.zero
  private var fired = SIMD16<Int32>.zero, saturated = SIMD16<Int32>.zero
  private let lower: SIMD16<Float>, upper: SIMD16<Float>

  init(_ limits: TallyLimits) {
    lower = SIMD16(repeating: limits.lower)
    upper = SIMD16(repeating: limits.upper)
  }

  @inline(__always)
  mutating func add(_ lanes: Lanes) {
    sums += lanes.values
    squareSums += lanes.values * lanes.values
    // A lane that holds is −1 in all its bits.
    fired &-= Self.bits(lanes.values .> 0)
    saturated &-= Self.bits(((lanes.values .<= lower) .| (lanes.values .>= upper)) .& lanes.isThere)
  }

  @inline(__always)
  private static func bits(_ mask: SIMDMask<SIMD16<Int32>>) -> SIMD16<Int32> {
    unsafeBitCast(mask, to: SIMD16<Int32>.self)
  }

  /// Adds all lanes to a unit's tally.
  func addTotal(to tally: inout UnitTally) {
    tally.sum += sums.total
    tally.squareSum += squareSums.total
    tally.firedCount += Int(fired.wrappedSum())
    tally.saturatedCount += Int(saturated.wrappedSum())
  }

  /// Adds one lane to a unit's tally.
  func addLane(_ lane: Int, to tally: inout UnitTally) {
    tally.sum += Double(sums[lane])
    tally.squareSum += Double(squareSums[lane])
    tally.firedCount += Int(fired[lane])
    tally.saturatedCount += Int(saturated[lane])
  }
}

extension SIMD16<Float> {
  /// The lanes' sum, halves added to halves.
  fileprivate var total: Double {
    let eights = lowHalf + highHalf
    let fours = eights.lowHalf + eights.highHalf
    let twos = fours.lowHalf + fours.highHalf
    return Double(twos[0]) + Double(twos[1])
  }
}
