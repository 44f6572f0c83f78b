import Fascicle

// The keys of each optimizer: the names of its properties.

extension SGD: ConfigurableOptimizer {
  static var standard: SGD { SGD() }
  static var hyperparameters: [Hyperparameter<SGD>] {
    [
      .number("learningRate", \.learningRate), .number("momentum", \.momentum), .flag("nesterov", \.nesterov),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Adam: ConfigurableOptimizer {
  static var standard: Adam { Adam() }
  static var hyperparameters: [Hyperparameter<Adam>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension AdamW: ConfigurableOptimizer {
  static var standard: AdamW { AdamW() }
  static var hyperparameters: [Hyperparameter<AdamW>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Adagrad: ConfigurableOptimizer {
  static var standard: Adagrad { Adagrad() }
  static var hyperparameters: [Hyperparameter<Adagrad>] {
    [
      .number("learningRate", \.learningRate), .number("rateDecay", \.rateDecay),
      .number("initialAccumulator", \.initialAccumulator), .number("epsilon", \.epsilon),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Adadelta: ConfigurableOptimizer {
  static var standard: Adadelta { Adadelta() }
  static var hyperparameters: [Hyperparameter<Adadelta>] {
    [
      .number("learningRate", \.learningRate), .number("rho", \.rho), .number("epsilon", \.epsilon),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension RMSprop: ConfigurableOptimizer {
  static var standard: RMSprop { RMSprop() }
  static var hyperparameters: [Hyperparameter<RMSprop>] {
    [
      .number("learningRate", \.learningRate), .number("rho", \.rho), .number("momentum", \.momentum),
      .flag("centred", \.centred), .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Adamax: ConfigurableOptimizer {
  static var standard: Adamax { Adamax() }
  static var hyperparameters: [Hyperparameter<Adamax>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Nadam: ConfigurableOptimizer {
  static var standard: Nadam { Nadam() }
  static var hyperparameters: [Hyperparameter<Nadam>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("momentumDecay", \.momentumDecay), .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension AMSGrad: ConfigurableOptimizer {
  static var standard: AMSGrad { AMSGrad() }
  static var hyperparameters: [Hyperparameter<AMSGrad>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension RAdam: ConfigurableOptimizer {
  static var standard: RAdam { RAdam() }
  static var hyperparameters: [Hyperparameter<RAdam>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension AdaBelief: ConfigurableOptimizer {
  static var standard: AdaBelief { AdaBelief() }
  static var hyperparameters: [Hyperparameter<AdaBelief>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("innerEpsilon", \.innerEpsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Lion: ConfigurableOptimizer {
  static var standard: Lion { Lion() }
  static var hyperparameters: [Hyperparameter<Lion>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Yogi: ConfigurableOptimizer {
  static var standard: Yogi { Yogi() }
  static var hyperparameters: [Hyperparameter<Yogi>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("initialAccumulator", \.initialAccumulator),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Rprop: ConfigurableOptimizer {
  static var standard: Rprop { Rprop() }
  static var hyperparameters: [Hyperparameter<Rprop>] {
    [
      .number("learningRate", \.learningRate), .number("shrink", \.shrink), .number("growth", \.growth),
      .number("smallestStep", \.smallestStep), .number("largestStep", \.largestStep),
    ]
  }
}

extension Quickprop: ConfigurableOptimizer {
  static var standard: Quickprop { Quickprop() }
  static var hyperparameters: [Hyperparameter<Quickprop>] {
    [.number("learningRate", \.learningRate), .number("growth", \.growth), .number("weightDecay", \.weightDecay)]
  }
}

extension ScheduleFreeAdamW: ConfigurableOptimizer {
  static var standard: ScheduleFreeAdamW { ScheduleFreeAdamW() }
  static var hyperparameters: [Hyperparameter<ScheduleFreeAdamW>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay), .whole("warmUpSteps", \.warmUpSteps),
    ]
  }
}

extension LAMB: ConfigurableOptimizer {
  static var standard: LAMB { LAMB() }
  static var hyperparameters: [Hyperparameter<LAMB>] {
    [
      .number("learningRate", \.learningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon), .number("weightDecay", \.weightDecay),
    ]
  }
}

extension LARS: ConfigurableOptimizer {
  static var standard: LARS { LARS() }
  static var hyperparameters: [Hyperparameter<LARS>] {
    [
      .number("learningRate", \.learningRate), .number("momentum", \.momentum), .number("trust", \.trust),
      .number("weightDecay", \.weightDecay),
    ]
  }
}

extension Adafactor: ConfigurableOptimizer {
  static var standard: Adafactor { Adafactor() }
  static var hyperparameters: [Hyperparameter<Adafactor>] {
    [
      .number("learningRate", \.learningRate), .number("decayExponent", \.decayExponent),
      .number("epsilon", \.epsilon), .number("clipThreshold", \.clipThreshold),
      .flag("relativeStep", \.relativeStep), .flag("scalesByParameters", \.scalesByParameters),
      .number("smallestScale", \.smallestScale), .number("weightDecay", \.weightDecay),
      .whole("smallestFactoredSide", \.smallestFactoredSide),
    ]
  }
}

extension Perceptron: ConfigurableOptimizer {
  static var standard: Perceptron { Perceptron() }
  static var hyperparameters: [Hyperparameter<Perceptron>] { [.number("learningRate", \.learningRate)] }
}

extension Muon: ConfigurableOptimizer {
  static var standard: Muon { Muon() }
  static var hyperparameters: [Hyperparameter<Muon>] {
    [
      .number("learningRate", \.learningRate), .number("momentum", \.momentum), .flag("nesterov", \.nesterov),
      .number("weightDecay", \.weightDecay), .word("matrices", \.matrices),
      .number("adamLearningRate", \.adamLearningRate), .number("beta1", \.beta1), .number("beta2", \.beta2),
      .number("epsilon", \.epsilon),
    ]
  }
}

extension LBFGS: ConfigurableOptimizer {
  static var standard: LBFGS { LBFGS() }
  static var hyperparameters: [Hyperparameter<LBFGS>] {
    [
      .number("learningRate", \.learningRate), .whole("history", \.history), .number("weightDecay", \.weightDecay),
      .whole("evaluations", \.evaluations),
    ]
  }
}
