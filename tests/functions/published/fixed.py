"""Functions of a fixed number of variables as they are printed: a value for each of the points, (count, n) float64."""

import numpy as np

A3 = np.array([[3, 10, 30], [0.1, 10, 35]] * 2)
P3 = 1e-4 * np.array([[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]])
A6 = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
P6 = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)
B = np.array([1, 2, 2, 4, 4, 6, 3, 7, 5, 5]) / 10
C = np.array(  # a row for each coordinate
    [
        [4, 1, 8, 6, 3, 2, 5, 8, 6, 7],
        [4, 1, 8, 6, 7, 9, 3, 1, 2, 3.6],
        [4, 1, 8, 6, 3, 2, 5, 8, 6, 7],
        [4, 1, 8, 6, 7, 9, 3, 1, 2, 3.6],
    ]
)


def _hartmann(a, p):
    return lambda x: -np.exp(-(a * (x[:, None] - p) ** 2).sum(axis=2)) @ np.array([1, 1.2, 3, 3.2])


def _shekel(m):
    return lambda x: -(1 / (B[:m] + ((x[:, :, None] - C[:, :m]) ** 2).sum(axis=1))).sum(axis=1)


def _powell(x):
    a, b, c, d = x.T
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def _colville(x):
    a, b, c, d = x.T
    valleys = 100 * (a**2 - b) ** 2 + (a - 1) ** 2 + (c - 1) ** 2 + 90 * (c**2 - d) ** 2
    return valleys + 10.1 * ((b - 1) ** 2 + (d - 1) ** 2) + 19.8 * (b - 1) * (d - 1)


FIXED = {
    "powell_singular": _powell,
    "colville": _colville,
    "hartmann3": _hartmann(A3, P3),
    "hartmann6": _hartmann(A6, P6),
    "shekel5": _shekel(5),
    "shekel7": _shekel(7),
    "shekel10": _shekel(10),
}
