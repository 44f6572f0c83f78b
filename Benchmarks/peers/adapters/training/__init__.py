"""One module for each peer that trains, all with the same names.

    modes(workload, precision)           the plausible ways to train it, best guess first
    trainer(workload, mode, batches)     a harness.timing.Trainer
    Learner(workload, rate, data)        trains on real samples: `start(seed)`, `epoch(order)`, `accuracy()`;
                                         `start_soon`: rather without compiling (none in scikit_learn)
"""
