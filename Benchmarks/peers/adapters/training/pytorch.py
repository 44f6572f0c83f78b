"""PyTorch: as written, with fused optimizers, and compiled; bf16 by autocast, or with weights of bf16 too."""

import contextlib
import itertools
import os
import shutil

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # No pool of idle compilers beside the measurement.
import torch  # noqa: E402 (the line above must come first)

from harness import results, threads, timing

MODES = {"f32": ["fused", "compile", "eager"],
         "bf16": ["autocast", "autocast-compile", "weights", "weights-compile"]}

torch.set_num_threads(threads.available())
torch.set_flush_denormal(True)


def modes(workload, precision):
  known = [mode for mode in MODES[precision] if workload.is_short or mode != "eager"]  # It passes over more memory.
  if shutil.which("c++") or shutil.which("g++"):
    return known
  results.note("PyTorch compiles with a C++ compiler, which this machine lacks: its compiled modes are left out.")
  return [mode for mode in known if "compile" not in mode]


def trainer(workload, mode, batches):
  step = make_step(workload, mode)
  supply = itertools.cycle([tensors(inputs, expected, mode) for inputs, expected in batches])
  return timing.Trainer(lambda: step(*next(supply)))


def tensors(inputs, expected, mode=""):
  inputs, expected = torch.from_numpy(inputs), torch.from_numpy(expected)
  return (inputs.bfloat16() if "weights" in mode else inputs), expected


def make_network(layers):
  pairs = list(zip(layers, layers[1:]))
  stages = [stage for inputs, units in pairs for stage in (torch.nn.Linear(inputs, units), torch.nn.ReLU())]
  return torch.nn.Sequential(*stages[:-1])


def make_optimizer(name, parameters, learning_rate, fused):
  # None leaves the choice of implementation to PyTorch, as a plain user does.
  if name == "adam":
    return torch.optim.Adam(parameters, lr=learning_rate, fused=fused)
  return torch.optim.SGD(parameters, lr=learning_rate, momentum=0.9 if name == "momentum" else 0.0, fused=fused)


def make_step(workload, mode):
  """Returns a function of inputs and expected outputs that makes a training step and returns the loss."""
  torch.manual_seed(7)
  network = make_network(workload.layers)
  network = network.bfloat16() if "weights" in mode else network
  optimizer = make_optimizer(workload.optimizer, network.parameters(), 1e-3, None if mode == "eager" else True)
  loss_function = make_loss(network, workload.classifies, mode)

  def step(inputs, expected):
    optimizer.zero_grad()
    loss = loss_function(inputs, expected)
    loss.backward()
    optimizer.step()
    return loss.detach()

  return step


def make_loss(network, classifies, mode):
  criterion = torch.nn.CrossEntropyLoss() if classifies else torch.nn.MSELoss()
  narrow = torch.autocast("cpu", dtype=torch.bfloat16) if "autocast" in mode else contextlib.nullcontext()

  def loss(inputs, expected):
    with narrow:
      outputs = network(inputs)
    return criterion(outputs.float(), expected)

  return torch.compile(loss) if "compile" in mode else loss


class Learner:
  """Trains on real samples, with the fused optimizer; nothing is compiled."""

  def __init__(self, workload, learning_rate, data, start_soon=False):
    self.workload, self.learning_rate = workload, learning_rate
    self.training, self.test = tensors(*data.training), tensors(*data.test)

  def start(self, seed):
    """Forgets what was learned."""
    torch.manual_seed(seed)
    self.network = make_network(self.workload.layers)
    self.optimizer = make_optimizer(self.workload.optimizer, self.network.parameters(), self.learning_rate, True)

  def epoch(self, order):
    """Makes a step on each row of the matrix of sample numbers."""
    images, labels = self.training
    for rows in torch.from_numpy(order):
      self.optimizer.zero_grad()
      loss = torch.nn.functional.cross_entropy(self.network(images[rows]), labels[rows])
      loss.backward()
      self.optimizer.step()
    return loss.item()

  def accuracy(self):
    images, labels = self.test
    with torch.inference_mode():
      return (self.network(images).argmax(dim=1) == labels).double().mean().item()
