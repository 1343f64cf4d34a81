"""Minima on a lattice: the same wavy profile along each coordinate, so that each coordinate could go its way alone."""

from itertools import product
from math import cos, exp, log, pi, sin, sqrt

from optviz.functions import General, function, summed


@function(
    title="Parsopoulos",
    family="many minima",
    formula="f(x, y) = cos² x + sin² y",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(0.5, 2.0),
    minimizers=list(product((-3 * pi / 2, -pi / 2, pi / 2, 3 * pi / 2), (-pi, 0.0, pi))),
    minimum=0.0,
    hazards="twelve equal minima within the bounds, curvature 2 in each; a saddle between any two neighbours",
    steps=150,
    reference="Parsopoulos & Vrahatis 2004, IEEE Transactions on Evolutionary Computation 8(3), 211-224",
)
def parsopoulos(x, y):
    """An egg box whose pits are all alike: which one a run ends in is chance, and nothing is lost by it."""
    return cos(x) ** 2 + sin(y) ** 2


def wavy_general(x):
    total = 0.0
    for i in range(len(x)):
        total += cos(10 * x[i]) * exp(-(x[i] ** 2) / 2)
    return 1 - total / float(len(x))


@function(
    title="Wavy",
    family="many minima",
    formula="f(x, y) = 1 − ½ cos 10x exp(−x²/2) − ½ cos 10y exp(−y²/2)",
    bounds=((-pi, pi), (-pi, pi)),
    start=(1.7, -2.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="ripples of period 0.63 that die away outwards; on the rim the gradient is nearly zero",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, W / Wavy function, with k = 10",
    general=General(
        formula="f(x) = 1 − Σᵢ cos 10xᵢ exp(−xᵢ²/2)/n",
        value=wavy_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, as for two variables",
    ),
    names=("wavy2d", "w_wavy"),
)
def wavy(x, y):
    """Rings of a stone thrown into square water: the wells grow deeper towards the middle, the walls between too."""
    return 1 - (cos(10 * x) * exp(-(x**2) / 2) + cos(10 * y) * exp(-(y**2) / 2)) / 2


@function(
    title="Ripple 25",
    family="many minima",
    formula="f(x, y) = w(x) + w(y),  w(t) = −exp(−2u² ln 2) sin⁶ 5πt",
    bounds=((0.0, 1.0), (0.0, 1.0)),
    start=(0.78, 0.62),
    minimizers=[(0.1, 0.1)],
    minimum=-2.0,
    hazards="25 minima in the unit square; between them the sixth power leaves strips without a slope",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Ripple 25 function",
    general=summed(
        formula="f(x) = Σᵢ w(xᵢ),  w(t) = −exp(−2u² ln 2) sin⁶ 5πt",
        minimizers=lambda n: [(0.1,) * n],
        minimum=lambda n: -1.0 * n,
        reference="Jamil & Yang 2013, as for two variables",
    ),
)
def ripple25(x, y):
    """Five by five pits under a bell: the deepest is in a corner, and no pit shows the way to the next.

    In the formula u = (t − 0.1)/0.8.
    """
    left = exp(-2 * log(2) * ((x - 0.1) / 0.8) ** 2) * sin(5 * pi * x) ** 6
    right = exp(-2 * log(2) * ((y - 0.1) / 0.8) ** 2) * sin(5 * pi * y) ** 6
    return -left - right


@function(
    title="Egg crate",
    family="many minima",
    formula="f(x, y) = x² + y² + 25 (sin² x + sin² y)",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.7, 2.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="eight side wells near multiples of π, the nearest at f = 9.49; curvature 52 in the middle",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Egg Crate function",
    general=summed(
        formula="f(x) = Σᵢ (xᵢ² + 25 sin² xᵢ)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, there in two variables; a sum over coordinates in any number of them",
    ),
)
def egg_crate(x, y):
    """Nine pits, the middle one deepest: momentum rolls over the walls, which plain descent does not."""
    return x**2 + y**2 + 25 * (sin(x) ** 2 + sin(y) ** 2)


@function(
    title="Cosine mixture",
    family="many minima",
    formula="f(x, y) = x² + y² − 0.1 (cos 5πx + cos 5πy)",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.8, 0.7),
    minimizers=[(0.0, 0.0)],
    minimum=-0.2,
    hazards="published as a maximization, with the signs turned; 25 wells, curvature 26.7 in the deepest",
    steps=150,
    reference="Breiman & Cutler 1993, Mathematical Programming 58, 179-199",
    general=summed(
        formula="f(x) = Σᵢ (xᵢ² − 0.1 cos 5πxᵢ)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: -0.1 * n,
        reference="Ali, Khompatraporn & Zabinsky 2005, Journal of Global Optimization 31, 635-672, problem CM",
    ),
)
def cosine_mixture(x, y):
    """Rastrigin's picture with mild walls: a bowl with ripples that a step of a tenth passes over."""
    return x**2 + y**2 - 0.1 * (cos(5 * pi * x) + cos(5 * pi * y))


PITS = (-0.9, -0.7, -0.5, -0.3, -0.1, 0.1, 0.3, 0.5, 0.7, 0.9)  # of Deb 1, in each coordinate


def deb1_general(x):
    total = 0.0
    for i in range(len(x)):
        total += sin(5 * pi * x[i]) ** 6
    return -total / float(len(x))


@function(
    title="Deb 1",
    family="many minima",
    formula="f(x, y) = −½ (sin⁶ 5πx + sin⁶ 5πy)",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(0.05, 0.42),
    minimizers=list(product(PITS, PITS)),
    minimum=-1.0,
    hazards="100 equal minima, curvature 740 in each, and flat streets between them",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Deb 1 function",
    general=General(
        formula="f(x) = −Σᵢ sin⁶ 5πxᵢ/n",
        value=deb1_general,
        # 10ⁿ of them; in more than two dimensions the ten on the diagonal stand for all.
        minimizers=lambda n: list(product(PITS, PITS)) if n == 2 else [(pit,) * n for pit in PITS],
        minimum=lambda n: -1.0,
        reference="Jamil & Yang 2013, as for two variables",
    ),
)
def deb1(x, y):
    """A field of equal pits for those who count how many of them a method finds."""
    return -(sin(5 * pi * x) ** 6 + sin(5 * pi * y) ** 6) / 2


# Where a coordinate adds nothing to Alpine 1: at 0 and wherever sin x = -0.1.
ALPINE_ZEROS = (
    *(-9.32461053960782, -6.383352728341146, -3.0414252324282334, -0.1001674211615598),
    *(0.0, 3.241760074751353, 6.1830178860180265, 9.524945381930939),
)


@function(
    title="Alpine 1",
    family="many minima",
    formula="f(x, y) = |x sin x + x/10| + |y sin y + y/10|",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minimizers=list(product(ALPINE_ZEROS, ALPINE_ZEROS)),
    minimum=0.0,
    hazards="64 minima of value 0 where lists give the origin alone; a kink along each of the lines through them",
    steps=200,
    reference="Rahnamayan, Tizhoosh & Salama 2007, Computers & Mathematics with Applications 53, 1605-1614",
    general=summed(
        formula="f(x) = Σᵢ |xᵢ sin xᵢ + xᵢ/10|",
        # 8ⁿ of them; in more than two dimensions the eight on the diagonal stand for all.
        minimizers=lambda n: (
            list(product(ALPINE_ZEROS, ALPINE_ZEROS)) if n == 2 else [(zero,) * n for zero in ALPINE_ZEROS]
        ),
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Alpine 1 function",
    ),
    traits=("kink", "rough"),
)
def alpine1(x, y):
    """Valleys folded up where they would fall below zero: their floors are V-shaped, and a constant step rattles."""
    return abs(x * sin(x) + x / 10) + abs(y * sin(y) + y / 10)


QUINTIC_ROOTS = (-1.0, -0.4026279411861238, 2.0)


@function(
    title="Quintic",
    family="many minima",
    formula="f(x, y) = |p(x)| + |p(y)|,  p(t) = t⁵ − 3t⁴ + 4t³ + 2t² − 10t − 4",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-2.5, 3.2),
    minimizers=list(product(QUINTIC_ROOTS, QUINTIC_ROOTS)),
    minimum=0.0,
    hazards="a kink in each of the nine minimizers, five more than lists give; gradients to 9e4 at the corners",
    steps=300,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Quintic function",
    general=summed(
        formula="f(x) = Σᵢ |xᵢ⁵ − 3xᵢ⁴ + 4xᵢ³ + 2xᵢ² − 10xᵢ − 4|",
        # 3ⁿ of them; in more than three dimensions the three on the diagonal stand for all.
        minimizers=lambda n: (
            list(product(QUINTIC_ROOTS, repeat=n)) if n <= 3 else [(root,) * n for root in QUINTIC_ROOTS]
        ),
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, as for two variables",
    ),
    traits=("kink", "rough"),
)
def quintic(x, y):
    """A polynomial's real roots, folded up: three V-shaped grooves each way, and a minimum where two of them cross."""
    left = x**5 - 3 * x**4 + 4 * x**3 + 2 * x**2 - 10 * x - 4
    right = y**5 - 3 * y**4 + 4 * y**3 + 2 * y**2 - 10 * y - 4
    return abs(left) + abs(right)


def qing_general(x):
    total = 0.0
    for i in range(len(x)):
        total += (x[i] ** 2 - float(i + 1)) ** 2
    return total


def qing_minimizers(n):
    """All 2ⁿ in up to six dimensions; beyond, the two whose coordinates have one sign stand for all."""
    roots = [sqrt(i + 1) for i in range(n)]
    signs = product((1, -1), repeat=n) if n <= 6 else [(1,) * n, (-1,) * n]
    return [tuple(sign * root for sign, root in zip(choice, roots, strict=True)) for choice in signs]


@function(
    title="Qing",
    family="many minima",
    formula="f(x, y) = (x² − 1)² + (y² − 2)²",
    bounds=((-500.0, 500.0), (-500.0, 500.0)),
    view=((-2.5, 2.5), (-2.5, 2.5)),
    start=(0.2, -2.3),
    minimizers=[(1.0, sqrt(2)), (1.0, -sqrt(2)), (-1.0, sqrt(2)), (-1.0, -sqrt(2))],
    minimum=0.0,
    hazards="four equal basins, curvatures 8 and 16; gradients of 7e8 at the corners of the bounds",
    steps=150,
    reference="Qing 2006, IEEE Transactions on Geoscience and Remote Sensing 44(1), 116-125",
    general=General(
        formula="f(x) = Σᵢ (xᵢ² − i)²",
        value=qing_general,
        minimizers=qing_minimizers,
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Qing function",
    ),
)
def qing(x, y):
    """A double well along each coordinate, later ones wider and steeper: 2ⁿ minima of equal depth in n dimensions."""
    return (x**2 - 1) ** 2 + (y**2 - 2) ** 2


@function(
    title="Price 1",
    family="wells",
    formula="f(x, y) = (|x| − 5)² + (|y| − 5)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(1.0, -9.0),
    minimizers=[(5.0, 5.0), (-5.0, 5.0), (5.0, -5.0), (-5.0, -5.0)],
    minimum=0.0,
    hazards="ridges with a kink along both axes; the four bowls themselves are round, curvature 2",
    steps=150,
    reference="Price 1977, The Computer Journal 20(4), 367-370, first test function, there on ±500",
    traits=("rough",),
)
def price1(x, y):
    """Four equal round bowls that meet in sharp ridges: only a step across an axis can change the bowl."""
    return (abs(x) - 5) ** 2 + (abs(y) - 5) ** 2
