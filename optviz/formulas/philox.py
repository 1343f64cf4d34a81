"""Random signs in 32-bit arithmetic, for libraries of arrays that have no wider integers.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC11, doi:10.1145/2063384.2063405) as in `optviz.kernels.random`, whose
bits these are. Products of 32 bits are put together from those of 16.
"""

from collections.abc import Callable
from typing import Any

ROUNDS = 10
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
WEYL = 0x9E3779B9, 0xBB67AE85  # added to the two words of the key after each round
APART = 1 << 31  # of coordinates: where signs are drawn that noise of the same step has nothing to do with
LOW = 0xFFFF


def bits(coordinates: Any, step: Any, word: Callable[[int], Any]) -> Any:
    """The last bit of the first word that belongs to each coordinate in a step, for seed 0 and start 0.

    Parameters
    ----------
    coordinates : (count,) uint32 array
        From 0 on.
    step : () uint32 array
    word : function
        ``word(number)``: a number below 2**32 as an array () of uint32.

    Returns
    -------
    (count,) uint32 array
        0 or 1.
    """
    nothing = coordinates & word(0)
    c0, c1, c2, c3 = nothing + step, coordinates + word(APART), nothing, nothing
    for i in range(ROUNDS):
        a_high, a_low = _product(MULTIPLIERS[0], c0, word)
        b_high, b_low = _product(MULTIPLIERS[1], c2, word)
        keys = (word(i * weyl & 0xFFFFFFFF) for weyl in WEYL)
        c0, c1, c2, c3 = b_high ^ c1 ^ next(keys), b_low, a_high ^ c3 ^ next(keys), a_low
    return c0 & word(1)


def _product(number: int, x: Any, word: Callable[[int], Any]) -> tuple[Any, Any]:
    """The high and the low word of a product."""
    half, low = word(16), word(LOW)
    high_part, low_part = word(number >> 16), word(number & LOW)
    x_high, x_low = x >> half, x & low
    lows, one, other = low_part * x_low, low_part * x_high, high_part * x_low
    middle = (lows >> half) + (one & low) + (other & low)
    high = high_part * x_high + (one >> half) + (other >> half) + (middle >> half)
    return high, (middle << half) | (lows & low)
