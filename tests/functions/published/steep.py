"""Steep functions, on arrays: np.sinc, np.trunc, grids of holes."""

import numpy as np


def michalewicz(x):
    return -(np.sin(x) * np.sin(np.arange(1, len(x) + 1) * x**2 / np.pi) ** 20).sum()


def floor(t):
    """Truncation, and one less for what is cut off below 0."""
    whole = np.trunc(t)
    return np.where(whole > t, whole - 1, whole)


def damavandi(x, y):
    return (1 - np.abs(np.sinc(x - 2) * np.sinc(y - 2)) ** 5) * (2 + (x - 7) ** 2 + 2 * (y - 7) ** 2)


def de_jong5(x, y):
    places = np.arange(-32, 33, 16)
    a, b = (grid.reshape(25, *[1] * np.ndim(x)) for grid in np.meshgrid(places, places))
    k = np.arange(1, 26).reshape(25, *[1] * np.ndim(x))
    return 1 / (0.002 + (1 / (k + (x - a) ** 6 + (y - b) ** 6)).sum(axis=0))


VALUES = {
    "michalewicz": lambda x, y: -np.sin(x) * np.sin(x**2 / np.pi) ** 20 - np.sin(y) * np.sin(2 * y**2 / np.pi) ** 20,
    "easom": lambda x, y: -np.cos(x) * np.exp(-((x - np.pi) ** 2)) * np.cos(y) * np.exp(-((y - np.pi) ** 2)),
    "step": lambda x, y: floor(x) + floor(y),
    "step2": lambda x, y: floor(x + 0.5) ** 2 + floor(y + 0.5) ** 2,
    "damavandi": damavandi,
    "de_jong5": de_jong5,
}
GENERAL = {
    "michalewicz": michalewicz,
    "step": lambda x: floor(x).sum(),
    "step2": lambda x: (floor(x + 0.5) ** 2).sum(),
}
