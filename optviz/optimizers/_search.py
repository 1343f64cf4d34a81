"""Searches along a direction: which multiple of a step is taken."""

from math import inf, sqrt

from optviz.formulas.solver import AT_REST, GO_ON, NO_DESCENT, SINGULAR
from optviz.optimizers._linear import eliminated
from optviz.optimizers._vectors import ahead, copy, dot, largest


def backtracked(x, f, slope, p, y, gy, evaluate, rate, c1, shrink, most):
    """Shorten a step until the value falls by c1 of what the slope promises, Armijo's condition.

    Parameters
    ----------
    x, p, y, gy : (n,)
        The point, the direction, and where the point that is taken and its gradient go.
    f, slope : float
        The value at x and its derivative along p.
    rate, shrink : float
        The first multiple of p, and what it is multiplied by after each failure.
    most : float
        Evaluations.

    Returns
    -------
    rate, value : float
        The multiple that is taken, 0 for none, and the value there.
    """
    for _ in range(int(most)):
        ahead(x, rate, p, y)
        value = evaluate(y, gy)
        if value <= f + c1 * rate * slope:
            return rate, value
        rate *= shrink
    return 0.0, f


def searched(x, f, slope, p, y, gy, evaluate, rate, c1, c2, most):
    """Find a step that satisfies the strong Wolfe conditions: it falls by c1 of what the slope promises, and there at
    most c2 of the slope is left. Arguments and results are those of `backtracked`.

    Nocedal & Wright 2006, Algorithms 3.5 and 3.6 in one loop: `low` is the best multiple that falls enough, and beyond
    `high` it does not; before there is one the step grows. Trials are minimizers of the cubic through values and slopes
    of the two ends. Where the evaluations are used up the best multiple is taken, if there is one.
    """
    low, f_low, slope_low = 0.0, f, slope
    high, f_high, slope_high = 0.0, f, slope
    bracketed = False
    for _ in range(int(most)):
        ahead(x, rate, p, y)
        value = evaluate(y, gy)
        at = dot(gy, p)
        if not (value <= f + c1 * rate * slope and (value < f_low or low == 0)):
            high, f_high, slope_high, bracketed = rate, value, at, True
        elif abs(at) <= -c2 * slope:
            return rate, value
        else:
            if (at >= 0 and not bracketed) or (bracketed and at * (high - low) >= 0):
                high, f_high, slope_high, bracketed = low, f_low, slope_low, True
            before, f_before, slope_before = low, f_low, slope_low
            low, f_low, slope_low = rate, value, at
            if not bracketed:
                least, widest = rate + 0.01 * (rate - before), 10 * rate
                rate = cubic(before, f_before, slope_before, rate, value, at, least, widest)
        if bracketed:
            margin = 0.05 * (high - low)
            rate = cubic(low, f_low, slope_low, high, f_high, slope_high, low + margin, high - margin)
    if low == 0:
        return 0.0, f
    ahead(x, low, p, y)
    return low, evaluate(y, gy)


def cubic(a, f_a, slope_a, b, f_b, slope_b, first, last):
    """The minimizer of the cubic with such values and slopes at a and b, between two numbers; else their middle.

    Nocedal & Wright 2006, equation 3.59.
    """
    first, last = min(first, last), max(first, last)
    c = slope_a + slope_b - 3 * (f_a - f_b) / (a - b)
    square = c * c - slope_a * slope_b
    if not 0 <= square < inf:
        return (first + last) / 2
    root = sqrt(square) if b >= a else -sqrt(square)
    below = slope_b - slope_a + 2 * root
    if below == 0:
        return (first + last) / 2
    best = b - (b - a) * (slope_b + root - c) / below
    if not -inf < best < inf:
        return (first + last) / 2
    return min(max(best, first), last)


def descended(x, f, g, slope, p, y, gy, evaluate, rate, c1, shrink, most):
    """Go to the point that `backtracked` finds along p, with its value and gradient; how the iteration ended."""
    taken, value = backtracked(x, f[0], slope, p, y, gy, evaluate, rate, c1, shrink, most)
    if not taken > 0:
        return halted(x, f[0], slope, p)
    copy(y, x)
    copy(gy, g)
    f[0] = value
    return GO_ON


def solved(x, f, g, evaluate, h, p, rate):
    """Go `rate` times the way that solves h p = g, and say how the iteration ended; h is lost."""
    n = len(x)
    if not eliminated(h, g, p, n):
        return SINGULAR
    for i in range(n):
        x[i] -= rate * p[i]
    f[0] = evaluate(x, g)
    return GO_ON


def halted(x, f, slope, p):
    """Why a search found nothing: where a whole step moves or promises next to nothing there was nothing to find."""
    still = abs(slope) <= 1e-13 * abs(f) or largest(p) <= 1e-10 * largest(x)
    return AT_REST if still else NO_DESCENT
