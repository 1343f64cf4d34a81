"""Nonlinear conjugate gradients: each direction keeps a share of the last one."""

from optviz.formulas.solver import AT_REST, GO_ON
from optviz.optimizers._search import halted, searched
from optviz.optimizers._solver import solver, variant
from optviz.optimizers._vectors import copy, dot

MEMORY = {"p": "n", "new": "n", "slope": "n", "last": "3"}
FLETCHER_REEVES, POLAK_RIBIERE, HAGER_ZHANG = range(3)


@solver(
    title="Conjugate gradients",
    year=1964,
    reference="Fletcher & Reeves 1964, The Computer Journal 7:149; Polak & Ribière 1969; Hager & Zhang 2005, "
    "SIAM Journal on Optimization 16:170, equations 1.5 and 1.6; Nocedal & Wright 2006, Algorithm 5.4",
    url="https://doi.org/10.1093/comjnl/7.2.149",
    equation="p ← −g + β p,  x ← x + α p;  β = max(0, ⟨g, g − g′⟩ / ⟨g′, g′⟩) (fr: ⟨g, g⟩ / ⟨g′, g′⟩)",
    memory=MEMORY,
    variants=("prp",),
    defaults={"paper": {"c1": 1e-4, "c2": 0.1, "most": 20}},
    ranges={"c1": (0, 1, False, False), "c2": (0, 1, False, False), "most": (1, 1000, True, True)},
    whole=("most",),
    names=("cg", "nonlinear_cg"),
)
def conjugate_gradients(x, f, g, evaluate, p, new, slope, last, c1, c2, most):
    """Keep of the last direction as much as makes the new one conjugate to it: on a quadratic n exact searches are all.

    β is Polak's and Ribière's, never below 0 (prp, the first); Fletcher's and Reeves's (fr), which needs c2 below 1/2;
    or Hager's and Zhang's (hz), whose directions descend whatever the search. A direction that does not descend, or
    along which a search finds nothing, is given up once for the steepest descent.
    """
    return conjugated(x, f, g, evaluate, p, new, slope, last, c1, c2, most, POLAK_RIBIERE)


@variant(conjugate_gradients, "fr", memory=MEMORY)
def conjugate_gradients_fr(x, f, g, evaluate, p, new, slope, last, c1, c2, most):
    return conjugated(x, f, g, evaluate, p, new, slope, last, c1, c2, most, FLETCHER_REEVES)


@variant(conjugate_gradients, "hz", memory=MEMORY)
def conjugate_gradients_hz(x, f, g, evaluate, p, new, slope, last, c1, c2, most):
    return conjugated(x, f, g, evaluate, p, new, slope, last, c1, c2, most, HAGER_ZHANG)


def conjugated(x, f, g, evaluate, p, new, slope, last, c1, c2, most, which):
    """An iteration. `last` holds whether p is a direction, and the last multiple of it and its slope."""
    n = len(x)
    if dot(g, g) == 0:
        return AT_REST
    down = dot(g, p)
    if not (last[0] > 0 and down < 0):
        last[0] = 0.0
        for i in range(n):
            p[i] = -g[i]
        down = -dot(g, g)
    first = min(1.0, 1.0 / dot(g, g) ** 0.5)
    if last[0] > 0:
        first = last[1] * last[2] / down  # the fall that the slope promises is the last one, N & W 3.60
    taken, value = searched(x, f[0], down, p, new, slope, evaluate, first, c1, c2, most)
    if not taken > 0:
        if last[0] == 0:
            return halted(x, f[0], down, p)
        last[0] = 0.0
        return GO_ON
    share = share_of(g, slope, p, which)
    last[0], last[1], last[2] = 1.0, taken, down
    for i in range(n):
        p[i] = -slope[i] + share * p[i]
    copy(new, x)
    copy(slope, g)
    f[0] = value
    return GO_ON


def share_of(old, g, p, which):
    """How much of the direction p is kept between two gradients."""
    before, now, change, along, size, most = dot(old, old), dot(g, g), 0.0, 0.0, 0.0, 0.0
    for i in range(len(g)):
        y = g[i] - old[i]
        change += g[i] * y
        along += p[i] * y
        size += y * y
        most += p[i] * g[i]
    if which == FLETCHER_REEVES:
        return now / before
    if which == POLAK_RIBIERE:
        return max(0.0, change / before)
    if along == 0:
        return 0.0
    least = -1.0 / (dot(p, p) ** 0.5 * min(0.01, before**0.5))
    return max((change - 2 * size * most / along) / along, least)
