"""Curved and narrow valleys: easy to enter, slow to follow."""

from optviz.functions import function


def rosenbrock_gradient(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


@function(
    title="Rosenbrock",
    family="valley",
    formula="f(x, y) = (1 − x)² + 100 (y − x²)²",
    gradient=rosenbrock_gradient,
    bounds=((-2.048, 2.048), (-2.048, 2.048)),
    view=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.5, 2.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="long curved valley; curvatures 0.4 and 1002 at the minimizer",
    camera=(-72, 46),
    steps=300,
    reference="Rosenbrock 1960, The Computer Journal 3(3), 175-184, equation 2",
)
def rosenbrock(x, y):
    """A banana-shaped valley with a nearly flat floor: reaching it is easy, following it to the minimizer is not."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2
