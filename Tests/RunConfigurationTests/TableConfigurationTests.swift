import Fascicle
import RunConfiguration
import Testing

@Suite("Tables in configurations")
struct TableConfigurationTests {
  private static let whole = """
    data:
      format: csv
      file: /tables/a.csv
      label: "-1"
      delimiter: ";"
      header: true
      missing: ["", NA, -999]
      scale: robust
      impute: median
      unknown: refuse
      columns:
        Name: ignore
        "Fare (£): all": { kind: numeric, log: true, fill: -1 }
        Size: { kind: ordinal, order: [S, M, "no"], impute: most_frequent }
      test: { file: /tables/b.csv }
    """

  private func table(_ configuration: RunConfiguration) throws -> TableSource {
    guard case .table(let table) = configuration.data.source else { throw NoTable() }
    return table
  }

  private struct NoTable: Error {}

  @Test("every key is read")
  func keys() throws {
    let configuration = try load(Self.whole), table = try table(configuration)
    #expect(table.file == "/tables/a.csv")
    #expect(
      table.reading
        == CSVReading(delimiter: .character(UInt8(ascii: ";")), header: .present, missingTexts: ["", "NA", "-999"]))
    #expect(table.recipe.label == "-1" && table.recipe.goal == .classes)
    #expect(table.recipe.standard == ColumnRecipe(scaling: .robust, imputation: .median, unknown: .refuse))
    #expect(
      table.recipe.columns == [
        "Name": ColumnRecipe(kind: .ignored),
        "Fare (£): all": ColumnRecipe(kind: .numeric, isLogarithmic: true, imputation: .constant("-1")),
        "Size": ColumnRecipe(
          kind: .categorical, encoding: .ordinal, order: ["S", "M", "no"], imputation: .mostFrequent),
      ])
    #expect(configuration.data.test == .table("/tables/b.csv"))
    #expect(configuration.training.normalization == Normalization.none)
  }

  @Test("what is printed reads back the same")
  func roundTrip() throws {
    let divided = """
      data:
        format: csv
        file: /a.csv
        label: y
        labelScale: robust
        validation: { column: fold, values: ["1", b] }
        test: { column: fold, values: ["2"] }
      loss: mean_squared_error
      network: { layers: [{ dense: 1 }] }
      """
    let sparse = "data: { format: libsvm, file: /a.svm, firstIndex: 0, featureCount: 7, scale: range }"
    let scaled = ["npy, features: /x.npy, labels: /y.npy", "npz, file: /d.npz", "friedman, samples: 9"].map {
      "{ data: { format: \($0), labelScale: range }, loss: huber, network: { layers: [{ dense: 1 }] } }"
    }
    for yaml in [Self.whole, "data: { format: csv, file: /a.csv, label: y }", divided, sparse] + scaled {
      let configuration = try load(yaml), again = try load(configuration.yaml)
      #expect(again.data == configuration.data)
      #expect(again.yaml == configuration.yaml)
    }
  }

  @Test("a sparse text has keys of its own, and its numbers stay as they are")
  func sparse() throws {
    let table = try table(load("data: { format: libsvm, file: /a.svm }"))
    #expect(table.format == .libsvm && table.sparseReading == LIBSVMReading() && table.recipe.label == "label")
    #expect(table.recipe.standard.scaling == ColumnRecipe.Scaling.none)
    let other = try self.table(
      load("data: { format: libsvm, file: /a.svm, firstIndex: 1, featureCount: 9, log: true }"))
    #expect(other.sparseReading == LIBSVMReading(firstIndex: .one, featureCount: 9))
    #expect(other.recipe.standard.isLogarithmic == true)
    for (yaml, phrase) in [
      ("data: { format: libsvm }", "data.file is missing"),
      ("data: { format: libsvm, file: a, label: y }", "data.label does not belong to the format libsvm"),
      ("data: { format: libsvm, file: a, firstIndex: 2 }", "data.firstIndex must be auto, 0 or 1"),
      (
        "data: { format: csv, file: a, label: y, featureCount: 3 }",
        "data.featureCount does not belong to the format csv"
      ),
    ] {
      let error = try #require(throws: RunConfigurationError.self) { try load(yaml) }
      #expect("\(error)".contains(phrase), "\(error)")
    }
  }

  @Test("columns that divide the rows are no features")
  func divisions() throws {
    let configuration = try load(
      "data: { format: csv, file: a, label: y, validation: { column: v, values: [x] }, test: { column: t, values: [z] } }"
    )
    let table = try table(configuration)
    #expect(
      table.recipe.divisionColumns == ["v", "t"] && table.recipe.kinds == ["v": .categorical, "t": .categorical])
    #expect(configuration.data.validation == .rows(RowSelection(column: "v", values: ["x"])))
    #expect(configuration.data.test == .rows(RowSelection(column: "t", values: ["z"])))
  }

  @Test("the loss says what numbers in the label's column are, and scaling can be asked for on top")
  func goals() throws {
    let data = "data: { format: csv, file: a.csv, label: y }"
    #expect(try table(load(data, "loss=mean_squared_error", "network.layers=[{ dense: 1 }]")).recipe.goal == .values)
    let several = "network.layers=[{ dense: 3 }]"
    #expect(try table(load(data, "loss=mean_squared_error", several)).recipe.goal == .automatic)
    let binary = "network.layers=[{ dense: 1, activation: sigmoid }]"
    #expect(try table(load(data, "loss=binary_cross_entropy", binary)).recipe.goal == .classes)
    #expect(try table(load(data)).reading == CSVReading())
    #expect(try load(data, "training.normalize=standardize").training.normalization == .standardize)
    #expect(try load(data).data.test == .fraction(0.2))
  }

  @Test("arrays of NumPy are named with their labels, and print as they were read")
  func arrays() throws {
    let yaml = "data: { format: npy, features: /x.npy, labels: /y.npy, test: { features: /a.npy, labels: /b.npy } }"
    let configuration = try load(yaml)
    #expect(configuration.data.source == .npy(features: "/x.npy", labels: "/y.npy"))
    #expect(configuration.data.test == .npy(features: "/a.npy", labels: "/b.npy"))
    #expect(try load(configuration.yaml).data == configuration.data)
    let part = try load("data: { format: npy, features: /x.npy, labels: /y.npy, test: { fraction: 0.3 } }")
    #expect(part.data.test == .fraction(0.3))
    #expect(
      try "\(refusal(of: "data: { format: npy, features: x }"))"
        == "run.yaml:1:17: data.labels is missing: the format npy needs it")
  }

  @Test("archives are named with their arrays or without, and print as they were read")
  func archives() throws {
    let named = try load(
      "data: { format: npz, file: /d.npz, features: a, labels: b, test: { features: c, labels: d } }")
    #expect(named.data.source == .npz(ArchivedArrays(file: "/d.npz", features: "a", labels: "b")))
    #expect(named.data.test == .npz(ArchivedArrays(file: "/d.npz", features: "c", labels: "d")))
    #expect(try load(named.yaml).data == named.data)
    let plain = try load("data: { format: npz, file: /d.npz, test: { file: /t.npz } }")
    #expect(plain.data.source == .npz(ArchivedArrays(file: "/d.npz")))
    #expect(plain.data.test == .npz(ArchivedArrays(file: "/t.npz")))
    #expect(try load(plain.yaml).data == plain.data)
    #expect(try load("data: { format: npz, file: /d.npz }").data.test == .fraction(0.2))
    #expect(
      try "\(refusal(of: "data: { format: npz, features: x }"))"
        == "run.yaml:1:17: data.file is missing: the format npz needs it")
  }

  @Test(
    "what is wrong is named with its place",
    arguments: [
      ("label: y", "run.yaml:1:17: data.file is missing: the format csv needs it"),
      ("file: a", "run.yaml:1:17: data.label is missing: the format csv needs it"),
      (
        "file: a, label: y, delimiter: ab",
        "run.yaml:1:52: data.delimiter must be auto, comma, semicolon, tab, bar, space or a character in quotes, but is 'ab'"
      ),
      ("file: a, label: y, header: maybe", "run.yaml:1:49: data.header must be auto, true or false, but is 'maybe'"),
      (
        "file: a, label: y, missing: NA",
        "run.yaml:1:50: data.missing must be a list such as [\"\", NA], but is 'NA'"
      ),
      (
        "file: a, label: y, columns: { Age: numerc }",
        "run.yaml:1:57: data.columns.Age must be numeric, categorical, ordinal or ignore, but is 'numerc'; did you mean "
          + "'numeric'?"
      ),
      (
        "file: a, label: y, columns: { Age: { imput: mean } }",
        "run.yaml:1:59: unknown key 'data.columns.Age.imput'; did you mean 'data.columns.Age.impute'?"
      ),
      (
        "file: a, label: y, columns: { Age: { impute: mean, fill: 3 } }",
        "run.yaml:1:79: data.columns.Age.fill and data.columns.Age.impute both say what stands for a missing value; keep one "
          + "of them"
      ),
      (
        "file: a, label: y, test: { file: b, fraction: 0.1 }",
        "run.yaml:1:58: data.test.fraction does not belong to a test file; expected file"
      ),
      ("file: a, label: y, images: b", "run.yaml:1:41: data.images does not belong to the format csv"),
    ])
  func refusals(keys: String, answer: String) throws {
    let error = try refusal(of: "data: { format: csv, \(keys) }")
    #expect("\(error)".hasPrefix(answer), "\(error)")
  }
}
