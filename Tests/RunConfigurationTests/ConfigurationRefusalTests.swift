import Fascicle
import RunConfiguration
import Testing

@Suite("What a configuration may not say")
struct ConfigurationRefusalTests {
  /// A mistake and the whole line that answers it.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let yaml: String
    let answer: String
    var testDescription: String { yaml }
  }

  @Test(
    "an unknown key is refused at its place, with what was probably meant",
    arguments: [
      Mistake(
        yaml: "training:\n  epochz: 3",
        answer: "run.yaml:2:3: unknown key 'training.epochz'; did you mean 'training.epochs'?"),
      Mistake(
        yaml: "training: { batch_size: 3 }",
        answer: "run.yaml:1:13: unknown key 'training.batch_size'; did you mean 'training.batchSize'?"),
      Mistake(
        yaml: "optimizer: { lr: 3 }",
        answer: "run.yaml:1:14: unknown key 'optimizer.lr'; did you mean 'optimizer.learningRate'?"),
      Mistake(yaml: "optimzer: {}", answer: "run.yaml:1:1: unknown key 'optimzer'; did you mean 'optimizer'?"),
      Mistake(yaml: "epochs: 3", answer: "run.yaml:1:1: unknown key 'epochs'; it belongs under 'training'"),
      Mistake(
        yaml: "optimizer: { name: adam, momentum: 0.9 }",
        answer: "run.yaml:1:26: optimizer.momentum does not belong to the optimizer adam; "
          + "expected name, learningRate, beta1, beta2, epsilon or weightDecay"),
      Mistake(
        yaml: "network: { layers: [{ dense: 10, activation: softmax, slope: 1 }] }",
        answer: "run.yaml:1:55: network.layers.0.slope does not belong to a dense layer with the activation softmax; "
          + "expected dense, activation, initializer, bias, initialBias, constraint, regularizer, biasRegularizer, "
          + "activityRegularizer, orthogonalRegularizer, frozen, learningRateFactor or decay"),
      Mistake(
        yaml: "network: { layers: [{ dense: 10, activation: elu, slope: 1 }] }",
        answer: "run.yaml:1:51: network.layers.0.slope does not belong to a dense layer with the activation elu; "
          + "expected dense, activation, alpha, initializer, bias, initialBias, constraint, regularizer, biasRegularizer, "
          + "activityRegularizer, orthogonalRegularizer, frozen, learningRateFactor or decay"),
      Mistake(
        yaml: "schedule: { name: cosine, factor: 1 }",
        answer: "run.yaml:1:27: schedule.factor does not belong to the schedule cosine; "
          + "expected name, warmUpEpochs or finalFactor"),
      Mistake(
        yaml: "data: { images: a }",
        answer: "run.yaml:1:9: data.images does not belong to the format digits; expected format or test"),
      Mistake(
        yaml: "data: { format: moons, classes: 3 }",
        answer: "run.yaml:1:24: data.classes does not belong to the format moons; "
          + "expected format, samples, noise, seed or test"),
      Mistake(
        yaml: "data: { samples: 3 }",
        answer: "run.yaml:1:9: data.samples does not belong to the format digits; expected format or test"),
      Mistake(
        yaml: "\"\": 1",
        answer: "run.yaml:1:1: unknown key ''; "
          + "expected data, network, loss, optimizer, schedule, training, checkpoint or runtime"),
    ])
  func unknownKeys(mistake: Mistake) throws {
    let error = try refusal(of: mistake.yaml)
    #expect(error.description == mistake.answer)
    #expect(error.code == .key)
  }

  @Test(
    "a wrong value is refused at its place, with what was expected",
    arguments: [
      Mistake(
        yaml: "training: { epochs: 0 }",
        answer: "run.yaml:1:21: training.epochs must be a whole number from 1 to 1000000, but is '0'"),
      Mistake(
        yaml: "training: { batchSize: 0 }",
        answer: "run.yaml:1:24: training.batchSize must be a whole number from 1 to 1073741824, but is '0'"),
      Mistake(
        yaml: "training: { batchSize: 99999999999999999999 }",
        answer: "run.yaml:1:24: training.batchSize must be a whole number from 1 to 1073741824, "
          + "but is '99999999999999999999'"),
      Mistake(
        yaml: "training: { seed: -1 }",
        answer: "run.yaml:1:19: training.seed must be a whole number of at least 0, but is '-1'"),
      Mistake(
        yaml: "training: { validation: 1 }",
        answer: "run.yaml:1:25: training.validation must be a number from 0 to below 1, but is '1'"),
      Mistake(
        yaml: "training: { clipNorm: 0 }",
        answer: "run.yaml:1:23: training.clipNorm must be a finite number above 0, such as 1.0, but is 0.0"),
      Mistake(
        yaml: "optimizer: { learningRate: .nan }",
        answer: "run.yaml:1:28: optimizer.learningRate must be a number, but is '.nan'; it must be finite"),
      Mistake(
        yaml: "optimizer: { learningRate: -.inf }",
        answer: "run.yaml:1:28: optimizer.learningRate must be a number, but is '-.inf'; it must be finite"),
      Mistake(
        yaml: "optimizer: { learningRate: 1e-60 }",
        answer: "run.yaml:1:28: optimizer.learningRate must be a number, but is '1e-60'; "
          + "it is too small for single precision"),
      Mistake(
        yaml: "optimizer: { learningRate: -1 }",
        answer: "run.yaml:1:28: optimizer.learningRate must be a finite number of at least 0, such as 0.001, "
          + "but is -1.0"),
      Mistake(
        yaml: "optimizer: { beta1: 1 }", answer: "run.yaml:1:21: optimizer.beta1 must be in [0, 1), but is 1.0"),
      Mistake(
        yaml: "optimizer: { name: sgd, nesterov: true }",
        answer: "run.yaml:1:35: optimizer.nesterov needs momentum above 0, such as 0.9, but momentum is 0"),
      Mistake(
        yaml: "optimizer: { name: adamm }",
        answer:
          "run.yaml:1:20: optimizer.name must be sgd, adam, adamw, adagrad, adadelta, rmsprop, adamax, nadam, amsgrad, "
          + "radam, adabelief, lion, yogi, rprop, quickprop, schedule_free_adamw, lamb, lars, adafactor, muon, lbfgs or perceptron, but is 'adamm'; did you mean 'adam'?"
      ),
      Mistake(
        yaml: "optimizer: [adam]",
        answer: "run.yaml:1:12: optimizer must be a section such as { name: adam }, but is a list"),
      Mistake(
        yaml: "schedule: { name: sequence, schedules: [ramp, { name: cosine, finalFactor: 2 }], milestones: [5] }",
        answer: "run.yaml:1:76: schedule.schedules.1.finalFactor must be in [0, 1], but is 2.0"
      ),
      Mistake(
        yaml: "schedule: { name: sequence, milestones: [5] }",
        answer:
          "run.yaml:1:11: schedule.schedules is missing: a list such as [{ name: ramp, epochs: 5 }, { name: cosine }]"
      ),
      Mistake(
        yaml: "schedule: { name: sequence, schedules: ramp, milestones: [5] }",
        answer:
          "run.yaml:1:40: schedule.schedules must be a list such as [{ name: ramp, epochs: 5 }, { name: cosine }], "
          + "but is 'ramp'"
      ),
      Mistake(
        yaml: "schedule: { name: sequence, schedules: [ramp, cosine], milestones: 1 }",
        answer: "run.yaml:1:68: schedule.milestones must be a list of numbers such as [10, 20.5], but is '1'"
      ),
      Mistake(
        yaml: "schedule: { name: piecewise, milestones: [a] }",
        answer:
          "run.yaml:1:43: schedule.milestones must be a list of numbers such as [10, 20.5], but its element 0 is 'a'"
      ),
      Mistake(
        yaml: "schedule: reduce_on_plateau",
        answer:
          "run.yaml:1:11: schedule.name must be constant, step, multi_step, piecewise, ramp, exponential, polynomial, "
          + "inverse_time, cosine, cosine_restarts, one_cycle, cyclic, sequence or plateau, but is "
          + "'reduce_on_plateau'; it is called plateau here"
      ),
      Mistake(
        yaml: "optimizer:",
        answer: "run.yaml:1:11: optimizer must be a section such as { name: adam }, but is nothing"),
      Mistake(
        yaml: "schedule: { name: step, factor: 2 }",
        answer: "run.yaml:1:33: schedule.factor must be above 0 and at most 1, such as 0.1, but is 2.0"),
      Mistake(
        yaml: "loss: cross_entropy",
        answer: "run.yaml:1:7: loss must be the name of a loss, but is 'cross_entropy'; "
          + "it is called categorical_cross_entropy here"),
      Mistake(
        yaml: "network: { layers: [{ dense: 10, activation: rellu }] }",
        answer: "run.yaml:1:46: network.layers.0.activation must be "
          + "\(ActivationFunction.names.dropLast().joined(separator: ", ")) or log_softmax, but is 'rellu'; "
          + "did you mean 'relu'?"),
      Mistake(
        yaml: "network: { layers: [{ dense: 0 }] }",
        answer: "run.yaml:1:30: network.layers.0.dense must be a whole number from 1 to 16777216, but is '0'"),
      Mistake(
        yaml: "network: { layers: [{}] }",
        answer: "run.yaml:1:21: network.layers.0 must have one of the keys dense, activation, dropout, alpha_dropout, "
          + "gaussian_noise, norm, residual or embedding; "
          + "as in { dense: 64, activation: relu } or { activation: tanh }"),
      Mistake(
        yaml: "network: { layers: [] }",
        answer: "run.yaml:1:20: network.layers must be a list such as "
          + "[{ dense: 64, activation: relu }, { dense: 10, activation: softmax }], but is an empty list"),
      Mistake(
        yaml: "network: { layers: [{ activation: relu }] }",
        answer: "run.yaml:1:20: the network has no dense layer, so there is nothing to learn; "
          + "add one, such as { dense: 10, activation: softmax }"),
      Mistake(
        yaml: "runtime: { workers: 0 }",
        answer:
          "run.yaml:1:21: runtime.workers must be 'auto' or a whole number from 1 to "
          + "\(RuntimeSettings.maximumWorkerCount), but is '0'"
      ),
      Mistake(
        yaml: "runtime: { precision: bf61 }",
        answer:
          "run.yaml:1:23: runtime.precision must be f32, bf16, bf16-emulated, bf16-amx or bf16-amx-emulated, but is 'bf61'; did you mean 'bf16'?"
      ),
      Mistake(
        yaml: "runtime: { reduction: segmented, lanes: 0 }",
        answer: "run.yaml:1:41: runtime.lanes must be 'auto' or a whole number from 1 to 64, but is '0'"),
      Mistake(
        yaml: "runtime: { reduction: segmented, lanes: 65 }",
        answer: "run.yaml:1:41: runtime.lanes must be 'auto' or a whole number from 1 to 64, but is '65'"),
      Mistake(
        yaml: "runtime: { lanes: 4 }",
        answer: "run.yaml:1:19: runtime.lanes belongs to the reduction segmented, but the reduction is ownerComputes; "
          + "write reduction: segmented, or lanes: auto"),
      Mistake(
        yaml: "runtime: { reduction: hogwild, lanes: 4 }",
        answer: "run.yaml:1:39: runtime.lanes belongs to the reduction segmented, but the reduction is hogwild; "
          + "write reduction: segmented, or lanes: auto"),
      Mistake(
        yaml: "runtime: { reduction: hogwold }",
        answer: "run.yaml:1:23: runtime.reduction must be ownerComputes, segmented or hogwild, but is 'hogwold'; "
          + "did you mean 'hogwild'?"),
      Mistake(
        yaml: "data: { format: idx, labels: x }",
        answer: "run.yaml:1:17: data.images is missing: the format idx needs it"),
      Mistake(
        yaml: "data: { format: parquet }",
        answer:
          "run.yaml:1:17: data.format must be digits, idx, csv, npy, npz, libsvm, xor, moons, circles, spirals, blobs or friedman, "
          + "but is 'parquet'"),
      Mistake(
        yaml: "data: { format: moons, samples: 0 }",
        answer: "run.yaml:1:33: data.samples must be a whole number from 1 to 10000000, but is '0'"),
      Mistake(
        yaml: "data: { format: moons, noise: -1 }",
        answer: "run.yaml:1:31: data.noise must be a number from 0 to 1000, but is '-1'"),
    ])
  func wrongValues(mistake: Mistake) throws {
    let error = try refusal(of: mistake.yaml)
    #expect(error.description == mistake.answer)
    #expect(error.code == .value)
  }

  @Test("a network that cannot learn as written is refused where its layers are")
  func networkThatCannotWork() throws {
    let error = try refusal(of: "loss: categorical_cross_entropy\nnetwork:\n  layers:\n    - { dense: 10 }")
    #expect(error.description.hasPrefix("run.yaml:4:5: the loss categorical_cross_entropy needs probabilities"))
  }

  @Test("several problems are told together, a few in full and the rest by number")
  func severalProblems() throws {
    let error = try refusal(
      of: """
        training:
          epochs: none
          batchSize: -1
          validation: 2
        loss: none
        data: { colour: red }
        """)
    #expect(error.problems.count == 5)
    let lines = error.description.split(separator: "\n")
    #expect(lines.map { $0.prefix(13) } == ["run.yaml:2:11", "run.yaml:3:14", "run.yaml:4:15"])
    #expect(lines.last?.hasSuffix("(and 2 more problems)") == true)
  }
}
