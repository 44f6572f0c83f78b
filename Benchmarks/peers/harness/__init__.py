"""What the peers' scripts share: workloads, the timing loop, result lines, options."""
