"""Curved and narrow valleys: easy to enter, slow to follow."""

from optviz.functions import chained, function


def rosenbrock_gradient(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


def rosenbrock_local_minimizers(n):
    """The one near (−1, 1, ..., 1) that there is from four dimensions on. Newton's method takes ten steps at most."""
    if n < 4:
        return []
    x = [-1.0] + [1.0] * (n - 1)
    for _ in range(12):
        slope, curvature = [0.0] * n, [0.0] * n
        for i in range(n - 1):
            left, right = rosenbrock_gradient(x[i], x[i + 1])
            slope[i] += left
            slope[i + 1] += right
            curvature[i] += 2 - 400 * x[i + 1] + 1200 * x[i] ** 2
            curvature[i + 1] += 200
        # The Hessian is tridiagonal, with −400 xᵢ beside its diagonal: eliminated downwards, solved upwards.
        for i in range(n - 1):
            factor = 400 * x[i] / curvature[i]
            curvature[i + 1] -= 400 * x[i] * factor
            slope[i + 1] += factor * slope[i]
        move = 0.0
        for i in reversed(range(n)):
            move = (slope[i] + 400 * x[i] * move) / curvature[i]
            x[i] -= move
    return [tuple(x)]


@function(
    title="Rosenbrock",
    family="valley",
    formula="f(x, y) = (1 − x)² + 100 (y − x²)²",
    gradient=rosenbrock_gradient,
    bounds=((-2.048, 2.048), (-2.048, 2.048)),
    view=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.2, 1.0),
    minimizers=[(1.0, 1.0)],
    minimum=0.0,
    hazards="long curved valley; curvatures 0.4 and 1002 at the minimizer",
    steps=300,
    reference="Rosenbrock 1960, The Computer Journal 3(3), 175-184, equation 2",
    general=chained(
        formula="f(x) = Σᵢ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)²",
        minimizers=lambda n: [(1.0,) * n],
        minimum=lambda n: 0.0,
        reference="Shang & Qiu 2006, Evolutionary Computation 14(1), 119-126, equation 2",
        local_minimizers=rosenbrock_local_minimizers,
    ),
    names=("banana", "de_jong2"),
)
def rosenbrock(x, y):
    """A banana-shaped valley with a nearly flat floor: reaching it is easy, following it to the minimizer is not."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2
