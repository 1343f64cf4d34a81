"""Functions with ridges as they are printed, on arrays."""

import numpy as np

sin, cos, exp = np.sin, np.cos, np.exp


def _schaffer(wave):
    return lambda x, y: 0.5 + (wave(x, y) - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


def _yang(p):
    return np.abs(p).sum(axis=0) * np.prod(exp(-sin(p**2)), axis=0)


def _periodic(p):
    return 1 + np.sum((1 - cos(2 * p)) / 2, axis=0) - 0.1 * exp(-np.sum(p**2, axis=0))


VALUES = {
    "schaffer1": _schaffer(lambda x, y: sin((x**2 + y**2) ** 2) ** 2),
    "schaffer2": _schaffer(lambda x, y: sin(x**2 - y**2) ** 2),
    "schaffer4": _schaffer(lambda x, y: cos(sin(np.abs(x**2 - y**2))) ** 2),
    "pathological": lambda x, y: (
        0.5 + (sin(np.hypot(10 * x, y)) ** 2 - 0.5) / (1 + 0.001 * (x**2 - 2 * x * y + y**2) ** 2)
    ),
    "bird": lambda x, y: sin(x) * exp((1 - cos(y)) ** 2) + cos(y) * exp((1 - sin(x)) ** 2) + (x - y) ** 2,
    "bartels_conn": lambda x, y: np.abs(x**2 + y**2 + x * y) + np.abs(sin(x)) + np.abs(cos(y)),
    "xin_she_yang2": lambda x, y: _yang(np.stack([x, y])),
    "periodic": lambda x, y: _periodic(np.stack([x, y])),
}

GENERAL = {
    "pathological": lambda p: VALUES["pathological"](p[:-1], p[1:]).sum(),
    "xin_she_yang2": _yang,
    "periodic": _periodic,
}
