"""Learning rate schedules as Keras and PyTorch compute them, as factors of the rate, over runs of 40 steps.

Runs have 8 epochs of 5 steps. Each row is a configuration's `schedule` section, the source and the factors of the steps.
"""

import math
import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"

import keras
import torch

keras.config.set_floatx("float64")

STEPS_PER_EPOCH, EPOCHS = 5, 8
STEPS = STEPS_PER_EPOCH * EPOCHS


def of_torch(make, by_epoch=False):
  """PyTorch's scheduler around SGD, stepped after every step, or after every epoch."""
  optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=1.0)
  scheduler = make(optimizer)
  factors = []
  for step in range(STEPS):
    factors.append(float(optimizer.param_groups[0]["lr"]))
    optimizer.step()
    if not by_epoch or (step + 1) % STEPS_PER_EPOCH == 0:
      scheduler.step()
  return factors


def of_keras(schedule):
  return [float(schedule(step)) for step in range(STEPS)]


def plateau(metrics, **options):
  """PyTorch's factor in each epoch of a run with these metrics."""
  optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
  scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, eps=0.0, **options)
  factors = []
  for metric in metrics:
    factors.append(float(optimizer.param_groups[0]["lr"]))
    scheduler.step(metric)
  return factors


def rows():
  scheduler, schedules = torch.optim.lr_scheduler, keras.optimizers.schedules
  epoch = STEPS_PER_EPOCH
  pytorch, keras_version = f"torch {torch.__version__}", f"keras {keras.__version__}"
  return [
    ("name: step, epochs: 3, factor: 0.5", pytorch,
     of_torch(lambda o: scheduler.StepLR(o, 3, gamma=0.5), by_epoch=True)),
    ("name: multi_step, milestones: [2, 3, 6], factor: 0.3", pytorch,
     of_torch(lambda o: scheduler.MultiStepLR(o, [2, 3, 6], gamma=0.3), by_epoch=True)),
    # Keras' boundary is still the old piece's, ours the new one's: a step less.
    ("name: piecewise, milestones: [1.4, 3, 6.2], factors: [0.3, 1, 0.5, 0.05]", keras_version,
     of_keras(schedules.PiecewiseConstantDecay([6, 14, 30], [0.3, 1.0, 0.5, 0.05]))),
    ("name: ramp, startFactor: 0.2, endFactor: 0.9, epochs: 2.6", pytorch,
     of_torch(lambda o: scheduler.LinearLR(o, 0.2, 0.9, total_iters=13))),
    ("name: sequence, schedules: [{ name: ramp, startFactor: 0.25, epochs: 2 }, { name: cosine }], milestones: [2]",
     pytorch, sequential([lambda o: scheduler.LinearLR(o, 0.25, 1.0, total_iters=10),
                          lambda o: scheduler.CosineAnnealingLR(o, STEPS - 10)], [10])),
    ("name: sequence, schedules: [{ name: cyclic, lowFactor: 0.2, epochsUp: 1 }, { name: polynomial, power: 2 }, "
     "{ name: exponential, factor: 0.5 }], milestones: [2.2, 6]", pytorch,
     sequential([lambda o: scheduler.CyclicLR(o, 0.2, 1.0, 5, cycle_momentum=False),
                 lambda o: scheduler.PolynomialLR(o, 19, power=2.0),
                 lambda o: scheduler.ExponentialLR(o, 0.5 ** 0.2)], [11, 30])),
    ("name: exponential, factor: 0.8, staircase: true", pytorch,
     of_torch(lambda o: scheduler.ExponentialLR(o, 0.8), by_epoch=True)),
    ("name: exponential, factor: 0.8, epochs: 1.6", keras_version, of_keras(schedules.ExponentialDecay(1.0, 8, 0.8))),
    ("name: exponential, factor: 0.8, epochs: 1.6, staircase: true", keras_version,
     of_keras(schedules.ExponentialDecay(1.0, 8, 0.8, staircase=True))),
    ("name: polynomial", pytorch, of_torch(lambda o: scheduler.PolynomialLR(o, STEPS))),
    ("name: polynomial, power: 2.5, finalFactor: 0.1, epochs: 6", keras_version,
     of_keras(schedules.PolynomialDecay(1.0, 30, end_learning_rate=0.1, power=2.5))),
    ("name: inverse_time, decay: 0.7, epochs: 2", keras_version, of_keras(schedules.InverseTimeDecay(1.0, 10, 0.7))),
    ("name: inverse_time, decay: 0.7, epochs: 2, staircase: true", keras_version,
     of_keras(schedules.InverseTimeDecay(1.0, 10, 0.7, staircase=True))),
    ("name: cosine, finalFactor: 0.1", keras_version, of_keras(schedules.CosineDecay(1.0, STEPS, alpha=0.1))),
    ("name: cosine", pytorch, of_torch(lambda o: scheduler.CosineAnnealingLR(o, STEPS))),
    ("name: cosine_restarts, epochs: 1.4, lengthFactor: 2, peakFactor: 0.7, finalFactor: 0.1", keras_version,
     of_keras(schedules.CosineDecayRestarts(1.0, 7, t_mul=2.0, m_mul=0.7, alpha=0.1))),
    ("name: cosine_restarts, epochs: 1, lengthFactor: 3", pytorch,
     of_torch(lambda o: scheduler.CosineAnnealingWarmRestarts(o, epoch, T_mult=3))),
    ("name: cosine_restarts, epochs: 2, lengthFactor: 1", pytorch,
     of_torch(lambda o: scheduler.CosineAnnealingWarmRestarts(o, 2 * epoch))),
    ("name: one_cycle", pytorch, one_cycle()),
    ("name: one_cycle, rising: 0.4, startDivisor: 10, endDivisor: 100, shape: linear, threePhases: true", pytorch,
     one_cycle(pct_start=0.4, div_factor=10, final_div_factor=100, anneal_strategy="linear", three_phase=True)),
    ("name: one_cycle, rising: 0.2, shape: linear", pytorch, one_cycle(pct_start=0.2, anneal_strategy="linear")),
    ("name: cyclic, lowFactor: 0.2, epochsUp: 1, epochsDown: 2", pytorch,
     of_torch(lambda o: scheduler.CyclicLR(o, 0.2, 1.0, 5, 10, cycle_momentum=False))),
    ("name: cyclic, lowFactor: 0.2, epochsUp: 1.4, mode: triangular2", pytorch,
     of_torch(lambda o: scheduler.CyclicLR(o, 0.2, 1.0, 7, mode="triangular2", cycle_momentum=False))),
    ("name: cyclic, lowFactor: 0.2, epochsUp: 1.4, mode: exponential, decay: 0.97", pytorch,
     of_torch(lambda o: scheduler.CyclicLR(o, 0.2, 1.0, 7, mode="exp_range", gamma=0.97, cycle_momentum=False))),
  ]


def one_cycle(**options):
  """All steps of the run: the scheduler may be stepped one time less than it has rates."""
  optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=1.0)
  scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1.0, total_steps=STEPS, cycle_momentum=False, **options)
  factors = []
  for step in range(STEPS):
    factors.append(float(optimizer.param_groups[0]["lr"]))
    optimizer.step()
    if step + 1 < STEPS:
      scheduler.step()
  return factors


def sequential(makers, milestones):
  """SequentialLR, each of its parts around an optimizer of its own rate of 1."""
  def make(optimizer):
    parts = []
    for maker in makers:
      for group in optimizer.param_groups:
        group["lr"] = 1.0
        group.pop("initial_lr", None)
      parts.append(maker(optimizer))
    return torch.optim.lr_scheduler.SequentialLR(optimizer, parts, milestones)
  return of_torch(make)


def plateaus():
  falling = [1.0, 0.9, 0.8999, 0.9, 0.95, 0.7, 0.7, 0.71, 0.7, 0.7, 0.7, 0.69999, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, math.inf]
  rising = [0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3003, 0.2, 0.2, 0.2, 0.2, 0.9, 0.9, 0.9]
  return [
    ("name: plateau, factor: 0.5, patience: 2", falling, plateau(falling, factor=0.5, patience=2)),
    ("name: plateau, factor: 0.5, patience: 1, cooldown: 2, threshold: 0.01, finalFactor: 0.2", falling,
     plateau(falling, factor=0.5, patience=1, cooldown=2, threshold=0.01, min_lr=0.2)),
    ("name: plateau, factor: 0.1, patience: 0, metric: accuracy", rising,
     plateau(rising, factor=0.1, patience=0, mode="max")),
  ]
