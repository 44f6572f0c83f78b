import Fascicle
import RunConfiguration

/// The plane of two features, coloured by the class that a network gives each point, with samples over it.
struct DecisionPicture {
  /// Cells of the plane across.
  private static let cells = 180
  /// Samples that are drawn at most.
  private static let sampleLimit = 500
  private static let margin = 20.0, left = 44.0, header = 58.0, footer = 52.0, side = 440.0
  /// Steps of confidence that are told apart.
  private static let levels = 5

  private let heading: String
  private let notes: [String]
  private let samples: DataSubset
  private let labels: ClassLabels
  private let classCount: Int
  private let horizontal: ClosedRange<Double>, vertical: ClosedRange<Double>
  private let rows: Int
  /// The class of each cell, and how sure the network is, from 0 to ``levels`` − 1; row by row from the top.
  private let regions: [(label: Int, level: Int)]

  /// Refuses data that have no plane or no classes.
  static func check(_ data: RunData) throws {
    let dataset = data.training.dataset
    guard dataset.featureCount == 2 else {
      throw PictureError(
        .unsuitable,
        "\(dataset.name) has \(dataset.featureCount) \(dataset.featureCount == 1 ? "feature" : "features") a sample, but "
          + "a picture of decisions needs 2; try data.format=moons")
    }
    guard case .classes = dataset.targets else {
      throw PictureError(
        .unsuitable, "\(dataset.name) has targets and no classes, but a picture of decisions needs classes")
    }
  }

  /// Asks the network about every cell.
  init(_ run: PlottedRun) throws {
    try Self.check(run.data)
    samples = run.data.training
    guard case .classes(let count, let labels) = samples.dataset.targets else {
      preconditionFailure("data without classes were refused")
    }
    (self.labels, classCount) = (labels, count)
    (horizontal, vertical) = Self.ranges(of: samples)
    let width = horizontal.upperBound - horizontal.lowerBound, height = vertical.upperBound - vertical.lowerBound
    rows = Int((Double(Self.cells) * min(1, max(0.5, height / width))).rounded())
    let predictor = try Predictor(run.model, runtime: RuntimeSettings(workers: .exactly(1), pinsWorkers: false))
    regions = try Self.regions(
      predictor, AnswerReading(run.model), rows: rows, horizontal: horizontal, vertical: vertical)
    heading = "\(samples.dataset.name): \(run.model.network)"
    let parts = [("training", run.data.training as DataSubset?), ("test", run.data.test)]
    let accuracies = try parts.compactMap { name, part in
      try part.flatMap { try predictor.evaluate($0).accuracy }.map {
        "\(NumberFormat.percent($0, decimals: 1)) of \(name)"
      }
    }
    notes = [run.note, "right for \(accuracies.joined(separator: ", ")) samples"]
  }

  /// The samples' extent with a margin; a point gets a plane as well.
  private static func ranges(of samples: DataSubset) -> (ClosedRange<Double>, ClosedRange<Double>) {
    let ranges = (0..<2).map { feature in
      let values = samples.rows.map { Double(samples.dataset.features[sample: Int($0), feature: feature]) }
      let low = values.min() ?? 0, high = values.max() ?? 0
      // A width that rounding can't lose beside the values.
      let margin = max(0.08 * (high - low), 1e-3 * max(abs(low), abs(high)), high == low ? 1 : 0)
      return low - margin...high + margin
    }
    return (ranges[0], ranges[1])
  }

  private static func regions(
    _ predictor: Predictor, _ reading: AnswerReading, rows: Int, horizontal: ClosedRange<Double>,
    vertical: ClosedRange<Double>
  ) throws -> [(label: Int, level: Int)] {
    var points: [Float] = []
    for row in 0..<rows {
      let y = vertical.upperBound - (Double(row) + 0.5) / Double(rows) * (vertical.upperBound - vertical.lowerBound)
      for column in 0..<cells {
        let across = (Double(column) + 0.5) / Double(cells)
        points += [
          Float(horizontal.lowerBound + across * (horizontal.upperBound - horizontal.lowerBound)), Float(y),
        ]
      }
    }
    let answers = try predictor.predict(points), count = predictor.outputCount
    return (0..<rows * cells).map { cell in
      let (label, sureness) = reading.answer(answers[cell * count..<(cell + 1) * count])
      return (label, Int(min(max(0, sureness), 0.999) * Float(levels)))
    }
  }

  /// The picture as SVG.
  func document(_ theme: PlotTheme) -> String {
    let height = Self.side * Double(rows) / Double(Self.cells)
    let frame = PlotFrame(
      x: Self.left, y: Self.header, width: Self.side, height: height, horizontal: horizontal, vertical: vertical)
    let pageWidth = Self.left + Self.side + Self.margin, pageHeight = Self.header + height + Self.footer
    var svg = SVGText(width: pageWidth, height: pageHeight, title: heading, style: theme.style)
    svg.rectangle(x: 0, y: 0, width: pageWidth, height: pageHeight, class: "page")
    svg.label(SVGText.shortened(heading, toWidth: pageWidth - 2 * Self.margin), x: Self.margin, y: 26, class: "name")
    svg.label(notes.joined(separator: ", "), x: Self.margin, y: 44, class: "note")
    drawRegions(&svg, frame)
    drawScales(&svg, frame)
    drawSamples(&svg, frame)
    drawLegend(&svg, y: Self.header + height + 38)
    return svg.document
  }

  /// One shape for each class and level, of a box for each run of like cells of a row.
  private func drawRegions(_ svg: inout SVGText, _ frame: PlotFrame) {
    let cell = frame.width / Double(Self.cells), line = frame.height / Double(rows)
    var boxes: [String: [SVGText.Box]] = [:]
    for row in 0..<rows {
      var first = 0
      for column in 1...Self.cells {
        let here = regions[row * Self.cells + first]
        if column < Self.cells, regions[row * Self.cells + column] == here { continue }
        boxes["region \(Self.colour(here.label)) l\(here.level)", default: []].append(
          SVGText.Box(
            x: frame.x + Double(first) * cell, y: frame.y + Double(row) * line, width: Double(column - first) * cell,
            height: line))
        first = column
      }
    }
    for (style, shape) in boxes.sorted(by: { $0.key < $1.key }) { svg.boxes(shape, class: style) }
  }

  private func drawScales(_ svg: inout SVGText, _ frame: PlotFrame) {
    for tick in Self.ticks(horizontal) {
      let place = frame.place(tick, vertical.lowerBound)
      svg.line(from: place, to: (place.x, place.y + 4), class: "axis")
      svg.label(Self.text(tick, horizontal), x: place.x, y: place.y + 15, class: "x")
    }
    for tick in Self.ticks(vertical) {
      let place = frame.place(horizontal.lowerBound, tick)
      svg.line(from: place, to: (place.x - 4, place.y), class: "axis")
      svg.label(Self.text(tick, vertical), x: place.x - 7, y: place.y + 3, class: "y")
    }
  }

  private func drawSamples(_ svg: inout SVGText, _ frame: PlotFrame) {
    for row in samples.rows.prefix(Self.sampleLimit) {
      let features = samples.dataset.features
      let place = frame.place(
        Double(features[sample: Int(row), feature: 0]), Double(features[sample: Int(row), feature: 1]))
      svg.circle(x: place.x, y: place.y, radius: 2.6, class: "dot \(Self.colour(labels[Int(row)]))")
    }
  }

  private func drawLegend(_ svg: inout SVGText, y: Double) {
    var x = Self.left
    for label in 0..<min(classCount, 6) {
      svg.circle(x: x + 4, y: y - 3.5, radius: 4, class: "dot \(Self.colour(label))")
      svg.label("class \(label)", x: x + 13, y: y, class: "note")
      x += 68
    }
    if classCount > 6 { svg.label("… \(classCount) classes", x: x, y: y, class: "note") }
  }

  private static func colour(_ label: Int) -> String { "c\(label % 6)" }

  /// Up to seven round numbers.
  private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let step = step(range), first = (range.lowerBound / step).rounded(.up)
    return (0..<8).map { (first + Double($0)) * step }.filter { $0 <= range.upperBound }
  }

  /// 1, 2 or 5 times a power of ten.
  private static func step(_ range: ClosedRange<Double>) -> Double {
    let span = range.upperBound - range.lowerBound
    var power = 1.0
    while power * 10 <= span / 2 { power *= 10 }
    while power > span / 2 { power /= 10 }
    return [1.0, 2, 5].map { $0 * power }.first { span / $0 <= 6 } ?? 10 * power
  }

  private static func text(_ tick: Double, _ range: ClosedRange<Double>) -> String {
    let step = step(range)
    guard abs(tick) < 1e5, step >= 0.01 else { return tick == 0 ? "0" : NumberFormat.scientific(tick) }
    return (tick < -step / 2 ? "−" : "") + SVGText.number(abs(tick) < step / 2 ? 0 : abs(tick))
  }
}
