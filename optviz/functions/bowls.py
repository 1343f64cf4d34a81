"""Bowls: one minimizer, constant curvature. What differs is how steep the sides are, and which way they face."""

from optviz.functions import General, function, summed


def sphere_gradient(x, y):
    return 2 * x, 2 * y


@function(
    title="Sphere",
    family="bowl",
    formula="f(x, y) = x² + y²",
    gradient=sphere_gradient,
    bounds=((-5.12, 5.12), (-5.12, 5.12)),
    view=((-5.0, 3.0), (-4.0, 4.0)),
    start=(-4.0, 1.5),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="none; the curvature is 2 everywhere and in every direction",
    steps=150,
    reference="De Jong 1975, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, test function F1",
    general=summed(
        formula="f(x) = Σᵢ xᵢ²",
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="De Jong 1975, as above, there in three dimensions",
    ),
    names=("de_jong1",),
)
def sphere(x, y):
    """The easiest bowl. The gradient points at the minimizer, so whoever leaves the straight line chose to."""
    return x**2 + y**2


def quadratic_gradient(x, y):
    return 2 * x, 200 * y


def ellipse(x):
    total = 0.0
    for i in range(len(x)):
        total += 100 ** (float(i) / float(len(x) - 1)) * x[i] ** 2
    return total


def ellipse_gradient(x, g):
    for i in range(len(x)):
        g[i] = 2 * 100 ** (float(i) / float(len(x) - 1)) * x[i]


@function(
    title="Ill-conditioned quadratic",
    family="bowl",
    formula="f(x, y) = x² + 100 y²",
    gradient=quadratic_gradient,
    bounds=((-5.0, 5.0), (-5.0, 5.0)),
    view=((-5.0, 3.0), (-4.0, 4.0)),
    start=(-4.0, 3.0),
    minimizers=[(0.0, 0.0)],
    minimum=0.0,
    hazards="condition number 100: curvatures 2 along x and 200 along y; plain gradient descent diverges above lr 0.01",
    steps=200,
    reference="Boyd & Vandenberghe 2004, Convex Optimization, section 9.3.2, there as (x² + γ y²)/2",
    general=General(
        formula="f(x) = Σᵢ 100^((i − 1)/(n − 1)) xᵢ²",
        value=ellipse,
        gradient=ellipse_gradient,
        minimizers=lambda n: [(0.0,) * n],
        minimum=lambda n: 0.0,
        reference="Hansen & Ostermeier 2001, Evolutionary Computation 9(2), 159-195, f_elli, there with 1e6 for 100",
    ),
    names=("ellipse",),
)
def quadratic(x, y):
    """A bowl a hundred times steeper across than along.

    One learning rate must serve both directions: plain gradient descent crawls, momentum overshoots. Rules with a
    step size for each coordinate level the difference, since here it lies along the axes; compare Booth, where it
    does not.
    """
    return x**2 + 100 * y**2


def booth_gradient(x, y):
    return 10 * x + 8 * y - 34, 8 * x + 10 * y - 38


@function(
    title="Booth",
    family="bowl",
    formula="f(x, y) = (x + 2y − 7)² + (2x + y − 5)²",
    gradient=booth_gradient,
    bounds=((-10.0, 10.0), (-10.0, 10.0)),
    start=(2.0, -8.0),
    minimizers=[(1.0, 3.0)],
    minimum=0.0,
    hazards="condition number 9: curvatures 18 and 2 along the diagonals, so that each coordinate pulls on the other",
    steps=200,
    reference="Jamil & Yang 2013, arXiv:1308.4008, Booth function",
)
def booth(x, y):
    """A bowl turned by 45 degrees, where a step size for each coordinate no longer fits its axes."""
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2
