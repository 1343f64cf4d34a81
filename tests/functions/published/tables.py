"""Mishra's tables, trays and holders as they are printed, on arrays."""

import numpy as np

sin, cos, exp, pi = np.sin, np.cos, np.exp, np.pi


def _lift(x, y, radii=1):
    return exp(np.abs(radii - np.hypot(x, y) / pi))


def _crossed(x, y):
    return (np.abs(sin(x) * sin(y) * _lift(x, y, 100)) + 1) ** 0.1


VALUES = {
    "holder_table": lambda x, y: -np.abs(sin(x) * cos(y) * _lift(x, y)),
    "carrom_table": lambda x, y: -((cos(x) * cos(y) * _lift(x, y)) ** 2) / 30,
    "pen_holder": lambda x, y: -exp(-1 / np.abs(_lift(x, y) * cos(x) * cos(y))),
    "test_tube_holder": lambda x, y: -4 * np.abs(exp(np.abs(cos((x**2 + y**2) / 200))) * sin(x) * cos(y)),
    "cross_in_tray": lambda x, y: -0.0001 * _crossed(x, y),
    "crowned_cross": lambda x, y: 0.0001 * _crossed(x, y),
    "cross_leg_table": lambda x, y: -1 / _crossed(x, y),
}

GENERAL = {}
