"""Hills and hollows, Gaussians as powers of e of squared distances."""

import numpy as np


def hump(x, y, a, b, width=0.2):
    """exp(−d²/width), d the distance from (a, b)."""
    return np.exp(-(np.hypot(x - a, y - b) ** 2) / width)


def peaks(x, y):
    first = 3 * (1 - x) ** 2 * hump(x, y, 0, -1, 1)
    return first - 10 * (x / 5 - x**3 - y**5) * hump(x, y, 0, 0, 1) - hump(x, y, -1, 0, 1) / 3


def local_minimum(x, y):
    v = 1.4 * y
    return np.hypot(x, v) ** 2 - 2 * hump(x, v, 1, 0) - 6 * hump(x, v, -1, 0)


def hills(x, y):
    v = 1.4 * y
    return np.hypot(x, v) ** 2 + 2 * hump(x, v, 1, 0) + 6 * hump(x, v, -1, 0) - 2 * hump(x, v, 1, -1)


VALUES = {
    "gramacy_lee": lambda x, y: x * hump(x, y, 0, 0, 1),
    "peaks": peaks,
    "lilipads_local_minimum": local_minimum,
    "lilipads_hills": hills,
}
GENERAL = {}
