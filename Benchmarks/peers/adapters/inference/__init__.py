"""One module for each peer that answers, all with the same names.

    MODES                                the plausible ways to ask it, best guess first
    caller(workload, mode, batches)      a function that answers the next of its resident batches, class probabilities
                                         where the workload classifies
"""
