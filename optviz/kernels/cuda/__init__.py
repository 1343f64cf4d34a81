"""Kernels for NVIDIA GPUs: the formulas of the CPU's kernels, a thread for each coordinate, start or output."""
