"""Steep: drops, steps and needles. The gradient is nearly nothing, or nothing, until it is everything."""

from math import cos, exp, floor, pi, sin, sqrt, tan

from optviz.functions import General, function


def michalewicz_general(x):
    total = 0.0
    for i in range(len(x)):
        total -= sin(x[i]) * sin(float(i + 1) * x[i] ** 2 / pi) ** 20
    return total


def michalewicz_coordinate(i):
    """Where −sin x sin²⁰(i x²/π) is lowest: at one of the peaks of the power that are nearest to π/2."""
    lowest, best = 0.0, 0.0
    for k in range(max(0, i // 4 - 2), i // 4 + 3):
        x = pi * sqrt((k + 0.5) / i)
        if x >= pi:
            continue
        for _ in range(20):  # Newton's method on the logarithm
            inner, slope = i * x**2 / pi, 2 * i * x / pi
            first = 1 / tan(x) + 20 / tan(inner) * slope
            second = -1 / sin(x) ** 2 - 20 * (slope / sin(inner)) ** 2 + 20 / tan(inner) * 2 * i / pi
            x -= first / second
        height = -sin(x) * sin(i * x**2 / pi) ** 20
        if height < lowest:
            lowest, best = height, x
    return best


def michalewicz_minimizers(n):
    return [tuple(michalewicz_coordinate(i) for i in range(1, n + 1))]


@function(
    title="Michalewicz",
    family="steep",
    formula="f(x, y) = −sin x sin²⁰(x²/π) − sin y sin²⁰(2y²/π)",
    bounds=((0.0, pi), (0.0, pi)),
    start=(1.2, 2.4),
    minimizers=[(2.2029055201726093, 1.5707963267948966)],
    minimum=-1.8013034100985525,
    local_minimizers=[(2.2029055201726093, 2.7115714838430143)],
    hazards=(
        "flat ground between narrow valleys: a median gradient of 0.3, curvatures 33 and 81 in the one well where two "
        "cross"
    ),
    steps=200,
    reference="Michalewicz 1992, Genetic Algorithms + Data Structures = Evolution Programs, Springer",
    traits=("falls",),
    general=General(
        formula="f(x) = −Σᵢ sin xᵢ sin²⁰(i xᵢ²/π)",
        value=michalewicz_general,
        minimizers=michalewicz_minimizers,
        minimum=lambda n: michalewicz_general(michalewicz_minimizers(n)[0]),
        reference="Michalewicz 1992, as above, in n dimensions",
    ),
)
def michalewicz(x, y):
    """Straight trenches in a plain. Each coordinate must find a trench of its own, and the crossing is deepest."""
    return -sin(x) * sin(x**2 / pi) ** 20 - sin(y) * sin(2 * y**2 / pi) ** 20


@function(
    title="Easom",
    family="steep",
    formula="f(x, y) = −cos x cos y exp(−(x − π)² − (y − π)²)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    view=((-0.5, 6.5), (-0.5, 6.5)),
    start=(1.7, 1.9),
    minimizers=[(pi, pi)],
    minimum=-1.0,
    hazards=(
        "one hole, and a gradient below 1e-6 farther than 4 from it; four dents of 8e-5 around it keep who comes "
        "from outside"
    ),
    steps=200,
    reference="Easom 1990, A Survey of Global Optimization Techniques, University of Louisville",
)
def easom(x, y):
    """A single hole in an endless plain: whoever starts far away has nothing to go by."""
    return -cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2)


def steps_general(x):
    total = 0.0
    for i in range(len(x)):
        total += float(floor(x[i]))
    return total


@function(
    title="Step",
    family="steep",
    formula="f(x, y) = ⌊x⌋ + ⌊y⌋",
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    start=(3.5, 2.5),
    minimizers=[(-5.06, -5.06)],
    minimum=-12.0,
    hazards="the gradient is 0 wherever there is one: a rule that knows nothing else does not move",
    steps=150,
    reference="De Jong 1975, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, function F3",
    names=("de_jong3",),
    traits=("continuum", "steps", "falls"),
    continuum="every point with x < −5 and y < −5",
    general=General(
        formula="f(x) = Σᵢ ⌊xᵢ⌋",
        value=steps_general,
        minimizers=lambda n: [(-5.06,) * n],
        minimum=lambda n: -6.0 * n,
        reference="De Jong 1975, F3, there in five dimensions",
    ),
)
def step(x, y):
    """Stairs that lead down to a corner. On each step the ground is level, so that gradients lead nowhere."""
    return float(floor(x)) + float(floor(y))


def rounded_general(x):
    total = 0.0
    for i in range(len(x)):
        shifted = x[i] + 0.5
        total += float(floor(shifted)) ** 2
    return total


@function(
    title="Step 2",
    family="steep",
    formula="f(x, y) = ⌊x + ½⌋² + ⌊y + ½⌋²",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-6.3, 4.2),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="the gradient is 0 wherever there is one: a rule that knows nothing else does not move",
    steps=150,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Step 2 function",
    traits=("continuum", "steps"),
    continuum="the square −½ ≤ x < ½, −½ ≤ y < ½",
    general=General(
        formula="f(x) = Σᵢ ⌊xᵢ + ½⌋²",
        value=rounded_general,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Step 2 function, in n dimensions",
    ),
)
def step2(x, y):
    """A sphere in whole numbers: a stepped pyramid, upside down. Seen from afar a bowl, underfoot level everywhere."""
    right = x + 0.5
    up = y + 0.5
    return float(floor(right)) ** 2 + float(floor(up)) ** 2


@function(
    title="Damavandi",
    family="steep",
    formula="f(x, y) = (1 − |s(x) s(y)|⁵) (2 + (x − 7)² + 2 (y − 7)²)",
    bounds=((0.0, 14.0), (0.0, 14.0)),
    start=(4.0, 11.0),
    minimizers=[(2.0, 2.0)],
    minimum=0.0,
    local_minimizers=[(7.0, 7.0)],
    hazards=(
        "a needle of width 0.5 at (2, 2) in the side of a bowl that leads to f = 2 at (7, 7); curvature 1.3e3 in the "
        "needle"
    ),
    steps=150,
    reference="Damavandi & Safavi-Naeini 2005, IEEE Transactions on Circuits and Systems I 52(5), 902-910",
)
def damavandi(x, y):
    """A friendly bowl that leads everybody to the wrong place. In the formula s(t) is the sine of π(t − 2), over π(t "
    "− 2)."""
    u = pi * (x - 2)
    v = pi * (y - 2)
    along_x = sin(u) / u if u != 0 else 1.0
    along_y = sin(v) / v if v != 0 else 1.0
    return (1 - abs(along_x * along_y) ** 5) * (2 + (x - 7) ** 2 + 2 * (y - 7) ** 2)


@function(
    title="De Jong 5",
    family="steep",
    formula="f(x, y) = 1/(0.002 + Σₖ 1/(k + (x − aₖ)⁶ + (y − bₖ)⁶))",
    bounds=((-65.536, 65.536), (-65.536, 65.536)),
    start=(-59.0, -49.0),
    minimizers=[(-31.97833483565697, -31.978334837300796)],
    minimum=0.9980038377944502,
    hazards=(
        "25 holes with bottoms of 1 to 24 in a plain of 500: gradients of 0.01 between them and of 270 at their rims"
    ),
    steps=200,
    reference="De Jong 1975, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, F5, after Shekel",
    names=("shekel_foxholes", "foxholes"),
)
def de_jong5(x, y):
    """Twenty-five foxholes, five by five at a distance of 16, each a little deeper than the next. k numbers them row "
    "by row."""
    total = 0.002
    for j in range(5):
        for i in range(5):
            away = (x - (16 * float(i) - 32)) ** 6 + (y - (16 * float(j) - 32)) ** 6
            total += 1 / (1 + 5 * float(j) + float(i) + away)
    return 1 / total
