"""Functions of the distance as they are printed, on arrays."""

import numpy as np

norm = np.hypot
pi = np.pi


def _sawtooth(x, y):
    z = x + 1j * y
    r, t = np.abs(z), np.angle(z)
    k = np.arange(1, 5).reshape(-1, *[1] * np.ndim(r))
    g = (((-1.0) ** (k + 1) * np.sin(k * r) / k).sum(axis=0) + 4) * r**2 / (r + 1)
    return g * (0.5 * np.cos(2 * t - 0.5) + np.cos(t) + 2)


def _happy_cat(p):
    s = np.sum(p**2, axis=0)
    return np.abs(s - len(p)) ** (2 / 8) + (0.5 * s + p.sum(axis=0)) / len(p) + 0.5


VALUES = {
    "drop_wave": lambda x, y: -(1 + np.cos(12 * norm(x, y))) / (0.5 * norm(x, y) ** 2 + 2),
    "salomon": lambda x, y: 1 - np.cos(2 * pi * norm(x, y)) + 0.1 * norm(x, y),
    "schaffer_f6": lambda x, y: 0.5 + (np.sin(norm(x, y)) ** 2 - 0.5) / (1 + 0.001 * norm(x, y) ** 2) ** 2,
    "schaffer_f7": lambda x, y: (x**2 + y**2) ** 0.25 * (1 + np.sin(50 * (x**2 + y**2) ** 0.1) ** 2),
    "stretched_v_sine": lambda x, y: norm(x, y) ** 0.5 * (np.sin(50 * norm(x, y) ** 0.2) ** 2 + 0.1),
    "happy_cat": lambda x, y: _happy_cat(np.stack([x, y])),
    "sawtooth": _sawtooth,
}


def _chain(name):
    return lambda p: VALUES[name](p[:-1], p[1:]).sum()


GENERAL = {
    "drop_wave": lambda p: VALUES["drop_wave"](np.linalg.norm(p), 0.0),
    "salomon": lambda p: VALUES["salomon"](np.linalg.norm(p), 0.0),
    "schaffer_f6": _chain("schaffer_f6"),
    "schaffer_f7": _chain("schaffer_f7"),
    "stretched_v_sine": _chain("stretched_v_sine"),
    "happy_cat": _happy_cat,
}
