"""Quadratics as matrices: f(x) is xᵀAx, and Trid xᵀAx less twice the sum of the coordinates, plus n."""

import numpy as np


def form(matrix):
    """f(x, y) = (x, y) A (x, y)ᵀ on arrays."""
    a = np.array(matrix)
    return lambda x, y: np.einsum("i...,ij,j...->...", np.stack([x, y]), a, np.stack([x, y]))


VALUES = {
    "sum_squares": form([[1.0, 0.0], [0.0, 2.0]]),
    "rotated_hyper_ellipsoid": form([[2.0, 1.0], [1.0, 1.0]]),
    "trid": lambda x, y: form([[1.0, -0.5], [-0.5, 1.0]])(x, y) - 2 * (x + y) + 2,
    "bent_cigar": form([[1.0, 0.0], [0.0, 1e6]]),
    "discus": form([[1e6, 0.0], [0.0, 1.0]]),
    "matyas": form([[0.26, -0.24], [-0.24, 0.26]]),
    "d2l_ravine": form([[0.1, 0.0], [0.0, 2.0]]),
    "radford_long_valley": form([[0.05, 0.0], [0.0, 1.0]]),
}
GENERAL = {
    "sum_squares": lambda x: np.arange(1, len(x) + 1) @ x**2,
    "rotated_hyper_ellipsoid": lambda x: ((np.tri(len(x)) @ x) ** 2).sum(),
    "trid": lambda x: ((x - 1) ** 2).sum() - x[1:] @ x[:-1],
    "bent_cigar": lambda x: np.r_[1, np.full(len(x) - 1, 1e6)] @ x**2,
    "discus": lambda x: np.r_[1e6, np.ones(len(x) - 1)] @ x**2,
}
