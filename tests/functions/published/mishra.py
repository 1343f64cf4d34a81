"""Mishra's functions: powers of arrays, means over an axis, the polynomial of degree ten by its coefficients."""

import math

import numpy as np

TENTH = [1, -20, 180, -960, 3360, -8064, 13340, -15360, 11520, -5120, 2624]
FOURTH = [1, 12, 54, 108, 81]


def mishra1(x):
    g = len(x) - x[:-1].sum()
    return (1 + g) ** g


def mishra2(x):
    g = len(x) - (x[:-1] + x[1:]).sum() / 2
    return (1 + g) ** g


def mishra8(x, y):
    # In extended precision: near x = 2 the polynomial is a small difference of large terms.
    along_x, along_y = np.polyval(TENTH, np.longdouble(x)), np.polyval(FOURTH, np.longdouble(y))
    return np.array((np.abs(along_x) + np.abs(along_y)) ** 2 / 1000, float)


VALUES = {
    "mishra1": lambda x, y: (3 - x) ** (2 - x) + 0 * y,
    "mishra2": lambda x, y: (3 - (x + y) / 2) ** (2 - (x + y) / 2),
    "mishra7": lambda x, y: (x * y - math.factorial(2)) ** 2,
    "mishra8": mishra8,
    "mishra10": lambda x, y: (1 - (x - 1) * (y - 1)) ** 2,
    "mishra11": lambda x, y: (np.sqrt(np.abs(x)) - np.sqrt(np.abs(y))) ** 4 / 4,
}
GENERAL = {
    "mishra1": mishra1,
    "mishra2": mishra2,
    "mishra7": lambda x: (x.prod() - math.factorial(len(x))) ** 2,
    "mishra11": lambda x: (np.abs(x).mean() - np.exp(np.log(np.abs(x)).mean())) ** 2,
}
