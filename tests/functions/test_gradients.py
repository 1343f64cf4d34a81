"""The gradient of every test function against derivatives of its value."""

import math

import numpy as np
import pytest

from optviz.functions import REGISTRY
from tests.functions.calculus import central_slope, slope, width

each = pytest.mark.parametrize("unit", list(REGISTRY), ids=lambda unit: unit.name)


@each
def test_gradient_is_the_complex_step_derivative(unit):
    low, high = np.array(unit.bounds).T
    for x, y in np.random.default_rng(20).uniform(low, high, (1000, 2)):
        expected = slope(unit.value, x, y)
        error = math.hypot(*np.subtract(unit.gradient(x, y), expected))
        # A component may nearly vanish by cancellation, so the error is measured against the whole gradient.
        assert error <= 1e-11 * math.hypot(*expected) + 1e-12 * abs(unit.value(x, y)), (x, y)


@each
def test_gradient_agrees_with_central_differences(unit):
    """A second opinion that shares neither arithmetic nor math functions with the complex step."""
    step = 1e-4 * width(unit)
    low, high = np.array(unit.bounds).T + np.array([[2 * step], [-2 * step]])
    agrees = 0
    for x, y in np.random.default_rng(21).uniform(low, high, (100, 2)):
        expected = central_slope(unit.value, x, y, step)
        agrees += math.hypot(*np.subtract(unit.gradient(x, y), expected)) <= 1e-6 * (1 + math.hypot(*expected))
    assert agrees >= 98  # a difference across a kink says nothing


@each
def test_formulas_give_finite_floats_in_corners_centre_and_marked_points(unit):
    (x_low, x_high), (y_low, y_high) = unit.bounds
    points = [(x, y) for x in (x_low, 0.0, x_high) for y in (y_low, 0.0, y_high)]
    for x, y in [*points, unit.start, *unit.minimizers, *unit.local_minimizers]:
        value, gradient = unit.value(float(x), float(y)), unit.gradient(float(x), float(y))
        assert isinstance(value, float) and math.isfinite(value)
        assert isinstance(gradient, tuple) and len(gradient) == 2
        assert all(isinstance(part, float) and math.isfinite(part) for part in gradient)


@pytest.mark.parametrize(
    ("name", "point"),
    [("ackley", (0.0, 0.0)), ("eggholder", (20.0, -57.0)), ("eggholder", (0.0, -47.0)), ("eggholder", (47.0, 0.0))],
)
def test_gradient_is_finite_on_a_kink_and_beside_it(name, point):
    gradient = REGISTRY[name].gradient
    assert all(math.isfinite(part) for part in gradient(*point))
    for nudge in (5e-324, 1e-300, 1e-12):
        assert all(math.isfinite(part) for part in gradient(point[0] + nudge, point[1] - nudge))
