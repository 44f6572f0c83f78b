extension Dataset {
  /// The handwritten digits that come inside the package: 1,797 images of 8×8 pixels, ten classes.
  ///
  /// Pixels run from 0 (white) to 16, so ``Normalization/range`` or ``Normalization/standardize`` suits them. They are
  /// the test part of the UCI set Optical Recognition of Handwritten Digits (Alpaydin, Kaynak, 1998; CC BY 4.0), whose
  /// order is kept: neighbours may be by the same hand, so hold out random rows (``split(validationFraction:seed:)``).
  /// - Throws: `.outOfMemory`.
  public static func digits() throws(TrainingDataError) -> Dataset {
    let name = "digits"
    let pixels = try SampleStorage<UInt8>(count: DigitsArchive.sampleCount * DigitsArchive.pixelCount) { pixels in
      DigitsArchive.forEachDigit { sample, digit in
        for pixel in 0..<DigitsArchive.pixelCount {
          let value = DigitsArchive.value(of: digit[DigitsArchive.pixelOffset + pixel])
          pixels.initializeElement(at: sample * DigitsArchive.pixelCount + pixel, to: value)
        }
      }
    }
    let labels = try SampleStorage<Int32>(count: DigitsArchive.sampleCount) { labels in
      DigitsArchive.forEachDigit { sample, digit in
        labels.initializeElement(at: sample, to: Int32(DigitsArchive.value(of: digit[0])))
      }
    }
    return try Dataset(
      name: name,
      features: FeatureStorage(.uint8(pixels), featureCount: DigitsArchive.pixelCount, origin: name),
      targets: .classes(labels, classCount: 10, origin: name),
      featureShape: [DigitsArchive.sideLength, DigitsArchive.sideLength])
  }
}

extension DigitsArchive {
  fileprivate static var pixelCount: Int { sideLength * sideLength }
  /// Where the pixels begin in a line, after the class and a space.
  fileprivate static var pixelOffset: Int { 2 }
  /// A line and its line feed.
  private static var lineByteCount: Int { pixelOffset + pixelCount + 1 }

  /// Calls `body` with the number and the line of each digit.
  fileprivate static func forEachDigit(_ body: (_ sample: Int, _ line: UnsafePointer<UInt8>) -> Void) {
    // The last line has no line feed.
    precondition(text.utf8CodeUnitCount == sampleCount * lineByteCount - 1, "the digits inside the package are damaged")
    for sample in 0..<sampleCount {
      body(sample, text.utf8Start + sample * lineByteCount)
    }
  }

  /// The number that a symbol stands for: `0` to `9`, then `a` to `g`.
  fileprivate static func value(of symbol: UInt8) -> UInt8 {
    symbol < UInt8(ascii: "a") ? symbol - UInt8(ascii: "0") : symbol - UInt8(ascii: "a") + 10
  }
}
