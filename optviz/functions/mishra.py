"""Mishra's functions: minimizers that fill a curve, lie on the border, or end a floor of high degree."""

from math import exp, log, nan, prod, sqrt

from optviz.functions import General, function


def mishra1_general(x):
    g = float(len(x))
    for i in range(len(x) - 1):
        g -= x[i]
    return exp(g * log(1 + g))


@function(
    title="Mishra 1",
    family="plate",
    formula="f(x, y) = (3 − x) to the power 2 − x",
    bounds=((0.0, 1.0), (0.0, 1.0)),
    view=((-0.1, 1.1), (-0.1, 1.1)),
    start=(0.1, 0.5),
    minimizers=[(1.0, 0.5), (1.0, 0.25), (1.0, 0.75)],
    minimum=2.0,
    hazards=(
        "no gradient along y at all; a slope of -13 at the start and -2.4 at the border x = 1, beyond which f goes "
        "on falling; the power overflows in some hundreds of dimensions"
    ),
    steps=150,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 1",
    traits=("continuum", "falls"),
    continuum="the border x = 1",
    general=General(
        formula="f(x) = (1 + g) to the power g,  g = n − (x₁ + … + xₙ₋₁)",
        value=mishra1_general,
        minimizers=lambda n: [(1.0,) * (n - 1) + (last,) for last in (0.5, 0.25, 0.75)],
        minimum=lambda n: 2.0,
        reference="Mishra 2006, MPRA paper 2718, function 1, in n dimensions",
    ),
)
def mishra1(x, y):
    """A slide to the border of the bounds. The last coordinate does nothing, and should be left in peace."""
    g = 2 - x
    return exp(g * log(1 + g))


def mishra2_general(x):
    g = float(len(x))
    for i in range(len(x) - 1):
        g -= (x[i] + x[i + 1]) / 2
    return exp(g * log(1 + g))


@function(
    title="Mishra 2",
    family="plate",
    formula="f(x, y) = (1 + g) to the power g,  g = 2 − (x + y)/2",
    bounds=((0.0, 1.0), (0.0, 1.0)),
    view=((-0.1, 1.1), (-0.1, 1.1)),
    start=(0.1, 0.3),
    minimizers=[(1.0, 1.0)],
    minimum=2.0,
    hazards=(
        "a ramp: constant along x + y, and beyond its minimizer in a corner of the bounds it goes on falling; the "
        "power overflows in some hundreds of dimensions"
    ),
    steps=150,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 2",
    traits=("falls",),
    general=General(
        formula="f(x) = (1 + g) to the power g,  g = n − ½ Σᵢ (xᵢ + xᵢ₊₁)",
        value=mishra2_general,
        minimizers=lambda n: [(1.0,) * n],
        minimum=lambda n: 2.0,
        reference="Mishra 2006, MPRA paper 2718, function 2, in n dimensions",
    ),
)
def mishra2(x, y):
    """A slide along the diagonal into a corner: only the mean of the two coordinates counts."""
    g = 2 - (x + y) / 2
    return exp(g * log(1 + g))


def product_general(x):
    product, factorial = 1.0, 1.0
    for i in range(len(x)):
        product *= x[i]
        factorial *= float(i + 1)
    return (product - factorial) ** 2


def product_general_gradient(x, g):
    product, factorial = 1.0, 1.0
    for i in range(len(x)):
        g[i] = product
        product *= x[i]
        factorial *= float(i + 1)
    behind = 2 * (product - factorial)
    for i in range(len(x)):
        g[len(x) - 1 - i] = g[len(x) - 1 - i] * behind
        behind *= x[len(x) - 1 - i]


def product_minimizers(n):
    """One point of a surface: 1, ..., n, or all coordinates alike where that is outside the bounds of ±10."""
    if n <= 10:
        return [tuple(float(i) for i in range(1, n + 1))]
    alike = prod(i ** (1 / n) for i in range(1, n + 1))
    return [(alike,) * n] if alike <= 10 else []


@function(
    title="Mishra 7",
    family="valley",
    formula="f(x, y) = (xy − 2)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 3.0),
    minimizers=[
        (1.4142135623730951, 1.4142135623730951),
        (-1.4142135623730951, -1.4142135623730951),
        (1.0, 2.0),
        (2.0, 1.0),
        (-1.0, -2.0),
        (-2.0, -1.0),
    ],
    minimum=0.0,
    hazards=(
        "two branches of minimizers, saddle at (0, 0) with f = 4; the farther out, the narrower; n! overflows in n "
        "dimensions"
    ),
    steps=200,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 7",
    traits=("continuum",),
    continuum="the curve xy = 2",
    general=General(
        formula="f(x) = (Πᵢ xᵢ − n!)²",
        value=product_general,
        gradient=product_general_gradient,
        minimizers=product_minimizers,
        minimum=lambda n: 0.0 if product_minimizers(n) else nan,  # beyond 24 dimensions n! is more than 10ⁿ
        reference="Mishra 2006, MPRA paper 2718, function 7, in n dimensions",
    ),
)
def mishra7(x, y):
    """A hyperbola of minimizers. The rule chooses which of them it takes, and that says something about the rule."""
    return (x * y - 2) ** 2


@function(
    title="Mishra 8",
    family="plate",
    formula="f(x, y) = 0.001 (|(x − 2)¹⁰ − 100 (x⁴ − 16)| + (y + 3)⁴)²",
    bounds=((0.0, 4.0), (-6.0, 0.0)),
    view=((-0.8, 4.8), (-5.8, -0.2)),
    start=(1.0, -4.5),
    minimizers=[(2.0, -3.0)],
    minimum=0.0,
    hazards=(
        "curvature 2e4 along x and none along y at the minimizer, a kink all along x = 2; the bounds of the "
        "literature, ±10, "
        "have a second zero near x = 5.01"
    ),
    steps=300,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 8",
    names=("decanomial",),
    traits=("degenerate", "rough"),
)
def mishra8(x, y):
    """A polynomial of degree twenty: x is settled at once, and y has eighth powers to look for its way in."""
    return 0.001 * (abs((x - 2) ** 10 - 100 * (x**4 - 16)) + (y + 3) ** 4) ** 2


@function(
    title="Mishra 10",
    family="valley",
    formula="f(x, y) = (x + y − xy)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-6.0, 6.0), (-6.0, 6.0)),
    start=(-4.0, 5.0),
    minimizers=[(0.0, 0.0), (2.0, 2.0), (3.0, 1.5), (1.5, 3.0), (-1.0, 0.5), (0.5, -1.0)],
    minimum=0.0,
    hazards="two branches of minimizers, saddle at (1, 1) with f = 1; the farther out, the narrower",
    steps=200,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 10",
    traits=("continuum",),
    continuum="the curve (x − 1)(y − 1) = 1",
)
def mishra10(x, y):
    """A hyperbola of minimizers around (1, 1): where sum and product agree."""
    return (x + y - x * y) ** 2


def mean_gap_general(x):
    n = float(len(x))
    total, geometric = 0.0, 1.0
    for i in range(len(x)):
        total += abs(x[i])
        geometric *= abs(x[i]) ** (1 / n)
    return (total / n - geometric) ** 2


def mean_gap_general_gradient(x, g):
    n = float(len(x))
    total, geometric = 0.0, 1.0
    for i in range(len(x)):
        total += abs(x[i])
        geometric *= abs(x[i]) ** (1 / n)
    # On an axis the slope is unbounded, with opposite signs on the two sides; 0, their mean, keeps it finite there.
    pull = 2 * (total / n - geometric) / n
    for i in range(len(x)):
        if x[i] > 0:
            g[i] = pull * (1 - geometric / x[i])
        elif x[i] < 0:
            g[i] = -pull * (1 + geometric / x[i])
        else:
            g[i] = 0.0


@function(
    title="Mishra 11",
    family="valley",
    formula="f(x, y) = ((|x| + |y|)/2 − √|xy|)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 2.0),
    minimizers=[(0.0, 0.0), (5.0, 5.0), (-5.0, 5.0), (5.0, -5.0), (-5.0, -5.0)],
    minimum=0.0,
    hazards="both diagonals are minimizers, without curvature across them; on the axes the gradient is unbounded",
    steps=200,
    reference="Mishra 2006, Some new test functions for global optimization, MPRA paper 2718, function 11",
    names=("amgm",),
    traits=("continuum", "degenerate", "rough"),
    continuum="the diagonals |x| = |y|",
    general=General(
        formula="f(x) = (Σᵢ |xᵢ|/n − (Πᵢ |xᵢ|) to the power 1/n)²",
        value=mean_gap_general,
        gradient=mean_gap_general_gradient,
        minimizers=lambda n: [(0.0,) * n, (5.0,) * n, (-5.0,) * n],
        minimum=lambda n: 0.0,
        reference="Mishra 2006, MPRA paper 2718, function 11, in n dimensions",
    ),
)
def mishra11(x, y):
    """The arithmetic mean less the geometric one: nothing where the two numbers are alike, and almost nothing "
    "nearby."""
    product = abs(x * y)
    geometric = sqrt(product) if product > 0 else 0.0
    return ((abs(x) + abs(y)) / 2 - geometric) ** 2
