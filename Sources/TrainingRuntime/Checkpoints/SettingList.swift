import PerceptronModel

/// The settings of a ``RunIdentity`` while they are gathered.
struct SettingList {
  var settings: [RunIdentity.Setting] = []

  mutating func add(_ name: String, _ value: Any) { settings.append(RunIdentity.Setting(name, Self.text(value))) }

  /// Each member of a value, but for those that are as `usual` has them.
  mutating func addMembers<Value>(_ name: String, of value: Value, leaving usual: Value? = nil) {
    let usualMembers = usual.map { Mirror(reflecting: $0).children.map { Self.text($0.value) } }
    for (index, member) in Mirror(reflecting: value).children.enumerated()
    where usualMembers?[index] != Self.text(member.value) {
      add("\(name).\(member.label ?? "value")", member.value)
    }
  }

  /// Layers member by member, as in `network.layers.0.dense.units`.
  mutating func addLayers(_ name: String, _ layers: [Layer]) {
    for (index, layer) in layers.enumerated() { addLayer("\(name).\(index)", layer) }
  }

  private mutating func addLayer(_ name: String, _ layer: Layer) {
    guard let (label, payload) = Mirror(reflecting: layer).children.first else { return add(name, layer) }
    let kind = label ?? "layer"
    add("\(name).kind", kind)
    for (label, member) in Mirror(reflecting: payload).children {
      let path = "\(name).\(kind).\(label ?? "value")"
      switch member {
      case let learning as LayerLearning: addMembers(path, of: learning, leaving: LayerLearning())
      case let layers as [Layer]: addLayers(path, layers)
      default: add(path, member)
      }
    }
  }

  /// A value with all its members, whatever it says of itself.
  private static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      return mirror.children.first.map { text($0.value) } ?? "none"
    case .enum:
      guard let child = mirror.children.first else { return "\(value)" }
      let payload = text(child.value)
      return "\(child.label ?? "")\(payload.hasPrefix("(") ? payload : "(\(payload))")"
    case .collection, .set:
      return "[\(mirror.children.map { text($0.value) }.joined(separator: ", "))]"
    default:
      if mirror.children.isEmpty { return "\(value)" }
      return "(\(mirror.children.map { "\($0.label ?? ""): \(text($0.value))" }.joined(separator: ", ")))"
    }
  }
}
