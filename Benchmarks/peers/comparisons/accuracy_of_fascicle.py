"""When Fascicle reaches an accuracy on the test images.

It looks at them once, at the end of a run, so that nothing is chosen by them. But the same seed gives the same bits, so
runs of 1, 2, 3 … epochs are one run, looked at after each epoch.
"""


def seconds_by_seed(session, batch, rate, seeds):
  """Returns a pair for each seed: training seconds, and those of the whole process; None where the target is missed."""
  return {seed: seconds_to_target(session, batch, rate, seed) for seed in seeds}


def seconds_to_target(session, batch, rate, seed):
  chosen = session.chosen
  for epochs in range(1, chosen.epochs + 1):
    outcome = session.driver.train(
      chosen.data, training__epochs=epochs, training__batchSize=batch, training__seed=seed, training__validation=0,
      optimizer__learningRate=f"{rate:f}", schedule="{name: constant}")
    end = outcome.events("run_end")[0]
    if end["test_accuracy"] >= chosen.target:
      return end["seconds"], end["seconds_since_start"]
  return None
