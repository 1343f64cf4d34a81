"""A few wells, polynomials by their coefficients or factors."""

import numpy as np


def dekkers_aarts(x, y):
    s = np.hypot(x, y) ** 2
    return np.polyval([1e-5, 0, -1, 1, 0], s) + (1e5 - 1) * x**2


def branin(x, y):
    a, b, c, r, s, t = 1, 5.1 / (4 * np.pi**2), 5 / np.pi, 6, 10, 1 / (8 * np.pi)
    return a * (y - b * x**2 + c * x - r) ** 2 + s * (1 - t) * np.cos(x) + s


VALUES = {
    "six_hump_camel": lambda x, y: 4 * x**2 - 2.1 * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4,
    "mccormick": lambda x, y: np.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
    "deckkers_aarts": dekkers_aarts,
    "treccani": lambda x, y: (x * (x + 2)) ** 2 + y**2,
    "zirilli": lambda x, y: np.polyval([0.25, 0, -0.5, 0.1, 0], x) + y**2 / 2,
    "branin": branin,
    "adjiman": lambda x, y: (np.sin(x + y) - np.sin(x - y)) / 2 - x / (1 + y**2),
    "hosaki": lambda x, y: np.polyval([1 / 4, -7 / 3, 7, -8, 1], x) * y**2 / np.exp(y),
    "ursem1": lambda x, y: np.cos(2 * x) - 3 * np.cos(y) - x / 2,
}
GENERAL = {}
