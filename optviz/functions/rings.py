"""Rings: what counts is the distance from the middle, and each ring must be climbed on the way in."""

from math import atan2, cos, pi, sin, sqrt

from optviz.functions import General, chained, function


def drop_wave_general(x):
    squares = 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
    return -(1 + cos(12 * sqrt(squares))) / (squares / 2 + 2)


@function(
    title="Drop wave",
    family="many minima",
    formula="f(x, y) = −(1 + cos 12r)/(r²/2 + 2),  r = √(x² + y²)",
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    start=(-2.1, 1.7),
    minimizers=[(0.0, 0.0)],
    minimum=-1.0,
    hazards="circular troughs of period 0.52, each a whole ring of local minima; curvature 72.5 in the middle",
    steps=200,
    reference="Molga & Smutnicki 2005, Test functions for optimization needs, drop wave function",
    general=General(
        formula="f(x) = −(1 + cos 12r)/(r²/2 + 2),  r = √Σᵢ xᵢ²",
        value=drop_wave_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: -1.0,
        reference="Molga & Smutnicki 2005, with the distance in n dimensions",
    ),
)
def drop_wave(x, y):
    """A drop has fallen into still water. Whoever sits in a circular trough has no slope left to follow."""
    r = sqrt(x**2 + y**2)
    return -(1 + cos(12 * r)) / (r**2 / 2 + 2)


def salomon_general(x):
    squares = 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
    r = sqrt(squares)
    return 1 - cos(2 * pi * r) + r / 10


@function(
    title="Salomon",
    family="many minima",
    formula="f(x, y) = 1 − cos 2πr + r/10,  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.3, 2.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="walls of height 2 between troughs that differ by 0.1; a small kink in the middle",
    steps=200,
    reference="Salomon 1996, BioSystems 39(3), 263-278, there on ±100",
    general=General(
        formula="f(x) = 1 − cos 2πr + r/10,  r = √Σᵢ xᵢ²",
        value=salomon_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Salomon 1996, as for two variables",
    ),
    traits=("kink",),
)
def salomon(x, y):
    """Circular moats of equal depth, almost: each lies a tenth lower than the one around it."""
    r = sqrt(x**2 + y**2)
    return 1 - cos(2 * pi * r) + r / 10


@function(
    title="Schaffer F6",
    family="many minima",
    formula="f(x, y) = ½ + (sin² r − ½)/(1 + r²/1000)²,  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="rings at r = π, 2π, ..., the first only 0.0097 higher than the middle; published on ±100",
    steps=200,
    reference="Schaffer, Caruana, Eshelman & Das 1989, Third International Conference on Genetic Algorithms, 51-60, f6",
    general=chained(
        formula="f(x) = Σᵢ f6(xᵢ, xᵢ₊₁)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Whitley, Rana, Dzubera & Mathias 1996, Artificial Intelligence 85, 245-276, expanded F6",
    ),
)
def schaffer_f6(x, y):
    """Rings that fade outwards: the nearest trough is almost as low as the middle and a whole circle long."""
    s = x**2 + y**2
    return 0.5 + (sin(sqrt(s)) ** 2 - 0.5) / (1 + s / 1000) ** 2


@function(
    title="Schaffer F7",
    family="many minima",
    formula="f(x, y) = √r (1 + sin²(50 ⁵√r)),  r = √(x² + y²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="rings that crowd without end towards the middle, where the gradient is unbounded; published on ±100",
    steps=200,
    reference="Schaffer, Caruana, Eshelman & Das 1989, Third International Conference on Genetic Algorithms, 51-60, f7",
    general=chained(
        formula="f(x) = Σᵢ √rᵢ (1 + sin²(50 ⁵√rᵢ)),  rᵢ = √(xᵢ² + xᵢ₊₁²)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        # The BBOB suite squares the mean over the pairs instead, which for n = 2 is the square of this function.
        reference="Herrera, Lozano & Molina 2010, Test suite for the special issue of Soft Computing, F11",
    ),
    traits=("kink",),
)
def schaffer_f7(x, y):
    """A funnel with rings: the deeper, the closer they stand and the steeper they are."""
    r = sqrt(x**2 + y**2)
    return sqrt(r) * (1 + sin(50 * r**0.2) ** 2)


@function(
    title="Stretched V sine",
    family="many minima",
    formula="f(x, y) = ⁴√s (sin²(50 ¹⁰√s) + 0.1),  s = x² + y²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="walls ten times higher than in Schaffer F7, for the same funnel; the gradient is unbounded in the middle",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Stretched V Sine Wave function",
    general=chained(
        formula="f(x) = Σᵢ ⁴√sᵢ (sin²(50 ¹⁰√sᵢ) + 0.1),  sᵢ = xᵢ² + xᵢ₊₁²",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, as for two variables",
    ),
    names=("stretched_v",),
    traits=("kink",),
)
def stretched_v_sine(x, y):
    """A shallow funnel behind high circular walls: little is gained by passing one."""
    s = x**2 + y**2
    return s**0.25 * (sin(50 * s**0.1) ** 2 + 0.1)


def happy_cat_general(x):
    squares, total = 0.0, 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
        total += x[i]
    n = float(len(x))
    return abs(squares - n) ** 0.25 + (squares / 2 + total) / n + 0.5


@function(
    title="HappyCat",
    family="many minima",
    formula="f(x, y) = ⁴√|s − 2| + (s/2 + x + y)/2 + ½,  s = x² + y²",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.4, 0.3),
    minimizers=[(-1.0, -1.0)],
    minimum=0.0,
    hazards="a groove along the circle s = 2 with an unbounded gradient on both of its sides, and the minimizer in it",
    steps=300,
    reference="Beyer & Finck 2012, PPSN XII, LNCS 7491, 37-46",
    general=General(
        formula="f(x) = ⁴√|s − n| + (s/2 + Σᵢ xᵢ)/n + ½,  s = Σᵢ xᵢ²",
        value=happy_cat_general,
        minimizers=lambda n: [(-1.0,) * n],
        minimum=lambda n: 0.0,
        reference="Beyer & Finck 2012, as for two variables, with α = 1/8",
    ),
    traits=("kink", "rough"),
)
def happy_cat(x, y):
    """A cat's grin: into the circular groove everybody falls, along it hardly anybody gets."""
    s = x**2 + y**2
    return abs(s - 2) ** 0.25 + (s / 2 + x + y) / 2 + 0.5


@function(
    title="Sawtooth",
    family="many minima",
    formula="f(x, y) = (sin r − ½ sin 2r + ⅓ sin 3r − ¼ sin 4r + 4) h(t) r²/(r + 1)",
    bounds=((-20.0, 20.0), (-20.0, 20.0)),
    start=(-12.0, 9.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="rings with steep outer sides; in the middle the curvature depends on the direction, from 8.4 to 27.8",
    steps=200,
    reference="Gavana 2013, Global Optimization Benchmarks, SawtoothXY function",
    names=("sawtoothxy",),
)
def sawtooth(x, y):
    """A saw bent into rings and tilted from one side to the other. In polar coordinates r and t

    h(t) = ½ cos(2t − ½) + cos t + 2.
    """
    r = sqrt(x**2 + y**2)
    t = atan2(y, x) if r > 0 else 0.0
    teeth = sin(r) - sin(2 * r) / 2 + sin(3 * r) / 3 - sin(4 * r) / 4 + 4
    return teeth * r**2 / (r + 1) * (cos(2 * t - 0.5) / 2 + cos(t) + 2)
