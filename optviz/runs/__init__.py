"""Runs: what optimizers do on test functions, in networks and on arrays of a caller."""
