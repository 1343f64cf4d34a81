"""Noise models: what a stochastic gradient is, one formula each."""
