import NeuronKernels
import PerceptronModel

/// One worker's share of a batch normalization's sums where the minibatch lies in lanes.
///
/// Each lane's sums are formed as if it were alone, and joined lane after lane, so they depend on how many lanes there are
/// and on nothing else. Every lane gets a copy of the whole, in memory near to those who read it.
struct LaneStatistics {
  let engine: StepEngine
  let lanes: UnsafeMutableBufferPointer<GradientLane>
  let sampleCount: Int
  let worker: Int
  let workerCount: Int

  /// Means and variances: sums of squares about a lane's mean, brought to that of all.
  ///
  /// Source: Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
  func formMoments(ofStage stage: Int) {
    let units = engine.units(ofStage: stage, worker: worker, of: workerCount)
    forEachFilledLane { network, count in
      network.formMoments(ofStage: stage, units: units, sampleCount: count, kernels: engine.kernels)
    }
    for unit in units {
      var mean = 0.0, squares = 0.0, samples = 0.0
      forEachFilledLane { network, count in
        let moments = network.moments(ofStage: stage), count = Double(count), total = samples + count
        let distance = Double(moments.means[unit]) - mean
        mean += distance * count / total
        squares += Double(moments.variances[unit]) * count + distance * distance * samples * count / total
        samples = total
      }
      for lane in 0..<lanes.count {
        let moments = lanes[lane].network.moments(ofStage: stage)
        moments.means[unit] = Float(mean)
        moments.variances[unit] = Float(squares / samples)
      }
    }
  }

  /// The sums that the way back takes.
  func formGradientSums(ofStage stage: Int) {
    let units = engine.units(ofStage: stage, worker: worker, of: workerCount)
    forEachFilledLane { network, count in
      network.formGradientSums(ofStage: stage, units: units, sampleCount: count, kernels: engine.kernels)
    }
    for unit in units {
      var sum: Float = 0, product: Float = 0
      forEachFilledLane { network, _ in
        let sums = network.gradientSums(ofStage: stage)
        sum += sums.sums[unit]
        product += sums.products[unit]
      }
      for lane in 0..<lanes.count {
        let sums = lanes[lane].network.gradientSums(ofStage: stage)
        sums.sums[unit] = sum
        sums.products[unit] = product
      }
    }
  }

  private func forEachFilledLane(_ body: (_ network: BoundNetwork, _ sampleCount: Int) -> Void) {
    for lane in 0..<lanes.count {
      let count = LaneShare.samples(ofLane: lane, of: lanes.count, sampleCount: sampleCount).count
      if count > 0 { body(lanes[lane].network, count) }
    }
  }
}
