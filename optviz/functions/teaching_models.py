"""Small models of two weights on a handful of points: the data stand in the module, and in each docstring."""

from math import exp, log, tanh

from optviz.functions import function

# Wilson's labels; the first feature is the label, the next two are 1 everywhere.
LABELS = (1.0, 1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0)


@function(
    title="Labels in plain sight",
    family="teaching",
    formula="f(x, y) = Σₖ (bₖx + 2y − bₖ)²/16,  b: five times 1, thrice −1",
    bounds=((-2.0, 3.0), (-2.0, 3.0)),
    start=(-1.5, -1.5),
    minimizers=[(1.0, 0.0)],
    minimum=0.0,
    hazards="curvatures 0.92 and 4.08, 9° off the axes: y is used for nothing in the end and moves first",
    steps=150,
    reference="Wilson et al. 2017, arXiv:1705.08292, section 3.3, in the plane of two of its weights",
    names=("wilson",),
)
def wilson_plane(x, y):
    """Least squares on labels b, five of 1 and three of −1: x weighs the label itself, y two features that are 1.

    The features that each sample has for itself have the weight 0 here. The first gradient at 0 is (−1, −½): a rule
    that looks at signs gives y as much as x, and with these the features of no use.
    """
    total = 0.0
    for k in range(8):
        total += (LABELS[k] * x + 2 * y - LABELS[k]) ** 2
    return total / 16


TIMES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
HEIGHTS = (2.0, 1.5, 3.5, 3.0, 4.5, 6.5, 6.0, 7.0)


@function(
    title="Straight line",
    family="teaching",
    formula="f(x, y) = Σₖ (x tₖ + y − hₖ)²/16,  t = 1 to 8",
    bounds=((-4.0, 6.0), (-4.0, 6.0)),
    start=(-2.0, 4.0),
    minimizers=[(17 / 21, 17 / 28)],
    minimum=125 / 672,
    hazards="curvatures 26.3 and 0.2: the times are not centred, so that slope and height pull at each other",
    steps=300,
    reference="LeCun, Kanter & Solla 1991, Physical Review Letters 66(18), 2396-2399: inputs that are not centred",
)
def straight_line(x, y):
    """A line of slope x and height y through eight points, by least squares, at t = 1, 2, …, 8 with the heights

    2, 1.5, 3.5, 3, 4.5, 6.5, 6 and 7. With t − 4.5 in place of t the ravine would be a rounder bowl. Its noise of
    minibatches is that of ``--noise minibatch``.
    """
    total = 0.0
    for k in range(8):
        total += (x * TIMES[k] + y - HEIGHTS[k]) ** 2
    return total / 16


@function(
    title="Lasso",
    family="teaching",
    formula="f(x, y) = ‖A w − b‖²/2 + |x| + |y|,  w = (x, y)",
    bounds=((-2.0, 4.0), (-3.0, 3.0)),
    start=(-1.0, 2.4),
    minimizers=[(1.0, 0.0)],
    minimum=1.625,
    hazards="a kink along y = 0, on which the minimizer lies, off the minimizer of the squares: exact zeros are missed",
    steps=200,
    reference="Tibshirani 1996, Journal of the Royal Statistical Society B 58(1), 267-288, equation 1",
    traits=("kink", "rough"),
)
def lasso(x, y):
    """Least squares with a price on the size of both weights, A = (1, 1; 1, 0; 0, 1), b = (2, 1, −½).

    The price makes the second weight nothing at all. Gradient steps jump over the kink and back; a proximal step would
    stay.
    """
    return ((x + y - 2) ** 2 + (x - 1) ** 2 + (y + 0.5) ** 2) / 2 + abs(x) + abs(y)


def softplus(u):
    return u / 2 + log(exp(u / 2) + exp(-u / 2))


def logistic(u):
    # Never of too large a number, and quicker than a hyperbolic tangent.
    return 1 / (1 + exp(-u)) if u >= 0 else exp(u) / (1 + exp(u))


# Eight doses, and whether something was seen at them.
DOSES = (-1.5, -1.0, -0.5, 0.0, 1.0, 1.5, 2.0, 3.0)
SEEN = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0)


@function(
    title="Logistic regression",
    family="teaching",
    formula="f(x, y) = Σₖ (ln(1 + exp(x tₖ + y)) − sₖ (x tₖ + y))/8",
    bounds=((-4.0, 8.0), (-6.0, 6.0)),
    start=(-3.0, 4.5),
    minimizers=[(0.9477961967138607, -0.5065597614855718)],
    minimum=0.5224649751715407,
    hazards="curvatures 0.13 and 0.35 at the minimizer; far from it the slope stays below 1.1",
    steps=200,
    reference="Cox 1958, Journal of the Royal Statistical Society B 20(2), 215-242",
)
def logistic_regression(x, y):
    """The cross entropy of σ(x t + y) on eight points: t = −1½, −1, −½, 0, 1, 1½, 2 and 3, seen at −½, 1, 2, 3.

    A convex bowl with straight sides. At least two points are on the wrong side of any threshold, so that the
    best weights are finite.
    """
    total = 0.0
    for k in range(8):
        u = x * DOSES[k] + y
        total += softplus(u) - SEEN[k] * u
    return total / 8


@function(
    title="Squares of a logistic unit",
    family="teaching",
    formula="f(x, y) = Σₖ (σ(x tₖ + y) − sₖ)²/8",
    bounds=((-6.0, 6.0), (-6.0, 6.0)),
    start=(-4.5, 2.0),
    minimizers=[(0.8050326453128404, -0.43955763738780845)],
    minimum=0.17792525739407652,
    hazards="plateaus: around (5, −3) f = 0.248 with a slope of 0.0017, far out on the wrong side 0.7 with 0.02",
    steps=300,
    reference="after Brady, Raghavan & Slawny 1989, IEEE Transactions on Circuits and Systems 36(5), 665-674",
)
def squared_logistic(x, y):
    """Unit and points of logistic_regression, with squares in place of the cross entropy.

    Where the unit is surely wrong the squares no longer change: a plateau instead of a slope.
    """
    total = 0.0
    for k in range(8):
        total += (logistic(x * DOSES[k] + y) - SEEN[k]) ** 2
    return total / 8


INPUTS = (-2.0, -1.0, 0.5, 1.0, 2.0)
TARGETS = (-1.4, -1.1, 0.7, 1.2, 1.5)


@function(
    title="Hidden tanh unit",
    family="teaching",
    formula="f(x, y) = Σₖ (y tanh(x aₖ) − bₖ)²/5",
    bounds=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.0, 2.5),
    minimizers=[(1.0098662794992985, 1.5019550089638247), (-1.0098662794992985, -1.5019550089638247)],
    minimum=0.002000003742939979,
    hazards="a saddle at (0, 0) between two equal valleys; along them the curvature is 0.12",
    steps=300,
    reference="Sussmann 1992, Neural Networks 5(4), 589-593: the signs of a tanh unit's weights",
)
def tanh_unit(x, y):
    """A network of two weights, one into a tanh unit and one out of it, on five points.

    The inputs are −2, −1, ½, 1, 2, the targets −1.4, −1.1, 0.7, 1.2, 1.5. Both signs turned give the same network.
    """
    total = 0.0
    for k in range(5):
        total += (y * tanh(x * INPUTS[k]) - TARGETS[k]) ** 2
    return total / 5


RISES = (0.1, 0.0, 0.6, 1.4, 2.4)


@function(
    title="ReLU unit",
    family="teaching",
    formula="f(x, y) = Σₖ (max(0, x aₖ + y) − cₖ)²/5",
    bounds=((-3.0, 4.0), (-4.0, 3.0)),
    start=(-1.0, 2.0),
    minimizers=[(41 / 35, 0.1)],
    minimum=1 / 140,
    hazards="kinks along five lines; no gradient where the unit is off, f = 1.618; dead ends with f = 0.466 and 1.616",
    steps=200,
    reference="after Glorot, Bordes & Bengio 2011, AISTATS, Deep sparse rectifier neural networks, section 3",
    traits=("rough",),
)
def relu_unit(x, y):
    """A rectified unit of weight x and bias y on five points: inputs −2, −1, ½, 1, 2, targets 0.1, 0, 0.6, 1.4, 2.4.

    Parabolas patched together along straight kinks. Two valleys end nowhere: there the unit fits its first or its last
    point and is off for the others. One long step lands where the unit is off for every point, and
    stays there.
    """
    total = 0.0
    for k in range(5):
        total += (max(0.0, x * INPUTS[k] + y) - RISES[k]) ** 2
    return total / 5
