import Fascicle

/// One call of a loss head over rows of outputs, in memory of its own.
struct LossHeadCall {
  let loss: KernelLoss
  let rows: [Float]
  let outputCount: Int
  let labels: [Int]?
  let targets: [Float]?
  var sampleWeights: [Float]?
  var classWeights: [Float]?

  struct Outcome {
    /// The loss of every sample.
    let losses: [Double]
    /// Row-major, of the mean loss.
    let gradient: [Float]
    /// What stands where the outputs were, row-major.
    let values: [Float]
    let hitCount: Int
  }

  init(
    _ loss: KernelLoss, rows: [Float], outputCount: Int, labels: [Int]?, targets: [Float]?,
    sampleWeights: [Float]? = nil, classWeights: [Float]? = nil
  ) {
    self.loss = loss
    self.rows = rows
    self.outputCount = outputCount
    self.labels = labels
    self.targets = targets
    self.sampleWeights = sampleWeights
    self.classWeights = classWeights
  }

  private var sampleCount: Int { rows.count / outputCount }

  /// Runs the head once for each sample's own loss, and once for all of them.
  func run(on kernels: KernelSet) -> Outcome {
    let whole = call(0..<sampleCount, kernels)
    return Outcome(
      losses: (0..<sampleCount).map { call($0..<$0 + 1, kernels).lossSum }, gradient: whole.gradient,
      values: whole.values, hitCount: whole.hitCount)
  }

  private func call(
    _ samples: Range<Int>, _ kernels: KernelSet
  ) -> (lossSum: Double, gradient: [Float], values: [Float], hitCount: Int) {
    let count = samples.count, panelCount = PanelLayout.paddedCount(count) * PanelLayout.panelRows(outputCount)
    let values = panels(panelCount), gradient = panels(panelCount)
    let slotCount = PanelLayout.halfPanelCount(count)
    let slots = LossSlots(lossSums: .allocate(capacity: slotCount), correctCounts: .allocate(capacity: slotCount))
    slots.lossSums.initialize(repeating: 0, count: slotCount)
    slots.correctCounts.initialize(repeating: 0, count: slotCount)
    defer {
      values.deallocate()
      gradient.deallocate()
      slots.lossSums.deallocate()
      slots.correctCounts.deallocate()
    }
    for sample in 0..<count {
      for output in 0..<outputCount {
        values[place(sample, output)] = rows[(samples.lowerBound + sample) * outputCount + output]
      }
    }
    let indices = samples.map { UInt32($0) }, words = labels?.map { UInt32($0) }
    func pointed<Element, Result>(_ array: [Element]?, _ body: (UnsafePointer<Element>?) -> Result) -> Result {
      array.map { $0.withUnsafeBufferPointer { body($0.baseAddress) } } ?? body(nil)
    }
    pointed(indices) { indices in
      pointed(words) { words in
        pointed(targets) { targets in
          pointed(sampleWeights) { sampleWeights in
            pointed(classWeights) { classWeights in
              kernels.applyLoss(
                loss, sampleCount: count, outputCount: outputCount,
                targets: LossTargets(
                  indices: indices.unsafelyUnwrapped, labels: words, targets: targets, sampleWeights: sampleWeights,
                  classWeights: classWeights), gradientScale: 1 / Float(count), values: values, gradient: gradient,
                slots: slots)
            }
          }
        }
      }
    }
    let places = (0..<count).flatMap { sample in (0..<outputCount).map { place(sample, $0) } }
    return (
      (0..<slotCount).reduce(0) { $0 + slots.lossSums[$1] }, places.map { gradient[$0] }, places.map { values[$0] },
      (0..<slotCount).reduce(0) { $0 + Int(slots.correctCounts[$1]) }
    )
  }

  private func place(_ sample: Int, _ output: Int) -> Int {
    PanelLayout.activationIndex(sample: sample, feature: output, featureCount: outputCount)
  }

  private func panels(_ count: Int) -> UnsafeMutablePointer<Float> {
    let panels = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    panels.initialize(repeating: 0, count: count)
    return panels
  }
}
