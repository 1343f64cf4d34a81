"""Nelder and Mead's simplex: n + 1 points that walk, stretch and shrink downhill."""

from math import inf

from optviz.formulas.solver import AT_REST, GO_ON
from optviz.optimizers._solver import solver


@solver(
    title="Nelder-Mead",
    year=1965,
    reference="Nelder & Mead 1965, The Computer Journal 7:308; Lagarias, Reeds, Wright & Wright 1998, SIAM Journal on "
    "Optimization 9:112, section 2",
    url="https://doi.org/10.1093/comjnl/7.4.308",
    equation="worst ← c + ρ (c − worst), ρ = 1, 2, ½ or −½, c the mean of the others; else all ← best + ½ (all − best)",
    memory={"corners": "(n + 1) * n", "values": "n + 1", "c": "n", "r": "n", "e": "n", "begun": "1"},
    oracles={"paper": "scipy.optimize.minimize(method='Nelder-Mead')"},
    defaults={"paper": {"size": 0.05}},
    ranges={"size": (0, inf, False, False)},
)
def nelder_mead(x, f, evaluate, corners, values, c, r, e, begun, size):
    """Replace the worst of n + 1 corners by its reflection, stretched where that is best and drawn in where it is not.

    The first simplex has the start and n points of which one coordinate each is longer by `size`, or 0.00025 where it
    is 0: SciPy's. What is drawn is the best corner. It rests when all corners are one.
    """
    n = len(x)
    if begun[0] == 0:
        begin(x, f[0], evaluate, corners, values, r, size)
        begun[0] = 1.0
    if collapsed(corners, n):
        return AT_REST
    for i in range(n):
        c[i] = 0.0
        for k in range(n):
            c[i] += corners[k * n + i]
        c[i] /= n
    reflected = moved(evaluate, corners, c, r, 1.0)
    if reflected < values[0]:
        stretched = moved(evaluate, corners, c, e, 2.0)
        if stretched < reflected:
            replace(corners, values, e, stretched)
        else:
            replace(corners, values, r, reflected)
    elif reflected < values[n - 1]:
        replace(corners, values, r, reflected)
    else:
        outside = reflected < values[n]
        drawn = moved(evaluate, corners, c, e, 0.5 if outside else -0.5)
        if (drawn <= reflected) if outside else (drawn < values[n]):
            replace(corners, values, e, drawn)
        else:
            shrink(evaluate, corners, values, r)
    order(corners, values, n)
    for i in range(n):
        x[i] = corners[i]
    f[0] = values[0]
    return GO_ON


def begin(x, f, evaluate, corners, values, r, size):
    """Make the first simplex."""
    n = len(x)
    for k in range(n + 1):
        for i in range(n):
            r[i] = x[i]
        if k > 0:
            r[k - 1] = (1 + size) * x[k - 1] if x[k - 1] != 0 else 0.00025
        values[k] = height(evaluate, r) if k > 0 else f
        for i in range(n):
            corners[k * n + i] = r[i]
    order(corners, values, n)


def height(evaluate, y):
    """The value at a point, infinite where there is none."""
    value = evaluate.value(y)
    return value if value == value else inf


def moved(evaluate, corners, c, y, share):
    """Write the point that lies so far beyond the centre from the worst corner to y; the value there."""
    n = len(c)
    for i in range(n):
        y[i] = (1 + share) * c[i] - share * corners[n * n + i]
    return height(evaluate, y)


def replace(corners, values, y, value):
    """Put a point in the place of the worst corner."""
    n = len(y)
    for i in range(n):
        corners[n * n + i] = y[i]
    values[n] = value


def shrink(evaluate, corners, values, r):
    """Halve all corners' ways to the best."""
    n = len(r)
    for k in range(1, n + 1):
        for i in range(n):
            r[i] = corners[i] + 0.5 * (corners[k * n + i] - corners[i])
            corners[k * n + i] = r[i]
        values[k] = height(evaluate, r)


def order(corners, values, n):
    """Sort the corners by their values, the lowest first; equal ones stay in their order."""
    for k in range(1, n + 1):
        at = k
        while at > 0 and values[at] < values[at - 1]:
            values[at], values[at - 1] = values[at - 1], values[at]
            for i in range(n):
                here, there = at * n + i, (at - 1) * n + i
                corners[here], corners[there] = corners[there], corners[here]
            at -= 1


def collapsed(corners, n):
    """Whether all corners are the best one, but for rounding."""
    for k in range(1, n + 1):
        for i in range(n):
            if abs(corners[k * n + i] - corners[i]) > 4e-16 * abs(corners[i]):
                return False
    return True
