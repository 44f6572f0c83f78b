"""The element-wise rules as independent frameworks compute them, ten steps each, and where none has one as its paper does.

`run(parameters, gradients, rates)` gives the parameters after the last step, in double precision.
"""

import jax
import jax.numpy as jnp
import numpy
import optax
import torch

jax.config.update("jax_enable_x64", True)


def torch_rule(make):
  """PyTorch's optimizer on one tensor, with the gradients given."""

  def run(parameters, gradients, rates):
    tensor = torch.nn.Parameter(torch.tensor(parameters, dtype=torch.float64))
    optimizer = make([tensor], rates[0])
    for gradient, rate in zip(gradients, rates):
      for group in optimizer.param_groups:
        group["lr"] = rate
      tensor.grad = torch.tensor(gradient, dtype=torch.float64)
      optimizer.step()
    return tensor.detach().numpy()

  return run


def optax_rule(make, evaluate=None):
  """optax's transformation on one array."""

  def run(parameters, gradients, rates):
    transformation = make(rates[0])
    values = jnp.asarray(parameters, dtype=jnp.float64)
    state = transformation.init(values)
    for gradient in gradients:
      updates, state = transformation.update(jnp.asarray(gradient, dtype=jnp.float64), state, values)
      values = optax.apply_updates(values, updates)
    return numpy.asarray(evaluate(state, values) if evaluate else values)

  return run


def quickprop(growth, decay):
  """Fahlman's rule as `fann_update_weights_quickprop` of FANN 2.2 has it; no framework of today does."""

  def run(parameters, gradients, rates):
    weights = numpy.array(parameters, dtype=numpy.float64)
    steps, slopes = numpy.zeros_like(weights), numpy.zeros_like(weights)
    shrink = growth / (1 + growth)
    for gradient, rate in zip(gradients, rates):
      for i, w in enumerate(weights):
        slope = -(gradient[i] + decay * w)
        step = 0.0
        if steps[i] > 0.001:
          step += rate * slope if slope > 0 else 0.0
          step += growth * steps[i] if slope > shrink * slopes[i] else steps[i] * slope / (slopes[i] - slope)
        elif steps[i] < -0.001:
          step += rate * slope if slope < 0 else 0.0
          step += growth * steps[i] if slope < shrink * slopes[i] else steps[i] * slope / (slopes[i] - slope)
        else:
          step = rate * slope
        steps[i], slopes[i], weights[i] = step, slope, w + step
    return weights

  return run


def schedule_free(decay=0.0, warm_up=0, evaluates=False):
  def make(rate):
    # The wrapper counts its steps from 1, what it wraps from 0.
    outer = (lambda count: rate * jnp.minimum(count / warm_up, 1.0)) if warm_up else rate
    inner = (lambda count: rate * jnp.minimum((count + 1.0) / warm_up, 1.0)) if warm_up else rate
    base = optax.chain(
      optax.scale_by_rms(decay=0.999, eps=1e-8, eps_in_sqrt=False, bias_correction=True),
      optax.add_decayed_weights(decay), optax.scale_by_learning_rate(inner))
    return optax.contrib.schedule_free(base, outer, b1=0.9, weight_lr_power=2.0, state_dtype=jnp.float64)

  return optax_rule(make, optax.contrib.schedule_free_eval_params if evaluates else None)


T = torch.optim


def rules():
  """All rows: (label, optimizer's name, framework, run, rate, hyperparameters)."""
  rows = []

  def row(label, name, framework, run, rate, **hyperparameters):
    rows.append((label, name, framework, run, rate, hyperparameters))

  def pytorch(label, name, make, rate, **hyperparameters):
    row(label, name, f"torch {torch.__version__}", torch_rule(make), rate, **hyperparameters)

  def with_optax(label, name, make, rate, **hyperparameters):
    row(label, name, f"optax {optax.__version__}", optax_rule(make), rate, **hyperparameters)

  pytorch("Adagrad", "adagrad", lambda p, r: T.Adagrad(p, lr=r), 0.05)
  pytorch("Adagrad, all options", "adagrad", lambda p, r: T.Adagrad(
    p, lr=r, lr_decay=0.1, initial_accumulator_value=0.3, weight_decay=0.02, eps=1e-5), 0.05,
    rateDecay=0.1, initialAccumulator=0.3, weightDecay=0.02, epsilon=1e-5)
  pytorch("Adadelta", "adadelta", lambda p, r: T.Adadelta(p, lr=r), 1.0)
  pytorch("Adadelta, all options", "adadelta", lambda p, r: T.Adadelta(
    p, lr=r, rho=0.8, eps=1e-4, weight_decay=0.02), 0.7, rho=0.8, epsilon=1e-4, weightDecay=0.02)
  pytorch("RMSprop", "rmsprop", lambda p, r: T.RMSprop(p, lr=r), 0.01)
  pytorch("RMSprop, momentum", "rmsprop", lambda p, r: T.RMSprop(p, lr=r, momentum=0.8, alpha=0.9), 0.01,
    momentum=0.8, rho=0.9)
  pytorch("RMSprop, centred", "rmsprop", lambda p, r: T.RMSprop(
    p, lr=r, centered=True, eps=1e-3, weight_decay=0.02), 0.01, centred=True, epsilon=1e-3, weightDecay=0.02)
  pytorch("RMSprop, centred, momentum", "rmsprop", lambda p, r: T.RMSprop(
    p, lr=r, centered=True, momentum=0.9, eps=1e-3), 0.01, centred=True, momentum=0.9, epsilon=1e-3)
  pytorch("Adamax", "adamax", lambda p, r: T.Adamax(p, lr=r), 0.01)
  pytorch("Adamax, all options", "adamax", lambda p, r: T.Adamax(
    p, lr=r, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.02), 0.01,
    beta1=0.8, beta2=0.99, epsilon=1e-3, weightDecay=0.02)
  pytorch("Nadam", "nadam", lambda p, r: T.NAdam(p, lr=r), 0.01)
  pytorch("Nadam, all options", "nadam", lambda p, r: T.NAdam(
    p, lr=r, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.02, momentum_decay=0.1), 0.01,
    beta1=0.8, beta2=0.99, epsilon=1e-3, weightDecay=0.02, momentumDecay=0.1)
  pytorch("AMSGrad", "amsgrad", lambda p, r: T.Adam(p, lr=r, amsgrad=True), 0.01)
  pytorch("AMSGrad, all options", "amsgrad", lambda p, r: T.Adam(
    p, lr=r, amsgrad=True, betas=(0.8, 0.5), eps=1e-3, weight_decay=0.02), 0.01,
    beta1=0.8, beta2=0.5, epsilon=1e-3, weightDecay=0.02)
  pytorch("RAdam", "radam", lambda p, r: T.RAdam(p, lr=r), 0.01)
  pytorch("RAdam, all options", "radam", lambda p, r: T.RAdam(
    p, lr=r, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.02), 0.01,
    beta1=0.8, beta2=0.99, epsilon=1e-3, weightDecay=0.02)
  with_optax("AdaBelief", "adabelief", lambda r: optax.adabelief(r), 0.01)
  with_optax("AdaBelief, all options", "adabelief", lambda r: optax.chain(
    optax.scale_by_belief(b1=0.8, b2=0.99, eps=1e-3, eps_root=1e-5), optax.add_decayed_weights(0.1),
    optax.scale_by_learning_rate(r)), 0.01,
    beta1=0.8, beta2=0.99, epsilon=1e-3, innerEpsilon=1e-5, weightDecay=0.1)
  with_optax("Lion", "lion", lambda r: optax.lion(r, weight_decay=0.0), 0.01)
  with_optax("Lion, all options", "lion", lambda r: optax.lion(r, b1=0.7, b2=0.8, weight_decay=0.1), 0.01,
    beta1=0.7, beta2=0.8, weightDecay=0.1)
  with_optax("Yogi", "yogi", lambda r: optax.yogi(r), 0.01)
  with_optax("Yogi, all options", "yogi", lambda r: optax.chain(
    optax.scale_by_yogi(b1=0.8, b2=0.99, eps=1e-2, initial_accumulator_value=0.1), optax.add_decayed_weights(0.1),
    optax.scale_by_learning_rate(r)), 0.01,
    beta1=0.8, beta2=0.99, epsilon=1e-2, initialAccumulator=0.1, weightDecay=0.1)
  pytorch("Rprop", "rprop", lambda p, r: T.Rprop(p, lr=r), 0.01)
  pytorch("Rprop, all options", "rprop", lambda p, r: T.Rprop(
    p, lr=r, etas=(0.3, 1.5), step_sizes=(0.004, 0.03)), 0.01, shrink=0.3, growth=1.5, smallestStep=0.004,
    largestStep=0.03)
  paper = "Fahlman 1988, FANN 2.2"
  row("Quickprop", "quickprop", paper, quickprop(1.75, 0.0), 0.01)
  row("Quickprop, all options", "quickprop", paper, quickprop(1.2, 0.02), 0.02, growth=1.2, weightDecay=0.02)
  free = f"optax {optax.__version__}"
  row("schedule-free AdamW", "schedule_free_adamw", free, schedule_free(), 0.01)
  row("schedule-free AdamW, decay", "schedule_free_adamw", free, schedule_free(decay=0.1), 0.01, weightDecay=0.1)
  row("schedule-free AdamW, warm-up", "schedule_free_adamw", free, schedule_free(warm_up=4), 0.01, warmUpSteps=4)
  return rows


def evaluation_points():
  """Where schedule-free AdamW is evaluated: label of the row above and the run that ends there."""
  return {
    "schedule-free AdamW": schedule_free(evaluates=True),
    "schedule-free AdamW, decay": schedule_free(decay=0.1, evaluates=True),
    "schedule-free AdamW, warm-up": schedule_free(warm_up=4, evaluates=True),
  }
