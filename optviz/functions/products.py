"""Products over the coordinates: where one factor is small the others are not felt at all."""

from itertools import product
from math import cos, prod, sin, sqrt

from optviz.functions import General, function


def shubert_sum(t):
    total = 0.0
    for k in range(1, 6):
        total += float(k) * cos(float(k + 1) * t + float(k))
    return total


def shubert_slope(t):
    total = 0.0
    for k in range(1, 6):
        total += float(k) * float(k + 1) * sin(float(k + 1) * t + float(k))
    return -total


def shubert_general(x):
    total = 1.0
    for i in range(len(x)):
        total *= shubert_sum(x[i])
    return total


def shubert_general_gradient(x, g):
    before = 1.0
    for i in range(len(x)):
        g[i] = before
        before *= shubert_sum(x[i])
    after = 1.0
    for i in range(len(x) - 1, -1, -1):
        g[i] = g[i] * after * shubert_slope(x[i])
        after *= shubert_sum(x[i])


# Where the factor s of Shubert's function is lowest, and where it is highest; each in three periods of 2π.
LOWEST = (-7.708313735499347, -1.425128428319761, 4.858056878859825)
HIGHEST = (-7.0835064076515595, -0.8003211004719731, 5.482864206707613)
DEPTH, HEIGHT = -12.870885497725684, 14.508007927195033  # what it is there


def shubert_minimizers(n):
    """One coordinate is in a lowest point, the others in highest ones: n 3ⁿ places.

    In more than two dimensions one of them for each place of the lowest coordinate stands for all, up to 64.
    """
    if n == 2:
        return [*product(LOWEST, HIGHEST), *product(HIGHEST, LOWEST)]
    return [tuple(LOWEST[1] if i == k else HIGHEST[1] for i in range(n)) for k in range(min(n, 64))]


@function(
    title="Shubert",
    family="many minima",
    formula="f(x, y) = s(x) s(y),  s(t) = Σₖ k cos((k + 1) t + k),  k = 1 to 5",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-3.0, 1.0),
    minimizers=shubert_minimizers(2),
    minimum=DEPTH * HEIGHT,
    hazards="760 minima, 18 of them global, in pairs 0.88 apart; curvatures of 4500 in them",
    steps=150,
    reference="Shubert 1972, SIAM Journal on Numerical Analysis 9(3), 379-388, there in one variable",
    general=General(
        formula="f(x) = Πᵢ s(xᵢ),  s(t) = Σₖ k cos((k + 1) t + k),  k = 1 to 5",
        value=shubert_general,
        gradient=shubert_general_gradient,
        minimizers=shubert_minimizers,
        minimum=lambda n: DEPTH * prod([HEIGHT] * (n - 1)),  # −inf in hundreds of dimensions, as the value is
        reference="Jamil & Yang 2013, arXiv:1308.4008, Shubert function",
    ),
)
def shubert(x, y):
    """A grid of peaks and pits under a pattern that repeats every 2π: nine pairs of equal deepest pits."""
    return shubert_sum(x) * shubert_sum(y)


HANSEN_PEAKS = (-7.589893010800887, -1.306707703621301, 4.976477603558285)  # of the factor of x


@function(
    title="Hansen",
    family="many minima",
    formula="f(x, y) = Σₖ (k + 1) cos(kx + k + 1) Σₖ (k + 1) cos((k + 2) y + k + 1)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-3.0, 2.0),
    minimizers=list(product(HANSEN_PEAKS, LOWEST)),
    minimum=-176.5417931367458,
    hazards="nine equal global minima, 2π apart, among hundreds of local ones; curvatures 1600 and 4400 in them",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Hansen function",
)
def hansen(x, y):
    """Waves of different lengths along x and y, multiplied; both sums run from k = 0 to 4."""
    along_x, along_y = 0.0, 0.0
    for k in range(5):
        along_x += float(k + 1) * cos(float(k) * x + float(k + 1))
        along_y += float(k + 1) * cos(float(k + 2) * y + float(k + 1))
    return along_x * along_y


def alpine2_general(x):
    total = 1.0
    for i in range(len(x)):
        total *= sqrt(x[i]) * sin(x[i])
    return -total


def alpine2_general_gradient(x, g):
    before = 1.0
    for i in range(len(x)):
        g[i] = before
        before *= sqrt(x[i]) * sin(x[i])
    after = 1.0
    for i in range(len(x) - 1, -1, -1):
        root = sqrt(x[i])
        slope = sin(x[i]) / (2 * root) + root * cos(x[i]) if root > 0 else 0.0
        g[i] = -g[i] * after * slope
        after *= root * sin(x[i])


ALPINE_PEAK = 7.917052684666207  # where √t sin t is highest for t below 10
ALPINE_HEIGHT = 2.808131180007005


@function(
    title="Alpine 2",
    family="many minima",
    formula="f(x, y) = −√x sin x √y sin y",
    bounds=((0.0, 10.0), (0.0, 10.0)),
    start=(3.5, 5.5),
    minimizers=[(ALPINE_PEAK, ALPINE_PEAK)],
    minimum=-7.885600724127536,
    hazards="no number for x < 0 or y < 0; published as a maximization; beyond x = 10 there is lower ground",
    steps=200,
    reference="Clerc 1999, The swarm and the queen, Congress on Evolutionary Computation, 1951-1957",
    general=General(
        formula="f(x) = −Πᵢ √xᵢ sin xᵢ",
        value=alpine2_general,
        gradient=alpine2_general_gradient,
        minimizers=lambda n: [(ALPINE_PEAK,) * n],
        minimum=lambda n: -prod([ALPINE_HEIGHT] * n),  # −inf in hundreds of dimensions, as the value is
        reference="Jamil & Yang 2013, arXiv:1308.4008, Alpine 2 function",
    ),
    traits=("falls",),
)
def alpine2(x, y):
    """Peaks and pits like a chessboard, higher towards the far corner; on the lines between them f is zero."""
    return -sqrt(x) * sin(x) * sqrt(y) * sin(y)
