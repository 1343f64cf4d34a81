"""Dropout on CUDA: whether a unit stays, told by the hash of `optviz.kernels.dropout`, one unit at a time."""

import numpy as np

from optviz.kernels import dropout
from optviz.kernels.cuda import backend

keys = backend.twin(dropout.keys)


def _stays(first, second, unit, limit):
    # Products and sums of uint32 are uint64 in compiled code, so each is cut to the word that it stands for.
    x = np.uint32(first ^ np.uint32(unit))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(15))) + second)
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16))) >= limit


stays = backend.device_function(_stays)
"""Device function ``stays(first, second, unit, limit)``: two words from `keys`, the unit, a `threshold`; a bool."""


def threshold(rate: float) -> np.uint32:
    """What the word of a unit that stays is not below, for a share `rate` that is dropped."""
    return np.uint32(dropout.threshold(np.float32(rate)))


def scale(rate: float, dtype: type) -> float:
    """What stays is multiplied by it: 1 / (1 - rate), a scalar of `dtype`; the rate is rounded as on the CPU."""
    return dtype(1) / (dtype(1) - dtype(np.float32(rate)))
