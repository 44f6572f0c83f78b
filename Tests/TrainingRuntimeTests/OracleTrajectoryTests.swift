import Fascicle
import Testing

@Suite("Twenty steps beside PyTorch's")
struct OracleTrajectoryTests {
  static let bound = 1e-4

  @Test("losses and final parameters are PyTorch's", arguments: OracleFile.trajectories.runs.indices)
  func followsPyTorch(index: Int) throws {
    let run = OracleFile.trajectories.runs[index]
    let problem = try #require(OracleFile.trajectories.networks[run.network])
    let trainer = try Self.makeTrainer(run, problem, workers: 2)
    let losses = try problem.minibatches.map {
      try trainer.fit($0, epochs: 1, batchSize: problem.batch).epochs[0].trainLoss
    }

    for (name, expected) in [("float32", run.float32), ("float64", run.float64)] {
      let lossDeparture = Departure.of(losses, from: expected.losses)
      let departure = Departure.worst(
        zip(trainer.stageParameters, expected.parameters).map { stage, layer in layer.departure(of: stage) })
      #expect(lossDeparture < Self.bound)
      #expect(departure < Self.bound)
      #expect(trainer.stageParameters.count == expected.parameters.count)
      print(
        "\(run.network), \(run.optimizer.name): losses \(Departure.text(lossDeparture)) and parameters "
          + "\(Departure.text(departure)) from PyTorch's \(name)")
    }
  }

  @Test(
    "summed over two lanes, losses and final parameters are PyTorch's as well",
    arguments: OracleFile.trajectories.runs.indices.filter { index in
      let network = OracleFile.trajectories.runs[index].network
      return OracleFile.trajectories.networks[network].map { $0.batch > PanelLayout.laneCount } ?? false
    })
  func lanesFollowPyTorch(index: Int) throws {
    let run = OracleFile.trajectories.runs[index]
    let problem = try #require(OracleFile.trajectories.networks[run.network])
    let runtime = RuntimeSettings(
      workers: .exactly(2), pinsWorkers: false, reduction: .segmented, lanes: .exactly(2))
    let trainer = try Self.makeTrainer(run, problem, runtime: runtime)
    let losses = try problem.minibatches.map {
      try trainer.fit($0, epochs: 1, batchSize: problem.batch).epochs[0].trainLoss
    }
    #expect(trainer.plan?.laneCount == 2)
    #expect(Departure.of(losses, from: run.float64.losses) < Self.bound)
    let departure = Departure.worst(
      zip(trainer.stageParameters, run.float64.parameters).map { stage, layer in layer.departure(of: stage) })
    #expect(departure < Self.bound, "\(run.network), \(run.optimizer.name)")
  }

  @Test("an epoch of twenty steps ends on the bits of twenty calls of one step", arguments: [1, 3])
  func epochIsItsSteps(workers: Int) throws {
    for name in ["adam_clipped", "nesterov"] {
      let run = try #require(OracleFile.trajectories.runs.last { $0.optimizer.name == name })
      let problem = try #require(OracleFile.trajectories.networks[run.network])
      let stepwise = try Self.makeTrainer(run, problem, workers: workers)
      for minibatch in try problem.minibatches { _ = try stepwise.fit(minibatch, epochs: 1, batchSize: problem.batch) }
      let whole = try Self.makeTrainer(run, problem, workers: workers)
      let history = try whole.fit(DataSubset(allOf: problem.dataset), epochs: 1, batchSize: problem.batch)

      #expect(history.stepCount == 20)
      #expect(whole.weightsSHA256() == stepwise.weightsSHA256(), "\(run.network), \(name)")
    }
  }

  /// The bound must tell the optimizers apart, or following PyTorch would mean little.
  @Test("another optimizer's run departs by more than the bound")
  func rejectsAnotherOptimizer() throws {
    let runs = OracleFile.trajectories.runs.filter { $0.network == "tanh-relu-classification" }
    let problem = try #require(OracleFile.trajectories.networks["tanh-relu-classification"])
    for run in runs {
      let trainer = try Self.makeTrainer(run, problem, workers: 1)
      _ = try trainer.fit(DataSubset(allOf: problem.dataset), epochs: 1, batchSize: problem.batch)
      for other in runs where other.optimizer.name != run.optimizer.name {
        let departure = Departure.worst(
          zip(trainer.stageParameters, other.float64.parameters).map { stage, layer in layer.departure(of: stage) })
        #expect(departure > Self.bound, "\(run.optimizer.name) passes for \(other.optimizer.name)")
      }
    }
  }

  private static func makeTrainer(
    _ run: OracleFile.Run, _ problem: OracleFile.Problem, workers: Int = 1, runtime: RuntimeSettings? = nil
  ) throws -> Trainer {
    let trainer = try Trainer(
      problem.layers.network, loss: try #require(Loss.named(problem.loss)), optimizer: run.optimizer.optimizer,
      clipping: run.optimizer.clipping, normalization: .none,
      runtime: runtime ?? .unpinned(workers))
    trainer.epochOrder = .sequential
    trainer.stageParameters = problem.parameters.map(\.stageParameters)
    return trainer
  }
}

extension OracleFile.Problem {
  /// All minibatches in one data set, in their order.
  fileprivate var dataset: Dataset {
    get throws {
      let labels = batches.compactMap(\.labels), targets = batches.compactMap(\.targets)
      let samples = OracleFile.Samples(
        inputs: batches.flatMap(\.inputs), labels: labels.isEmpty ? nil : labels.flatMap { $0 },
        targets: targets.isEmpty ? nil : targets.flatMap { $0 })
      return try Dataset(samples, layers: layers)
    }
  }

  var minibatches: [DataSubset] {
    get throws {
      let dataset = try dataset
      return try batches.indices.map { index in
        try DataSubset(dataset, rows: (index * batch..<(index + 1) * batch).map { UInt32($0) })
      }
    }
  }
}
