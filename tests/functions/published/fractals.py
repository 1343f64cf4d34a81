"""Fractal functions as they are printed, on arrays.

In the printed form of Weierstrass's function the phases are millions of turns: the whole turns are taken off exactly.
"""

import numpy as np


def _wave(k, p):
    """cos 2π 3ᵏ (p + ½) for float64 numbers p, exact to rounding."""
    turns = np.zeros_like(p)
    for number, place in zip(np.ravel(p), np.ndindex(np.shape(p)), strict=True):
        numerator, denominator = float(number).as_integer_ratio()
        turns[place] = (3**k * (2 * numerator + denominator)) % (2 * denominator) / (2 * denominator)
    return np.cos(2 * np.pi * turns)


def _weierstrass(p):
    p = np.asarray(p, float)
    waves = sum(0.5**k * _wave(k, p) for k in range(21))
    return np.sum(waves, axis=0) + len(p) * sum(0.5**k for k in range(21))  # cos π3ᵏ is -1


def _katsuura(p):
    n = len(p)
    doubled = 2.0 ** np.arange(1, 33).reshape(-1, *[1] * p.ndim)
    zigzag = (np.abs(doubled * p - np.round(doubled * p)) / doubled).sum(axis=0)
    i = np.arange(1, n + 1).reshape(-1, *[1] * (p.ndim - 1))
    return 10 / n**2 * np.prod(1 + i * zigzag, axis=0) ** (10 / n**1.2) - 10 / n**2


GENERAL = {"weierstrass": _weierstrass, "katsuura": _katsuura}

VALUES = {name: lambda x, y, form=form: form(np.stack([x, y])) for name, form in GENERAL.items()}
