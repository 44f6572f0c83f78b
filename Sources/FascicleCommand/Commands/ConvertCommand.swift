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
      told; missing values are NaN. Bytes stay bytes, other whole numbers have 32 bits,
      all else becomes single precision.

      Examples:
        fascicle convert train-images-idx3-ubyte.gz images.npy
        fascicle convert images.gz,labels.gz fashion.npz --compress
        fascicle convert passengers.csv passengers.npz --label Survived
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
    } else if label != nil || Self.isTable(input) {
      (named, notes) = try Self.table(input, label: label)
    } else if try ArchivedArrays(argument: input) == nil && Self.hasNamedTensors(input) {
      let tensors = try WeightsFile(path: input).tensors
      named = tensors.map { ($0.name, NumberArray(shape: $0.shape, elements: .float32($0.values))) }
      notes = tensors.filter { !$0.isExact }.map { "\($0.name) becomes single precision, was \($0.elementType)" }
    } else {
      named = [("features", try NumberArray(reading: input))]
      notes = []
    }
  }

  private static func isTable(_ path: String) -> Bool {
    [".csv", ".tsv", ".csv.gz", ".tsv.gz", ".txt"].contains(where: path.hasSuffix)
  }

  private static func hasNamedTensors(_ path: String) throws -> Bool {
    switch try InspectedKind(path: path) {
    case .safetensors: true
    case .npy: try NPZArchive.isArchive(path)
    case .idx: false
    case .modelFolder:
      throw ModelExchangeError(
        code: .unsupported, message: "\(path) is the folder of a model",
        hint: "'fascicle export \(path)' writes it for others")
    }
  }

  // MARK: - Tables

  private static func table(_ path: String, label: String?) throws -> ([NumPyFile.Named], [String]) {
    let table = try Table.csv(path)
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
