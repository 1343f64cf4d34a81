"""Searches that compare values and never ask for a gradient: along coordinates, along patterns, and at random."""

from math import cos, inf, log, pi, sqrt

from optviz.formulas.solver import AT_REST, GO_ON
from optviz.optimizers._solver import solver
from optviz.optimizers._vectors import copy, largest

SHARE, LENGTH = (0, 1, False, False), (0, inf, False, False)


@solver(
    title="Compass search",
    year=1952,
    reference="Fermi & Metropolis 1952, Los Alamos report LA-1492; Kolda, Lewis & Torczon 2003, SIAM Review 45:385, "
    "section 1",
    url="https://doi.org/10.1137/S003614450242889",
    equation="x ← the best of x ± δ eᵢ where it is lower, else δ ← shrink · δ",
    memory={"y": "n", "best": "n", "size": "1"},
    defaults={"paper": {"first": 0.5, "shrink": 0.5}},
    ranges={"first": LENGTH, "shrink": SHARE},
    names=("coordinate_search",),
)
def compass(x, f, evaluate, y, best, size, first, shrink):
    """Look one step to each side along every coordinate, and go where the value is lowest; where none is lower, halve.

    An iteration makes 2 n evaluations. It rests when a step is too short to change a coordinate.
    """
    n = len(x)
    if size[0] == 0:
        size[0] = first
    lowest, moves = f[0], False
    copy(x, y)
    for i in range(n):
        for side in range(2):
            y[i] = x[i] + size[0] * (1 - 2 * side)
            moves |= y[i] != x[i]
            value = evaluate.value(y)
            if value < lowest:
                lowest = value
                copy(y, best)
        y[i] = x[i]
    if lowest < f[0]:
        copy(best, x)
        f[0] = lowest
        return GO_ON
    size[0] *= shrink
    return GO_ON if moves else AT_REST


@solver(
    title="Hooke-Jeeves",
    year=1961,
    reference="Hooke & Jeeves 1961, Journal of the ACM 8:212; Kaupe 1963, Algorithm 178, CACM 6:313",
    url="https://doi.org/10.1145/321062.321069",
    equation="explore around x + (x − x′), else around x, by coordinates; where nothing is lower, δ ← shrink · δ",
    memory={"y": "n", "before": "n", "size": "1"},
    defaults={"paper": {"first": 0.5, "shrink": 0.5}},
    ranges={"first": LENGTH, "shrink": SHARE},
    names=("pattern_search",),
)
def hooke_jeeves(x, f, evaluate, y, before, size, first, shrink):
    """Try each coordinate in turn, keep what is lower, and repeat the whole move that came of it: a pattern move.

    The pattern is explored like the point itself, and counts only where it ends lower than the point; else the
    exploration begins at the point. An iteration makes at most 4 n + 1 evaluations.
    """
    n = len(x)
    if size[0] == 0:
        size[0] = first
        copy(x, before)
    far = False
    for i in range(n):
        far |= before[i] != x[i]
    if far:
        for i in range(n):
            y[i] = 2 * x[i] - before[i]
        value = explored(y, evaluate.value(y), evaluate, size[0])
        copy(x, before)
        if value < f[0]:
            copy(y, x)
            f[0] = value
            return GO_ON
    copy(x, y)
    value = explored(y, f[0], evaluate, size[0])
    if value < f[0]:
        copy(x, before)
        copy(y, x)
        f[0] = value
        return GO_ON
    moves = False
    for i in range(n):
        moves |= x[i] + size[0] != x[i]
    size[0] *= shrink
    return GO_ON if moves else AT_REST


def explored(y, value, evaluate, size):
    """Move a point along each coordinate in turn, up or else down, where that is lower; the value where it ends."""
    for i in range(len(y)):
        here = y[i]
        y[i] = here + size
        tried = evaluate.value(y)
        if not tried < value:
            y[i] = here - size
            tried = evaluate.value(y)
        if tried < value:
            value = tried
        else:
            y[i] = here
    return value


@solver(
    title="Random search",
    year=1965,
    reference="Rastrigin 1963, Automation and Remote Control 24:1337; Rechenberg 1973, Evolutionsstrategie: one "
    "parent, one child, and the rule of one success in five",
    equation="y = x + σ z, z normal;  x ← y where it is not higher;  σ grows by e^(1/3), or shrinks by e^(−1/12)",
    memory={"y": "n", "state": "2", "size": "1"},
    defaults={"paper": {"first": 0.5, "seed": 0}},
    ranges={"first": LENGTH, "seed": (0, 2**31 - 1, True, True)},
    whole=("seed",),
    names=("one_plus_one",),
)
def random_search(x, f, evaluate, y, state, size, first, seed):
    """Try a point nearby, drawn at random, and stay there if it is not higher: one evaluation a step.

    The spread grows after a success and shrinks after a failure, so that it rests where one trial in five succeeds.
    What is drawn follows from `seed` and the start alone.
    """
    n = len(x)
    if size[0] == 0:
        size[0] = first
        seeded(x, state, seed)
    for i in range(n):
        y[i] = x[i] + size[0] * normal(state)
    value = evaluate.value(y)
    if value <= f[0]:
        copy(y, x)
        f[0] = value
        size[0] *= 1.3956124250860895
    else:
        size[0] *= 0.9200444146293233
    return AT_REST if size[0] <= 1e-17 * largest(x) or size[0] < 1e-300 else GO_ON


def seeded(x, state, seed):
    """Begin random numbers of a start's own."""
    place = int(seed) + 1
    for i in range(len(x)):
        place = (place * 69069 + int(abs(x[i]) * 1048576 + (x[i] < 0))) % 2147483562
    state[0], state[1] = place % 2147483562 + 1, (place * 48271) % 2147483398 + 1
    for _ in range(4):
        uniform(state)


def uniform(state):
    """A number between 0 and 1: two generators combined, L'Ecuyer 1988, Communications of the ACM 31:742, figure 3."""
    a, b = int(state[0]) * 40014 % 2147483563, int(state[1]) * 40692 % 2147483399
    state[0], state[1] = a, b
    both = a - b
    return (both if both >= 1 else both + 2147483562) * 4.656613e-10


def normal(state):
    """A normal number, of Box and Muller."""
    radius = sqrt(-2 * log(uniform(state)))
    return radius * cos(2 * pi * uniform(state))
