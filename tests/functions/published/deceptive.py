"""Functions with waves over a large-scale shape as they are printed, on arrays."""

import numpy as np

sin, cos, exp, pi = np.sin, np.cos, np.exp, np.pi


def _griewank(p):
    root = np.sqrt(np.arange(1, 1 + len(p))).reshape(-1, *[1] * (p.ndim - 1))
    return 1 + np.sum(p**2, axis=0) / 4000 - np.prod(cos(p / root), axis=0)


def _levy(p):
    w = 1 + (p - 1) / 4
    inner = (w[:-1] - 1) ** 2 * (1 + 10 * sin(pi * w[:-1] + 1) ** 2)
    return sin(pi * w[0]) ** 2 + inner.sum(axis=0) + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)


def _schwefel(p):
    return 418.9828872724338 * len(p) - np.sum(p * sin(np.sqrt(np.abs(p))), axis=0)


def _griewank_rosenbrock(p):
    s = 100 * (p[:-1] ** 2 - p[1:]) ** 2 + (p[:-1] - 1) ** 2
    return 10 * np.mean(s / 4000 - cos(s), axis=0) + 10


def _rana(x, y):
    t1, t2 = np.sqrt(np.abs(y + 1 - x)), np.sqrt(np.abs(x + y + 1))
    return x * sin(t1) * cos(t2) + (y + 1) * cos(t1) * sin(t2)


def _langermann(x, y):
    c = np.array([1, 2, 5, 2, 3])
    a = np.array([[3, 5], [5, 2], [2, 1], [1, 4], [7, 9]])
    r2 = np.subtract.outer(x, a[:, 0]) ** 2 + np.subtract.outer(y, a[:, 1]) ** 2
    return (exp(-r2 / pi) * cos(pi * r2)) @ c


def _trefethen(x, y):
    waves = [exp(sin(50 * x)), sin(60 * exp(y)), sin(70 * sin(x)), sin(sin(80 * y)), -sin(10 * (x + y))]
    return np.sum(waves, axis=0) + 0.25 * (x**2 + y**2)


GENERAL = {
    "griewank": _griewank,
    "levy": _levy,
    "schwefel": _schwefel,
    "griewank_rosenbrock": _griewank_rosenbrock,
    "rana": lambda p: _rana(p[:-1], p[1:]).sum(),
}

TWO_DIMENSIONAL = {name: lambda x, y, form=form: form(np.stack([x, y])) for name, form in GENERAL.items()}
VALUES = TWO_DIMENSIONAL | {
    "rana": _rana,
    "langermann": _langermann,
    "trefethen": _trefethen,
    "levy13": lambda x, y: (
        sin(3 * pi * x) ** 2 + (x - 1) ** 2 * (1 + sin(3 * pi * y) ** 2) + (y - 1) ** 2 * (1 + sin(2 * pi * y) ** 2)
    ),
}
