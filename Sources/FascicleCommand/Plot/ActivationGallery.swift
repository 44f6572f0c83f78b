import Fascicle

/// One page with every activation and its derivative, as a textbook draws them, and the gated linear unit behind them.
struct ActivationGallery {
  private static let columns = 4
  private static let cell = (width: 240.0, height: 190.0)
  private static let margin = 24.0
  private static let header = 64.0
  private static let reach = 4.0

  let functions: [ActivationFunction]
  let theme: PlotTheme
  let kernels: KernelSet

  /// What the gate of the gated linear unit lets through.
  private static let gatedValue: Float = 2
  private static let sums = (-200...200).map { Float($0) / 200 * Float(reach) }

  private struct Card {
    let name: String
    let curve: ActivationCurve
  }

  private var cards: [Card] {
    functions.map { function in
      Card(
        name: function.title { SVGText.number(Double($0)) },
        curve: ActivationCurve(function, at: Self.sums, kernels: kernels))
    } + [
      Card(
        name: "glu: x·σ(z), x = \(SVGText.number(Double(Self.gatedValue)))",
        curve: ActivationCurve(gateOf: Self.gatedValue, at: Self.sums, kernels: kernels))
    ]
  }

  /// The page as SVG.
  var document: String {
    let cards = cards, rows = (cards.count + Self.columns - 1) / Self.columns
    let width = 2 * Self.margin + Double(Self.columns) * Self.cell.width
    let height = Self.header + Double(rows) * Self.cell.height + Self.margin
    var svg = SVGText(width: width, height: height, title: "Activations and their derivatives", style: theme.style)
    svg.rectangle(x: 0, y: 0, width: width, height: height, class: "page")
    svg.label("Activations", x: Self.margin, y: 30, class: "heading")
    legend(&svg)
    for (index, card) in cards.enumerated() {
      let column = index % Self.columns, row = index / Self.columns
      draw(
        card, into: &svg, x: Self.margin + Double(column) * Self.cell.width,
        y: Self.header + Double(row) * Self.cell.height)
    }
    return svg.document
  }

  private func legend(_ svg: inout SVGText) {
    let x = Self.margin, y = 46.0
    svg.line(from: (x, y), to: (x + 24, y), class: "function")
    svg.label("y = f(z)", x: x + 30, y: y + 4, class: "note")
    svg.line(from: (x + 90, y), to: (x + 114, y), class: "derivative")
    svg.label("f′(z), or the gradient chosen in its stead", x: x + 120, y: y + 4, class: "note")
  }

  private func draw(_ card: Card, into svg: inout SVGText, x: Double, y: Double) {
    let sums = Self.sums, curve = card.curve
    let frame = PlotFrame(
      x: x + 30, y: y + 28, width: Self.cell.width - 52, height: Self.cell.height - 62,
      horizontal: -Self.reach...Self.reach, vertical: Self.range(of: curve))
    svg.rectangle(x: x + 4, y: y + 4, width: Self.cell.width - 8, height: Self.cell.height - 8, class: "card")
    svg.label(card.name, x: x + 14, y: y + 20, class: "name")
    frame.drawAxes(&svg)
    // Dashes on top, so that both are seen where they are the same.
    svg.curve(frame.pieces(sums, curve.values), class: "function")
    svg.curve(frame.pieces(sums, curve.derivatives), class: "derivative")
  }

  /// From the lowest to the highest value, both whole and within ±4.
  private static func range(of curve: ActivationCurve) -> ClosedRange<Double> {
    let all = (curve.values + curve.derivatives).filter(\.isFinite).map { Double($0) }
    let low = max(-reach, min(0, (all.min() ?? 0).rounded(.down)))
    let high = min(reach, max(low + 1, (all.max() ?? 1).rounded(.up)))
    return low...high
  }
}

/// Where a curve's numbers stand on the page.
struct PlotFrame {
  let x, y, width, height: Double
  let horizontal, vertical: ClosedRange<Double>

  func drawAxes(_ svg: inout SVGText) {
    for tick in Self.ticks(horizontal) {
      svg.line(from: place(tick, vertical.lowerBound), to: place(tick, vertical.upperBound), class: "grid")
      svg.label(Self.text(tick), x: place(tick, 0).x, y: y + height + 11, class: "x")
    }
    for tick in Self.ticks(vertical) {
      svg.line(from: place(horizontal.lowerBound, tick), to: place(horizontal.upperBound, tick), class: "grid")
      svg.label(Self.text(tick), x: x - 5, y: place(0, tick).y + 3, class: "y")
    }
    svg.line(from: place(horizontal.lowerBound, 0), to: place(horizontal.upperBound, 0), class: "axis")
    svg.line(from: place(0, vertical.lowerBound), to: place(0, vertical.upperBound), class: "axis")
    svg.label("z", x: x + width + 10, y: place(0, 0).y + 3, class: "x")
  }

  /// The curve within the frame, cut where it jumps or leaves.
  func pieces(_ sums: [Float], _ values: [Float]) -> [[(x: Double, y: Double)]] {
    var pieces: [[(x: Double, y: Double)]] = [[]]
    var last: Float?
    for (z, value) in zip(sums, values) {
      guard value.isFinite, vertical.contains(Double(value)) else {
        last = nil
        continue
      }
      // Steeper than any of them is, so it is a jump.
      if last.map({ abs(value - $0) > 0.11 }) ?? true { pieces.append([]) }
      pieces[pieces.count - 1].append(place(Double(z), Double(value)))
      last = value
    }
    return pieces
  }

  func place(_ z: Double, _ value: Double) -> (x: Double, y: Double) {
    let across = (z - horizontal.lowerBound) / (horizontal.upperBound - horizontal.lowerBound)
    let up = (value - vertical.lowerBound) / (vertical.upperBound - vertical.lowerBound)
    return (x + across * width, y + (1 - up) * height)
  }

  /// Whole numbers, every second where there would be many, and halves where there are few.
  private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let span = range.upperBound - range.lowerBound, step = span > 4 ? 2.0 : span > 2 ? 1 : 0.5
    return Array(stride(from: (range.lowerBound / step).rounded(.up) * step, through: range.upperBound, by: step))
  }

  /// A number with a true minus sign.
  private static func text(_ tick: Double) -> String {
    (tick < 0 ? "−" : "") + SVGText.number(abs(tick))
  }
}
