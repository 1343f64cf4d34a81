"""Powers: bowls whose curvature is not constant, and is nothing, or nearly so, at most of the minimizers."""

from math import sin

from optviz.functions import General, function, summed


def sum_diff_powers_general(x):
    total = 0.0
    for i in range(len(x)):
        total += abs(x[i]) ** float(i + 2)
    return total


@function(
    title="Sum of different powers",
    family="bowl",
    formula="f(x, y) = x² + |y|³",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.8, 0.9),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="curvature 6|y| along y: it vanishes at the minimizer, so that gradient descent slows down like 1/t there",
    steps=200,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, sum of different powers",
    names=("sum_of_different_powers",),
    traits=("degenerate",),
    general=General(
        formula="f(x) = Σᵢ |xᵢ|^(i + 1)",
        value=sum_diff_powers_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, in n dimensions",
    ),
)
def sum_diff_powers(x, y):
    """Every coordinate has a power of its own, and the higher it is, the flatter the floor."""
    return x**2 + abs(y) ** 3


def chung_reynolds_general(x):
    squares = 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
    return squares**2


@function(
    title="Chung–Reynolds",
    family="bowl",
    formula="f(x, y) = (x² + y²)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.0, 5.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="no curvature at the minimizer, gradients to 1e4 at the corners: a rate that holds there crawls inside",
    steps=200,
    reference="Chung & Reynolds 1998, International Journal on Artificial Intelligence Tools 7(3), 239-291",
    traits=("degenerate",),
    general=General(
        formula="f(x) = (Σᵢ xᵢ²)²",
        value=chung_reynolds_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Chung Reynolds function, there in bounds of ±100",
    ),
)
def chung_reynolds(x, y):
    """A sphere squared. The way is the same straight line, and only the length of the steps has to change."""
    return (x**2 + y**2) ** 2


@function(
    title="Schwefel 2.23",
    family="bowl",
    formula="f(x, y) = x¹⁰ + y¹⁰",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.6, 1.8),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="values below 1e-9 within 0.1 of the minimizer, gradients to 7e3 at the corners",
    steps=300,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.23",
    traits=("degenerate",),
    general=summed(
        formula="f(x) = Σᵢ xᵢ¹⁰",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Schwefel 2.23 function, there in bounds of ±10",
    ),
)
def schwefel_2_23(x, y):
    """A box: steep walls and a floor as flat as a table, on which a gradient says next to nothing."""
    return x**10 + y**10


def quartic_general(x):
    total = 0.0
    for i in range(len(x)):
        total += float(i + 1) * x[i] ** 4
    return total


@function(
    title="Quartic",
    family="bowl",
    formula="f(x, y) = x⁴ + 2y⁴",
    bounds=((-1.28, 1.28), (-1.28, 1.28)),
    start=(-1.1, 1.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="no curvature at the minimizer: gradient descent slows down like 1/√t",
    steps=200,
    reference="De Jong 1975, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, F4, without its noise",
    names=("de_jong4",),
    traits=("degenerate",),
    general=General(
        formula="f(x) = Σᵢ i xᵢ⁴",
        value=quartic_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="De Jong 1975, F4, there in 30 dimensions and with noise",
    ),
)
def quartic(x, y):
    """A fourth power in each coordinate: it is flat where it counts, which is where noise would decide."""
    return x**4 + 2 * y**4


@function(
    title="Csendes",
    family="bowl",
    formula="f(x, y) = x⁶ (2 + sin 1/x) + y⁶ (2 + sin 1/y)",
    bounds=((-1.0, 1.0), (-1.0, 1.0)),
    start=(-0.9, 0.8),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards=(
        "infinitely many waves towards the axes, each lower than the one before; below 1e-11 within 0.01 of the "
        "minimizer"
    ),
    steps=300,
    reference="Csendes & Ratz 1997, SIAM Journal on Numerical Analysis 34(3), 922-938",
    names=("infinity",),
    traits=("degenerate",),
    general=summed(
        formula="f(x) = Σᵢ xᵢ⁶ (2 + sin 1/xᵢ)",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Csendes function",
    ),
)
def csendes(x, y):
    """A flat box whose floor ripples ever faster and ever less towards the minimizer."""
    # Nearer than 1e-30 the power is nothing, and 1/x may overflow.
    along_x = x**6 * (2 + sin(1 / x)) if abs(x) > 1e-30 else 0.0
    along_y = y**6 * (2 + sin(1 / y)) if abs(y) > 1e-30 else 0.0
    return along_x + along_y


@function(
    title="Degenerate quartic",
    family="bowl",
    formula="f(x, y) = (x⁴ + y⁴)/4",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.8, 1.5),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="no curvature at the minimizer: gradient descent goes on like 1/√(2 lr t), rules that divide by √v faster",
    steps=300,
    reference="Bai et al. 2026, ICML, degenerate polynomials, here of degree 4",
    names=("degenerate_quartic",),
    traits=("degenerate",),
    general=summed(
        formula="f(x) = Σᵢ xᵢ⁴/4",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Bai et al. 2026, ICML, degenerate polynomials, in n dimensions",
    ),
)
def degenerate(x, y):
    """The plainest minimizer without curvature: plain gradient descent never gets there at a linear rate, Adam does."""
    return (x**4 + y**4) / 4


@function(
    title="Schumer–Steiglitz",
    family="plate",
    formula="f(x, y) = x⁴ + y⁴",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 5.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="no curvature at the minimizer, gradients to 5.6e3 at the corners",
    steps=250,
    reference="Schumer & Steiglitz 1968, IEEE Transactions on Automatic Control 13(3), 270-276",
    traits=("degenerate",),
    general=summed(
        formula="f(x) = Σᵢ xᵢ⁴",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Schumer & Steiglitz 1968, IEEE Transactions on Automatic Control 13(3), 270-276, in n dimensions",
    ),
)
def schumer_steiglitz(x, y):
    """A wide tray: slopes of thousands at its rim, and next to none for most of the way across."""
    return x**4 + y**4


def zakharov_general(x):
    squares, slanted = 0.0, 0.0
    for i in range(len(x)):
        squares += x[i] ** 2
        slanted += 0.5 * float(i + 1) * x[i]
    return squares + slanted**2 + slanted**4


@function(
    title="Zakharov",
    family="plate",
    formula="f(x, y) = x² + y² + s² + s⁴,  s = x/2 + y",
    bounds=((-5.0, 10.0), (-5.0, 10.0)),
    start=(-4.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="a fourth power across the plate: gradients to 1.5e4 at a corner, curvatures 2 and 4.5 at the minimizer",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Zakharov function",
    general=General(
        formula="f(x) = Σᵢ xᵢ² + s² + s⁴,  s = Σᵢ i xᵢ/2",
        value=zakharov_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Zakharov function, in n dimensions",
    ),
)
def zakharov(x, y):
    """A plate between two slopes of fourth power: down the slope in a few steps, then along the plate on foot."""
    slanted = x / 2 + y
    return x**2 + y**2 + slanted**2 + slanted**4
