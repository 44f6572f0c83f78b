"""PyTorch: as written, traced and frozen, and compiled."""

import itertools
import os
import shutil
import warnings

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # No pool of idle compilers beside the measurement.
os.environ.setdefault("TORCHINDUCTOR_FREEZING", "1")  # Weights are constants here.
import torch  # noqa: E402 (the lines above must come first)

from adapters.training.pytorch import make_network
from harness import threads

MODES = ["traced", "eager", *(["compile"] if shutil.which("c++") or shutil.which("g++") else [])]

torch.set_num_threads(threads.available())
torch.set_flush_denormal(True)
warnings.simplefilter("ignore", DeprecationWarning)


def caller(workload, mode, batches):
  torch.manual_seed(7)
  network = make_network(workload.layers)
  if workload.classifies:
    network.append(torch.nn.Softmax(dim=1))
  batches = [torch.from_numpy(inputs) for inputs in batches]
  network = prepared(network.eval(), mode, batches[0])
  supply = itertools.cycle(batches)

  @torch.inference_mode()
  def call():
    return network(next(supply))

  return call


def prepared(network, mode, example):
  if mode == "compile":
    return torch.compile(network)
  if mode == "traced":
    with torch.no_grad():
      return torch.jit.optimize_for_inference(torch.jit.trace(network, example))
  return network
