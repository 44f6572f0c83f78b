#!/usr/bin/env python3
"""Write the oracle's gradients for bfloat16 operands: PyTorch in float64, with the operands of every product rounded.

    python3 generate_bfloat16.py [--output FOLDER]        needs torch==2.13.0 (CPU) and nothing else

bfloat16.json  for the 26 networks of gradients.json: the loss and every parameter's gradient.

Each Linear rounds its weights, its input and the gradient of its output to bfloat16 with PyTorch's own conversion, and
multiplies and sums them in float64; biases, activations, losses and the gradients in between stay as they are. The
script tries draws until no computed value that is rounded lies near the middle of two bfloat16s, where float32 sums could fall on the
other side.
"""

import argparse
import pathlib

import torch

import generate
from problems import problem

SMALLEST_MIDDLE_DISTANCE = 5e-5  # of any such value from the middle of its neighbours, in units of their distance
SMALLEST_KINK_DISTANCE = 1e-3


class Rounding:
  """Rounds, and notes how near a value came to being rounded the other way."""

  middle_distance = float("inf")

  @classmethod
  def round(cls, values, is_computed=True):
    single = values.detach().to(torch.float32)
    rounded = single.to(torch.bfloat16).to(torch.float64)
    if not is_computed:
      return rounded  # a given number is the same for everyone, and so is its nearest bfloat16
    spacing = 2.0 ** (torch.floor(torch.log2(single.abs().clamp_min(1e-30).double())) - 7)
    distance = (0.5 - (values.detach() - rounded).abs() / spacing).abs()
    exact = values.detach() == rounded
    cls.middle_distance = min(cls.middle_distance, distance.masked_fill(exact, 1.0).min().item())
    return rounded


class RoundedProducts(torch.autograd.Function):
  """y = x·Wᵀ + b, and its way back, with rounded operands."""

  @staticmethod
  def forward(context, inputs, weight, bias, is_first):
    inputs, weight = Rounding.round(inputs, not is_first), Rounding.round(weight, is_computed=False)
    context.save_for_backward(inputs, weight)
    return inputs @ weight.T + bias

  @staticmethod
  def backward(context, gradient):
    inputs, weight = context.saved_tensors
    gradient = Rounding.round(gradient)
    return gradient @ weight, gradient.T @ inputs, gradient.sum(0), None


def gradient_case(hidden, output, loss):
  """Differentiates one 5-7-4 network with the first draw that is fair."""
  name = f"{hidden}-{output}-{loss}"
  for draw in range(1, 200):
    network = dict(inputs=5, layers=[(7, hidden), (4, output)], loss=loss, batch=6, draw=draw)
    case = problem(name, network, batches=1)
    model = generate.Perceptron(case["layers"], case["parameters"], torch.float64)
    for index, stage in enumerate(model.stages[0::2]):
      stage.forward = lambda inputs, stage=stage, index=index: RoundedProducts.apply(
        inputs, stage.weight, stage.bias, index == 0)
    Rounding.middle_distance = float("inf")
    batch = case.pop("batches")[0]
    value, outputs = generate.batch_loss(model, loss, batch)
    value.backward()
    if model.kink_distance > SMALLEST_KINK_DISTANCE and Rounding.middle_distance > SMALLEST_MIDDLE_DISTANCE:
      return dict(name=name) | case | batch | dict(
        outputs=generate.numbers(outputs), value=value.item(),
        gradients=model.per_layer(lambda tensor: generate.numbers(tensor.grad)))
  raise SystemExit(f"{name}: no fair draw")


def cases():
  pairings = [("softmax", "categorical_cross_entropy"), ("linear", "mean_squared_error"),
              ("softmax", "mean_squared_error")]
  names = [(hidden, output, loss) for hidden in generate.ACTIVATIONS for output, loss in pairings]
  names += [("tanh", output, "mean_squared_error") for output in generate.ACTIVATIONS
            if output not in ("linear", "softmax")]
  return [gradient_case(*name) for name in names]


def main():
  parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
  folder = parser.parse_args().output
  torch.set_num_threads(1)
  content = dict(torch=torch.__version__, cases=cases())
  (folder / "bfloat16.json").write_text(generate.encode(content) + "\n")


if __name__ == "__main__":
  main()
