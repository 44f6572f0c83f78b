extension DataConfiguration {
  init(_ reader: SectionReader) {
    self.init()
    guard let isIDX = reader.choice("format", default: false, among: ["digits", "idx"], make: Self.isIDX) else {
      return
    }
    if isIDX {
      let files = reader.imagesAndLabels(because: "the format idx needs it", at: reader.node("format")?.place)
      source = .idx(images: files.images, labels: files.labels)
      test = .fraction(0)
    }
    if reader.has("test") || !isIDX { readTest(reader.section("test", example: "fraction: 0.2"), isIDX: isIDX) }
    _ = reader.node("test")
    reader.finish(owner: isIDX ? "the format idx" : "the format digits", others: ["images", "labels"])
  }

  private static func isIDX(_ format: String) -> Bool? {
    switch format {
    case "digits": false
    case "idx": true
    default: nil
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
      reader.finish(owner: "a test fraction", others: ["images", "labels"])
    }
  }
}

extension SectionReader {
  /// The two paths of an IDX data set, both of which must be there.
  fileprivate func imagesAndLabels(
    because reason: String, at place: SourcePlace? = nil
  ) -> (images: String, labels: String) {
    for key in ["images", "labels"] where !has(key) { require(key, because: reason, at: place) }
    return (path("images") ?? "", path("labels") ?? "")
  }
}
