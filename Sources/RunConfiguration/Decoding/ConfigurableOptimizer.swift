import Fascicle

/// An optimizer that configurations name, with the keys of its hyperparameters.
protocol ConfigurableOptimizer: GradientOptimizer {
  /// With all defaults.
  static var standard: Self { get }
  /// The keys in their order.
  static var hyperparameters: [Hyperparameter<Self>] { get }
}

/// A hyperparameter: its key in a configuration and where the optimizer keeps it.
struct Hyperparameter<Optimizer> {
  let key: String
  /// Reads the key into an optimizer.
  let read: (SectionReader, inout Optimizer) -> Void
  /// The value as a configuration states it.
  let tree: (Optimizer) -> ConfigurationTree
}

extension Hyperparameter {
  static func number(_ key: String, _ path: WritableKeyPath<Optimizer, Float>) -> Hyperparameter {
    Hyperparameter(
      key: key, read: { $1[keyPath: path] = $0.float(key, default: $1[keyPath: path]) },
      tree: { .float($0[keyPath: path]) })
  }

  static func flag(_ key: String, _ path: WritableKeyPath<Optimizer, Bool>) -> Hyperparameter {
    Hyperparameter(
      key: key, read: { $1[keyPath: path] = $0.flag(key, default: $1[keyPath: path]) },
      tree: { .flag($0[keyPath: path]) })
  }

  static func whole(_ key: String, _ path: WritableKeyPath<Optimizer, Int>) -> Hyperparameter {
    Hyperparameter(
      key: key, read: { $1[keyPath: path] = $0.whole(key, default: $1[keyPath: path], in: 0...Int.max) },
      tree: { .whole(UInt64(max(0, $0[keyPath: path]))) })
  }

  static func word<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ path: WritableKeyPath<Optimizer, Choice>
  ) -> Hyperparameter where Choice.RawValue == String {
    Hyperparameter(
      key: key, read: { $1[keyPath: path] = $0.choice(key, default: $1[keyPath: path]) },
      tree: { .text($0[keyPath: path].rawValue) })
  }
}

extension ConfigurableOptimizer {
  static var keys: [String] { hyperparameters.map(\.key) }

  /// The optimizer that a section describes.
  static func read(_ reader: SectionReader) -> any ConfigurableOptimizer {
    var optimizer = standard
    for hyperparameter in hyperparameters { hyperparameter.read(reader, &optimizer) }
    return optimizer
  }

  /// The optimizer as a section.
  var tree: ConfigurationTree {
    .section(
      [.init("name", .text(name))] + Self.hyperparameters.map { .init($0.key, $0.tree(self)) })
  }
}
