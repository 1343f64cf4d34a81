"""Functions on lattices as they are printed, on arrays."""

import numpy as np

pi = np.pi


def _qing(p):
    return ((p**2 - np.arange(1, 1 + len(p)).reshape(-1, *[1] * (p.ndim - 1))) ** 2).sum(axis=0)


def _wavy(p):
    return 1 - np.mean(np.cos(10 * p) * np.exp(-(p**2) / 2), axis=0)


def _ripple(p):
    return np.sum(-np.exp(-2 * np.log(2) * ((p - 0.1) / 0.8) ** 2) * np.sin(5 * pi * p) ** 6, axis=0)


def _egg_crate(p):
    return np.sum(p**2, axis=0) + 25 * np.sum(np.sin(p) ** 2, axis=0)


def _cosine_mixture(p):
    return np.sum(p**2, axis=0) - 0.1 * np.sum(np.cos(5 * pi * p), axis=0)


def _deb1(p):
    return -np.mean(np.sin(5 * pi * p) ** 6, axis=0)


def _alpine1(p):
    return np.sum(np.abs(p * np.sin(p) + 0.1 * p), axis=0)


def _quintic(p):
    return np.sum(np.abs(np.polyval([1, -3, 4, 2, -10, -4], p)), axis=0)


GENERAL = {
    "qing": _qing,
    "wavy": _wavy,
    "ripple25": _ripple,
    "egg_crate": _egg_crate,
    "cosine_mixture": _cosine_mixture,
    "deb1": _deb1,
    "alpine1": _alpine1,
    "quintic": _quintic,
}

VALUES = {name: lambda x, y, form=form: form(np.stack([x, y])) for name, form in GENERAL.items()} | {
    "parsopoulos": lambda x, y: np.cos(x) ** 2 + np.sin(y) ** 2,
    "price1": lambda x, y: (np.abs(x) - 5) ** 2 + (np.abs(y) - 5) ** 2,
}
