"""Quadratics: the curvature is constant, and only its size, its direction and their ratio differ."""

from optviz.functions import General, function


def sum_squares_general(x):
    total = 0.0
    for i in range(len(x)):
        total += float(i + 1) * x[i] ** 2
    return total


@function(
    title="Sum of squares",
    family="bowl",
    formula="f(x, y) = x² + 2y²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-8.0, 6.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 2, and n in n dimensions: curvatures 2, 4, ..., 2n",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Sum Squares function",
    names=("axis_parallel_hyper_ellipsoid",),
    general=General(
        formula="f(x) = Σᵢ i xᵢ²",
        value=sum_squares_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Sum Squares function, there in n dimensions",
    ),
)
def sum_squares(x, y):
    """A sphere that is pressed a little from one side: one learning rate still suits both directions."""
    return x**2 + 2 * y**2


def double_sum_general(x):
    total, partial = 0.0, 0.0
    for i in range(len(x)):
        partial += x[i]
        total += partial**2
    return total


def double_sum_general_gradient(x, g):
    partial = 0.0
    for i in range(len(x)):
        partial += x[i]
        g[i] = partial
    behind = 0.0
    for i in range(len(x)):
        behind += 2 * g[len(x) - 1 - i]
        g[len(x) - 1 - i] = behind


@function(
    title="Rotated hyper-ellipsoid",
    family="bowl",
    formula="f(x, y) = x² + (x + y)²",
    bounds=((-65.536, 65.536), (-65.536, 65.536)),
    start=(-50.0, 40.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards=(
        "condition number 6.9 (curvatures 0.76 and 5.24, at 32 degrees to the axes); it grows like n² in n dimensions"
    ),
    steps=200,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 1.2",
    names=("schwefel_1_2", "double_sum"),
    general=General(
        formula="f(x) = Σᵢ (x₁ + … + xᵢ)²",
        value=double_sum_general,
        gradient=double_sum_general_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 1.2, in n dimensions",
    ),
)
def rotated_hyper_ellipsoid(x, y):
    """An oblique bowl: its axes lie between those of the coordinates, and every partial sum has a square of its own.

    Some collections give this name to the sum of all the squares of the partial sums' terms, whose axes are straight.
    """
    return x**2 + (x + y) ** 2


def trid_general(x):
    total = 0.0
    for i in range(len(x)):
        total += (x[i] - 1) ** 2
    for i in range(1, len(x)):
        total -= x[i] * x[i - 1]
    return total


@function(
    title="Trid",
    family="bowl",
    formula="f(x, y) = (x − 1)² + (y − 1)² − xy",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 3.5),
    minimizers=[(2.0, 2.0)],
    minimum=-2.0,
    hazards=(
        "condition number 3 here, but about 0.4 n² in n dimensions, where the minimizer moves out to n²/4: "
        "from four dimensions on it lies beyond the bounds, which the literature widens to ±n²"
    ),
    steps=200,
    reference="Ali, Khompatraporn & Zabinsky 2005, Journal of Global Optimization 31, 635-672, Neumaier 3 problem",
    names=("neumaier3",),
    general=General(
        formula="f(x) = Σᵢ (xᵢ − 1)² − Σᵢ xᵢ xᵢ₊₁",
        value=trid_general,
        minimizers=lambda n: [tuple(float(i * (n + 1 - i)) for i in range(1, n + 1))],
        minimum=lambda n: -float(n * (n + 4) * (n - 1) // 6),
        bounds=lambda n: (-float(n**2), float(n**2)),
        reference="Ali, Khompatraporn & Zabinsky 2005, Neumaier 3 problem, there in bounds of ±n²",
    ),
)
def trid(x, y):
    """Two neighbours that pull on each other. With more of them the news of the far end takes ever longer to arrive."""
    return (x - 1) ** 2 + (y - 1) ** 2 - x * y


def bent_cigar_general(x):
    total = x[0] ** 2
    for i in range(1, len(x)):
        total += 1e6 * x[i] ** 2
    return total


@function(
    title="Bent cigar",
    family="bowl",
    formula="f(x, y) = x² + 1 000 000 y²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 1.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 1e6: gradients to 1e7, and plain gradient descent diverges above lr 1e-6",
    steps=300,
    reference="Hansen, Finck, Ros & Auger 2009, INRIA RR-6829, f12, without its transformations",
    names=("cigar",),
    general=General(
        formula="f(x) = x₁² + 1 000 000 (x₂² + … + xₙ²)",
        value=bent_cigar_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Hansen, Finck, Ros & Auger 2009, INRIA RR-6829, f12, without its transformations",
    ),
)
def bent_cigar(x, y):
    """One smooth direction among steep ones. All that is left of a run is the way along the cigar."""
    return x**2 + 1e6 * y**2


def discus_general(x):
    total = 1e6 * x[0] ** 2
    for i in range(1, len(x)):
        total += x[i] ** 2
    return total


@function(
    title="Discus",
    family="bowl",
    formula="f(x, y) = 1 000 000 x² + y²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(1.0, -4.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 1e6: gradients to 1e7, and plain gradient descent diverges above lr 1e-6",
    steps=300,
    reference="Hansen, Finck, Ros & Auger 2009, INRIA RR-6829, f11, without its transformations",
    names=("tablet",),
    general=General(
        formula="f(x) = 1 000 000 x₁² + x₂² + … + xₙ²",
        value=discus_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Hansen, Finck, Ros & Auger 2009, INRIA RR-6829, f11, without its transformations",
    ),
)
def discus(x, y):
    """One steep direction among smooth ones: a single coordinate dictates the learning rate of all."""
    return 1e6 * x**2 + y**2


@function(
    title="Matyas",
    family="plate",
    formula="f(x, y) = 0.26 (x² + y²) − 0.48 xy",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-8.0, 5.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 25 along the diagonals: curvature 1 across the trough y = x, 0.04 along it",
    steps=250,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Matyas function",
)
def matyas(x, y):
    """A shallow trough along the diagonal: the first steps win nearly everything, and the rest takes its time."""
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


@function(
    title="D2L ravine",
    family="valley",
    formula="f(x, y) = 0.1x² + 2y²",
    bounds=((-6.0, 6.0), (-6.0, 6.0)),
    start=(-5.0, -2.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 20: plain gradient descent diverges above lr 0.5, and at 0.4 it jumps from side to side",
    steps=150,
    reference="Zhang, Lipton, Li & Smola 2023, Dive into Deep Learning, section 12.6, Momentum",
)
def d2l_ravine(x, y):
    """The ravine of a textbook, from its start: twenty times steeper across than along, and momentum's first "
    "example."""
    return 0.1 * x**2 + 2 * y**2


@function(
    title="Long valley",
    family="valley",
    formula="f(x, y) = x²/20 + y²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-9.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 20: curvature 2 across the valley, 0.1 along it",
    steps=200,
    reference="after Radford 2014, animations in the notes of Stanford's CS231n, whose formulas are unpublished",
    names=("long_valley",),
)
def radford_long_valley(x, y):
    """A straight valley that falls gently: who turns into it early has the long way still ahead."""
    return x**2 / 20 + y**2
