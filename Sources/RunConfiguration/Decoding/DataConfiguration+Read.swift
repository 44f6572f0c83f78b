import Fascicle

extension DataConfiguration {
  init(_ reader: SectionReader) {
    self.init()
    guard let format = reader.choice("format", default: .digits, among: Format.names, make: Format.init) else { return }
    let isIDX = format == .idx, isNPY = format == .npy, isNPZ = format == .npz
    let isTable = format == .csv || format == .libsvm
    if case .synthetic(let shape) = format {
      source = .synthetic(SyntheticData.read(reader, shape: shape))
    } else if isIDX {
      let files = reader.imagesAndLabels(because: "the format idx needs it", at: reader.node("format")?.place)
      source = .idx(images: files.images, labels: files.labels)
      test = .fraction(0)
    } else if isTable {
      source = .table(format == .libsvm ? TableSource(sparse: reader) : TableSource(reader))
    } else if isNPY {
      let files = reader.pair("features", because: "the format npy needs it", at: reader.node("format")?.place)
      source = .npy(features: files.first, labels: files.labels)
    } else if isNPZ {
      source = .npz(ArchivedArrays(reader, file: nil))
    }
    if isIDX || isNPY { isMapped = reader.flag("mapped", default: isMapped) }
    if isNPY || isNPZ || format == .synthetic(.friedman) {
      labelScaling = reader.choice("labelScale", default: labelScaling)
    }
    let test = reader.section("test", example: "fraction: 0.2")
    if isTable, test.has("column") || test.has("values") {
      self.test = .rows(RowSelection(test))
      test.finish(owner: "a test by a column", others: ["fraction", "file"])
    } else if isTable, test.has("file") {
      self.test = .table(test.path("file") ?? "")
      test.finish(owner: "a test file", others: ["fraction", "column", "values"])
    } else if isNPY, test.has("features") || test.has("labels") {
      let files = test.pair("features", because: "a test set has features and labels")
      self.test = .npy(features: files.first, labels: files.labels)
      test.finish(owner: "a test set", others: ["fraction", "column", "values"])
    } else if case .npz(let arrays) = source, test.has("features") || test.has("labels") || test.has("file") {
      self.test = .npz(ArchivedArrays(test, file: arrays.file))
      test.finish(owner: "a test set", others: ["fraction", "column", "values"])
    } else if reader.has("test") || !isIDX {
      readTest(test, isIDX: isIDX)
    }
    nameDivisions()
    reader.finish(
      owner: "the format \(format.name)",
      others: ["images", "labels", "samples", "noise", "classes", "seed", "features", "mapped"] + TableSource.keys
        + TableSource.sparseKeys)
  }

  /// Keeps the columns that divide a table from the network.
  private mutating func nameDivisions() {
    guard case .table(var table) = source else { return }
    if case .rows(let selection) = test { table.recipe.divisionColumns.insert(selection.column) }
    if let selection = table.validation { table.recipe.divisionColumns.insert(selection.column) }
    source = .table(table)
  }

  /// The formats by their names.
  private enum Format: Equatable {
    case digits, idx, csv, npy, npz, libsvm
    case synthetic(SyntheticData.Shape)

    static let names =
      ["digits", "idx", "csv", "npy", "npz", "libsvm"] + SyntheticData.Shape.allCases.map(\.rawValue)

    init?(_ name: String) {
      switch name {
      case "digits": self = .digits
      case "idx": self = .idx
      case "csv": self = .csv
      case "npy": self = .npy
      case "libsvm": self = .libsvm
      case "npz": self = .npz
      default:
        guard let shape = SyntheticData.Shape(rawValue: name) else { return nil }
        self = .synthetic(shape)
      }
    }

    var name: String {
      switch self {
      case .digits: "digits"
      case .idx: "idx"
      case .csv: "csv"
      case .npy: "npy"
      case .libsvm: "libsvm"
      case .npz: "npz"
      case .synthetic(let shape): shape.rawValue
      }
    }
  }

  private mutating func readTest(_ reader: SectionReader, isIDX: Bool) {
    if isIDX, !reader.has("fraction") {
      let files = reader.imagesAndLabels(because: "a test set has images and labels")
      test = .idx(images: files.images, labels: files.labels)
      reader.finish()
    } else {
      let standard = isIDX ? 0 : Self.digitsTestFraction
      test = .fraction(
        reader.real("fraction", default: standard, expected: "a number from 0 to below 1") { $0 >= 0 && $0 < 1 })
      reader.finish(owner: "a test fraction", others: ["images", "labels", "file", "features", "column", "values"])
    }
  }
}

extension SectionReader {
  /// The two paths of an IDX data set, both of which must be there.
  fileprivate func imagesAndLabels(
    because reason: String, at place: SourcePlace? = nil
  ) -> (images: String, labels: String) {
    let files = pair("images", because: reason, at: place)
    return (files.first, files.labels)
  }

  /// The paths of samples and labels, both of which must be there.
  fileprivate func pair(
    _ first: String, because reason: String, at place: SourcePlace? = nil
  ) -> (first: String, labels: String) {
    for key in [first, "labels"] where !has(key) { require(key, because: reason, at: place) }
    return (path(first) ?? "", path("labels") ?? "")
  }
}

extension ArchivedArrays {
  /// Reads an archive's path, which may be left out where another is at hand, and the names of its arrays, which may be left
  /// out where they can be recognised.
  fileprivate init(_ reader: SectionReader, file: String?) {
    if file == nil, !reader.has("file") {
      reader.require("file", because: "the format npz needs it", at: reader.node("format")?.place)
    }
    self.init(file: reader.path("file") ?? file ?? "", features: reader.text("features"), labels: reader.text("labels"))
  }
}

extension SyntheticData {
  /// Reads the keys of a set that is drawn; those of its shape are known, and no others.
  fileprivate static func read(_ reader: SectionReader, shape: Shape) -> SyntheticData {
    var data = SyntheticData(shape)
    data.samples = reader.whole("samples", default: data.samples, in: 1...Self.sampleLimit)
    data.noise = reader.real(
      "noise", default: data.noise, expected: "a number from 0 to \(Int(Self.noiseLimit))"
    ) { $0 >= 0 && $0 <= Self.noiseLimit }
    if shape.choosesClasses {
      data.classes = reader.whole("classes", default: data.classes, in: 2...Self.classLimit)
    }
    data.seed = reader.whole("seed", default: data.seed, in: 0...UInt64.max)
    return data
  }
}
