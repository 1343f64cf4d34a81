"""Curved valleys, on arrays."""

import numpy as np


def jennrich_sampson(x, y):
    k = np.arange(1, 11).reshape(10, *[1] * np.ndim(x))
    return ((2 + 2 * k - np.exp(k * x) - np.exp(k * y)) ** 2).sum(axis=0)


def dixon_price(x):
    return (x[0] - 1) ** 2 + np.arange(2, len(x) + 1) @ (2 * x[1:] ** 2 - x[:-1]) ** 2


VALUES = {
    "dixon_price": lambda x, y: (1 - x) ** 2 + 8 * (y**2 - x / 2) ** 2,
    "cube": lambda x, y: (10 * y - 10 * x**3) ** 2 + (x - 1) ** 2,
    "leon": lambda x, y: (10 * y - 10 * x**3) ** 2 + (x - 1) ** 2,
    "zettl": lambda x, y: ((x - 1) ** 2 + y**2 - 1) ** 2 + 0.25 * x,
    "madsen": lambda x, y: 0.75 * (x + y) ** 2 + 0.25 * (x - y) ** 2 + np.sin(x) + np.cos(y),
    "jennrich_sampson": jennrich_sampson,
}
GENERAL = {"dixon_price": dixon_price}
