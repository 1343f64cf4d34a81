"""The fourteen classics as they are printed, on arrays."""

import numpy as np
from numpy import abs, cos, exp, pi, sin, sqrt


def _goldstein_price(x, y):
    left = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    right = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return left * right


def _mueller_brown(x, y):
    heights, xs, ys = np.array([-200, -100, -170, 15]), np.array([1, 0, -0.5, -1]), np.array([0, 0.5, 1.5, 1])
    a, b, c = np.array([-1, -1, -6.5, 0.7]), np.array([0, 0, 11, 0.6]), np.array([-10, -10, -6.5, 0.7])
    u, v = np.subtract.outer(x, xs), np.subtract.outer(y, ys)
    return (heights * exp(a * u**2 + b * u * v + c * v**2)).sum(axis=-1)


VALUES = {
    "sphere": lambda x, y: x**2 + y**2,
    "quadratic": lambda x, y: x**2 + 100 * y**2,
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
    "rosenbrock": lambda x, y: 100 * (y - x**2) ** 2 + (1 - x) ** 2,
    "beale": lambda x, y: sum((c - x * (1 - y**k)) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), 1)),
    "saddle": lambda x, y: x**2 - y**2 + y**4 / 4,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "styblinski_tang": lambda x, y: sum(t**4 - 16 * t**2 + 5 * t for t in (x, y)) / 2,
    "three_hump_camel": lambda x, y: 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2,
    "goldstein_price": _goldstein_price,
    "mueller_brown": _mueller_brown,
    "rastrigin": lambda x, y: sum(10 + t**2 - 10 * cos(2 * pi * t) for t in (x, y)),
    "ackley": lambda x, y: (
        np.e + 20 - 20 * exp(-0.2 * sqrt((x**2 + y**2) / 2)) - exp((cos(2 * pi * x) + cos(2 * pi * y)) / 2)
    ),
    "eggholder": lambda x, y: -(y + 47) * sin(sqrt(abs(y + x / 2 + 47))) - x * sin(sqrt(abs(x - (y + 47)))),
}
GENERAL = {
    "sphere": lambda x: x @ x,
    "quadratic": lambda x: (100 ** (np.arange(len(x)) / (len(x) - 1)) * x**2).sum(),
    "rosenbrock": lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum(),
    "styblinski_tang": lambda x: (x**4 - 16 * x**2 + 5 * x).sum() / 2,
    "rastrigin": lambda x: 10 * len(x) + (x**2 - 10 * cos(2 * pi * x)).sum(),
    "ackley": lambda x: 20 + np.e - 20 * exp(-0.2 * sqrt((x**2).mean())) - exp(cos(2 * pi * x).mean()),
    "eggholder": lambda x: (
        -((x[1:] + 47) * sin(sqrt(abs(x[:-1] / 2 + x[1:] + 47))) + x[:-1] * sin(sqrt(abs(x[:-1] - x[1:] - 47)))).sum()
    ),
}
