"""Waves over a large-scale shape: what the eye sees from afar is not what a step feels, and sometimes misleads."""

from math import cos, exp, nan, pi, sin, sqrt

from optviz.functions import General, chained, function, summed


def griewank_general(x):
    squares, waves = 0.0, 1.0
    for i in range(len(x)):
        squares += x[i] ** 2
        waves *= cos(x[i] / sqrt(float(i + 1)))
    return 1 + squares / 4000 - waves


def griewank_general_gradient(x, g):
    before = 1.0
    for i in range(len(x)):
        g[i] = before
        before *= cos(x[i] / sqrt(float(i + 1)))
    after = 1.0
    for i in range(len(x) - 1, -1, -1):
        length = sqrt(float(i + 1))
        g[i] = x[i] / 2000 + g[i] * after * sin(x[i] / length) / length
        after *= cos(x[i] / length)


@function(
    title="Griewank",
    family="many minima",
    formula="f(x, y) = 1 + (x² + y²)/4000 − cos x cos(y/√2)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 5.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="wells of nearly equal depth, the nearest at f = 0.0074; published on ±600, with 5·10⁴ of them",
    steps=150,
    reference="Griewank 1981, Journal of Optimization Theory and Applications 34(1), 11-39",
    general=General(
        formula="f(x) = 1 + Σᵢ xᵢ²/4000 − Πᵢ cos(xᵢ/√i)",
        value=griewank_general,
        gradient=griewank_general_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Griewank 1981, as for two variables",
    ),
)
def griewank(x, y):
    """A huge bowl, so shallow that near the middle only the ripples count. In many dimensions they fade out."""
    return 1 + (x**2 + y**2) / 4000 - cos(x) * cos(y / sqrt(2))


def levy_general(x):
    total = sin(pi * (x[0] - 1) / 4) ** 2
    for i in range(len(x) - 1):
        u = (x[i] - 1) / 4
        total += u**2 * (1 + 10 * sin(pi * u + 1) ** 2)
    v = (x[len(x) - 1] - 1) / 4
    return total + v**2 * (1 + sin(2 * pi * v) ** 2)


@function(
    title="Lévy",
    family="many minima",
    formula="f(x, y) = sin² πu + u² (1 + 10 sin²(πu + 1)) + v² (1 + sin² 2πv)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 8.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="parallel valleys along y, walls of height 10 u² between them; curvatures 2.2 and 0.125 at the minimizer",
    steps=200,
    reference="Levy & Montalvo 1985, SIAM Journal on Scientific and Statistical Computing 6(1), 15-29",
    general=General(
        formula="f(x) = sin² πu₁ + Σᵢ uᵢ² (1 + 10 sin²(πuᵢ + 1)) + v² (1 + sin² 2πv)",
        value=levy_general,
        minimizers=lambda n: [(1.0,) * n],
        minimum=lambda n: 0.0,
        reference="Laguna & Martí 2005, Journal of Global Optimization 33, 235-255; v is the last u, not in the sum",
    ),
)
def levy(x, y):
    """A washboard across x and a calm slope along y. In the formula u = (x − 1)/4 and v = (y − 1)/4."""
    u = (x - 1) / 4
    v = (y - 1) / 4
    return sin(pi * u) ** 2 + u**2 * (1 + 10 * sin(pi * u + 1) ** 2) + v**2 * (1 + sin(2 * pi * v) ** 2)


@function(
    title="Lévy 13",
    family="many minima",
    formula="f(x, y) = sin² 3πx + (x − 1)² (1 + sin² 3πy) + (y − 1)² (1 + sin² 2πy)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-4.5, 6.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="hundreds of wells; on the way in the waves along y fade while those along x keep their height of 1",
    steps=200,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, Lévy function N. 13",
)
def levy13(x, y):
    """A bowl whose slopes are corrugated: far out coarse and high, near the minimizer fine."""
    return sin(3 * pi * x) ** 2 + (x - 1) ** 2 * (1 + sin(3 * pi * y) ** 2) + (y - 1) ** 2 * (1 + sin(2 * pi * y) ** 2)


SCHWEFEL_DEPTH = 418.9828872724337  # the greatest t sin √|t| for t below 500


@function(
    title="Schwefel",
    family="many minima",
    formula="f(x, y) = 2c − x sin √|x| − y sin √|y|,  c = 418.9828872724337",
    bounds=((-500.0, 500.0), (-500.0, 500.0)),
    start=(-150.0, 250.0),
    minimizers=[(420.96874635998205, 420.96874635998205)],
    minimum=0.0,
    hazards=(
        "the second deepest well is at the other end of a coordinate; unbounded curvature on the axes; outside the "
        "bounds there is lower ground; with c = 418.9829 the minimum is 2.5e-5"
    ),
    steps=250,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.26",
    general=summed(
        formula="f(x) = cn − Σᵢ xᵢ sin √|xᵢ|,  c = 418.9828872724337",
        minimizers=lambda n: [(420.96874635998205,) * n],
        minimum=lambda n: 0.0,
        reference="Schwefel 1981, as for two variables",
    ),
    names=("schwefel_2_26",),
    traits=("falls",),
)
def schwefel(x, y):
    """Waves that grow longer and higher outwards: the best corner is far from the second best, and nothing says so."""
    return (SCHWEFEL_DEPTH - x * sin(sqrt(abs(x)))) + (SCHWEFEL_DEPTH - y * sin(sqrt(abs(y))))


@function(
    title="Rana",
    family="many minima",
    formula="f(x, y) = x sin a cos b + (y + 1) cos a sin b",
    bounds=((-500.0, 500.0), (-500.0, 500.0)),
    start=(100.0, -200.0),
    minimizers=[(-300.3376327388373, 500.0)],
    minimum=-500.80216029666434,
    hazards=(
        "kinks with unbounded gradient along y = x − 1 and y = −x − 1; the minimizer is on the border y = 500, where f "
        "still falls outwards; published with various signs"
    ),
    steps=250,
    reference="Price, Storn & Lampinen 2005, Differential Evolution, Springer, Rana's function",
    general=chained(
        formula="f(x) = Σᵢ (xᵢ sin aᵢ cos bᵢ + (xᵢ₊₁ + 1) cos aᵢ sin bᵢ)",
        minimizers=lambda n: [],  # no form is known for more than two dimensions
        minimum=lambda n: nan,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Rana function",
    ),
    traits=("rough", "falls"),
)
def rana(x, y):
    """Eggholder's crate turned by 45 degrees: two waves cross, and the wells grow towards the border.

    In the formula a = √|y + 1 − x| and b = √|x + y + 1|.
    """
    a = sqrt(abs(y + 1 - x))
    b = sqrt(abs(x + y + 1))
    return x * sin(a) * cos(b) + (y + 1) * cos(a) * sin(b)


WEIGHTS = (1.0, 2.0, 5.0, 2.0, 3.0)  # of the five centres of Langermann's function
CENTRES_X = (3.0, 5.0, 2.0, 1.0, 7.0)
CENTRES_Y = (5.0, 2.0, 1.0, 4.0, 9.0)


@function(
    title="Langermann",
    family="many minima",
    formula="f(x, y) = Σₖ cₖ exp(−rₖ²/π) cos πrₖ²,  rₖ the distance from centre k",
    bounds=((0.0, 10.0), (0.0, 10.0)),
    start=(4.0, 3.2),
    minimizers=[(2.7934022086450367, 1.5972325013283601)],
    minimum=-4.155809291847785,
    hazards="flat far from the five centres; curvatures 47 and 210 at the end; also published with the other sign",
    steps=200,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, Langermann function",
)
def langermann(x, y):
    """Rings around five centres of different weight, which cross where the centres are close. Outside it is calm."""
    total = 0.0
    for k in range(5):
        square = (x - CENTRES_X[k]) ** 2 + (y - CENTRES_Y[k]) ** 2
        total += WEIGHTS[k] * exp(-square / pi) * cos(pi * square)
    return total


@function(
    title="Trefethen",
    family="many minima",
    formula="f(x, y) = exp(sin 50x) + sin(60eʸ) + sin(70 sin x) + sin(sin 80y) − …",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.6, 0.7),
    minimizers=[(-0.024403079694375173, 0.21061242715535577)],
    minimum=-3.306868647475237,
    hazards="seven hundred wells, waves 0.04 to 0.6 long; gradients of 100 against slopes below 1; also used on ±10",
    steps=200,
    reference="Trefethen 2002, SIAM News 35(1), A Hundred-dollar, Hundred-digit Challenge, problem 4",
    names=("hundred_digit",),
)
def trefethen(x, y):
    """A problem set for its digits: a bowl under five waves that no period joins.

    What the formula's short form leaves out is sin 10(x + y) and, with a plus, the bowl (x² + y²)/4.
    """
    waves = exp(sin(50 * x)) + sin(60 * exp(y)) + sin(70 * sin(x)) + sin(sin(80 * y))
    return waves - sin(10 * (x + y)) + (x**2 + y**2) / 4


def griewank_rosenbrock_general(x):
    total = 0.0
    for i in range(len(x) - 1):
        s = 100 * (x[i] ** 2 - x[i + 1]) ** 2 + (x[i] - 1) ** 2
        total += s / 4000 - cos(s)
    return 10 * total / float(len(x) - 1) + 10


@function(
    title="Griewank–Rosenbrock",
    family="many minima",
    formula="f(x, y) = s/400 − 10 cos s + 10,  s = 100 (x² − y)² + (x − 1)²",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.2, 1.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="troughs along the levels of Rosenbrock's function, ever closer outwards; curvatures 0.001 and 2.5",
    steps=300,
    reference="Whitley, Rana, Dzubera & Mathias 1996, Artificial Intelligence 85, 245-276, F8F2",
    general=General(
        formula="f(x) = 10 Σᵢ (sᵢ/4000 − cos sᵢ)/(n − 1) + 10",
        value=griewank_rosenbrock_general,
        minimizers=lambda n: [(1.0,) * n],
        minimum=lambda n: 0.0,
        reference="Hansen, Finck, Ros & Auger 2009, INRIA report RR-6829, f19, without its turn",
    ),
    names=("f8f2",),
)
def griewank_rosenbrock(x, y):
    """The banana valley laid out in terraces: each level line of Rosenbrock's function is a trough or a ridge here."""
    s = 100 * (x**2 - y) ** 2 + (x - 1) ** 2
    return 10 * (s / 4000 - cos(s)) + 10
