"""Dropout: which outputs of a layer a step leaves out, told by a hash of seed, step, layer, image and unit.

Nothing is drawn and nothing is remembered: the answer for a unit is a number made of its place, so that it does not
depend on threads or on the order of computing, and the backward pass asks again instead of keeping a mask.
"""

import numba
import numpy as np

from optviz.kernels.cache import INLINED

ALL = 1 << 32  # as many as there are words of 32 bits


@numba.njit(**INLINED)
def keys(key, step, layer):
    """Two words of 32 bits for a layer in a step, from the 64 bits of `key`: SplitMix64 (Steele et al. 2014)."""
    z = np.uint64(key) + (np.uint64(step) * np.uint64(64) + np.uint64(layer + 1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return np.uint32(z & np.uint64(0xFFFFFFFF)), np.uint32(z >> np.uint64(32))


@numba.njit(**INLINED)
def word(first, second, unit):
    """32 bits for a unit: two rounds of multiplying and mixing, a key before each."""
    x = np.uint32(first ^ np.uint32(unit))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(15))) + second)
    x = np.uint32(x * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@numba.njit(**INLINED)
def threshold(rate):
    """Units with a word below it are left out."""
    return np.uint32(np.uint64(np.float64(rate) * ALL))


@numba.njit(**INLINED)
def drop(outputs, count, width, rate, first, second):
    """Leave out a share `rate` of ``outputs[:count, :width]`` and divide the others by ``1 - rate``, in place.

    Of the deltas it does the same, since what is left out has no gradient.
    """
    limit, scale = threshold(rate), np.float32(1) / (np.float32(1) - np.float32(rate))
    for i in range(count):
        row = outputs[i]
        begin = np.uint32(i * width)
        for j in range(width):
            kept = word(first, second, begin + np.uint32(j)) >= limit
            row[j] = row[j] * scale if kept else np.float32(0)
