import Fascicle
import RunConfiguration
import Testing

@Suite("Losses, weights and early stopping in configurations")
struct LossConfigurationTests {
  @Test("every loss is read by its name, and with all of its parameters", arguments: Loss.all)
  func everyLoss(loss: Loss) throws {
    let last = loss.fusedActivation.map { "\($0)" } ?? "linear"
    let layers = "network: { layers: [{ dense: 10, activation: \(last) }] }"
    #expect(try load("{ loss: \(loss.name), \(layers) }").loss == loss)
    let parameters = loss.parameters.map { parameter in
      switch parameter.value {
      case .number: ", \(parameter.name): 0.5"
      case .word: ", \(parameter.name): \(parameter.words[1])"
      }
    }.joined()
    let read = try load(
      "{ loss: { name: \(loss.name)\(parameters) }, network: { layers: [{ dense: 10 }] } }".replacing(
        "{ dense: 10 }",
        with: parameters.contains("from") || loss.fusedActivation == nil
          ? "{ dense: 10 }" : "{ dense: 10, activation: \(last) }")
    ).loss
    #expect(read.name == loss.name)
    for parameter in read.parameters {
      switch parameter.value {
      case .number(let number): #expect(number == 0.5)
      case .word(let word): #expect(word == parameter.words[1])
      }
    }
  }

  @Test("class weights and early stopping have words, numbers and defaults")
  func training() throws {
    let standard = try load("{}").training
    #expect(standard.classWeights == .none)
    #expect(standard.earlyStopping == nil)
    #expect(!standard.stratifies)
    #expect(try load("training: { stratify: true }").training.stratifies)
    #expect(
      try load("training: { stratify: true }").loadData().validation?.rows != load("{}").loadData().validation?.rows)
    #expect(try load("training: { classWeights: balanced }").training.classWeights == .balanced)
    #expect(try load("training: { classWeights: [1, 2.5] }").training.classWeights == .each([1, 2.5]))
    #expect(try load("training: { earlyStopping: none }").training.earlyStopping == nil)
    #expect(try load("training: { earlyStopping: {} }").training.earlyStopping == EarlyStopping())
    #expect(
      try load("training: { earlyStopping: { monitor: validation_accuracy, patience: 2, minDelta: 0.01 } }").training
        .earlyStopping == EarlyStopping(monitor: .validationAccuracy, patience: 2, minDelta: 0.01))
  }

  @Test(
    "what cannot be is refused at its place",
    arguments: [
      ("loss: { delta: 2 }", "run.yaml:1:7: loss must have the key 'name'; as in loss: { name: huber, delta: 1 }"),
      (
        "loss: { name: huber, gamma: 2 }",
        "run.yaml:1:22: loss.gamma does not belong to the loss huber; expected name or delta"
      ),
      (
        "{ loss: { name: huber, delta: -1 }, network: { layers: [{ dense: 10 }] } }",
        "run.yaml:1:9: the loss huber needs a finite delta above 0, but has -1.0"
      ),
      ("loss: { name: quantile, tau: 1 }", "run.yaml:1:7: the loss quantile needs a tau between 0 and 1, but has 1.0"),
      (
        "loss: sparse_categorical_cross_entropy",
        "run.yaml:1:7: loss must be the name of a loss, but is 'sparse_categorical_cross_entropy'; "
          + "categorical_cross_entropy takes class labels as they are"
      ),
      (
        "loss: { name: mse }",
        "run.yaml:1:15: loss.name must be the name of a loss, but is 'mse'; it is called mean_squared_error here"
      ),
      (
        "training: { classWeights: some }",
        "run.yaml:1:27: training.classWeights must be 'none', 'balanced' or a list of numbers such as [1, 2.5], "
          + "but is 'some'"
      ),
      (
        "training: { classWeights: [1, -2] }",
        "run.yaml:1:31: training.classWeights.1 must be a number of at least 0, but is '-2'"
      ),
      (
        "training: { classWeights: [1, \"2\"] }",
        "run.yaml:1:31: training.classWeights.1 must be a number of at least 0, but is the text \"2\"; remove the quotes"
      ),
      (
        "training: { classWeights: [0, 0] }",
        "run.yaml:1:27: training.classWeights: at least one class weight must be above 0"
      ),
      (
        "training: { earlyStopping: { patience: 0 } }",
        "run.yaml:1:40: training.earlyStopping.patience must be a whole number from 1 to 1000000, but is '0'"
      ),
      (
        "training: { earlyStopping: { monitor: loss } }",
        "run.yaml:1:39: training.earlyStopping.monitor must be validation_loss, validation_accuracy, train_loss or "
          + "train_accuracy, but is 'loss'"
      ),
      (
        "training: { earlyStopping: true }",
        "run.yaml:1:28: training.earlyStopping must be a section such as { monitor: validation_loss, patience: 5 }, "
          + "but is 'true'"
      ),
    ])
  func refusals(yaml: String, answer: String) throws {
    #expect(try refusal(of: yaml).description == answer)
  }

  @Test("a single output has the loss that goes with it unless another is asked for")
  func singleOutputs() throws {
    func loss(_ last: String, _ more: String = "") throws -> Loss {
      try load("{ network: { layers: [{ dense: 4, activation: relu }, \(last)] }\(more) }").loss
    }
    #expect(try loss("{ dense: 1, activation: sigmoid }") == .binaryCrossEntropy())
    #expect(try loss("{ dense: 1 }, { activation: sigmoid }") == .binaryCrossEntropy())
    #expect(try loss("{ dense: 1 }") == .meanSquaredError)
    #expect(try loss("{ dense: 2, activation: softmax }") == .categoricalCrossEntropy)
    #expect(try loss("{ dense: 1 }", ", loss: mean_absolute_error") == .meanAbsoluteError)
  }
}
