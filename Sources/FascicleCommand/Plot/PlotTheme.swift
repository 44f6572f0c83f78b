import ArgumentParser

/// The colours of a picture: those that the reader's surroundings ask for, or fixed ones.
enum PlotTheme: String, CaseIterable, ExpressibleByArgument {
  case auto, light, dark

  /// The CSS of all classes that plots use.
  var style: String {
    let colours =
      switch self {
      case .auto: Self.lightColours + "@media (prefers-color-scheme: dark) {\n\(Self.darkColours)}\n"
      case .light: Self.lightColours
      case .dark: Self.darkColours
      }
    return Self.shapes + colours
  }

  private static let shapes = """
    text { font-family: system-ui, sans-serif; font-size: 9px; }
    .heading { font-size: 18px; font-weight: 600; }
    .note { font-size: 11px; }
    .name { font-size: 12px; font-weight: 600; }
    .x { text-anchor: middle; }
    .y { text-anchor: end; }
    .grid { stroke-width: 0.5; }
    .axis { stroke-width: 1; }
    .function, .derivative { fill: none; stroke-linejoin: round; stroke-linecap: round; }
    .function { stroke-width: 2; }
    .derivative { stroke-width: 1.6; stroke-dasharray: 4 3; }
    .region { shape-rendering: crispEdges; }
    .l0 { fill-opacity: 0.1; } .l1 { fill-opacity: 0.16; } .l2 { fill-opacity: 0.22; }
    .l3 { fill-opacity: 0.28; } .l4 { fill-opacity: 0.36; }
    .dot { stroke-width: 0.8; }
    .weight { fill: none; stroke-linecap: round; }
    .w0 { stroke-width: 0.5; stroke-opacity: 0.3; } .w1 { stroke-width: 0.8; stroke-opacity: 0.45; }
    .w2 { stroke-width: 1.2; stroke-opacity: 0.6; } .w3 { stroke-width: 1.8; stroke-opacity: 0.75; }
    .w4 { stroke-width: 2.5; stroke-opacity: 0.85; } .w5 { stroke-width: 3.2; stroke-opacity: 0.95; }
    .unit { stroke-width: 1.2; }
    .count { font-size: 11px; font-weight: 600; text-anchor: middle; }
    .dots { font-size: 16px; text-anchor: middle; }

    """

  private static let lightColours = colours(
    page: "#ffffff", card: "#f6f8fa", ink: "#1f2328", quiet: "#59636e", grid: "#d1d9e0", function: "#0550ae",
    derivative: "#bc4c00", classes: ["#0550ae", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#7d5d00"])
  private static let darkColours = colours(
    page: "#0d1117", card: "#161b22", ink: "#f0f6fc", quiet: "#9198a1", grid: "#3d444d", function: "#79c0ff",
    derivative: "#ffa657", classes: ["#58a6ff", "#f0883e", "#3fb950", "#bc8cff", "#f778ba", "#d29922"])

  private static func colours(
    page: String, card: String, ink: String, quiet: String, grid: String, function: String, derivative: String,
    classes: [String]
  ) -> String {
    classes.enumerated().map { ".c\($0) { fill: \($1); }\n" }.joined() + """
      .page { fill: \(page); }
      .card { fill: \(card); }
      .heading, .name { fill: \(ink); }
      .note, .x, .y { fill: \(quiet); }
      .grid { stroke: \(grid); }
      .axis { stroke: \(quiet); }
      .function { stroke: \(function); }
      .derivative { stroke: \(derivative); }
      .dot { stroke: \(page); }
      .unit { fill: \(card); stroke: \(quiet); }
      .count, .dots { fill: \(ink); }
      .weight.up { stroke: \(function); }
      .weight.down { stroke: \(derivative); }
      .bias.up { fill: \(function); }
      .bias.down { fill: \(derivative); }

      """
  }
}
