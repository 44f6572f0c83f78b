@_exported public import GradientOptimizers
@_exported public import HardwareTopology
@_exported public import ModelExchange
@_exported public import NeuronKernels
@_exported public import PerceptronModel
@_exported public import TrainingData
@_exported public import TrainingRuntime
@_exported public import WorkerTeam
