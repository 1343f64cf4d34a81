"""Plates: nearly flat where the walk is long, and steep where it is not."""

from optviz.functions import function


def beale_gradient(x, y):
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y**2
    c = 2.625 - x + x * y**3
    return (
        2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y**3 - 1),
        2 * a * x + 4 * b * x * y + 6 * c * x * y**2,
    )


@function(
    title="Beale",
    family="plate",
    formula="f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
    gradient=beale_gradient,
    bounds=((-4.5, 4.5), (-4.5, 4.5)),
    start=(-2.0, -2.0),
    minimizers=[(3.0, 0.5)],
    minimum=0.0,
    hazards=(
        "a flat cross between corners where the gradient reaches 2.5e5; one arm sinks towards 0.452 as x goes to minus "
        "infinity; saddle at (0, 1); curvatures 0.3 and 49 at the minimizer"
    ),
    steps=300,
    reference="Beale 1958, On an iterative method for finding a local minimum of a function of more than one variable",
)
def beale(x, y):
    """Four steep corners around a flat cross: a step that suits the plateau is thrown far out by the walls."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2
