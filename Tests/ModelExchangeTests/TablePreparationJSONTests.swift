import Fascicle
import Testing

@Suite("Tables in model files")
struct TablePreparationJSONTests {
  private static let preparation = try? TablePreparation(
    columns: [
      PreparedColumn(
        name: "Age, \"years\"",
        content: .number(
          PreparedNumber(fill: 0.1, isLogarithmic: true, scale: PreparedScale(centre: 1 / 3, spread: 1e-300)))),
      PreparedColumn(
        name: "Größe",
        content: .category(
          PreparedCategory(
            names: ["klein", "groß"], fill: nil, refusesUnknown: true, scale: PreparedScale(centre: 0.5, spread: 2)))),
      PreparedColumn(
        name: "",
        content: .category(PreparedCategory(names: ["", "ja\n"], fill: 1, refusesUnknown: false, scale: nil))),
    ],
    label: PreparedLabel(name: "y", content: .classes(["-1", "7"], areNumbers: true)), ignoredColumns: ["id"],
    hasHeader: true, missingTexts: ["", "\u{1F937}"], delimiter: .character(9))

  private func model() throws -> TrainedModel {
    let trainer = try Trainer(
      Network(inputs: 4) { Dense(2, activation: .softmax) }, loss: .categoricalCrossEntropy,
      optimizer: SGD(learningRate: 0.1))
    return try trainer.model()
  }

  @Test("a preparation comes back as it was")
  func roundTrip() throws {
    var model = try model()
    let preparation = try #require(Self.preparation)
    model.take(preparation)
    #expect(model.classNames == ["-1", "7"])
    try withFolder { folder in
      try model.write(folder: folder)
      #expect(try TrainedModel(folder: folder).preparation == preparation)
    }
  }

  @Test("the scale of a label and the format of a table come back as they were")
  func labelScaleAndFormat() throws {
    let trainer = try Trainer(
      Network(inputs: 4) { Dense(1) }, loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1))
    var model = try trainer.model()
    let columns = try #require(Self.preparation).columns
    let preparation = try TablePreparation(
      columns: columns,
      label: PreparedLabel(name: "y", content: .values, scale: PreparedScale(centre: 1 / 3, spread: 1e-7)),
      ignoredColumns: [], hasHeader: false, missingTexts: [], format: .libsvm)
    model.take(preparation)
    try withFolder { folder in
      try model.write(folder: folder)
      #expect(try TrainedModel(folder: folder).preparation == preparation)
    }
    #expect(throws: TrainingDataError.self) {
      try TablePreparation(
        columns: columns,
        label: PreparedLabel(
          name: "y", content: .classes(["a", "b"], areNumbers: false), scale: PreparedScale(centre: 0, spread: 1)),
        ignoredColumns: [], hasHeader: true, missingTexts: [])
    }
  }

  @Test("scales of targets come back as they were, and must be one for each output")
  func targetScales() throws {
    let trainer = try Trainer(
      Network(inputs: 3) { Dense(2) }, loss: .huber(delta: 1), optimizer: SGD(learningRate: 0.1))
    var model = try trainer.model()
    let raw = try SmallModel.answers(model)
    model.targetScales = [PreparedScale(centre: 1 / 3, spread: 1e-7), PreparedScale(centre: -4, spread: 1e9)]
    try withFolder { folder in
      try model.write(folder: folder)
      let again = try TrainedModel(folder: folder)
      #expect(again.targetScales == model.targetScales)
      let answers = try SmallModel.answers(again)
      let scales = try #require(again.targetScales)
      #expect(answers == raw.indices.map { scales[$0 % 2].undone(raw[$0]) })
      for (wrong, phrase) in [
        ([PreparedScale(centre: 0, spread: 1)], "there are 1 scales for the 2 outputs of the network"),
        (
          [PreparedScale](repeating: PreparedScale(centre: 0, spread: 0), count: 2),
          "a finite centre and a spread above 0 for output 0, got 0.0 and 0.0"
        ),
      ] {
        model.targetScales = wrong
        #expect(throws: TrainingRuntimeError.self) { try SmallModel.answers(model) }
        try model.write(folder: folder)
        let error = try #require(throws: ModelExchangeError.self) { try TrainedModel(folder: folder) }
        #expect(error.code == .damaged && error.message.contains(phrase), "\(error)")
      }
    }
  }

  @Test("a preparation of other features than the network's is refused")
  func otherFeatures() throws {
    let preparation = try #require(Self.preparation)
    var model = try model()
    model.preparation = try TablePreparation(
      columns: [preparation.columns[0]], label: preparation.label, ignoredColumns: [], hasHeader: true, missingTexts: []
    )
    try withFolder { folder in
      try model.write(folder: folder)
      let error = try #require(throws: ModelExchangeError.self) { try TrainedModel(folder: folder) }
      #expect(error.message.hasSuffix("table makes 1 features of its columns, but the network takes 4"))
    }
  }

  @Test("a preparation makes sense, or there is none")
  func nonsense() throws {
    let good = try #require(Self.preparation)
    func make(_ column: PreparedColumn, label: String = "y") throws {
      _ = try TablePreparation(
        columns: [column], label: PreparedLabel(name: label, content: .values), ignoredColumns: [], hasHeader: true,
        missingTexts: [])
    }
    try make(good.columns[0])
    #expect(throws: TrainingDataError.self) { try make(good.columns[0], label: good.columns[0].name) }
    for spread: Double in [0, -1, 1e300, .leastNonzeroMagnitude, .nan, .infinity] {
      let number = PreparedNumber(fill: nil, isLogarithmic: false, scale: PreparedScale(centre: 0, spread: spread))
      #expect(throws: TrainingDataError.self) { try make(PreparedColumn(name: "a", content: .number(number))) }
    }
    for (names, fill) in [([], nil), (["a", "a"], nil), (["a"], 1)] as [([String], Int?)] {
      let category = PreparedCategory(names: names, fill: fill, refusesUnknown: false, scale: nil)
      #expect(throws: TrainingDataError.self) { try make(PreparedColumn(name: "a", content: .category(category))) }
    }
  }
}
