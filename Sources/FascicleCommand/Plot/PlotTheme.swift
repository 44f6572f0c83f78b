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

    """

  private static let lightColours = colours(
    page: "#ffffff", card: "#f6f8fa", ink: "#1f2328", quiet: "#59636e", grid: "#d1d9e0", function: "#0550ae",
    derivative: "#bc4c00")
  private static let darkColours = colours(
    page: "#0d1117", card: "#161b22", ink: "#f0f6fc", quiet: "#9198a1", grid: "#3d444d", function: "#79c0ff",
    derivative: "#ffa657")

  private static func colours(
    page: String, card: String, ink: String, quiet: String, grid: String, function: String, derivative: String
  ) -> String {
    """
    .page { fill: \(page); }
    .card { fill: \(card); }
    .heading, .name { fill: \(ink); }
    .note, .x, .y { fill: \(quiet); }
    .grid { stroke: \(grid); }
    .axis { stroke: \(quiet); }
    .function { stroke: \(function); }
    .derivative { stroke: \(derivative); }

    """
  }
}
