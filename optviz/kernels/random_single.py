"""Uniform and normal numbers in float32, from the words of `optviz.kernels.random`.

They are those of float64 but for the last digits of float32, and take no float64 operation, of which most GPUs make one
where they make 64 in float32. Here too every processor gives the same bits.
"""

import math

import numba
import numpy as np

from optviz.kernels.cache import FORCED

ONE = np.uint64(0x3F800000)  # the bits of 1.0
FLIP = np.uint64(0xFFFFFFFF)
TOP, HIGHER, LOWER = np.uint64(31), np.uint64(0xFF), np.uint64(0x1FF)
BELOW_ONE = np.float32(1 - 2**-24)


@numba.njit(**FORCED)
def _fraction(bits):
    """23 bits as a multiple of 2**-23 in [0, 1)."""
    return np.uint32(bits | ONE).view(np.float32) - np.float32(1.0)


@numba.njit(**FORCED)
def _joined(high, low):
    """46 bits as a number in (0, 1), the middle of what they leave open; rounded, which may give 1."""
    return _fraction(high) + (_fraction(low) + np.float32(2.0**-24)) * np.float32(2.0**-23)


@numba.njit(**FORCED)
def uniform_single(high, low):
    """A float32 in the open interval (0, 1) from two words: `optviz.kernels.random.uniform`, rounded.

    Of its bits 46 are read: it differs by the last place, or by 2**-47.
    """
    u = _joined(high >> np.uint64(9), (high & LOWER) << np.uint64(14) | low >> np.uint64(18))
    return min(u, BELOW_ONE)


ROOT = np.uint64(0x3F3504F3)  # the bits of sqrt(1/2)
LN2_HIGH, LN2_LOW = np.float32(6.9313812256e-01), np.float32(9.0580006145e-06)
LOGARITHM = tuple(map(np.float32, (0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841)))


@numba.njit(**FORCED)
def logarithm_single(x):
    """The natural logarithm of a positive normal float32, within one unit in the last place.

    The method is that of `optviz.kernels.random.logarithm`, with the numbers of fdlibm for float32 (``e_logf.c``).
    """
    bits = np.uint64(np.float32(x).view(np.uint32)) + (ONE - ROOT)
    k = np.float32(np.int32(bits >> np.uint64(23)) - np.int32(127))
    f = np.uint32((bits & np.uint64(0x7FFFFF)) + ROOT).view(np.float32) - np.float32(1.0)
    s = f / (np.float32(2.0) + f)
    z = s * s
    w = z * z
    r = w * (LOGARITHM[1] + w * LOGARITHM[3]) + z * (LOGARITHM[0] + w * LOGARITHM[2])
    square = np.float32(0.5) * f * f
    return k * LN2_HIGH - ((square - (s * (square + r) + k * LN2_LOW)) - f)


# Wichura 1988, Algorithm AS 241 (PPND7): numerators and denominators of two rational functions, highest power first,
# for the middle and for the tails. The third, for tails beyond 7.1, is left out.
MIDDLE, SQUARE, SHIFT = (np.float32(number) for number in (0.425, 0.180625, 1.6))
TOPS = tuple(
    tuple(map(np.float32, numbers))
    for numbers in (
        (5.9109374720e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179e0),
        (1.7023821103e-1, 1.3067284816e0, 2.7568153900e0, 1.4234372777e0),
    )
)
BOTTOMS = tuple(
    tuple(map(np.float32, numbers))
    for numbers in (
        (6.7187563600e1, 7.8757757664e1, 1.7895169469e1, 1.0),
        (0.0, 1.2021132975e-1, 7.3700164250e-1, 1.0),
    )
)


@numba.njit(**FORCED)
def _polynomial(numbers, middle, r):
    total = np.float32(0.0)
    for i in range(4):
        total = total * r + (numbers[0][i] if middle else numbers[1][i])
    return total


@numba.njit(**FORCED)
def normal_single(high, low):
    """A standard normal float32 from two words: `optviz.kernels.random.normal` of their uniform.

    The error is below 4e-7 (1 + abs(x)) up to abs(x) = 6, and 2e-6 (1 + abs(x)) at 7.8, beyond which nothing is drawn.
    """
    is_upper = high >> TOP  # of the two halves of the interval, which are mirror images
    flip = FLIP * is_upper
    one, two = high ^ flip, low ^ flip
    p = _joined(one >> np.uint64(8), (one & HIGHER) << np.uint64(15) | two >> np.uint64(17)) * np.float32(0.5)
    q = np.float32(0.5) - p
    middle = q <= MIDDLE
    r = SQUARE - q * q if middle else np.float32(math.sqrt(-logarithm_single(p))) - SHIFT
    size = _polynomial(TOPS, middle, r) / _polynomial(BOTTOMS, middle, r) * (q if middle else np.float32(1.0))
    return size if is_upper else -size
