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
    if isIDX || isNPY { weights = reader.path("weights") }
    if isNPZ { weights = reader.text("weights") }
    if isIDX || isNPY { isMapped = reader.flag("mapped", default: isMapped) }
    if isNPY || isNPZ || format == .synthetic(.friedman) {
      labelScaling = reader.choice("labelScale", default: labelScaling)
    }
    let test = reader.section("test", example: "fraction: 0.2")
    if let named = named(test, "a test") {
      self.test = named
    } else if reader.has("test") || !isIDX {
      readTest(test, isIDX: isIDX)
    }
    readValidation(reader)
    nameDivisions()
    reader.finish(
      owner: "the format \(format.name)",
      others: ["images", "labels", "samples", "noise", "classes", "seed", "features", "mapped", "weights"]
        + TableSource.keys
        + TableSource.sparseKeys)
  }

  /// Reads a part that has files of its own or that a column chooses; nil where the section says neither.
  private func named(_ part: SectionReader, _ role: String) -> HeldOut? {
    let heldOut: HeldOut, owner: String
    switch source {
    case .table where part.has("column") || part.has("values"):
      (heldOut, owner) = (.rows(RowSelection(part)), "\(role) by a column")
    case .table where part.has("file"):
      (heldOut, owner) = (.table(part.path("file") ?? ""), "\(role) file")
    case .idx where part.has("images") || part.has("labels"):
      let files = part.imagesAndLabels(because: "\(role) set has images and labels")
      (heldOut, owner) = (.idx(images: files.images, labels: files.labels), "\(role) set")
    case .npy where part.has("features") || part.has("labels"):
      let files = part.pair("features", because: "\(role) set has features and labels")
      (heldOut, owner) = (.npy(features: files.first, labels: files.labels), "\(role) set")
    case .npz(let arrays) where part.has("features") || part.has("labels") || part.has("file"):
      (heldOut, owner) = (.npz(ArchivedArrays(part, file: arrays.file)), "\(role) set")
    default: return nil
    }
    part.finish(owner: owner, others: Self.heldOutKeys)
    return heldOut
  }

  /// What may be said of a part that is held out, in one format or another.
  private static let heldOutKeys = ["fraction", "images", "labels", "features", "file", "column", "values"]

  private mutating func readValidation(_ reader: SectionReader) {
    guard let example = validationExample else { return }
    let section = reader.section("validation", example: example)
    guard section.isSection else { return }
    validation = named(section, "a validation")
    if validation == nil {
      reader.problems.add(
        .value, section.place, "\(section.path) must name samples of its own, as in { \(example) }",
        hint: "training.validation holds out a part of the training samples")
    } else {
      checkSelections(section)
    }
  }

  /// How samples of their own are named; nil where there are none, as of samples that are drawn.
  private var validationExample: String? {
    switch source {
    case .digits, .synthetic: nil
    case .idx: "images: FILE, labels: FILE"
    case .npy: "features: FILE, labels: FILE"
    case .npz: "features: x_val, labels: y_val"
    case .table: "file: FILE"
    }
  }

  /// Refuses rows that would belong to two parts.
  private func checkSelections(_ section: SectionReader) {
    guard case .rows(let validation) = validation, case .rows(let test) = test, validation.column == test.column,
      let shared = validation.values.first(where: test.values.contains)
    else { return }
    section.problems.add(
      .value, section.node("values")?.place ?? section.place,
      "\(section.dotted("values")) has '\(shared)', which data.test.values has too: a row belongs to one of them")
  }

  /// Keeps the columns that divide a table from the network.
  private mutating func nameDivisions() {
    guard case .table(var table) = source else { return }
    for case .rows(let selection)? in [test, validation] { table.recipe.divisionColumns.insert(selection.column) }
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
      _ = reader.imagesAndLabels(because: "a test set has images and labels")
      reader.finish()
    } else {
      let standard = isIDX ? 0 : Self.digitsTestFraction
      test = .fraction(
        reader.real("fraction", default: standard, expected: "a number from 0 to below 1") { $0 >= 0 && $0 < 1 })
      reader.finish(owner: "a test fraction", others: Self.heldOutKeys)
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
