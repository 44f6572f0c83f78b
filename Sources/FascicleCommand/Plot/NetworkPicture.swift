import Fascicle

/// Layers as columns, units as circles, weights as lines between them.
struct NetworkPicture {
  /// Units of a column that are drawn at most, and how many of the first.
  private static let unitLimit = 12, firstUnits = 6
  /// Columns that are drawn at most.
  private static let columnLimit = 14
  private static let margin = 28.0, header = 62.0, footer = 56.0, unitStep = 26.0, radius = 8.0
  private static let widths = 6

  /// One layer of units.
  private struct Column {
    var label: String
    let unitCount: Int
    /// Row-major `[unit][unit of the column before]`; empty for the input.
    let weights: [Float]
    let bias: [Float]
    let inputCount: Int

    /// The numbers of the units that are drawn.
    var shown: [Int] {
      guard unitCount > NetworkPicture.unitLimit else { return Array(0..<unitCount) }
      let last = NetworkPicture.unitLimit - 1 - NetworkPicture.firstUnits
      return Array(0..<NetworkPicture.firstUnits) + Array(unitCount - last..<unitCount)
    }

    var isCut: Bool { unitCount > NetworkPicture.unitLimit }
    /// Places that the column takes, the gap for what is left out included.
    var placeCount: Int { shown.count + (isCut ? 1 : 0) }
  }

  private let heading: String
  private let notes: [String]
  private let columns: [Column]

  init(_ run: PlottedRun) {
    let model = run.model
    heading = "\(model.network)"
    var columns = [Column(label: "input", unitCount: model.featureCount, weights: [], bias: [], inputCount: 0)]
    for (stage, parameters) in zip(model.stages, model.stageParameters) {
      if stage.operation.embedded != nil {
        // Vectors come from tables, so no lines lead to them; several embeddings make one column.
        if columns.count > 1 { columns.removeLast() }
        columns.append(
          Column(label: "embedded", unitCount: stage.outputCount, weights: [], bias: [], inputCount: 0))
        continue
      }
      guard let shape = stage.dense else {
        // An activation alone belongs to the units before it; what else stands between has no units to draw.
        if stage.activation != .linear { columns[columns.count - 1].label += " \(stage.activation.name)" }
        continue
      }
      columns.append(
        Column(
          label: stage.activation == .linear ? "" : stage.activation.name, unitCount: shape.outputCount,
          weights: parameters.weights, bias: parameters.bias, inputCount: shape.inputCount))
    }
    let isCut = columns.count > Self.columnLimit
    self.columns = isCut ? Array(columns.prefix(Self.columnLimit)) : columns
    notes =
      [run.note, "\(NumberFormat.grouped(model.parameterCount)) parameters"]
      + (isCut ? ["the first \(Self.columnLimit) of \(columns.count) columns"] : [])
  }

  private var columnStep: Double { columns.count > 8 ? 84 : 130 }
  private var tallest: Int { columns.map(\.placeCount).max() ?? 1 }

  /// The picture as SVG.
  func document(_ theme: PlotTheme) -> String {
    let drawn = Double(columns.count - 1) * columnStep + 2 * Self.margin + 60
    let textWidth = Double(heading.count) * SVGText.headingAdvance + 2 * Self.margin
    let width = max(drawn, min(textWidth, 900), 430)
    let height = Self.header + Double(tallest) * Self.unitStep + Self.footer
    var svg = SVGText(width: width, height: height, title: heading, style: theme.style)
    svg.rectangle(x: 0, y: 0, width: width, height: height, class: "page")
    svg.label(SVGText.shortened(heading, toWidth: width - 2 * Self.margin), x: Self.margin, y: 26, class: "name")
    svg.label(notes.joined(separator: ", "), x: Self.margin, y: 44, class: "note")
    let left = (width - Double(columns.count - 1) * columnStep) / 2
    for index in columns.indices.dropFirst() { drawWeights(into: index, &svg, left: left) }
    for index in columns.indices { drawUnits(of: index, &svg, left: left) }
    drawLegend(&svg, y: height - 14)
    return svg.document
  }

  /// Thin lines first, so that the strong ones are seen.
  private func drawWeights(into index: Int, _ svg: inout SVGText, left: Double) {
    let column = columns[index], before = columns[index - 1]
    var lines: [(from: Int, to: Int, weight: Float)] = []
    for (to, unit) in column.shown.enumerated() {
      // A gate between the two leaves fewer units than it found.
      for (from, input) in before.shown.enumerated() where input < column.inputCount {
        lines.append((from, to, column.weights[unit * column.inputCount + input]))
      }
    }
    let largest = lines.map { abs($0.weight) }.filter(\.isFinite).max() ?? 0
    guard largest > 0 else { return }
    for line in lines.sorted(by: { abs($0.weight) < abs($1.weight) }) where line.weight != 0 && line.weight.isFinite {
      let size = min(Self.widths - 1, Int(abs(line.weight) / largest * Float(Self.widths)))
      svg.line(
        from: place(line.from, of: index - 1, left: left), to: place(line.to, of: index, left: left),
        class: "weight \(line.weight > 0 ? "up" : "down") w\(size)")
    }
  }

  private func drawUnits(of index: Int, _ svg: inout SVGText, left: Double) {
    let column = columns[index], largest = column.bias.map { abs($0) }.filter(\.isFinite).max() ?? 0
    for (number, unit) in column.shown.enumerated() {
      let place = place(number, of: index, left: left)
      svg.circle(x: place.x, y: place.y, radius: Self.radius, class: "unit")
      if largest > 0, unit < column.bias.count, column.bias[unit].isFinite {
        let size = Double(abs(column.bias[unit]) / largest)
        svg.circle(
          x: place.x, y: place.y, radius: (Self.radius - 2) * size.squareRoot(),
          class: "bias \(column.bias[unit] > 0 ? "up" : "down")")
      }
    }
    if column.isCut {
      let gap = position(Self.firstUnits, of: column)
      svg.label("⋮", x: left + Double(index) * columnStep, y: gap + 5, class: "dots")
    }
    let x = left + Double(index) * columnStep, y = Self.header + Double(tallest) * Self.unitStep + 10
    svg.label(NumberFormat.grouped(column.unitCount), x: x, y: y, class: "count")
    if !column.label.isEmpty { svg.label(column.label, x: x, y: y + 12, class: "x") }
  }

  private func drawLegend(_ svg: inout SVGText, y: Double) {
    var x = Self.margin
    for (style, text, width) in [
      ("weight up w3", "positive weight", 118.0), ("weight down w3", "negative weight", 122),
    ] {
      svg.line(from: (x, y - 3.5), to: (x + 20, y - 3.5), class: style)
      svg.label(text, x: x + 26, y: y, class: "note")
      x += width
    }
    svg.circle(x: x + 8, y: y - 3.5, radius: 6, class: "unit")
    svg.circle(x: x + 8, y: y - 3.5, radius: 3.5, class: "bias up")
    svg.label("unit with its bias", x: x + 20, y: y, class: "note")
  }

  /// Where the drawn unit `number` of a column stands.
  private func place(_ number: Int, of index: Int, left: Double) -> (x: Double, y: Double) {
    let column = columns[index], slot = column.isCut && number >= Self.firstUnits ? number + 1 : number
    return (left + Double(index) * columnStep, position(slot, of: column))
  }

  private func position(_ slot: Int, of column: Column) -> Double {
    let middle = Self.header + Double(tallest) * Self.unitStep / 2 - 6
    return middle + (Double(slot) - Double(column.placeCount - 1) / 2) * Self.unitStep
  }
}
