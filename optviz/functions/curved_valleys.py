"""Curved valleys beside Rosenbrock's: the way to the minimizer is a parabola, a cubic or a ring."""

from math import cos, exp, sin

from optviz.functions import General, function


def dixon_price_general(x):
    total = (x[0] - 1) ** 2
    for i in range(1, len(x)):
        total += float(i + 1) * (2 * x[i] ** 2 - x[i - 1]) ** 2
    return total


def dixon_price_minimizers(n):
    """xᵢ = 2^−(1 − 2^(1 − i)); a square hides the sign of the last one, and of no other."""
    point = [2.0 ** -(1 - 2.0 ** (1 - i)) for i in range(1, n + 1)]
    return [tuple(point), (*point[:-1], -point[-1])]


@function(
    title="Dixon–Price",
    family="valley",
    formula="f(x, y) = (x − 1)² + 2 (2y² − x)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 0.5),
    minimizers=[(1.0, 0.7071067811865476), (1.0, -0.7071067811865476)],
    minimum=0.0,
    hazards=(
        "saddle at (1/3, 0) between the two minimizers; curvatures 1.8 and 36 there, gradients to 3e4 at the corners"
    ),
    steps=250,
    reference="Dixon & Price 1989, Journal of Optimization Theory and Applications 60(2), 261-275",
    general=General(
        formula="f(x) = (x₁ − 1)² + Σᵢ i (2xᵢ² − xᵢ₋₁)²,  i ≥ 2",
        value=dixon_price_general,
        minimizers=dixon_price_minimizers,
        minimum=lambda n: 0.0,
        reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, Dixon-Price function",
    ),
)
def dixon_price(x, y):
    """A valley bent to a parabola with a minimizer in each branch: which one it is, is decided at its apex."""
    return (x - 1) ** 2 + 2 * (2 * y**2 - x) ** 2


@function(
    title="Cube",
    family="valley",
    formula="f(x, y) = 100 (y − x³)² + (1 − x)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.2, 1.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="condition number 1e4 (curvatures 0.2 and 2000); gradients to 6e7 at the corners of the bounds",
    steps=400,
    reference=(
        "Leon 1966, A comparison among eight known optimizing procedures, in Recent Advances in Optimization Techniques"
    ),
)
def cube(x, y):
    """Rosenbrock's valley on a cubic: it has an inflection half-way, where the walls are no guide, and a longer "
    "floor."""
    return 100 * (y - x**3) ** 2 + (1 - x) ** 2


@function(
    title="Leon",
    family="valley",
    formula="f(x, y) = (1 − x)² + 100 (y − x³)²",
    bounds=((0.0, 10.0), (0.0, 10.0)),
    view=((0.0, 2.5), (0.0, 2.5)),
    start=(2.2, 0.6),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="condition number 1e4; from the start the wall falls with a gradient of 3e4, on the floor it is about 1",
    steps=400,
    reference="Lavi & Vogl 1966, Recent Advances in Optimization Techniques, Wiley, the function of Leon",
)
def leon(x, y):
    """The upper half of the cubic valley, entered over its steepest wall: the first step is the dangerous one."""
    return 100 * (y - x**3) ** 2 + (1 - x) ** 2


@function(
    title="Zettl",
    family="valley",
    formula="f(x, y) = (x² + y² − 2x)² + x/4",
    bounds=((-1.0, 5.0), (-1.0, 5.0)),
    view=((-1.0, 3.8), (-1.8, 3.0)),
    start=(3.5, 2.5),
    minimizers=[(-0.029895985050660382, 0.0)],
    minimum=-0.003791237220468898,
    hazards="a ring of radius 1 around (1, 0) with a fall of 0.5 along it; curvatures 0.24 and 8.7 at the minimizer",
    steps=300,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Zettl function",
)
def zettl(x, y):
    """A moat, tilted a little. Whoever falls in on the far side has half a circle to walk, one way or the other."""
    return (x**2 + y**2 - 2 * x) ** 2 + x / 4


@function(
    title="Madsen",
    family="valley",
    formula="f(x, y) = x² + y² + xy + sin x + cos y",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-3.0, -4.0),
    minimizers=[(-0.7105124332210225, 0.6629971112840627)],
    minimum=0.6092542080276119,
    hazards="condition number 4.5, along the diagonals; the waves of sine and cosine move the minimizer off the origin",
    steps=150,
    reference=(
        "after Madsen 1975, Journal of the Institute of Mathematics and its Applications 16, 321-328: a sum for a "
        "maximum"
    ),
)
def madsen(x, y):
    """A short broad valley along the diagonal: close to a quadratic, and off its centre."""
    return x**2 + y**2 + x * y + sin(x) + cos(y)


@function(
    title="Jennrich–Sampson",
    family="valley",
    formula="f(x, y) = Σₖ (2 + 2k − exp(kx) − exp(ky))²,  k = 1, …, 10",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.5, 0.4),
    minimizers=[(0.2578252136703641, 0.2578252136703641)],
    minimum=124.36218235561485,
    hazards="exponents of 10: values to 2e9 and gradients to 3e10 at the corner (1, 1); curvatures 4.5e3 and 1.4e5",
    steps=300,
    reference="Jennrich & Sampson 1968, Technometrics 10(1), 63-72",
)
def jennrich_sampson(x, y):
    """Ten measurements that two exponentials cannot fit. Ten decades of height, and the minimum far above zero."""
    total = 0.0
    for k in range(1, 11):
        total += (2 + 2 * float(k) - exp(float(k) * x) - exp(float(k) * y)) ** 2
    return total
