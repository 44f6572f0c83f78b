/// Writes the few elements of SVG that plots are made of; coordinates are rounded to hundredths.
struct SVGText {
  private(set) var text = ""

  /// Begins a picture of `width` × `height`.
  ///
  /// - Parameter style: the CSS.
  init(width: Double, height: Double, title: String, style: String) {
    let (w, h) = (Self.number(width), Self.number(height))
    text += "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(w) \(h)\" width=\"\(w)\" height=\"\(h)\">\n"
    text += "<title>\(Self.escaped(title))</title>\n<style>\n\(style)</style>\n"
  }

  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class style: String) {
    text +=
      "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
      + " width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>\n"
  }

  /// A rectangle of many.
  struct Box {
    let x, y, width, height: Double
  }

  /// Rectangles as one shape.
  mutating func boxes(_ boxes: [Box], class style: String) {
    let path = boxes.map { box in
      let width = Self.number(box.width)
      return "M\(Self.number(box.x)) \(Self.number(box.y))h\(width)v\(Self.number(box.height))h-\(width)z"
    }
    text += "<path class=\"\(style)\" d=\"\(path.joined())\"/>\n"
  }

  mutating func circle(x: Double, y: Double, radius: Double, class style: String) {
    text +=
      "<circle class=\"\(style)\" cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(radius))\"/>\n"
  }

  mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), class style: String) {
    text += "<path class=\"\(style)\" d=\"\(Self.path([start, end]))\"/>\n"
  }

  /// Lines through the points of each of `pieces`, as one shape.
  mutating func curve(_ pieces: [[(x: Double, y: Double)]], class style: String) {
    let drawn = pieces.filter { $0.count > 1 }.map(Self.path)
    guard !drawn.isEmpty else { return }
    text += "<path class=\"\(style)\" d=\"\(drawn.joined())\"/>\n"
  }

  mutating func label(_ string: String, x: Double, y: Double, class style: String) {
    text += "<text class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">\(Self.escaped(string))</text>\n"
  }

  /// What a character of a heading takes, on average.
  static let headingAdvance = 6.6

  /// As much of a heading as `width` has room for.
  static func shortened(_ heading: String, toWidth width: Double) -> String {
    let count = Int(width / headingAdvance)
    return heading.count <= count ? heading : String(heading.prefix(max(1, count - 1))) + "…"
  }

  /// The picture as a file.
  var document: String { text + "</svg>\n" }

  private static func path(_ points: [(x: Double, y: Double)]) -> String {
    "M" + points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
  }

  /// Up to two decimals, without those that are zero.
  static func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  private static func escaped(_ string: String) -> String {
    string.reduce(into: "") { escaped, character in
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
  }
}
