"""Bumps and grooves, products of sines written as differences of cosines."""

import numpy as np


def chichinadze(x, y):
    waves = 10 * np.cos(np.pi * x / 2) + 8 * np.sin(5 * np.pi * x / 2)
    return (x - 6) ** 2 - 25 + waves - (1 / 5) ** 0.5 * np.exp(-0.5 * (y - 0.5) ** 2)


def keane(x, y):
    r = np.hypot(x, y)
    return np.where(r == 0, 0, -(((np.cos(2 * y) - np.cos(2 * x)) / 2) ** 2) / np.where(r == 0, 1, r))


def sobieski(t):
    return t**2 - 50 * (1 + np.cos(2 * t)) - 100 * np.cos(t**2 / 30)


VALUES = {
    "chichinadze": chichinadze,
    "keane": keane,
    "venter_sobieski": lambda x, y: sobieski(x) + sobieski(y),
}
GENERAL = {}
