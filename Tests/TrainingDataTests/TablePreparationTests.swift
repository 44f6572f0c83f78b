import Testing
import TrainingData

@Suite("Preparing tables")
struct TablePreparationTests {
  private let folder = TemporaryFolder()

  private func table(_ text: String, kinds: [String: ColumnKind] = [:], name: String = "table.csv") throws -> Table {
    try Table.csv(folder.write(Array(text.utf8), to: name), reading: CSVReading(kinds: kinds))
  }

  private func rows(_ features: FeatureStorage) -> [[Float]] {
    (0..<features.sampleCount).map { row in (0..<features.featureCount).map { features[sample: row, feature: $0] } }
  }

  private func prepared(
    _ text: String, _ column: ColumnRecipe, rows: [UInt32]? = nil
  ) throws -> (TablePreparation, features: [[Float]]) {
    let recipe = TableRecipe(label: "y", columns: ["x": column])
    let table = try table(text, kinds: recipe.kinds)
    let preparation = try recipe.fit(on: table, rows: rows ?? (0..<UInt32(table.rowCount)).map { $0 })
    return (preparation, self.rows(try preparation.features(of: table)))
  }

  private func message(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: TrainingDataError.self) { try body() }
    return "\(error)".replacing(folder.path + "/", with: "")
  }

  /// Computed by NumPy 2 from [1, 2, 3, 4, 100].
  @Test(
    "numbers are scaled as NumPy scales them",
    arguments: [
      (ColumnRecipe.Scaling.none, false, [1, 2, 3, 4, 100]),
      (.standardize, false, [-0.53828462, -0.51265202, -0.48701942, -0.46138681, 1.99934286]),
      (.range, false, [0, 1 / 99, 2 / 99, 3 / 99, 1]), (.robust, false, [-1, -0.5, 0, 0.5, 48.5]),
      (.none, true, [0.6931472, 1.0986123, 1.3862944, 1.6094379, 4.615121]),
    ] as [(ColumnRecipe.Scaling, Bool, [Float])])
  func scaling(scaling: ColumnRecipe.Scaling, isLogarithmic: Bool, expected: [Float]) throws {
    let recipe = ColumnRecipe(scaling: scaling, isLogarithmic: isLogarithmic)
    let (_, features) = try prepared("x,y\n1,0\n2,1\n3,0\n4,1\n100,0\n", recipe)
    for (found, expected) in zip(features, expected) {
      #expect(abs(found[0] - expected) <= 2e-7 * max(1, abs(expected)))
    }
  }

  @Test("what is measured is measured on the training rows alone")
  func trainingRowsOnly() throws {
    let text = "x,c,y\n1,a,0\n3,b,1\n1000,z,0\n"
    let table = try table(text), recipe = TableRecipe(label: "y")
    let preparation = try recipe.fit(on: table, rows: [0, 1])
    #expect(preparation.featureNames == ["x", "c=a", "c=b"])
    #expect(rows(try preparation.features(of: table)) == [[-1, 1, 0], [1, 0, 1], [998, 0, 0]])
  }

  @Test(
    "a missing number becomes what was asked for",
    arguments: [
      (ColumnRecipe.Imputation.mean, 4.25), (.median, 2), (.mostFrequent, 2), (.constant("-1"), -1),
    ] as [(ColumnRecipe.Imputation, Float)])
  func imputedNumbers(imputation: ColumnRecipe.Imputation, expected: Float) throws {
    let recipe = ColumnRecipe(scaling: ColumnRecipe.Scaling.none, imputation: imputation)
    let (_, features) = try prepared("x,y\n2,0\n,1\n1,0\n2,1\n12,0\n3,1\n", recipe, rows: [0, 1, 2, 3, 4])
    #expect(features.map { $0[0] } == [2, expected, 1, 2, 12, 3])
  }

  @Test("a constant column is moved to 0 and stays finite")
  func constantColumn() throws {
    for scaling in ColumnRecipe.Scaling.allCases where scaling != .none {
      let (_, features) = try prepared("x,y\n7,0\n7,1\n", ColumnRecipe(scaling: scaling))
      #expect(features == [[0], [0]])
    }
  }

  @Test("a missing category becomes the most frequent one or one of its own")
  func imputedCategories() throws {
    let text = "x,y\nb,0\na,1\n,0\nb,1\n"
    #expect(
      try prepared(text, ColumnRecipe(imputation: .mostFrequent)).features == [[0, 1], [1, 0], [0, 1], [0, 1]])
    let (preparation, features) = try prepared(text, ColumnRecipe(imputation: .constant("none")))
    #expect(preparation.featureNames == ["x=a", "x=b", "x=none"])
    #expect(features == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]])
  }

  @Test("categories with an order are one number")
  func ordinal() throws {
    let recipe = ColumnRecipe(
      kind: .categorical, scaling: ColumnRecipe.Scaling.none, order: ["small", "middle", "large"])
    let (preparation, features) = try prepared("x,y\nlarge,0\nsmall,1\nlarge,0\n", recipe)
    #expect(preparation.featureNames == ["x"])
    #expect(features == [[2], [0], [2]])
    #expect(
      try message { _ = try prepared("x,y\nlarge,0\nhuge,1\n", recipe) }
        == "table.csv: the order of column 'x' lacks its category 'huge'; it has small, middle or large")
  }

  @Test("numbers can be categories, and labels texts or numbers")
  func kindsAndLabels() throws {
    #expect(try prepared("x,y\n1,0\n3,1\n", ColumnRecipe(kind: .categorical)).features == [[1, 0], [0, 1]])
    let table = try table("x,y\n1,30\n2,10\n3,30\n"), all: [UInt32] = [0, 1, 2]
    let classes = try TableRecipe(label: "y", goal: .classes).fit(on: table, rows: all)
    #expect(classes.classNames == ["10", "30"])
    guard case .classes(2, let labels) = try classes.dataset(of: table).targets else { throw Unexpected() }
    #expect((0..<3).map { labels[$0] } == [1, 0, 1])
    let values = try TableRecipe(label: "-1").fit(on: table, rows: all)
    guard case .values(1, let targets) = try values.dataset(of: table).targets else { throw Unexpected() }
    #expect((0..<3).map { targets[$0, 0] } == [30, 10, 30])
    let texts = try TableRecipe(label: "1").fit(on: self.table("x,y\n1,no\n2,Ärger\n3,no\n"), rows: all)
    #expect(texts.classNames == ["no", "Ärger"])
  }

  private struct Unexpected: Error {}

  @Test("another file is read by name, in any order, without label and ignored columns")
  func otherFile() throws {
    let recipe = TableRecipe(
      label: "y", standard: ColumnRecipe(scaling: ColumnRecipe.Scaling.none),
      columns: ["id": ColumnRecipe(kind: .ignored)])
    let table = try table("id,x,c,y\n1,5,a,no\n2,6,b,yes\n", kinds: recipe.kinds)
    let preparation = try recipe.fit(on: table, rows: [0, 1])
    let path = folder.write(Array("c;x\nb;7\nq;8\n".utf8), to: "new.csv")
    let features = try preparation.features(of: .csv(path, for: preparation, wantsLabel: false))
    #expect(rows(features) == [[7, 0, 1], [8, 0, 0]])
  }

  @Test(
    "a file of other columns is refused by name",
    arguments: [
      ("c,y\na,no\n", "new.csv: the column 'x' of the model's training table is missing"),
      ("X,c,y\n1,a,no\n", "new.csv: the column 'x' of the model's training table is missing; is it 'X'?"),
      ("x,c,y,z\n1,a,no,2\n", "new.csv: the column 'z' was not in the model's training table; leave it out"),
      ("x,c\n1,a\n", "new.csv: the column 'y' of the model's training table is missing"),
      (
        "x,c,y\none,a,no\n",
        "new.csv:2: column 'x' must be a finite number, but is 'one'; if 'one' stands for a missing value, name it among those "
          + "texts"
      ),
      ("x,c,y\n1,a,maybe\n", "new.csv:2: 'maybe' is no class of the label 'y', expected no or yes"),
      ("x,c,y\n1,a,\n", "new.csv:2: the label 'y' has no value; leave the row out"),
      ("x,c,y\n1,b,no\n,a,yes\n", noValue("new.csv:3", "x")), ("x,c,y\n1,,no\n", noValue("new.csv:2", "c")),
      ("x,c,y\n1,q,no\n", "new.csv:2: 'q' is no category of column 'c', expected a or b"),
    ])
  func refusedFiles(text: String, answer: String) throws {
    let recipe = TableRecipe(label: "y", standard: ColumnRecipe(unknown: .refuse))
    let preparation = try recipe.fit(on: table("x,c,y\n5,a,no\n6,b,yes\n"), rows: [0, 1])
    let path = folder.write(Array(text.utf8), to: "new.csv")
    let found = try message { _ = try preparation.dataset(of: .csv(path, for: preparation, wantsLabel: true)) }
    #expect(found == answer)
  }

  @Test("a category that is new is refused where categories have an order, unless somebody says what it is")
  func unknownOfOrder() throws {
    let text = "g,y\nlow,0\nhigh,1\nlow,1\n", order = ["low", "high"]
    let path = folder.write(Array("g,y\nhuge,0\n".utf8), to: "new.csv")
    func features(_ unknown: ColumnRecipe.UnknownCategory?) throws -> FeatureStorage {
      let recipe = TableRecipe(
        label: "y", columns: ["g": ColumnRecipe(scaling: ColumnRecipe.Scaling.none, order: order, unknown: unknown)])
      let preparation = try recipe.fit(on: table(text), rows: [0, 1, 2])
      return try preparation.features(of: .csv(path, for: preparation, wantsLabel: false))
    }
    #expect(
      try message { _ = try features(nil) } == "new.csv:2: 'huge' is no category of column 'g', expected low or high")
    #expect(try features(.zero)[sample: 0, feature: 0] == 0)
  }

  private static func noValue(_ place: String, _ column: String) -> String {
    "\(place): column '\(column)' has no value; let 'impute' say what stands for it (mean, median, most_frequent), or leave "
      + "the row out"
  }

  @Test(
    "what cannot be learned is refused",
    arguments: [
      ("x,y\n1,0\n2,1\n", TableRecipe(label: "z"), "table.csv: there is no column 'z'; the columns are x or y"),
      (
        "x,y\n1,0\n2,1\n", TableRecipe(label: "5"),
        "table.csv: expected a label column from 0 to 1, got 5; or from -2 to -1, counted from the end"
      ),
      (
        "x,y\n1,0\n2,1\n", TableRecipe(label: "y", columns: ["Q": ColumnRecipe()]),
        "table.csv: there is no column 'Q'; the columns are x or y"
      ),
      (
        "x,y\n1,a\n2,b\n", TableRecipe(label: "y", goal: .values),
        "table.csv: the label 'y' must hold numbers for this loss, but line 2 has 'a'; a loss such as "
          + "categorical_cross_entropy learns classes"
      ),
      (
        "x,y\n1,a\n2,a\n", TableRecipe(label: "y", goal: .classes),
        "table.csv: expected different classes in 'y', got 'a' in every row"
      ),
      (
        "x,y\n1,0\n2,0.5\n", TableRecipe(label: "y", goal: .classes),
        "table.csv:3: the label 'y' must be a text or a whole number for a loss of classes, but is 0.5; a loss such as "
          + "mean_squared_error learns numbers"
      ),
      (
        "x,y\n,0\n,1\n", TableRecipe(label: "y"),
        "table.csv: column 'x' has no value in any training row; ignore the column"
      ),
      (
        "y\n0\n1\n", TableRecipe(label: "y"),
        "table.csv: expected a column to learn from beside the label 'y', got none"
      ),
      (
        "x,y\n1,0\n2,1\n", TableRecipe(label: "y", columns: ["x": ColumnRecipe(imputation: .constant("many"))]),
        "table.csv: what stands for a missing value of the numeric column 'x' must be a number, but is 'many'"
      ),
      (
        "x,y\n" + (0..<200).map { "name \($0),\($0)\n" }.joined(), TableRecipe(label: "y"),
        "table.csv: column 'x' is no column of numbers, for line 2 has 'name 0', and has 200 different texts in 200 rows, too "
          + "many to be categories; ignore the column, or call it categorical if every text should be a feature"
      ),
    ])
  func refusedRecipes(text: String, recipe: TableRecipe, answer: String) throws {
    let found = try message {
      let table = try table(text)
      _ = try recipe.fit(on: table, rows: (0..<UInt32(table.rowCount)).map { $0 })
    }
    #expect(found == answer)
  }

  @Test("without a header columns are told apart by position, and the label at the end may be missing")
  func headerless() throws {
    let recipe = TableRecipe(label: "-1", standard: ColumnRecipe(scaling: ColumnRecipe.Scaling.none))
    let preparation = try recipe.fit(on: table("1,2,3\n4,5,6\n"), rows: [0, 1])
    let path = folder.write(Array("7,8\n".utf8), to: "new.csv")
    #expect(rows(try preparation.features(of: .csv(path, for: preparation, wantsLabel: false))) == [[7, 8]])
    let short = folder.write(Array("7\n".utf8), to: "short.csv")
    #expect(
      try message { _ = try Table.csv(short, for: preparation, wantsLabel: false) }
        == "short.csv: expected 3 columns as in the model's training table, which had no header, got 1")
  }
}
