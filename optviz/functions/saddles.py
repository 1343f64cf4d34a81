"""Saddles: points where the gradient vanishes and nothing is won."""

from optviz.functions import function


def saddle_gradient(x, y):
    return 2 * x, y**3 - 2 * y


@function(
    title="Saddle",
    family="saddle",
    formula="f(x, y) = x² − y² + y⁴/4",
    gradient=saddle_gradient,
    bounds=((-2.5, 2.5), (-2.5, 2.5)),
    view=((-2.4, 1.6), (-1.8, 2.2)),
    start=(-2.0, 0.001),
    minimizers=[(0.0, 1.4142135623730951), (0.0, -1.4142135623730951)],
    minimum=-1.0,
    hazards="saddle at (0, 0): on y = 0 the gradient leads straight into it, and only a push to the side leads out",
    camera=(-60, 35),
    steps=200,
    reference="after Nesterov 2004, Introductory Lectures on Convex Optimization, example 1.2.2",
)
def saddle(x, y):
    """A ridge between two equal wells. Everybody reaches the saddle at once; what counts is who leaves it first."""
    return x**2 - y**2 + y**4 / 4
