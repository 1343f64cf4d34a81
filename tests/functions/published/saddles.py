"""Saddles in polar form: r² cos 2φ and r³ cos 3φ."""

import numpy as np


def monkey(x, y):
    return ((x + 1j * y) ** 3).real


VALUES = {
    "radford_saddle": lambda x, y: ((x + 1j * y) ** 2).real,
    "lilipads_saddle": lambda x, y: np.sin(x) + y**2,
    "monkey_saddle": monkey,
    "monkey_saddle_bounded": lambda x, y: monkey(x, y) + np.hypot(x, y) ** 4 / 4,
}
GENERAL = {"radford_saddle": lambda x: 2 * x[0] ** 2 - x @ x}
