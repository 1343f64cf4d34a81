"""Random numbers without a state: each draw is computed from the seed and from where it is used.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, SC11, doi:10.1145/2063384.2063405) scrambles a counter of 128 bits
under a key of 64. The key is the seed, the counter is made of step, coordinate and start, so that a draw depends on
these four numbers and on nothing else: not on threads, tiles or the order of computing.

Draws are integer arithmetic and + - * / sqrt, without branches: loops over starts vectorise, and every processor gives
the same bits as long as no compiler fuses a product and a sum, which Numba does on GPUs only. That is why `normal` has
a logarithm of its own. `random_single` has the same in float32.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from optviz.kernels.cache import FORCED, cached_jit
from optviz.kernels.delay_interrupt import delay_interrupt
from optviz.kernels.random_single import normal_single, uniform_single
from optviz.kernels.specialise import compiled
from optviz.noise import NoiseModel

WORD = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
ROUNDS = 10
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)  # added to the two words of the key after each round


@numba.njit(**FORCED)
def philox(c0, c1, c2, c3, k0, k1):
    """Philox4x32-10: four words of 32 bits from a counter of four and a key of two, all as uint64."""
    for _ in range(ROUNDS):
        a, b = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (b >> HALF) ^ c1 ^ k0, b & WORD, (a >> HALF) ^ c3 ^ k1, a & WORD
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return c0, c1, c2, c3


@numba.njit(**FORCED)
def draw(seed, start, step, coordinate):
    """The four words that belong to a seed, a start, a step and a coordinate."""
    seed, start = np.uint64(seed), np.uint64(start)
    step, coordinate = np.uint64(step) & WORD, np.uint64(coordinate) & WORD
    return philox(step, coordinate, start & WORD, start >> HALF, seed & WORD, seed >> HALF)


EXPONENT = np.uint64(52)  # where the exponent of a float64 begins
FRACTION = np.uint64(0xFFFFFFFFFFFFF)  # the bits below it
ONE = np.uint64(0x3FF0000000000000)  # the bits of 1.0
HALF_STEP = 2.0**-53


@numba.njit(**FORCED)
def uniform(high, low):
    """A float64 in the open interval (0, 1) from two words: an odd multiple of 2**-53, so that 1 - u is one as well."""
    bits = ((high << HALF) | low) >> np.uint64(12)
    return (np.uint64(bits | ONE).view(np.float64) - 1.0) + HALF_STEP


ROOT = np.uint64(0x3FE6A09E667F3BCD)  # the bits of sqrt(1/2)
TWO_52 = np.uint64(0x4330000000000000)  # the bits of 2**52
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


@numba.njit(**FORCED)
def logarithm(x):
    """The natural logarithm of a positive normal float64, within one unit in the last place.

    The method and the numbers are those of fdlibm (Sun Microsystems 1993, ``e_log.c``): x = 2**k (1 + f) with 1 + f
    between sqrt(1/2) and sqrt(2), and a polynomial in s**2 where s = f / (2 + f).
    """
    bits = np.float64(x).view(np.uint64) + (ONE - ROOT)
    k = np.uint64((bits >> EXPONENT) | TWO_52).view(np.float64) - (2.0**52 + 1023.0)
    f = np.uint64((bits & FRACTION) + ROOT).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = 2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)
    r = even + z * (6.666666666666735130e-01 + w * odd)
    square = 0.5 * f * f
    return k * LN2_HIGH - ((square - (s * (square + r) + k * LN2_LOW)) - f)


# Wichura 1988, Algorithm AS 241 (PPND16), Applied Statistics 37(3), 477-484: numerators and denominators of two of its
# rational functions, highest power first, for the middle and for the tails. The third, for tails beyond 6.65, is left
# out: the second comes within 5e-12 of it as far as draws reach.
MIDDLE = 0.425  # of |u - 1/2|
# fmt: off
TOPS = (
    (
        2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
        1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
    ),
    (
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
        3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
    ),
)
BOTTOMS = (
    (
        5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
        5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
    ),
    (
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
        6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0,
    ),
)
# fmt: on


@numba.njit(**FORCED)
def _polynomial(numbers, middle, r):
    total = 0.0
    for i in range(8):
        total = total * r + (numbers[0][i] if middle else numbers[1][i])
    return total


@numba.njit(**FORCED)
def normal(u):
    """The standard normal number below which a share `u` of all lies; `u` is a float64 from 2**-53 to 1 - 2**-53.

    The error is below 6e-16 (1 + abs(x)) up to abs(x) = 6.65, beyond which one draw in 35,000 million lies, and 5e-12
    there. Both rational functions share one evaluation, whose numbers are selected.
    """
    q = u - 0.5
    middle = abs(q) <= MIDDLE
    r = 0.180625 - q * q if middle else math.sqrt(-logarithm(min(u, 1.0 - u))) - 1.6
    factor = q if middle else (-1.0 if q < 0.0 else 1.0)
    return _polynomial(TOPS, middle, r) / _polynomial(BOTTOMS, middle, r) * factor


APART = 1 << 31  # of coordinates: where signs are drawn that noise of the same step has nothing to do with


@functools.cache
def random_sign(dtype: type) -> Any:
    """``sign(seed, start, step, coordinate)``: 1 or -1 with the same probability, a `dtype` scalar."""
    ends = dtype(1), dtype(-1)

    @numba.njit(**FORCED)
    def sign(seed, start, step, coordinate):
        word = draw(seed, start, step, coordinate + APART)[0]
        return ends[0] if word & np.uint64(1) else ends[1]

    return sign


def fill_with_signs(seed, step, row):
    for c in range(row.size):
        row[c] = 2.0 * np.float64(draw(seed, np.uint64(0), step, c + APART)[0] & np.uint64(1)) - 1.0


_fill_with_signs = cached_jit(fill_with_signs)


def random_signs(seed: int, step: int, count: int) -> np.ndarray:
    """(count,) float32: 1 or -1 for each coordinate, as `random_sign` draws them for start 0."""
    row = np.empty(count, np.float32)
    with delay_interrupt():
        _fill_with_signs(np.uint64(seed), step, row)
    return row


@functools.cache
def noisy_gradient(model: NoiseModel, dtype: type) -> Any:
    """The stochastic gradient of a noise model, to be inlined into kernels; the same dispatcher for the same model.

    Draws are made in `dtype`; in float32 they are those of float64 but for last digits, uniform ones in the open
    interval all the same. The formula is all `dtype`.

    Parameters
    ----------
    model : NoiseModel
    dtype : type
        ``np.float32`` or ``np.float64``.

    Returns
    -------
    function
        ``noisy(g, seed, start, step, coordinate, parameters, table)`` gives a `dtype` scalar.

        - `g`: `dtype` scalar, a coordinate of the exact gradient;
        - `seed`, `start`: uint64, the run's seed and its number among all starts;
        - `step`, `coordinate`: int64, from 1 and from 0, below 2**32;
        - `parameters`: tuple of `dtype` scalars in the order of the formula's arguments, those of the coordinate;
        - `table`: ``(rows, d)`` float64 that reaches to the step's epoch, the means of minibatches in the order in
          which start 0 sees them, for a model that draws them; any other does not read it.
    """
    formula, draws = compiled(model.gradient, dtype), _draws(model.draws, dtype)

    @numba.njit(**FORCED)
    def noisy(g, seed, start, step, coordinate, parameters, table):
        words = draw(seed, start, step, coordinate)
        return formula(g, *draws(words, start, step, coordinate, parameters, table), *parameters)

    return noisy


def _draws(names: tuple[str, ...], dtype: type) -> Any:
    """A function that makes the named draws from the words and the place of one, a tuple of `dtype` scalars."""
    if not names:
        return numba.njit(**FORCED)(lambda words, start, step, coordinate, parameters, table: ())
    first, others = numba.njit(**FORCED)(_MAKERS[names[0]](dtype)), _draws(names[1:], dtype)

    @numba.njit(**FORCED)
    def draws(words, start, step, coordinate, parameters, table):
        one = first(words, start, step, coordinate, parameters, table)
        return (one, *others(words, start, step, coordinate, parameters, table))

    return draws


def _normal_draw(dtype: type) -> Callable:
    if dtype is np.float32:
        return lambda words, start, step, coordinate, parameters, table: normal_single(words[0], words[1])
    return lambda words, start, step, coordinate, parameters, table: normal(uniform(words[0], words[1]))


def _uniform_draw(dtype: type, i: int) -> Callable:
    """From the words `i` and ``i + 1``."""
    made = uniform_single if dtype is np.float32 else uniform
    return lambda words, start, step, coordinate, parameters, table: made(words[i], words[i + 1])


def _mean_draw(dtype: type) -> Callable:
    """Each start begins every epoch at a batch of its own and goes round."""

    def mean(words, start, step, coordinate, parameters, table):
        batches = np.int64(parameters[0]) // np.int64(parameters[1])
        place = (step - 1) % batches
        turned = (np.uint64(start) + np.uint64(place)) % np.uint64(batches)
        return dtype(table[np.uint64(step - 1 - place) + turned, coordinate])

    return mean


def _step_told(dtype: type) -> Callable:
    return lambda words, start, step, coordinate, parameters, table: dtype(step)


_MAKERS: dict[str, Callable] = {
    "xi": _normal_draw,
    "u": lambda dtype: _uniform_draw(dtype, 0),
    "w": lambda dtype: _uniform_draw(dtype, 2),
    "mean": _mean_draw,
    "t": _step_told,
}
