import PerceptronModel

/// What a tensor is to its layer, whatever a program calls it.
enum WeightsRole: String, Hashable, CaseIterable {
  case weight, bias, slopes
  case runningMean = "running_mean"
  case runningVariance = "running_var"
  /// `[inputs][outputs]`, the transpose of a weight.
  case kernel
  /// What PyTorch counts and nobody needs here.
  case counter = "num_batches_tracked"

  /// The role that the last part of a name says.
  init?(_ name: Substring) {
    switch name {
    case "gamma", "scale": self = .weight
    case "beta": self = .bias
    case "moving_mean": self = .runningMean
    case "moving_variance": self = .runningVariance
    default:
      guard let role = WeightsRole(rawValue: String(name)) else { return nil }
      self = role
    }
  }
}

/// The tensors of one layer in another program's file.
struct WeightsModule {
  let name: String
  var tensors: [WeightsRole: WeightsFile.Tensor] = [:]

  /// What it must have to be a layer: its shapes by their roles, a kernel's turned round.
  var signature: [WeightsRole: [Int]] {
    var signature = tensors.mapValues(\.shape)
    signature[.counter] = nil
    if let kernel = signature.removeValue(forKey: .kernel) { signature[.weight] = kernel.reversed() }
    return signature
  }

  /// Tensors by their layers, in the order in which the layers come first.
  ///
  /// Names are `module.role` as in PyTorch, or `coefs_0` and `intercepts_0` as scikit-learn has them; a scaler is no layer.
  static func all(of file: WeightsFile) throws(ModelExchangeError) -> [WeightsModule] {
    var modules: [WeightsModule] = [], places: [String: Int] = [:]
    for tensor in file.tensors where !WeightsScaler.owns(tensor) {
      guard let (name, role) = split(tensor.name) else {
        throw ModelExchangeError(
          code: .unsupported,
          message: "\(file.path): the name \(tensor.name) does not tell what the tensor \(tensor.shape) is",
          hint: "expected names such as 0.weight and 0.bias, fc1.weight, coefs_0 and intercepts_0")
      }
      let place = places[name, default: modules.count]
      if place == modules.count {
        modules.append(WeightsModule(name: name))
        places[name] = place
      }
      guard modules[place].tensors.updateValue(tensor, forKey: role) == nil else {
        throw .damaged(file.path, "two tensors of \(name) are its \(role.rawValue)")
      }
    }
    return ordered(modules, file)
  }

  private static func split(_ name: String) -> (module: String, role: WeightsRole)? {
    for (prefix, role) in [("coefs_", WeightsRole.kernel), ("intercepts_", .bias)] where name.hasPrefix(prefix) {
      let number = name.dropFirst(prefix.count)
      return number.isEmpty || !number.allSatisfy(\.isNumber) ? nil : (String(number), role)
    }
    guard let cut = name.lastIndex(where: { $0 == "." || $0 == "/" }), cut > name.startIndex,
      let role = WeightsRole(name[name.index(after: cut)...])
    else { return nil }
    return (String(name[..<cut]), role)
  }

  /// Numbered layers by their numbers; otherwise as they are.
  private static func ordered(_ modules: [WeightsModule], _ file: WeightsFile) -> [WeightsModule] {
    guard areNumbered(modules) else { return modules }
    return modules.sorted { numbers(of: $0.name).lexicographicallyPrecedes(numbers(of: $1.name)) }
  }

  /// Whether the names differ in nothing but numbers, so that these tell the order.
  static func areNumbered(_ modules: [WeightsModule]) -> Bool {
    guard let first = modules.first else { return true }
    return modules.allSatisfy { skeleton(of: $0.name) == skeleton(of: first.name) && !numbers(of: $0.name).isEmpty }
  }

  private static func skeleton(of name: String) -> [Substring] {
    name.split(omittingEmptySubsequences: false) { $0.isASCII && $0.isNumber }.filter { !$0.isEmpty }
  }

  private static func numbers(of name: String) -> [Int] {
    name.split { !($0.isASCII && $0.isNumber) }.map { Int($0) ?? .max }
  }

  /// As messages have it: `fc1 (weight [10, 784], bias [10])`.
  var summary: String { "\(name) (\(Self.summary(tensors.filter { $0.key != .counter }.mapValues(\.shape))))" }

  static func summary(_ shapes: [WeightsRole: [Int]]) -> String {
    WeightsRole.allCases.compactMap { role in shapes[role].map { "\(role.rawValue) \($0)" } }.joined(separator: ", ")
  }
}

/// The tensors of a network's layer that are to be filled from one module of a file.
struct TargetModule {
  /// As in `layers.2`.
  let name: String
  let stage: Int
  /// The role in PyTorch's words, and ours.
  let tensors: [WeightsRole: SafetensorsWriter.Tensor]

  var signature: [WeightsRole: [Int]] { tensors.mapValues(\.shape) }
  var summary: String { "\(name) (\(WeightsModule.summary(signature)))" }

  /// The modules that a network would have in PyTorch: an activation with slopes is one of its own there.
  static func all(of program: NetworkProgram) -> [TargetModule] {
    zip(StageTensors.all(of: program), program.stages).flatMap { tensors, stage -> [TargetModule] in
      guard !tensors.all.isEmpty else { return [] }
      let name = "layers.\(tensors.stage)"
      var own: [WeightsRole: SafetensorsWriter.Tensor] = [:]
      own[.weight] = stage.isNormalization ? tensors.slopes : tensors.weights
      own[.bias] = tensors.bias
      own[.runningMean] = tensors.runningMean
      own[.runningVariance] = tensors.runningVariance
      var modules = own.isEmpty ? [] : [TargetModule(name: name, stage: tensors.stage, tensors: own)]
      if !stage.isNormalization, let slopes = tensors.slopes {
        modules.append(TargetModule(name: "\(name).slopes", stage: tensors.stage, tensors: [.weight: slopes]))
      }
      return modules
    }
  }
}
