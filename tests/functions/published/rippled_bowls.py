"""Rippled bowls, products of cosines written as sums, roots as np.hypot, sin r/r as np.sinc."""

import numpy as np


def bohachevsky1(x, y):
    return x**2 + 2 * y**2 + 0.3 * (1 - np.cos(3 * np.pi * x)) + 0.4 * (1 - np.cos(4 * np.pi * y))


def bohachevsky2(x, y):
    waves = np.cos(np.pi * (3 * x - 4 * y)) + np.cos(np.pi * (3 * x + 4 * y))
    return x**2 + 2 * y**2 - 0.15 * waves + 0.3


def plateau(x, y):
    r = 10 * np.hypot(x, y) + 0.01
    return 0.01 * r**2 - np.sinc(r / np.pi)


def giunta(t):
    s = np.sin(16 * t / 15 - 1)
    return s * (1 + s) + np.sin(4 * (16 * t / 15 - 1)) / 50


VALUES = {
    "bohachevsky1": bohachevsky1,
    "bohachevsky2": bohachevsky2,
    "bohachevsky3": lambda x, y: x**2 + 2 * y**2 + 0.6 * np.sin(1.5 * np.pi * x + 2 * np.pi * y) ** 2,
    "brent": lambda x, y: (x + 10) ** 2 + (y + 10) ** 2 + np.exp(-(x**2)) * np.exp(-(y**2)),
    "exponential": lambda x, y: -np.exp(-(x**2) / 2) * np.exp(-(y**2) / 2),
    "lilipads_bowl": lambda x, y: (x / 2) ** 2 + (y / 2) ** 2 / 2 - np.exp(-((x / 2) ** 2) - 5 * (y / 2) ** 2),
    "lilipads_plateau": plateau,
    "giunta": lambda x, y: 0.6 + giunta(x) + giunta(y),
}
GENERAL = {
    "bohachevsky1": lambda x: bohachevsky1(x[:-1], x[1:]).sum(),
    "exponential": lambda x: -np.exp(-(x**2) / 2).prod(),
    "giunta": lambda x: 0.6 + giunta(x).sum(),
}
