import NeuronKernels

extension Table {
  /// Reads a file as a preparation wants it, in the format of the table that it was made for.
  ///
  /// - Throws: ``TrainingDataError`` as ``csv(_:for:wantsLabel:keeping:workers:progress:)`` and ``libsvm(_:reading:progress:)``.
  public static func file(
    _ path: String, for preparation: TablePreparation, wantsLabel: Bool, keeping kept: [String: ColumnKind] = [:],
    workers: Int? = nil, progress: ReadingProgress? = nil
  ) throws(TrainingDataError) -> Table {
    switch preparation.format {
    case .csv:
      try csv(
        path, for: preparation, wantsLabel: wantsLabel, keeping: kept, workers: workers, progress: progress)
    case .libsvm: try libsvm(path, reading: preparation.sparseReading, progress: progress)
    }
  }

  /// Reads a file of comma-separated values as a preparation wants it: the columns of training, in any order, and no others.
  ///
  /// The label's column is read where it is there and `wantsLabel`; otherwise it may be missing, as may those that were
  /// ignored in training. Of the ignored, those of `kept` are read as what it says where they are there.
  ///
  /// - Throws: ``TrainingDataError`` as ``csv(_:reading:workers:progress:)``, and `.columnMismatch` when a column is missing or is none of
  ///   those of training.
  public static func csv(
    _ path: String, for preparation: TablePreparation, wantsLabel: Bool, keeping kept: [String: ColumnKind] = [:],
    workers: Int? = nil, progress: ReadingProgress? = nil
  ) throws(TrainingDataError) -> Table {
    let reading = CSVReading(
      delimiter: preparation.delimiter, header: preparation.hasHeader ? .present : .absent,
      missingTexts: preparation.missingTexts)
    let file = try CSVFile(path: path, reading: reading, workers: workers, progress: progress)
    var kinds: [String: ColumnKind] = [:]
    for column in preparation.columns {
      if case .number = column.content { kinds[column.name] = .numeric } else { kinds[column.name] = .categorical }
    }
    for name in preparation.ignoredColumns { kinds[name] = kept[name] ?? .ignored }
    kinds[preparation.label.name] = wantsLabel ? preparation.label.kind : .ignored
    let needed = preparation.columns.map(\.name) + (wantsLabel ? [preparation.label.name] : [])
    if !preparation.hasHeader { try requireCount(file, preparation, needed: needed) }
    for name in needed where !file.columnNames.contains(name) {
      let strangers = file.columnNames.filter { kinds[$0] == nil }
      throw TrainingDataError(
        .columnMismatch, "\(path): the column '\(name)' of the model's training table is missing",
        hint: Suggestion.nearest(to: name, among: strangers).map { "is it '\($0)'?" })
    }
    if let stranger = file.columnNames.first(where: { kinds[$0] == nil }) {
      throw TrainingDataError(
        .columnMismatch, "\(path): the column '\(stranger)' was not in the model's training table",
        hint: "leave it out")
    }
    return try file.readTable(kinds: file.columnNames.map { kinds[$0] })
  }

  /// Without a header columns are told apart by position, so none may be missing but the label at the end.
  private static func requireCount(
    _ file: CSVFile, _ preparation: TablePreparation, needed: [String]
  ) throws(TrainingDataError) {
    let count = preparation.columns.count + preparation.ignoredColumns.count + 1, found = file.columnNames.count
    let mayLackLabel = preparation.label.name == "\(count - 1)" && !needed.contains(preparation.label.name)
    guard found == count || mayLackLabel && found == count - 1 else {
      throw TrainingDataError(
        .columnMismatch,
        "\(file.path): expected \(count) columns as in the model's training table, which had no header, got \(found)")
    }
  }
}

extension PreparedLabel {
  /// What the label's column holds.
  fileprivate var kind: ColumnKind {
    if case .classes(_, areNumbers: false) = content { .categorical } else { .numeric }
  }
}

extension TablePreparation {
  /// How a sparse text is read: features are called by their indices, which tell the first and how many there are.
  fileprivate var sparseReading: LIBSVMReading {
    let indices = (columns.map(\.name) + ignoredColumns).compactMap { Int($0) }
    return LIBSVMReading(firstIndex: indices.contains(0) ? .zero : .one, featureCount: indices.count)
  }
}
