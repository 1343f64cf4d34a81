"""Powers, by np.power and sums over an axis."""

import numpy as np


def waves(t):
    """t⁶ (2 + sin 1/t), and 0 at 0."""
    return np.where(t == 0, 0, t**6 * (2 + np.sin(1 / np.where(t == 0, 1, t))))


def slanted(x):
    return np.arange(1, len(x) + 1) @ x / 2


VALUES = {
    "sum_diff_powers": lambda x, y: np.abs(x) * np.abs(x) + np.abs(y**3),
    "chung_reynolds": lambda x, y: np.hypot(x, y) ** 4,
    "schwefel_2_23": lambda x, y: np.power([x, y], 10).sum(axis=0),
    "quartic": lambda x, y: np.tensordot([1.0, 2.0], np.power([x, y], 4), 1),
    "csendes": lambda x, y: waves(x) + waves(y),
    "degenerate": lambda x, y: np.power([x, y], 4).mean(axis=0) / 2,
    "schumer_steiglitz": lambda x, y: np.power([x, y], 4).sum(axis=0),
    "zakharov": lambda x, y: x**2 + y**2 + (0.5 * x + y) ** 2 + (0.5 * x + y) ** 4,
}
GENERAL = {
    "sum_diff_powers": lambda x: (np.abs(x) ** np.arange(2, len(x) + 2)).sum(),
    "chung_reynolds": lambda x: (x @ x) ** 2,
    "schwefel_2_23": lambda x: ((x**5) ** 2).sum(),
    "quartic": lambda x: np.arange(1, len(x) + 1) @ x**4,
    "csendes": lambda x: waves(x).sum(),
    "degenerate": lambda x: (x**4 / 4).sum(),
    "schumer_steiglitz": lambda x: (x**4).sum(),
    "zakharov": lambda x: x @ x + slanted(x) ** 2 + slanted(x) ** 4,
}
