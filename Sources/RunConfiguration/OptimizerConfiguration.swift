import Fascicle

/// An optimizer with its hyperparameters.
public struct OptimizerConfiguration: Sendable {
  /// The optimizer itself.
  public var optimizer: any GradientOptimizer { value }
  /// The same with the keys that its hyperparameters are read by.
  var value: any ConfigurableOptimizer

  /// Any of the optimizers that configurations know.
  init(_ value: any ConfigurableOptimizer) { self.value = value }

  /// Adam, with its defaults.
  static let standard = OptimizerConfiguration(Adam())

  /// Every optimizer that a configuration can name.
  static let kinds: [any ConfigurableOptimizer.Type] = [
    SGD.self, Adam.self, AdamW.self, Adagrad.self, Adadelta.self, RMSprop.self, Adamax.self, Nadam.self, AMSGrad.self,
    RAdam.self, AdaBelief.self, Lion.self, Yogi.self, Rprop.self, Quickprop.self, ScheduleFreeAdamW.self,
    LAMB.self, LARS.self, Adafactor.self, Muon.self, LBFGS.self, Perceptron.self,
  ]
  /// Their names.
  package static let names = kinds.map { $0.standard.name }
  /// The optimizer of a name with its defaults; nil for a name that is none.
  package static func named(_ name: String) -> (any GradientOptimizer)? {
    kinds.first { $0.standard.name == name }?.standard
  }

  /// Every hyperparameter of any of them.
  static let hyperparameters: [String] = {
    var keys: [String] = []
    for kind in kinds { keys += kind.keys.filter { !keys.contains($0) } }
    return keys
  }()
}
