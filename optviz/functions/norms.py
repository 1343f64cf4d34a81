"""Norms and losses with kinks: the gradient keeps its size right up to the minimizer, so that steps must be damped."""

from math import sqrt

from optviz.functions import General, function, summed


@function(
    title="Schwefel 2.20",
    family="bowl",
    formula="f(x, y) = |x| + |y|",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="kinks along both axes; every partial derivative is 1 or -1, so that a constant step never settles",
    steps=200,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.20",
    names=("l1_norm",),
    traits=("kink", "rough"),
    general=summed(
        formula="f(x) = Σᵢ |xᵢ|",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.20, in n dimensions",
    ),
)
def schwefel_2_20(x, y):
    """An upturned pyramid. Its slope is the same everywhere, so that nothing in the gradient tells the goal is near."""
    return abs(x) + abs(y)


def largest_general(x):
    largest = 0.0
    for i in range(len(x)):
        largest = max(largest, abs(x[i]))
    return largest


def largest_general_gradient(x, g):
    largest, ties = 0.0, 0.0
    for i in range(len(x)):
        largest = max(largest, abs(x[i]))
    for i in range(len(x)):
        if abs(x[i]) == largest:
            ties += 1
    # Those that are equally large share the slope: any of them alone would do.
    for i in range(len(x)):
        if abs(x[i]) < largest or x[i] == 0:
            g[i] = 0.0
        elif x[i] > 0:
            g[i] = 1 / ties
        else:
            g[i] = -1 / ties


@function(
    title="Schwefel 2.21",
    family="bowl",
    formula="f(x, y) = max(|x|, |y|)",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 4.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="kinks along both diagonals; only the larger coordinate has a gradient, of 1 or -1",
    steps=200,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.21",
    names=("maximum_norm",),
    traits=("kink", "rough"),
    general=General(
        formula="f(x) = maxᵢ |xᵢ|",
        value=largest_general,
        gradient=largest_general_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.21, in n dimensions",
    ),
)
def schwefel_2_21(x, y):
    """A square pyramid: one coordinate is at rest until the other one has caught up, and from there they take turns."""
    return max(abs(x), abs(y))


def sum_and_product_general(x):
    total, product = 0.0, 1.0
    for i in range(len(x)):
        total += abs(x[i])
        product *= abs(x[i])
    return total + product


def sum_and_product_general_gradient(x, g):
    before = 1.0
    for i in range(len(x)):
        g[i] = before
        before *= abs(x[i])
    behind = 1.0
    for i in range(len(x)):
        here = x[len(x) - 1 - i]
        slope = 1 + g[len(x) - 1 - i] * behind
        behind *= abs(here)
        g[len(x) - 1 - i] = slope if here > 0 else -slope if here < 0 else 0.0


@function(
    title="Schwefel 2.22",
    family="bowl",
    formula="f(x, y) = |x| + |y| + |x| |y|",
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 0.5),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards=(
        "kinks along both axes, the sharper the farther out: a slope of 8 across the crease at the start, 1.5 along "
        "it; "
        "the product overflows in some hundreds of dimensions"
    ),
    steps=200,
    reference="Schwefel 1981, Numerical Optimization of Computer Models, Wiley, problem 2.22",
    traits=("kink", "rough"),
    general=General(
        formula="f(x) = Σᵢ |xᵢ| + Πᵢ |xᵢ|",
        value=sum_and_product_general,
        gradient=sum_and_product_general_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Jamil & Yang 2013, arXiv:1308.4008, Schwefel 2.22 function, there in bounds of ±100",
    ),
)
def schwefel_2_22(x, y):
    """A tent with four creases: everybody falls into one of them at once and then has to follow it home."""
    return abs(x) + abs(y) + abs(x) * abs(y)


def weighted_largest_general(x):
    largest = 0.0
    for i in range(len(x)):
        largest = max(largest, float(i + 1) * abs(x[i]))
    return largest


def weighted_largest_general_gradient(x, g):
    largest, ties = 0.0, 0.0
    for i in range(len(x)):
        largest = max(largest, float(i + 1) * abs(x[i]))
    for i in range(len(x)):
        if float(i + 1) * abs(x[i]) == largest:
            ties += 1
    for i in range(len(x)):
        if float(i + 1) * abs(x[i]) < largest or x[i] == 0:
            g[i] = 0.0
        elif x[i] > 0:
            g[i] = float(i + 1) / ties
        else:
            g[i] = -float(i + 1) / ties


@function(
    title="Max norm",
    family="bowl",
    formula="f(x, y) = max(|x|, 2|y|)",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 1.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="kinks along y = ±x/2; only one coordinate has a gradient at a time, of length 1 or 2",
    steps=200,
    reference="after Schwefel 1981, problem 2.21, with a weight for each coordinate",
    names=("weighted_max_norm",),
    traits=("kink", "rough"),
    general=General(
        formula="f(x) = maxᵢ i |xᵢ|",
        value=weighted_largest_general,
        gradient=weighted_largest_general_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="after Schwefel 1981, problem 2.21, with weights from 1 to n",
    ),
)
def max_norm(x, y):
    """An oblong pyramid: at an edge the gradient jumps from one coordinate to the other, and a run zigzags down it."""
    return max(abs(x), 2 * abs(y))


@function(
    title="Huber",
    family="bowl",
    formula="f(x, y) = h(x) + h(y),  h(t) = t²/2 if |t| ≤ 1, else |t| − ½",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="the curvature jumps from 0 to 1 at |x| = 1 and |y| = 1; the gradient is clipped to 1 beyond",
    steps=200,
    reference="Huber 1964, Annals of Mathematical Statistics 35(1), 73-101",
    general=summed(
        formula="f(x) = Σᵢ h(xᵢ),  h(t) = t²/2 if |t| ≤ 1, else |t| − ½",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Huber 1964, Annals of Mathematical Statistics 35(1), 73-101, summed over n coordinates",
    ),
)
def huber(x, y):
    """A pyramid whose tip is rounded: straight slopes outside, a sphere within 1 of each axis."""
    along_x = x**2 / 2 if abs(x) <= 1 else abs(x) - 0.5
    along_y = y**2 / 2 if abs(y) <= 1 else abs(y) - 0.5
    return along_x + along_y


@function(
    title="Hinge",
    family="plate",
    formula="f(x, y) = max(0, 1 − x) + max(0, 1 − y) + (x² + y²)/20",
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 3.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.1,
    hazards="kinks along x = 1 and y = 1, which meet in the minimizer: slopes of -0.9 on one side and 0.1 on the other",
    steps=200,
    reference="after Cortes & Vapnik 1995, Machine Learning 20(3), 273-297: two margins and a penalty of 0.05",
    names=("hinge",),
    traits=("kink", "rough"),
    general=summed(
        formula="f(x) = Σᵢ max(0, 1 − xᵢ) + xᵢ²/20",
        minimizers=lambda n: [(1.0,) * n],
        minimum=lambda n: 0.05 * n,
        reference="after Cortes & Vapnik 1995, Machine Learning 20(3), 273-297: n margins and a penalty of 0.05",
    ),
)
def hinge2d(x, y):
    """A steep side and a gentle one meet in an edge: the loss of a support vector machine with two samples."""
    return max(0.0, 1 - x) + max(0.0, 1 - y) + 0.05 * (x**2 + y**2)


@function(
    title="Bukin 4",
    family="valley",
    formula="f(x, y) = 100y² + 0.01 |x + 10|",
    bounds=((-15.0, -5.0), (-3.0, 3.0)),
    view=((-13.0, -5.0), (-4.0, 4.0)),
    start=(-6.0, 2.5),
    minimizers=[(-10.0, 0.0)],
    minimum=0.0,
    hazards="a slope of 0.01 along the valley and 600 at its rim: nearly all of f is won without moving along x",
    steps=300,
    reference="Bukin 1997, Budker Institute of Nuclear Physics, preprint 97-79, function 4",
    traits=("kink", "rough"),
)
def bukin4(x, y):
    """A straight valley with hardly any fall along it, and a kink at its deepest point."""
    return 100 * y**2 + 0.01 * abs(x + 10)


@function(
    title="Bukin 6",
    family="valley",
    formula="f(x, y) = 100 √|y − 0.01x²| + 0.01 |x + 10|",
    bounds=((-15.0, -5.0), (-3.0, 3.0)),
    view=((-13.0, -5.0), (-4.0, 4.0)),
    start=(-6.0, 2.5),
    minimizers=[(-10.0, 1.0)],
    minimum=0.0,
    hazards="a kink with an unbounded gradient all along y = 0.01x²: no step is short enough to stay in the valley",
    steps=300,
    reference="Bukin 1997, Budker Institute of Nuclear Physics, preprint 97-79, function 6",
    traits=("kink", "rough"),
)
def bukin6(x, y):
    """A valley as sharp as a crack: it can be found from anywhere and followed by nobody."""
    depth = abs(y - 0.01 * x**2)
    wall = sqrt(depth) if depth > 0 else 0.0
    return 100 * wall + 0.01 * abs(x + 10)
