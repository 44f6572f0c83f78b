import ArgumentParser
import Fascicle
import TrainingData

/// `fascicle convert`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes data or weights in another format: NumPy arrays and archives, safetensors.",
    discussion: """
      What INPUT is, its content says; what to write, the ending of OUTPUT: .npy, .npz or
      .safetensors. Two files with a comma between them are samples and labels. Of a
      table, numbers stay as they are and categories become their positions, which are
      told; missing values are NaN; to FEATURES.npy,LABELS.npy a table of numbers goes
      row by row, in memory that does not grow with it. Bytes stay bytes, other whole numbers have 32 bits,
      all else becomes single precision.

      Examples:
        fascicle convert train-images-idx3-ubyte.gz images.npy
        fascicle convert images.gz,labels.gz fashion.npz --compress
        fascicle convert passengers.csv passengers.npz --label Survived
        fascicle convert clicks.csv x.npy,y.npy --label bought    a table of any size
        fascicle convert archive.npz:x_train x_train.npy
        fascicle convert weights.safetensors weights.npz
      """)

  @Argument(
    help: ArgumentHelp("IDX, NumPy, CSV or safetensors; FILE.npz:NAME is one array of an archive.", valueName: "INPUT"))
  var input: String

  @Argument(help: ArgumentHelp("The file to write: .npy, .npz or .safetensors.", valueName: "OUTPUT"))
  var output: String

  @Option(help: ArgumentHelp("The column of a table that becomes the labels.", valueName: "COLUMN"))
  var label: String?

  @Flag(help: "Deflate the arrays of an .npz archive.")
  var compress = false

  func validate() throws {
    guard [".npy", ".npz", ".safetensors"].contains(where: output.hasSuffix) else {
      throw ValidationError("OUTPUT must end in .npy, .npz or .safetensors, but is '\(output)'")
    }
    if compress, !output.hasSuffix(".npz") { throw ValidationError("--compress is for .npz archives") }
  }

  func run() throws {
    if let pair = outputPair { return try convertTable(features: pair.features, labels: pair.labels) }
    let arrays = try ConvertedArrays(input: input, label: label)
    if output.hasSuffix(".npy") {
      guard arrays.named.count == 1 else {
        throw ValidationError(
          "an .npy file holds one array, but \(input) has \(arrays.named.count): write an .npz archive, or choose one with "
            + "FILE.npz:NAME")
      }
      try NumPyFile.write(arrays.named[0].array, to: output)
    } else if output.hasSuffix(".npz") {
      try NumPyFile.writeArchive(arrays.named, to: output, isCompressed: compress)
    } else {
      let tensors = arrays.named.map { WeightsFile.Tensor($0.name, $0.array) }
      try WeightsFile.writeSafetensors(tensors, to: output)
    }
    for line in arrays.notes { StandardError.write(line + "\n") }
    var lines = LabelledLines()
    lines.add("written", output)
    lines.add("arrays", arrays.named.map { "\($0.name) \($0.array.shape) \($0.array.elements.description)" })
    try StandardOutput.write(lines.text)
  }
}

// MARK: - Tables of any size

extension ConvertCommand {
  /// The files of `FEATURES.npy,LABELS.npy`.
  private var outputPair: (features: String, labels: String)? {
    let parts = output.split(separator: ",").map(String.init)
    guard parts.count == 2, parts.allSatisfy({ $0.hasSuffix(".npy") }) else { return nil }
    return (parts[0], parts[1])
  }

  /// Row by row, in memory that does not grow with the table.
  private func convertTable(features: String, labels: String) throws {
    guard let label else {
      throw ValidationError("OUTPUT names a file for labels: add --label COLUMN")
    }
    let result = try TableConversion(input, label: label).write(features: features, labels: labels)
    if let names = result.classNames {
      let shown = names.prefix(8).enumerated().map { "\($0.offset) = \($0.element)" }.joined(separator: ", ")
      StandardError.write("\(label): \(shown)\(names.count > 8 ? " …" : "")\n")
    }
    StandardError.write("features are \(result.featureNames.joined(separator: ", "))\n")
    var lines = LabelledLines()
    lines.add("written", [features, labels])
    lines.add("rows", NumberFormat.grouped(result.rowCount))
    try StandardOutput.write(lines.text)
  }
}

/// The arrays of a file of any kind, by the names that they will have.
struct ConvertedArrays {
  let named: [NumPyFile.Named]
  /// What was lost or decided on the way.
  let notes: [String]

  init(input: String, label: String?) throws {
    let pair = input.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    if ArchivedArrays(argument: input) == nil, pair.count == 2, !pair.contains("") {
      named = [
        ("features", try NumberArray(reading: pair[0])), ("labels", try NumberArray(reading: pair[1])),
      ]
      notes = []
    } else if label != nil {
      (named, notes) = try Self.table(.csv(input), of: input, label: label)
    } else if ArchivedArrays(argument: input) != nil {
      (named, notes) = ([("features", try NumberArray(reading: input))], [])
    } else {
      (named, notes) = try Self.content(of: input)
    }
  }

  private static func content(of path: String) throws -> ([NumPyFile.Named], [String]) {
    switch try InspectedKind(path: path) {
    case .table: return try table(.csv(path), of: path, label: nil)
    case .libsvm: return try table(.libsvm(path), of: path, label: Table.libsvmLabel)
    case .idx: return ([("features", try NumberArray(reading: path))], [])
    case .npy where try !NPZArchive.isArchive(path): return ([("features", try NumberArray(reading: path))], [])
    case .npy, .safetensors:
      let tensors = try WeightsFile(path: path).tensors
      return (
        tensors.map { ($0.name, NumberArray(shape: $0.shape, elements: .float32($0.values))) },
        tensors.filter { !$0.isExact }.map { "\($0.name) becomes single precision, was \($0.elementType)" }
      )
    case .checkpoint:
      throw ModelExchangeError(
        code: .unsupported, message: "\(path) is a checkpoint, the state of a run",
        hint: "'fascicle train --resume \(path)' goes on from it, and --output keeps its model")
    case .checkpointFolder, .eventLog, .onnx:
      throw ModelExchangeError(
        code: .unsupported, message: "\(path) holds neither data nor weights that can be converted",
        hint: "'fascicle inspect \(path)' tells what it is")
    case .modelFolder:
      throw ModelExchangeError(
        code: .unsupported, message: "\(path) is the folder of a model",
        hint: "'fascicle export \(path)' writes it for others")
    }
  }

  // MARK: - Tables

  private static func table(_ table: Table, of path: String, label: String?) throws -> ([NumPyFile.Named], [String]) {
    if let label, !table.columnNames.contains(label) {
      throw TrainingDataError(
        .unknownColumn,
        "\(path): there is no column '\(label)'; the columns are \(Suggestion.conjunction(table.columnNames))",
        hint: Suggestion.nearest(to: label, among: table.columnNames).map { "did you mean '\($0)'?" })
    }
    let columns = table.columns.indices.filter { table.columns[$0].kind != .ignored }
    let features = columns.filter { table.columns[$0].name != label }
    var values: [Float] = []
    values.reserveCapacity(features.count * table.rowCount)
    for row in 0..<table.rowCount { for column in features { values.append(table[row, column] ?? .nan) } }
    var named: [NumPyFile.Named] = [
      ("features", NumberArray(shape: [table.rowCount, features.count], elements: .float32(values)))
    ]
    if let column = columns.first(where: { table.columns[$0].name == label }) {
      let labels = (0..<table.rowCount).map { table[$0, column] ?? .nan }
      let whole = labels.compactMap { Int32(exactly: $0) }
      named.append(
        (
          "labels",
          NumberArray(shape: [table.rowCount], elements: whole.count == labels.count ? .int32(whole) : .float32(labels))
        ))
    }
    let notes = columns.map { table.columns[$0] }.filter { $0.kind == .categorical }.map { column in
      let shown = column.categories.prefix(8).enumerated().map { "\($0.offset) = \($0.element)" }
      return "\(column.name): " + shown.joined(separator: ", ") + (column.categories.count > 8 ? " …" : "")
    }
    return (named, ["features are " + features.map { table.columns[$0].name }.joined(separator: ", ")] + notes)
  }
}

extension WeightsFile.Tensor {
  fileprivate init(_ name: String, _ array: NumberArray) {
    self.init(name: name, shape: array.shape, elementType: "F32", values: array.floats)
  }
}
