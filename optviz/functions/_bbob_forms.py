"""How the parts of a BBOB function stand together, in two variables and in n.

In all of them the distance from the optimum goes through a matrix, a warp of each coordinate and a second matrix; then
come the sum and what is made of it, and a fence around the domain. The instance's numbers are bound as constants.
"""

from math import exp, fabs
from typing import Any

# Numbers, bound by `optviz.functions._bbob`.
N: Any = None  # coordinates
BEST: Any = None  # the optimum
SCALE: Any = None  # of what is not turned
FIRST: Any = None  # the first matrix, row by row
OFFSET: Any = None  # what is added behind it
SKEW: Any = None  # of the warp, for each coordinate
SECOND: Any = None  # the second matrix
WEIGHT: Any = None  # of terms, for each coordinate
FENCE: Any = None  # how steep the fence is
MINIMUM: Any = None  # the minimum
PEAKS: Any = None  # how many there are,
PLACE: Any = None  # where they are, coordinates of one after those of another,
WIDTH: Any = None  # how fast each falls off along each coordinate
TOP: Any = None  # and how high it is
SIGN: Any = None  # of the optimum's coordinates
DEPTH: Any = None  # the second funnel of f24: how it is scaled
APART: Any = None  # and how far away it is
# Formulas, bound likewise.
WARP: Any = None
WARP_SLOPE: Any = None
TERM: Any = None
TERM_SLOPE: Any = None
LINK: Any = None
LINK_SLOPE: Any = None
FINISH: Any = None
FINISH_SLOPE: Any = None
ENTER: Any = None
ENTER_BACK: Any = None
TURN: Any = None
TURN_BACK: Any = None
CORE: Any = None
CORE_SLOPE: Any = None
ASIDE: Any = None
ASIDE_SLOPE: Any = None


# In two variables.


def plane(x, y):
    right = x - BEST[0]
    up = y - BEST[1]
    u = FIRST[0] * right + FIRST[1] * up + OFFSET
    v = FIRST[2] * right + FIRST[3] * up + OFFSET
    bent = WARP(u, SKEW[0])
    other = WARP(v, SKEW[1])
    total = CORE(SECOND[0] * bent + SECOND[1] * other, SECOND[2] * bent + SECOND[3] * other)
    return FINISH(total, u) + ASIDE(x, y) + MINIMUM


def plane_terms(a, b):
    return TERM(a, WEIGHT[0]) + TERM(b, WEIGHT[1])


def plane_links(a, b):
    return LINK(a, b)


def plane_peaks(a, b):
    highest = 0.0
    for k in range(PEAKS):
        away = WIDTH[2 * k] * (a - PLACE[2 * k]) ** 2 + WIDTH[2 * k + 1] * (b - PLACE[2 * k + 1]) ** 2
        highest = max(highest, TOP[k] * exp(-0.25 * away))
    return -highest


def plane_fence(x, y):
    return FENCE * (beyond(x) ** 2 + beyond(y) ** 2)


def plane_funnels(x, y):
    right = 2 * SIGN[0] * (x - BEST[0])
    up = 2 * SIGN[1] * (y - BEST[1])
    return min(right**2 + up**2, 2 + DEPTH * ((right + APART) ** 2 + (up + APART) ** 2)) + plane_fence(x, y)


def beyond(x):
    return max(0.0, fabs(x) - 5)


# In n dimensions. The scratch memory holds a vector in its first n numbers and another one in those behind.


def value(x, w):
    ENTER(x, w)
    first = w[0]
    for i in range(N):
        w[N + i] = WARP(w[i], SKEW[i])
    TURN(w, w)
    return FINISH(CORE(w), first) + ASIDE(x) + MINIMUM


def gradient(x, g, w):
    ENTER(x, w)
    for i in range(N):
        w[N + i] = WARP(w[i], SKEW[i])
    TURN(w, g)
    total = CORE_SLOPE(g, w)
    by_total, by_first = FINISH_SLOPE(total, w[0])
    TURN_BACK(w, g)
    for i in range(N):
        w[i] = by_total * g[i] * WARP_SLOPE(w[i], SKEW[i])
    w[0] += by_first
    ENTER_BACK(w, g)
    ASIDE_SLOPE(x, g)


def shifted(x, w):
    for i in range(N):
        w[i] = SCALE * (x[i] - BEST[i]) + OFFSET


def shifted_back(w, g):
    for i in range(N):
        g[i] = SCALE * w[i]


def turned(x, w):
    for i in range(N):
        total = 0.0
        for j in range(N):
            total += FIRST[i * N + j] * (x[j] - BEST[j])
        w[i] = total + OFFSET


def turned_back(w, g):
    for j in range(N):
        g[j] = 0.0
    for i in range(N):
        for j in range(N):
            g[j] += FIRST[i * N + j] * w[i]


def kept(w, z):
    for i in range(N):
        z[i] = w[N + i]


def turned_again(w, z):
    for i in range(N):
        total = 0.0
        for j in range(N):
            total += SECOND[i * N + j] * w[N + j]
        z[i] = total


def turned_again_back(w, z):
    for j in range(N):
        z[j] = 0.0
    for i in range(N):
        for j in range(N):
            z[j] += SECOND[i * N + j] * w[N + i]


def terms(z):
    total = 0.0
    for i in range(N):
        total += TERM(z[i], WEIGHT[i])
    return total


def terms_slope(z, w):
    total = 0.0
    for i in range(N):
        total += TERM(z[i], WEIGHT[i])
        w[N + i] = TERM_SLOPE(z[i], WEIGHT[i])
    return total


def links(z):
    total = 0.0
    for i in range(N - 1):
        total += LINK(z[i], z[i + 1])
    return total


def links_slope(z, w):
    total = 0.0
    from_before = 0.0
    for i in range(N - 1):
        total += LINK(z[i], z[i + 1])
        left, right = LINK_SLOPE(z[i], z[i + 1])
        w[N + i] = from_before + left
        from_before = right
    w[2 * N - 1] = from_before
    return total


def fall(z, k, i):
    """Along a coordinate away from a peak: how steep it is, and how far.

    Each function that names a table has a copy of its own on a GPU, which has little room for constants.
    """
    away = z[i] - PLACE[k * N + i]
    return WIDTH[k * N + i] * away, away


def height(z, k):
    total = 0.0
    for i in range(N):
        steep, away = fall(z, k, i)
        total += steep * away
    return TOP[k] * exp(-0.5 / float(N) * total)


def peaks(z):
    highest = 0.0
    for k in range(PEAKS):
        highest = max(highest, height(z, k))
    return -highest


def peaks_slope(z, w):
    highest = 0.0
    for i in range(N):
        w[N + i] = 0.0
    for k in range(PEAKS):
        here = height(z, k)
        if here > highest:
            highest = here
            for i in range(N):
                steep, away = fall(z, k, i)
                w[N + i] = here / float(N) * steep
    return -highest


def fence(x):
    total = 0.0
    for i in range(N):
        total += beyond(x[i]) ** 2
    return FENCE * total


def fence_slope(x, g):
    for i in range(N):
        g[i] += 2 * FENCE * (beyond(x[i]) if x[i] > 0 else -beyond(x[i]))


def funnels(x):
    near, far = both_funnels(x)
    return min(near, far) + fence(x)


def both_funnels(x):
    near, far = 0.0, 0.0
    for i in range(N):
        away = 2 * SIGN[i] * (x[i] - BEST[i])
        near += away**2
        far += (away + APART) ** 2
    return near, float(N) + DEPTH * far


def funnels_slope(x, g):
    fence_slope(x, g)
    near, far = both_funnels(x)
    for i in range(N):
        away = 2 * SIGN[i] * (x[i] - BEST[i])
        g[i] += 4 * SIGN[i] * (away if near <= far else DEPTH * (away + APART))
