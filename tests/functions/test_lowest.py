"""No search finds anything lower than the minimum that a function lists, in the plane and in three dimensions."""

import math

import numpy as np
import pytest

from optviz.runs.points.lowest import lowest
from optviz.runs.points.minimize_many import minimize_many
from tests.functions.classics import KNOWN, OWN, PLANE, each, gradient_at, value_at

DEEP = 1e-9  # relative to a minimum above 1
CRACK = 2e-7  # of a root of a root: what doubles near its bottom differ by
FIXED = [unit for unit in OWN if unit.dimension]
BODIES = [unit.in_dimension(3) for unit in KNOWN] + FIXED


def tolerance(unit):
    return (CRACK if {"kink", "rough"} <= {*unit.traits} else DEEP) * max(1.0, abs(unit.minimum))


@pytest.mark.thin(20)
@each(PLANE)
def test_nothing_is_found_below_the_minimum(unit):
    found = lowest(unit)
    assert found.minimum >= unit.minimum - tolerance(unit), found.minimizers
    assert not found.flat and not found.endless
    # What is deep and narrow, or rough all over, a grid may miss.
    if not {"rough", "steps"} & {*unit.traits} and unit.family != "steep":
        assert found.minimum <= unit.minimum + max(1e-6, 1e-3 * abs(unit.minimum))


@pytest.mark.slow
@each(BODIES)
def test_nothing_is_found_below_the_minimum_in_many_dimensions(unit):
    """A thousand starts inside the bounds, gone down with several rates: what leaves the bounds does not count."""
    low, high = np.array(unit.bounds).T
    starts = np.random.default_rng(60).uniform(low, high, (1000, len(low)))
    wide = float((high - low).max())
    deepest, where = math.inf, None
    for rate in (1e-1, 1e-2, 1e-3):
        runs = minimize_many(unit, "adam", starts, 300, lr=rate * wide / 10)
        ends = np.clip(runs.points, low, high)
        ends = ends[np.isfinite(ends).all(axis=1)]
        values = np.array([value_at(unit, end) for end in ends])
        if np.isfinite(values).any():
            least = int(np.nanargmin(values))
            if values[least] < deepest:
                deepest, where = float(values[least]), ends[least]
    assert deepest >= unit.minimum - tolerance(unit), where
    assert value_at(unit, refined(unit, where)) >= unit.minimum - tolerance(unit), where


def refined(unit, point):
    """A compass search inside the bounds, of so many turns."""
    point, value = np.array(point), value_at(unit, point)
    low, high = np.array(unit.bounds).T
    length = 0.01
    for _ in range(400):
        for k in range(2 * len(point)):
            trial = point.copy()
            trial[k // 2] += (-1) ** k * length * (high - low)[k // 2]
            trial = np.clip(trial, low, high)
            if (reached := value_at(unit, trial)) < value:
                point, value = trial, reached
                break
        else:
            length /= 2
    return point


@each(OWN)
def test_every_minimizer_is_stationary_or_marked(unit):
    """A zero gradient, or on a border, or marked as a kink."""
    for point in unit.minimizers[:50]:
        inside = all(low < value < high for value, (low, high) in zip(point, unit.bounds, strict=True))
        if not inside or "kink" in unit.traits:
            continue
        near = np.array(point) + 1e-4 * np.array([high - low for low, high in unit.bounds])
        steep = max(map(abs, gradient_at(unit, near)))
        assert max(map(abs, gradient_at(unit, point))) <= max(1e-9, 1e-6 * steep)
