import Fascicle

extension TableSource {
  static let keys = [
    "file", "label", "delimiter", "header", "missing", "scale", "log", "encoding", "impute", "fill", "unknown",
    "columns", "labelScale",
  ]

  /// Reads the keys of a table.
  init(_ reader: SectionReader) {
    for key in ["file", "label"] where !reader.has(key) {
      reader.require(key, because: "the format csv needs it", at: reader.node("format")?.place)
    }
    self.init(file: reader.path("file") ?? "", label: reader.text("label") ?? "")
    reading.delimiter = Self.delimiter(reader) ?? .automatic
    reading.header =
      reader.choice("header", default: .automatic, among: ["auto", "true", "false"]) { name in
        ["auto": CSVReading.Header.automatic, "true": .present, "false": .absent][name]
      } ?? .automatic
    reading.missingTexts = reader.texts("missing") ?? reading.missingTexts
    recipe.standard = ColumnRecipe(reader)
    recipe.weightColumn = reader.text("weights")
    recipe.labelScaling = reader.choice("labelScale", default: ColumnRecipe.Scaling.none)
    for (name, recipe) in Self.columns(reader.section("columns", example: "Age: numeric")) {
      self.recipe.columns[name] = recipe
    }
  }

  static let sparseKeys = ["file", "firstIndex", "featureCount", "scale", "log", "labelScale"]

  /// Reads the keys of a sparse text.
  init(sparse reader: SectionReader) {
    if !reader.has("file") {
      reader.require("file", because: "the format libsvm needs it", at: reader.node("format")?.place)
    }
    self.init(libsvm: reader.path("file") ?? "")
    sparseReading.firstIndex = reader.choice("firstIndex", default: .automatic)
    if reader.has("featureCount") {
      sparseReading.featureCount = reader.whole("featureCount", default: 1, in: 1...99_999)
    } else {
      _ = reader.node("featureCount")
    }
    recipe.standard.scaling = reader.choice("scale", default: ColumnRecipe.Scaling.none)
    recipe.labelScaling = reader.choice("labelScale", default: ColumnRecipe.Scaling.none)
    if reader.has("log") {
      recipe.standard.isLogarithmic = reader.flag("log", default: false)
    } else {
      _ = reader.node("log")
    }
  }

  private static let delimiterNames: [(name: String, character: UInt8)] = [
    ("comma", UInt8(ascii: ",")), ("semicolon", UInt8(ascii: ";")), ("tab", UInt8(ascii: "\t")),
    ("bar", UInt8(ascii: "|")), ("space", UInt8(ascii: " ")),
  ]

  /// What the configuration calls a delimiter.
  static func name(of delimiter: CSVReading.Delimiter) -> String {
    switch delimiter {
    case .automatic: "auto"
    case .character(let character):
      delimiterNames.first { $0.character == character }?.name ?? String(Unicode.Scalar(character))
    }
  }

  private static func delimiter(_ reader: SectionReader) -> CSVReading.Delimiter? {
    guard let node = reader.node("delimiter") else { return nil }
    if case .scalar(let text, _) = node.value {
      if text == "auto" { return .automatic }
      if let named = delimiterNames.first(where: { $0.name == text }) { return .character(named.character) }
      if text.utf8.count == 1, let character = text.utf8.first { return .character(character) }
    }
    reader.problems.add(
      .value, node.place,
      "\(reader.dotted("delimiter")) must be auto, comma, semicolon, tab, bar, space or a character in quotes, but is "
        + node.wording)
    return nil
  }

  private static func columns(_ reader: SectionReader) -> [(String, ColumnRecipe)] {
    reader.keys.map { name in
      guard let node = reader.node(name), case .section = node.value else {
        var recipe = ColumnRecipe()
        recipe.readKind(reader, key: name)
        return (name, recipe)
      }
      let column = reader.section(name, example: "kind: numeric")
      var recipe = ColumnRecipe(column)
      recipe.readKind(column, key: "kind")
      recipe.order = column.texts("order")
      if let order = recipe.order, order.isEmpty || Set(order).count < order.count {
        column.problems.add(
          .value, column.node("order")?.place ?? column.place,
          "\(column.dotted("order")) must be different categories in their order")
      }
      column.finish()
      return (name, recipe)
    }
  }
}

extension ColumnRecipe {
  /// What columns are said to hold in configurations.
  private static let kindNames = ["numeric", "categorical", "ordinal", "ignore"]

  /// Reads what may be said of one column and of all.
  fileprivate init(_ reader: SectionReader) {
    self.init()
    if reader.has("scale") { scaling = reader.choice("scale", default: .standardize) } else { _ = reader.node("scale") }
    if reader.has("log") { isLogarithmic = reader.flag("log", default: false) } else { _ = reader.node("log") }
    if reader.has("encoding") {
      encoding = reader.choice("encoding", default: .oneHot)
    } else {
      _ = reader.node("encoding")
    }
    if reader.has("unknown") { unknown = reader.choice("unknown", default: .zero) } else { _ = reader.node("unknown") }
    readImputation(reader)
  }

  private mutating func readImputation(_ reader: SectionReader) {
    let named: [(String, Imputation)] = [
      ("refuse", .refuse), ("mean", .mean), ("median", .median), ("most_frequent", .mostFrequent),
    ]
    if reader.has("impute") {
      imputation = reader.choice("impute", default: .refuse, among: named.map(\.0)) { name in
        named.first { $0.0 == name }?.1
      }
    } else {
      _ = reader.node("impute")
    }
    guard let text = reader.text("fill") else { return }
    if reader.has("impute") {
      reader.problems.add(
        .value, reader.node("fill")?.place ?? reader.place,
        "\(reader.dotted("fill")) and \(reader.dotted("impute")) both say what stands for a missing value",
        hint: "keep one of them")
    }
    imputation = .constant(text)
  }

  fileprivate mutating func readKind(_ reader: SectionReader, key: String) {
    guard reader.has(key) else {
      _ = reader.node(key)
      return
    }
    let name = reader.choice(key, default: "numeric", among: Self.kindNames) { Self.kindNames.contains($0) ? $0 : nil }
    guard let name else { return }
    kind = name == "ordinal" ? .categorical : ColumnKind(rawValue: name)
    if name == "ordinal" { encoding = .ordinal }
  }

  /// The recipe as configurations write it; what is not said is left out.
  var entries: [ConfigurationTree.Entry] {
    var entries: [ConfigurationTree.Entry] = []
    if let scaling { entries.append(.init("scale", .text(scaling.rawValue))) }
    if let isLogarithmic { entries.append(.init("log", .flag(isLogarithmic))) }
    if let encoding { entries.append(.init("encoding", .text(encoding.rawValue))) }
    if let unknown { entries.append(.init("unknown", .text(unknown.rawValue))) }
    switch imputation {
    case nil: break
    case .refuse: entries.append(.init("impute", .text("refuse")))
    case .mean: entries.append(.init("impute", .text("mean")))
    case .median: entries.append(.init("impute", .text("median")))
    case .mostFrequent: entries.append(.init("impute", .text("most_frequent")))
    case .constant(let text): entries.append(.init("fill", .text(text)))
    }
    return entries
  }

  fileprivate var columnTree: ConfigurationTree {
    var entries = self.entries
    if let kind { entries.insert(.init("kind", .text(kind.rawValue)), at: 0) }
    if let order { entries.append(.init("order", .list(order.map(ConfigurationTree.text)))) }
    return .section(entries)
  }
}

extension TableSource {
  /// The source as configurations write it.
  ///
  /// - Parameter heldOut: what is held out of it, or has files of its own.
  func tree(heldOut: [ConfigurationTree.Entry]) -> ConfigurationTree {
    if format == .libsvm { return sparseTree(heldOut: heldOut) }
    let header =
      switch reading.header {
      case .automatic: "auto"
      case .present: "true"
      case .absent: "false"
      }
    var entries: [ConfigurationTree.Entry] = [
      .init("format", .text("csv")), .init("file", .text(file)), .init("label", .text(recipe.label)),
      .init("delimiter", .text(Self.name(of: reading.delimiter))), .init("header", .text(header)),
      .init("missing", .list(reading.missingTexts.map(ConfigurationTree.text))),
    ]
    if let weights = recipe.weightColumn { entries.append(.init("weights", .text(weights))) }
    entries += recipe.standard.entries + recipe.labelScaling.labelEntries
    if !recipe.columns.isEmpty {
      let columns = recipe.columns.sorted { $0.key < $1.key }.map {
        ConfigurationTree.Entry($0.key, $0.value.columnTree)
      }
      entries.append(.init("columns", .section(columns)))
    }
    return .section(entries + heldOut)
  }

  private func sparseTree(heldOut: [ConfigurationTree.Entry]) -> ConfigurationTree {
    var entries: [ConfigurationTree.Entry] = [
      .init("format", .text("libsvm")), .init("file", .text(file)),
      .init("firstIndex", .text(sparseReading.firstIndex.rawValue)),
    ]
    if let count = sparseReading.featureCount { entries.append(.init("featureCount", .whole(UInt64(count)))) }
    return .section(entries + recipe.standard.entries + recipe.labelScaling.labelEntries + heldOut)
  }
}

extension ColumnRecipe.Scaling {
  /// A label's scaling as configurations write it: not at all, where there is none.
  var labelEntries: [ConfigurationTree.Entry] { self == .none ? [] : [.init("labelScale", .text(rawValue))] }
}
