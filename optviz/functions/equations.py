"""Equations: sums of squares that vanish where a system of equations is solved, and minima where it nearly is."""

from itertools import permutations
from math import floor

from optviz.functions import General, function


@function(
    title="Freudenstein–Roth",
    family="valley",
    formula="f(x, y) = (x − 13 + 5y² − y³ − 2y)² + (x − 29 + y³ + y² − 14y)²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-2.0, 13.0), (-7.0, 8.0)),
    start=(0.5, -2.0),
    minimizers=[(5.0, 4.0)],
    minimum=0.0,
    hazards=(
        "a strong local minimum of 48.98 at (11.4128, -0.8968), just outside the bounds, to which the start leads; "
        "gradients to 1.6e6 at the corners"
    ),
    steps=300,
    reference="Freudenstein & Roth 1963, Journal of the ACM 10(4), 550-556",
)
def freudenstein_roth(x, y):
    """Two equations of third degree in y: from the published start the valley leads to where they nearly agree."""
    return (x - 13 + ((5 - y) * y - 2) * y) ** 2 + (x - 29 + ((y + 1) * y - 14) * y) ** 2


@function(
    title="Wayburn–Seader 1",
    family="valley",
    formula="f(x, y) = (x⁶ + y⁴ − 17)² + (2x + y − 4)²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-1.0, 3.0), (-1.0, 3.0)),
    start=(-0.5, 0.5),
    minimizers=[(1.0, 2.0), (1.5968041538769333, 0.8063916922461333)],
    minimum=0.0,
    hazards="a sixth power squared: gradients to 6e8 at the corners of the bounds; curvatures 6.3 and 2.1e3 at (1, 2)",
    steps=300,
    reference="Wayburn & Seader 1987, Computers & Chemical Engineering 11(1), 7-25, first problem",
)
def wayburn_seader1(x, y):
    """A flat table inside a wall of twelfth degree, along whose foot runs the valley with two equal minimizers."""
    return (x**6 + y**4 - 17) ** 2 + (2 * x + y - 4) ** 2


@function(
    title="Price 3",
    family="valley",
    formula="f(x, y) = 100 (y − x²)² + (6.4 (y − ½)² − x − 0.6)²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-3.0, 3.0), (-2.0, 4.0)),
    start=(-2.0, 3.0),
    minimizers=[(1.0, 1.0), (0.3413075033535242, 0.11649081184541595)],
    minimum=0.0,
    local_minimizers=[(-0.6636998009061591, 0.4411443246680692)],
    hazards=(
        "two equal minimizers in one curved valley, and a trap of 0.0074 in its other arm; curvatures 54 and 1.0e3, "
        "gradients to 7e4 at the corners"
    ),
    steps=300,
    reference="Price 1977, The Computer Journal 20(4), 367-370, third problem",
    names=("modified_rosenbrock",),
)
def price3(x, y):
    """Rosenbrock's valley with a second one laid across it: they meet twice, and both places are minimizers."""
    return 100 * (y - x**2) ** 2 + (6.4 * (y - 0.5) ** 2 - x - 0.6) ** 2


@function(
    title="Price 4",
    family="wells",
    formula="f(x, y) = (2x³y − y³)² + (6x − y² + y)²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(3.0, 3.0),
    minimizers=[(0.0, 0.0), (2.0, 4.0), (1.4643521196636984, -2.5060127607816622)],
    minimum=0.0,
    hazards=(
        "three equal minimizers, of which (0, 0) has no curvature in one direction and (2, 4) one of 2e4; gradients to "
        "2e6"
    ),
    steps=300,
    reference="Price 1977, The Computer Journal 20(4), 367-370, fourth problem",
    traits=("degenerate",),
)
def price4(x, y):
    """Three solutions of two equations: two lie in narrow wells, and the third at the end of a flat curved floor."""
    return (2 * x**3 * y - y**3) ** 2 + (6 * x - y**2 + y) ** 2


@function(
    title="El-Attar–Vidyasagar–Dutta",
    family="wells",
    formula="f(x, y) = (x² + y − 10)² + (x + y² − 7)² + (x² + y³ − 1)²",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(4.4, 1.0),
    minimizers=[(3.409186822190061, -2.171433036284005)],
    minimum=1.7127803548622034,
    local_minimizers=[
        (-3.6231475066867547, -2.3841454737409036),
        (2.276170285567143, 0.8647773429290152),
        (-1.5207074488890022, 1.4122812360054402),
    ],
    hazards="further wells at 27, 55 and 99; curvatures 78 and 544 at the minimizer, gradients to 2e4 at the corners",
    steps=200,
    reference="El-Attar, Vidyasagar & Dutta 1979, SIAM Journal on Numerical Analysis 16(1), 70-86",
    names=("el_attar_vidyasagar_dutta",),
)
def el_attar(x, y):
    """Himmelblau's two equations and a third one that contradicts them: no solution is left, only a best compromise."""
    return (x**2 + y - 10) ** 2 + (x + y**2 - 7) ** 2 + (x**2 + y**3 - 1) ** 2


def perm0_general(x):
    total = 0.0
    for k in range(len(x)):
        inner = 0.0
        for j in range(len(x)):
            root = 1 / float(j + 1)
            inner += (float(j + 1) + 10) * (x[j] ** float(k + 1) - root ** float(k + 1))
        total += inner**2
    return total


@function(
    title="Perm 0",
    family="plate",
    formula="f(x, y) = (11 (x − 1) + 12 (y − ½))² + (11 (x² − 1) + 12 (y² − ¼))²",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-0.9, 0.8),
    minimizers=[(1.0, 0.5), (0.4782608695652174, 0.9782608695652174)],
    minimum=0.0,
    hazards=(
        "the literature lists one minimizer, but two dimensions have two: (11/23, 45/46) is the other; condition "
        "number 44; "
        "values to 1e4 at the corners, powers up to n in n dimensions"
    ),
    steps=300,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, perm function 0, d, β with β = 10",
    general=General(
        formula="f(x) = Σₖ (Σⱼ (j + 10) (xⱼᵏ − 1/jᵏ))²",
        value=perm0_general,
        minimizers=lambda n: [tuple(1 / j for j in range(1, n + 1))],  # others are unknown beyond two dimensions
        minimum=lambda n: 0.0,
        reference="Surjanovic & Bingham 2013, perm function 0, d, β with β = 10, in n dimensions",
    ),
)
def perm0(x, y):
    """A line and a circle as equations: they meet in two points, between which the valley floor hardly rises."""
    return (11 * (x - 1) + 12 * (y - 0.5)) ** 2 + (11 * (x**2 - 1) + 12 * (y**2 - 0.25)) ** 2


def perm_general(x):
    total = 0.0
    for k in range(len(x)):
        inner = 0.0
        for j in range(len(x)):
            weight = float(j + 1) ** float(k + 1) + 0.5
            inner += weight * ((x[j] / float(j + 1)) ** float(k + 1) - 1)
        total += inner**2
    return total


@function(
    title="Perm",
    family="plate",
    formula="f(x, y) = (3x/2 + 5y/4 − 4)² + (3x²/2 + 9y²/8 − 6)²",
    bounds=((-2.0, 2.0), (-2.0, 2.0)),
    view=((-2.0, 2.6), (-2.0, 2.6)),
    start=(-1.5, -1.0),
    minimizers=[(1.0, 2.0), (1.7692307692307692, 1.0769230769230769)],
    minimum=0.0,
    hazards=(
        "two minimizers, (1, 2) on the border of the bounds and (23/13, 14/13), which the literature omits; condition "
        "numbers "
        "119 and 157; in n dimensions the minimizer lies beyond the bounds, and powers of n overflow near n = 100"
    ),
    steps=300,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, perm function d, β with β = ½",
    general=General(
        formula="f(x) = Σₖ (Σⱼ (jᵏ + ½) ((xⱼ/j)ᵏ − 1))²",
        value=perm_general,
        # Whether there are others beyond two dimensions is unknown.
        minimizers=lambda n: [tuple(float(j) for j in range(1, n + 1))],
        minimum=lambda n: 0.0,
        bounds=lambda n: (-float(n), float(n)),
        reference="Surjanovic & Bingham 2013, perm function d, β with β = ½, there in bounds of ±n",
    ),
)
def perm(x, y):
    """A narrow bent valley with a zero near each end: the coordinates can nearly be exchanged for each other."""
    return (1.5 * (x - 1) + 2.5 * (y / 2 - 1)) ** 2 + (1.5 * (x**2 - 1) + 4.5 * (y**2 / 4 - 1)) ** 2


def power_sum_general(x):
    total = 0.0
    for k in range(len(x)):
        inner = 0.0
        for j in range(len(x)):
            half = float(j + 1) / 2
            root = 1 + float(floor(half))  # 1, 2, 2, 3, 3, ...
            inner += x[j] ** float(k + 1) - root ** float(k + 1)
        total += inner**2
    return total


def power_sum_minimizers(n):
    """The solution in any order: all of them for up to five coordinates, beyond that the one in ascending order."""
    roots = tuple(1.0 + (j + 1) // 2 for j in range(n))
    return sorted(set(permutations(roots))) if n <= 5 else [roots]


@function(
    title="Power sum",
    family="plate",
    formula="f(x, y) = (x + y − 3)² + (x² + y² − 5)²",
    bounds=((0.0, 2.5), (0.0, 2.5)),
    start=(0.3, 0.6),
    minimizers=[(1.0, 2.0), (2.0, 1.0)],
    minimum=0.0,
    hazards=(
        "two minimizers, as coordinates may be exchanged; curvatures 0.37 and 44; in n dimensions n! orders, and the "
        "solution "
        "1, 2, 2, 3, 3, ... leaves the bounds from four on"
    ),
    steps=300,
    reference="Surjanovic & Bingham 2013, Virtual Library of Simulation Experiments, power sum function",
    general=General(
        formula="f(x) = Σₖ (Σⱼ xⱼᵏ − bₖ)²,  bₖ = 1 + 2ᵏ + 2ᵏ + 3ᵏ + 3ᵏ + …",
        value=power_sum_general,
        minimizers=power_sum_minimizers,
        minimum=lambda n: 0.0,
        bounds=lambda n: (0.0, float(n)),
        reference="Surjanovic & Bingham 2013, power sum function, whose data in four dimensions these are",
    ),
)
def power_sum(x, y):
    """Which two numbers have sum 3 and squares of sum 5? 1 and 2 do, in either order, and a flat valley connects the
    two.
    """
    return (x + y - 3) ** 2 + (x**2 + y**2 - 5) ** 2
