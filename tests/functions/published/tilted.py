"""Mishra's wrinkled functions as they are printed, on arrays."""

import numpy as np

sin, cos = np.sin, np.cos


def _square_sin(x, y):
    return sin((cos(x) + cos(y)) ** 2) ** 2


def _square_cos(x, y):
    return cos((sin(x) + sin(y)) ** 2) ** 2


VALUES = {
    "mishra3": lambda x, y: np.abs(cos(np.abs(x**2 + y) ** 0.5)) ** 0.5 + 0.01 * (x + y),
    "mishra4": lambda x, y: np.abs(sin(np.abs(x**2 + y) ** 0.5)) ** 0.5 + 0.01 * (x + y),
    "mishra5": lambda x, y: (_square_sin(x, y) + _square_cos(x, y) + x) ** 2 + 0.01 * x + 0.1 * y,
    "mishra6": lambda x, y: (
        -2 * np.log(np.abs(_square_sin(x, y) - _square_cos(x, y) + x)) + 0.1 * ((x - 1) ** 2 + (y - 1) ** 2)
    ),
}

GENERAL = {}
