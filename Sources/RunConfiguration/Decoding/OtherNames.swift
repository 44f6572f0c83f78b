/// What other programs call activations, initializers, optimizers, schedules and what a run watches.
enum OtherNames {
  private static let ours = [
    "swish": "silu", "hard_swish": "hard_silu", "hardswish": "hard_silu", "identity": "linear",
    "logistic": "sigmoid", "heaviside": "step",
    "xavier": "glorot_uniform", "xavier_uniform": "glorot_uniform", "xavier_normal": "glorot_normal",
    "kaiming": "he_uniform", "kaiming_uniform": "he_uniform", "kaiming_normal": "he_normal",
    "normal": "random_normal", "uniform": "random_uniform", "eye": "identity",
    "momentum": "sgd", "nesterov": "sgd", "schedule_free": "schedule_free_adamw", "resilient": "rprop",
    "cosine_annealing": "cosine", "cosine_decay": "cosine", "cosine_annealing_warm_restarts": "cosine_restarts",
    "cosine_decay_restarts": "cosine_restarts", "reduce_on_plateau": "plateau", "reduce_lr_on_plateau": "plateau",
    "val_loss": "validation_loss", "val_accuracy": "validation_accuracy", "val_acc": "validation_accuracy",
    "ema": "exponential", "swa": "stochastic", "sequential": "sequence", "join": "sequence", "warmup": "ramp",
    "linear_warmup": "ramp", "linear": "polynomial",
    "piecewise_constant": "piecewise", "piecewise_constant_decay": "piecewise", "exponential_decay": "exponential",
  ]

  /// A hint for a name that is not one of `names` but stands for one of them elsewhere; nil for any other.
  static func hint(for name: String, among names: [String]) -> String? {
    let key = name.lowercased()
    guard let name = ours[key], names.contains(name) else { return nil }
    switch key {
    case "momentum": return "it is sgd with momentum, such as 0.9"
    case "nesterov": return "it is sgd with momentum, such as 0.9, and nesterov: true"
    case "linear" where name == "polynomial":
      return "a fall is polynomial with power 1 here, and a rise is a ramp"
    default: return "it is called \(name) here"
    }
  }
}
