"""Bowls that are not quite bowls: ripples, a bump, a rim or a dent that a run meets, or passes without noticing."""

from math import cos, exp, pi, sin, sqrt

from optviz.functions import General, chained, function


@function(
    title="Bohachevsky 1",
    family="bowl",
    formula="f(x, y) = x² + 2y² − 0.3 cos 3πx − 0.4 cos 4πy + 0.7",
    bounds=((-100.0, 100.0), (-100.0, 100.0)),
    view=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.7, 1.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    local_minimizers=[
        (0.6186120678279501, 0.0),
        (-0.6186120678279501, 0.0),
        (0.0, 0.46952754566849225),
        (0.0, -0.46952754566849225),
    ],
    hazards="ripples of period 0.67 and 0.5, unseen from afar; the nearest trap is at f = 0.413; curvatures 29 and 67",
    steps=200,
    reference="Bohachevsky, Johnson & Stein 1986, Technometrics 28(3), 209-217, first function",
    general=chained(
        formula="f(x) = Σᵢ xᵢ² + 2xᵢ₊₁² − 0.3 cos 3πxᵢ − 0.4 cos 4πxᵢ₊₁ + 0.7",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Bohachevsky, Johnson & Stein 1986, first function, over neighbouring coordinates",
    ),
)
def bohachevsky1(x, y):
    """A bowl with a corrugated floor. From afar it looks smooth, and the last step of the way is the hardest."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x) - 0.4 * cos(4 * pi * y) + 0.7


@function(
    title="Bohachevsky 2",
    family="bowl",
    formula="f(x, y) = x² + 2y² − 0.3 cos 3πx cos 4πy + 0.3",
    bounds=((-100.0, 100.0), (-100.0, 100.0)),
    view=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.7, 1.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    local_minimizers=[
        (0.3091582591307131, 0.22986257030758958),
        (-0.3091582591307131, 0.22986257030758958),
        (0.3091582591307131, -0.22986257030758958),
        (-0.3091582591307131, -0.22986257030758958),
    ],
    hazards="dimples in a checkerboard, the nearest at f = 0.218; curvatures 29 and 51 at the minimizer",
    steps=200,
    reference="Bohachevsky, Johnson & Stein 1986, Technometrics 28(3), 209-217, second function",
)
def bohachevsky2(x, y):
    """The ripples of both coordinates multiplied: where one of them is at zero, the bowl is smooth."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x) * cos(4 * pi * y) + 0.3


@function(
    title="Bohachevsky 3",
    family="bowl",
    formula="f(x, y) = x² + 2y² − 0.3 cos(3πx + 4πy) + 0.3",
    bounds=((-100.0, 100.0), (-100.0, 100.0)),
    view=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.7, 1.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    local_minimizers=[(0.3393255483427433, 0.22621703222849554), (-0.3393255483427433, -0.22621703222849554)],
    hazards="oblique furrows at a distance of 0.4; curvatures 2.7 along and 77 across them, a condition number of 28",
    steps=200,
    reference="Bohachevsky, Johnson & Stein 1986, Technometrics 28(3), 209-217, third function",
)
def bohachevsky3(x, y):
    """Furrows ploughed obliquely across a bowl: a run slides along one of them, and it may be the wrong one."""
    return x**2 + 2 * y**2 - 0.3 * cos(3 * pi * x + 4 * pi * y) + 0.3


@function(
    title="Brent",
    family="bowl",
    formula="f(x, y) = (x + 10)² + (y + 10)² + exp(−x² − y²)",
    bounds=((-20.0, 0.0), (-20.0, 0.0)),
    start=(-2.0, -1.0),
    minimizers=[(-10.0, -10.0)],
    minimum=1.3838965267367376e-87,
    hazards=(
        "a sphere but for a bump of height 1 at the origin, in a corner of the bounds; its minimum is exp(−200), not 0"
    ),
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Brent function",
)
def brent(x, y):
    """A sphere off the centre, with a bump that is over before the run has begun."""
    return (x + 10) ** 2 + (y + 10) ** 2 + exp(-(x**2) - y**2)


def exponential_general(x):
    squares = 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
    return -exp(-squares / 2)


@function(
    title="Exponential",
    family="bowl",
    formula="f(x, y) = −exp(−(x² + y²)/2)",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.9, 0.8),
    minimizers=[(0.0, 0.0)],
    minimum=-1.0,
    hazards=(
        "curvature 1 at the minimizer and none at distance 1; the farther out, the flatter, and in many dimensions flat"
    ),
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Exponential function",
    general=General(
        formula="f(x) = −exp(−½ Σᵢ xᵢ²)",
        value=exponential_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: -1.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Exponential function, in n dimensions",
    ),
)
def exponential(x, y):
    """The dent of one Gaussian. Its slope is steepest at distance 1 and dies away on both sides."""
    return -exp(-(x**2 + y**2) / 2)


@function(
    title="Lilipads bowl",
    family="bowl",
    formula="f(x, y) = x²/4 + y²/8 − exp(−(x² + 5y²)/4)",
    bounds=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.5, 2.0),
    minimizers=[(0.0, 0.0)],
    minimum=-1.0,
    hazards="the steeper direction changes: x far out (curvatures 0.5 and 0.25), y in the dent (1 and 2.75)",
    steps=150,
    reference="Jiang 2020, gradient_descent_viz, the surface ecliptic bowl",
    names=("ecliptic_bowl",),
)
def lilipads_bowl(x, y):
    """A gentle bowl with a narrow dent across it: what was the long way outside is the short one inside."""
    return -exp(-(x**2 + 5 * y**2) / 4) + x**2 / 4 + y**2 / 8


@function(
    title="Lilipads plateau",
    family="plate",
    formula="f(x, y) = 0.01r² − (sin r)/r,  r = 10 √(x² + y²) + 0.01",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.6, 1.3),
    minimizers=[(0.0, 0.0)],
    minimum=-0.9999823334165000,
    hazards="rings of period 0.63 around a funnel, flat in their troughs; a kink of slope 0.035 at the minimizer",
    steps=200,
    reference="Jiang 2020, gradient_descent_viz, the surface plateau",
    names=("plateau",),
    traits=("kink",),
)
def lilipads_plateau(x, y):
    """A stone fell into a bowl: rings that flatten inwards to a plateau, and a funnel in the middle."""
    squares = x**2 + y**2
    r = 10 * sqrt(squares) + 0.01 if squares > 0 else 0.01
    return -sin(r) / r + 0.01 * r**2


def giunta_general(x):
    total = 0.6
    for i in range(len(x)):
        u = 16 / 15 * x[i] - 1
        total += sin(u) + sin(u) ** 2 + sin(4 * u) / 50
    return total


@function(
    title="Giunta",
    family="bowl",
    formula="f(x, y) = 0.6 + p(x) + p(y),  p = sin u + sin² u + (sin 4u)/50",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.4, -0.4),
    minimizers=[(0.4673200253979606, 0.4673200253979606)],
    minimum=0.06447042053690565,
    hazards="nearly flat around the start, with a slope of 0.11 there; curvature 2.1 at the minimizer",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Giunta function",
    general=General(
        formula="f(x) = 0.6 + Σᵢ sin uᵢ + sin² uᵢ + (sin 4uᵢ)/50,  uᵢ = 16xᵢ/15 − 1",
        value=giunta_general,
        minimizers=lambda n: [(0.4673200253979606,) * n],
        minimum=lambda n: 0.6 - 0.2677647897315472 * n,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Giunta function, in n dimensions",
    ),
)
def giunta(x, y):
    """Two sines over each coordinate, bent to one minimum. In the formula u is 16x/15 − 1, or 16y/15 − 1 in p(y)."""
    u = 16 / 15 * x - 1
    v = 16 / 15 * y - 1
    return 0.6 + sin(u) + sin(u) ** 2 + sin(4 * u) / 50 + sin(v) + sin(v) ** 2 + sin(4 * v) / 50
