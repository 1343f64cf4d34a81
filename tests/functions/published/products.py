"""Products over the coordinates as they are printed, on arrays."""

import numpy as np


def _shubert(p):
    i = np.arange(1, 6).reshape(-1, *[1] * p.ndim)
    return np.prod(np.sum(i * np.cos((i + 1) * p + i), axis=0), axis=0)


def _hansen(x, y):
    i = np.arange(5).reshape(-1, *[1] * np.ndim(x))
    along_x = np.sum((i + 1) * np.cos(i * x + i + 1), axis=0)
    return along_x * np.sum((i + 1) * np.cos((i + 2) * y + i + 1), axis=0)


GENERAL = {
    "shubert": _shubert,
    "alpine2": lambda p: -np.prod(np.sqrt(p) * np.sin(p), axis=0),
}

VALUES = {name: lambda x, y, form=form: form(np.stack([x, y])) for name, form in GENERAL.items()} | {"hansen": _hansen}
