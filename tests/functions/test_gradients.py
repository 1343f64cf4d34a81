"""The gradient of every test function against derivatives of its value, and what formulas give at odd places."""

import math

import numpy as np
import pytest

from optviz.functions import REGISTRY
from tests.functions.calculus import central_slope, complex_slope, is_analytic, values_of, width
from tests.functions.classics import OWN, each, gradient_at, value_at

SIZES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-8, 1e-10)  # of steps, in widths of the bounds


def inside(unit, count, seed, margin=0.0):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.bounds).T
    return np.random.default_rng(seed).uniform(low + margin, high - margin, (count, len(low))).tolist()


def assert_derivative(unit, count):
    for point in inside(unit, count, 20):
        expected = complex_slope(unit, point)
        error = math.hypot(*np.subtract(gradient_at(unit, point), expected))
        # A component may nearly vanish by cancellation, so the error is measured against the whole gradient; and where
        # this one changes much from one double to the next it is that of a point that is the same to rounding, which
        # is the rounding of its distance from the minimizer in what is shifted.
        size = math.hypot(*point, *(unit.minimizers[0] if unit.minimizers else ()))
        beside = 0.0 if unit.dimension else 1e-15 * math.hypot(*unit.hessian(*point)) * size
        assert error <= 1e-11 * math.hypot(*expected) + 1e-12 * abs(value_at(unit, point)) + beside, point


@each([unit for unit in OWN if is_analytic(unit.value)])
def test_gradient_is_the_complex_step_derivative(unit):
    assert_derivative(unit, 40)


@pytest.mark.slow
@each([unit for unit in OWN if is_analytic(unit.value)])
def test_gradient_is_the_complex_step_derivative_at_many_points(unit):
    assert_derivative(unit, 1000)


def test_few_functions_have_no_complex_step():
    assert sum(not is_analytic(unit.value) for unit in OWN) <= len(OWN) / 10


@pytest.mark.thin(3)
@each(OWN)
def test_gradient_agrees_with_central_differences(unit):
    """A second opinion that shares neither arithmetic nor math functions with the complex step.

    Of steps of several lengths one agrees, to what rounding leaves of it. Where the gradient itself is another one at
    their ends they say nothing: across kinks, and on what is rough all over.
    """
    said = [difference_agrees(unit, point) for point in inside(unit, 25, 21, 2e-3 * width(unit))]
    assert said.count(False) <= 1
    assert "rough" in unit.traits or said.count(True) >= 20


def difference_agrees(unit, point):
    """Whether differences give the gradient there; None where none of them says anything."""
    gradient, informed = gradient_at(unit, point), False
    for step in (size * width(unit) for size in SIZES):
        moves = [2 * step * side * axis for axis in np.eye(len(point)) for side in (-1, 1)]
        ends = [gradient_at(unit, np.add(point, move)) for move in moves]
        expected = central_slope(values_of(unit), point, [step] * len(point))
        rounding = 1e-14 * max(abs(value_at(unit, point)), 1e-9) / step
        if math.dist(gradient, expected) <= 1e-6 * math.hypot(*expected) + rounding:
            return True
        informed |= all(math.dist(gradient, end) <= 1e-3 * math.hypot(*gradient) for end in ends)
    return False if informed else None


@each(OWN)
def test_formulas_give_finite_floats_in_corners_centre_and_marked_points(unit):
    """Plain Python may find no value on what is rough at 0; kernels agree with the conventions there."""
    ends = [(low, 0.0 if low <= 0 <= high else (low + high) / 2, high) for low, high in unit.bounds]
    corners = [tuple(pair[k] for pair in ends) for k in range(3)]
    if unit.dimension is None:
        corners = [(x, y) for x in ends[0] for y in ends[1]]
    for point in [*corners, unit.start, *unit.minimizers[:20], *unit.local_minimizers[:20]]:
        value, gradient = value_at(unit, point), gradient_at(unit, point)
        assert isinstance(value, float) and math.isfinite(value)
        assert len(gradient) == len(unit.bounds) and all(map(math.isfinite, gradient)), point


@each([unit for unit in OWN if unit.dimension is None])
def test_gradients_of_two_variables_are_tuples_of_floats(unit):
    for point in [unit.start, *unit.minimizers[:5]]:
        gradient = unit.gradient(*map(float, point))
        assert isinstance(gradient, tuple) and [type(part) for part in gradient] == [float, float]
        assert [type(part) for part in unit.hessian(*map(float, point))] == [float] * 3
        assert type(unit.value(*map(float, point))) is float


@pytest.mark.parametrize(
    ("name", "point"),
    [("ackley", (0.0, 0.0)), ("eggholder", (20.0, -57.0)), ("eggholder", (0.0, -47.0)), ("eggholder", (47.0, 0.0))],
)
def test_gradient_is_finite_on_a_kink_and_beside_it(name, point):
    gradient = REGISTRY[name].gradient
    assert all(math.isfinite(part) for part in gradient(*point))
    for nudge in (5e-324, 1e-300, 1e-12):
        assert all(math.isfinite(part) for part in gradient(point[0] + nudge, point[1] - nudge))


@each([unit for unit in OWN if "rough" in unit.traits or "kink" in unit.traits])
def test_slopes_are_finite_at_and_beside_kinks(unit):
    """At minimizers that are kinks, and a little beside them, by the conventions of derived gradients."""
    for point in unit.minimizers[:8]:
        for nudge in (0.0, 1e-300, 1e-12):
            moved = [min(value + nudge, high) for value, (_, high) in zip(point, unit.bounds, strict=True)]
            assert all(map(math.isfinite, gradient_at(unit, moved))), moved
