"""Equations, by polynomials' coefficients and tables of powers."""

import numpy as np


def squares(*residuals):
    return np.square(residuals).sum(axis=0)


def freudenstein_roth(x, y):
    return squares(x + np.polyval([-1, 5, -2, -13], y), x + np.polyval([1, 1, -14, -29], y))


def powers(x):
    """[k, j]: x[j] to the power k + 1."""
    return x ** np.arange(1, len(x) + 1)[:, None]


def perm0(x):
    j = np.arange(1.0, len(x) + 1)
    return (((powers(x) - powers(1 / j)) @ (j + 10)) ** 2).sum()


def perm(x):
    j = np.arange(1.0, len(x) + 1)
    return ((((powers(j) + 0.5) * (powers(x / j) - 1)).sum(axis=1)) ** 2).sum()


def power_sum(x):
    """With the data of the literature in two and four dimensions, (3, 5) and (8, 18, 44, 114)."""
    roots = np.array([1, *np.repeat(np.arange(2.0, len(x) + 2), 2)])[: len(x)]
    return ((powers(x).sum(axis=1) - powers(roots).sum(axis=1)) ** 2).sum()


VALUES = {
    "freudenstein_roth": freudenstein_roth,
    "wayburn_seader1": lambda x, y: squares(x**6 + y**4 - 17, 2 * x + y - 4),
    "price3": lambda x, y: squares(10 * (y - x**2), np.polyval([6.4, -6.4, 1.0], y) - x),
    "price4": lambda x, y: squares(y * (2 * x**3 - y**2), 6 * x + y * (1 - y)),
    "el_attar": lambda x, y: squares(x**2 + y - 10, x + y**2 - 7, x**2 + y**3 - 1),
    "perm0": lambda x, y: squares(11 * x + 12 * y - 17, 11 * x**2 + 12 * y**2 - 14),
    "perm": lambda x, y: squares(1.5 * x + 1.25 * y - 4, 1.5 * x**2 + 1.125 * y**2 - 6),
    "power_sum": lambda x, y: squares(x + y - 3, x**2 + y**2 - 5),
}
GENERAL = {"perm0": perm0, "perm": perm, "power_sum": power_sum}
