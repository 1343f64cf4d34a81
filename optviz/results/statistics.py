"""Student's t distribution, and the interval that it gives a mean of a few values."""

import functools
import math

import numpy as np

LEVEL = 0.95


def within(t: float, freedom: int) -> float:
    """The probability that the absolute value of a Student's t variable is at most `t` (0 or more).

    For whole degrees of freedom it is a finite sum: Abramowitz & Stegun 1964, 26.7.3 (odd) and 26.7.4 (even).
    """
    return _within(math.atan(t / math.sqrt(freedom)), freedom)


@functools.lru_cache(maxsize=1024)
def quantile(level: float, freedom: int) -> float:
    """The `t` that a Student's t variable stays within with the probability `level`, between 0 and 1, by bisection."""
    low, high = 0.0, math.pi / 2
    for _ in range(64):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return math.sqrt(freedom) * math.tan(high)


def half_width(values: np.ndarray, level: float = LEVEL) -> np.ndarray:
    """Half the width of the t interval of a mean.

    Parameters
    ----------
    values : (n, ...) float64
        Means are taken over the first axis.
    level : float
        How often the interval holds the expectation, if the values are normal and independent.

    Returns
    -------
    (...) float64
        NaN where n is 0 or 1, 0 where all values are the same.
    """
    count = len(values)
    if count < 2:
        return np.full(values.shape[1:], np.nan)
    return quantile(level, count - 1) * np.std(values, axis=0, ddof=1) / math.sqrt(count)


def _within(angle: float, freedom: int) -> float:
    """`within`, of the angle whose tangent is ``t / sqrt(freedom)``."""
    sine, cosine, odd = math.sin(angle), math.cos(angle), freedom % 2
    total, term = 0.0, cosine if odd else 1.0
    for k in range(odd + 1, freedom, 2):
        total += term
        term *= k / (k + 1) * cosine**2
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
