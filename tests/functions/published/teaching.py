"""Functions that teach, as they are printed or as their docstrings say, on arrays."""

import numpy as np

exp, log, sin, cos, tanh = np.exp, np.log, np.sin, np.cos, np.tanh


def _sigma(t):
    return 1 / (1 + exp(-t))


def _cliff(x, y):
    h = np.full_like(x, 0.5)
    for _ in range(50):
        h = x * _sigma(h) + y
    return (_sigma(h) - 0.7) ** 2


def _sawtooth(t):
    """The integral of 3, -1, -1, 3, -1, -1, ... over thirds of 0.003."""
    whole, part = np.divmod(t / 0.001, 3)
    return 0.001 * (whole + np.where(part < 1, 3 * part, 3 - (part - 1)))


def _spiral(x, y):
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    return 0.02 * r**2 + r**2 * sin(angle - r**2) ** 2


def _pair(x, y):
    s = 1 / np.sqrt(x**2 + y**2 + 0.25)
    return 4 * (s**12 - s**6)


def _log_sum_exp(x, y):
    return np.logaddexp.reduce(np.stack([x + 3 * y, x - 3 * y, -x])) - 0.1


def _stairs(p):
    u = np.sum(p**2, axis=0) / 4
    return u + 0.98 * sin(2 * np.pi * u) / (2 * np.pi)


def _outer(x, y, t):
    """The lines x t + y of all points, one row for each datum."""
    return np.multiply.outer(np.array(t), x) + y


def _line(x, y):
    heights = np.array([2, 1.5, 3.5, 3, 4.5, 6.5, 6, 7])
    return np.mean((_outer(x, y, range(1, 9)) - heights.reshape(-1, *[1] * np.ndim(x))) ** 2, axis=0) / 2


def _wilson(x, y):
    return (5 * (x + 2 * y - 1) ** 2 + 3 * (-x + 2 * y + 1) ** 2) / 16


DOSES = [-1.5, -1, -0.5, 0, 1, 1.5, 2, 3]
SIGNS = np.where(np.isin(DOSES, [-0.5, 1, 2, 3]), 1, -1)


def _margins(x, y):
    return _outer(x, y, DOSES) * SIGNS.reshape(-1, *[1] * np.ndim(x))


def _tanh(x, y):
    outputs = y * tanh(np.multiply.outer(np.array([-2, -1, 0.5, 1, 2]), x))
    return np.mean((outputs - np.array([-1.4, -1.1, 0.7, 1.2, 1.5]).reshape(-1, *[1] * np.ndim(x))) ** 2, axis=0)


def _relu(x, y):
    outputs = np.clip(_outer(x, y, [-2, -1, 0.5, 1, 2]), 0, None)
    return np.mean((outputs - np.array([0.1, 0, 0.6, 1.4, 2.4]).reshape(-1, *[1] * np.ndim(x))) ** 2, axis=0)


def _phase(x, y):
    along = [x, y, x + y, x - y, 2 * x - y]
    best = [1, 0.5, 1.5, 0.5, 1.5]
    return sum(((p - b) * (p + b)) ** 2 for p, b in zip(along, best, strict=True)) / 20


A, B, BEST = np.array([[2, 1], [0, 0.5]]), np.array([[1, 0.5], [0, 2]]), np.array([[1, -1], [2, 0.5]])


def _matrix(points):
    """Of (count, 4) points, the squares of A (X - X*) B."""
    gap = A @ (points.reshape(-1, 2, 2) - BEST) @ B
    return np.sum(gap**2, axis=(1, 2))


VALUES = {
    "cliff": _cliff,
    "gorge": lambda x, y: np.log1p((20 * (y - sin(x))) ** 2) + 0.05 * (x - 2) ** 2,
    "saturation": lambda x, y: 2 - np.cosh(x) ** -2 - np.cosh(y) ** -2,
    "staircase": lambda x, y: _stairs(np.stack([x, y])),
    "tilted_kink": lambda x, y: np.abs(x + y) + 0.1 * np.abs(x - y),
    "rare_large_gradients": lambda x, y: _sawtooth(np.abs(x + 1)) + np.abs(y + 1) / 3,
    "log_sum_exp": _log_sum_exp,
    "third_atom": lambda x, y: _pair(x - 0.6, y) + _pair(x + 0.6, y),
    "spiral_ravine": _spiral,
    "two_layers": lambda x, y: (x * y) ** 2 - 2 * x * y + 1,
    "factorisation": lambda x, y: (x * y - 1) ** 2 + 0.05 * np.hypot(x, y) ** 2,
    "six_layers": lambda x, y: ((x * y) ** 3 - 1) ** 2,
    "phase_retrieval": _phase,
    "matrix_plane": lambda x, y: _matrix(np.stack([x, 0 * x - 1, 0 * x + 2, y], axis=-1)),
    "wilson_plane": _wilson,
    "straight_line": _line,
    "lasso": lambda x, y: 0.5 * ((x + y - 2) ** 2 + (x - 1) ** 2 + (y + 0.5) ** 2) + np.abs(x) + np.abs(y),
    "logistic_regression": lambda x, y: np.mean(np.logaddexp(0, -_margins(x, y)), axis=0),
    "squared_logistic": lambda x, y: np.mean(_sigma(-_margins(x, y)) ** 2, axis=0),
    "tanh_unit": _tanh,
    "relu_unit": _relu,
}

GENERAL = {
    "saturation": lambda p: np.sum(tanh(p) ** 2),
    "staircase": _stairs,
    "tilted_kink": lambda p: np.sum(np.abs(p[:-1] + p[1:]) + 0.1 * np.abs(np.diff(p))),
}

FIXED = {"matrix_regression": _matrix}
