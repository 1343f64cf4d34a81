"""Norms by np.linalg.norm, losses by np.where and np.clip."""

import numpy as np


def huber(t):
    """Half a square within 1 of 0, and the distance less a half beyond: t clipped, times t less half of that."""
    clipped = np.clip(t, -1, 1)
    return clipped * (t - clipped / 2)


def hinge(t):
    return np.where(t < 1, 1 - t, 0) + 0.05 * t**2


VALUES = {
    "schwefel_2_20": lambda x, y: np.linalg.norm([x, y], ord=1, axis=0),
    "schwefel_2_21": lambda x, y: np.linalg.norm([x, y], ord=np.inf, axis=0),
    "schwefel_2_22": lambda x, y: (1 + np.abs(x)) * (1 + np.abs(y)) - 1,
    "max_norm": lambda x, y: np.linalg.norm([x, 2 * y], ord=np.inf, axis=0),
    "huber": lambda x, y: huber(x) + huber(y),
    "hinge2d": lambda x, y: hinge(x) + hinge(y),
    "bukin4": lambda x, y: (10 * y) ** 2 + np.abs(x / 100 + 0.1),
    "bukin6": lambda x, y: 100 * np.abs(y - 0.01 * x**2) ** 0.5 + 0.01 * np.abs(x + 10),
}
GENERAL = {
    "schwefel_2_20": lambda x: np.linalg.norm(x, ord=1),
    "schwefel_2_21": lambda x: np.linalg.norm(x, ord=np.inf),
    "schwefel_2_22": lambda x: np.abs(x).sum() + np.abs(x).prod(),
    "max_norm": lambda x: np.linalg.norm(np.arange(1, len(x) + 1) * x, ord=np.inf),
    "huber": lambda x: huber(x).sum(),
    "hinge2d": lambda x: hinge(x).sum(),
}
