import TrainingData

/// The `table` of a model: what is done to the columns of a file before the network sees them.
extension TablePreparation {
  /// The version of the keys' meaning; a key that only joins does not change it.
  private static let jsonVersion = 1

  /// The preparation as JSON.
  var json: JSONNode {
    .object([
      .init("version", .whole(Self.jsonVersion)), .init("format", .text(format.rawValue)),
      .init("header", .flag(hasHeader)),
      .init("delimiter", delimiter.json),
      .init("missing", .list(missingTexts.map(JSONNode.text))), .init("columns", .list(columns.map(\.json))),
      .init("ignored", .list(ignoredColumns.map(JSONNode.text))), .init("label", label.json),
    ])
  }

  init(_ place: JSONPlace, featureCount: Int) throws(ModelExchangeError) {
    let version = try place["version"].whole(in: 1...Int.max)
    guard version <= Self.jsonVersion else {
      throw ModelExchangeError(
        code: .unsupported,
        message: "\(place.file): the table has version \(version), but this program reads up to \(Self.jsonVersion)",
        hint: "use the version of fascicle that wrote it")
    }
    var columns: [PreparedColumn] = []
    for column in try place["columns"].elements() { columns.append(try PreparedColumn(column)) }
    let label = try PreparedLabel(place["label"]), ignored = try place["ignored"].texts()
    let hasHeader = try place["header"].flag()
    let delimiter = try CSVReading.Delimiter(place.member("delimiter")), missing = try place["missing"].texts()
    let format = try place.member("format").map { (format) throws(ModelExchangeError) in
      guard let known = TableFormat(rawValue: try format.text()) else { throw format.wrong("csv or libsvm") }
      return known
    }
    do {
      try self.init(
        columns: columns, label: label, ignoredColumns: ignored, hasHeader: hasHeader, missingTexts: missing,
        delimiter: delimiter, format: format ?? .csv)
    } catch {
      throw .damaged(place.file, "\(place.path): \(error.message)")
    }
    guard self.featureCount == featureCount else {
      throw .damaged(
        place.file,
        "\(place.path) makes \(self.featureCount) features of its columns, but the network takes \(featureCount)")
    }
  }
}

extension CSVReading.Delimiter {
  /// The character; null where it is recognised.
  fileprivate var json: JSONNode {
    if case .character(let character) = self { .text(String(Unicode.Scalar(character))) } else { .null }
  }

  fileprivate init(_ place: JSONPlace?) throws(ModelExchangeError) {
    guard let place else {
      self = .automatic
      return
    }
    let bytes = Array(try place.text().utf8)
    guard bytes.count == 1 else { throw place.wrong("a character") }
    self = .character(bytes[0])
  }
}

extension PreparedLabel {
  fileprivate var json: JSONNode {
    switch content {
    case .values: .object([.init("name", .text(name)), .init("kind", .text("values"))] + (scale?.members ?? []))
    case .classes(let names, let areNumbers):
      .object([
        .init("name", .text(name)), .init("kind", .text(areNumbers ? "numbered_classes" : "classes")),
        .init("names", .list(names.map(JSONNode.text))),
      ])
    }
  }

  fileprivate init(_ place: JSONPlace) throws(ModelExchangeError) {
    let name = try place["name"].text(), kind = try place["kind"]
    switch try kind.text() {
    case "values":
      self.init(
        name: name, content: .values, scale: try place.member("spread") == nil ? nil : PreparedScale(place))
    case "classes": self.init(name: name, content: .classes(try place["names"].texts(), areNumbers: false))
    case "numbered_classes": self.init(name: name, content: .classes(try place["names"].texts(), areNumbers: true))
    default: throw kind.wrong("values, classes or numbered_classes")
    }
  }
}

extension PreparedColumn {
  fileprivate var json: JSONNode {
    switch content {
    case .number(let number):
      .object(
        [
          .init("name", .text(name)), .init("kind", .text("numeric")),
          .init("fill", number.fill.map(JSONNode.float) ?? .null), .init("log", .flag(number.isLogarithmic)),
        ] + number.scale.members)
    case .category(let category):
      .object(
        [
          .init("name", .text(name)), .init("kind", .text(category.scale == nil ? "one_hot" : "ordinal")),
          .init("categories", .list(category.names.map(JSONNode.text))),
          .init("fill", category.fill.map(JSONNode.whole) ?? .null),
          .init("unknown", .text(category.refusesUnknown ? "refuse" : "zero")),
        ] + (category.scale?.members ?? []))
    }
  }

  fileprivate init(_ place: JSONPlace) throws(ModelExchangeError) {
    let name = try place["name"].text(), kind = try place["kind"]
    switch try kind.text() {
    case "numeric":
      let fill = try place.member("fill").map { (fill) throws(ModelExchangeError) in try fill.float() }
      self.init(
        name: name,
        content: .number(
          PreparedNumber(fill: fill, isLogarithmic: try place["log"].flag(), scale: try PreparedScale(place))))
    case "one_hot": self.init(name: name, content: .category(try PreparedCategory(place, scale: nil)))
    case "ordinal":
      self.init(name: name, content: .category(try PreparedCategory(place, scale: PreparedScale(place))))
    default: throw kind.wrong("numeric, one_hot or ordinal")
    }
  }
}

extension PreparedCategory {
  fileprivate init(_ place: JSONPlace, scale: PreparedScale?) throws(ModelExchangeError) {
    let unknown = try place["unknown"]
    guard ["zero", "refuse"].contains(try unknown.text()) else { throw unknown.wrong("zero or refuse") }
    self.init(
      names: try place["categories"].texts(),
      fill: try place.member("fill").map { (fill) throws(ModelExchangeError) in try fill.whole(in: 0...Int.max) },
      refusesUnknown: try unknown.text() == "refuse", scale: scale)
  }
}

extension PreparedScale {
  var members: [JSONNode.Member] { [.init("centre", .double(centre)), .init("spread", .double(spread))] }

  init(_ place: JSONPlace) throws(ModelExchangeError) {
    self.init(centre: try place["centre"].double(), spread: try place["spread"].double())
  }
}

extension JSONPlace {
  /// A list of texts.
  fileprivate func texts() throws(ModelExchangeError) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.text()) }
    return texts
  }
}
