"""Every test function: its minimum, its minimizers and its local minimizers."""

import math

import numpy as np
import pytest

from optviz.functions import REGISTRY
from tests.functions.calculus import borders, free_curvature, width

FUNCTIONS = list(REGISTRY)
GLOBAL = [pytest.param(unit, point, id=f"{unit.name}{point}") for unit in FUNCTIONS for point in unit.minimizers]
LOCAL = [pytest.param(unit, point, id=f"{unit.name}{point}") for unit in FUNCTIONS for point in unit.local_minimizers]

each = pytest.mark.parametrize("unit", FUNCTIONS, ids=lambda unit: unit.name)
each_minimizer = pytest.mark.parametrize(("unit", "point"), GLOBAL)
each_local_minimizer = pytest.mark.parametrize(("unit", "point"), LOCAL)
each_of_both = pytest.mark.parametrize(("unit", "point"), GLOBAL + LOCAL)


@each_minimizer
def test_minimum_is_the_value_at_every_minimizer(unit, point):
    assert unit.value(*point) == pytest.approx(unit.minimum, rel=1e-12, abs=1e-12)


@each_of_both
def test_minimizers_lie_in_the_bounds(unit, point):
    assert all(low <= value <= high for value, (low, high) in zip(point, unit.bounds, strict=True))


@each_of_both
def test_gradient_vanishes_or_falls_out_of_the_bounds(unit, point):
    for part, border in zip(unit.gradient(*point), borders(unit, point), strict=True):
        if border:
            assert part * border < 0
        else:
            assert abs(part) <= 1e-6


@each_of_both
def test_curvature_is_positive(unit, point):
    assert np.linalg.eigvalsh(free_curvature(unit, point)).min() > 1e-6


@each_of_both
def test_minimizers_are_right_to_ten_digits(unit, point):
    """Newton's step from the listed point does not reach its tenth digit."""
    free = [i for i, border in enumerate(borders(unit, point)) if not border]
    move = np.linalg.solve(free_curvature(unit, point), np.array(unit.gradient(*point))[free])
    assert np.abs(move).max() <= 1e-10 * max(1.0, *map(abs, point))


@each_local_minimizer
def test_local_minimizers_lie_above_the_minimum(unit, point):
    assert unit.value(*point) > unit.minimum + 1e-3


@each
def test_nothing_on_a_grid_is_lower_than_the_minimum(unit):
    xs, ys = (np.linspace(low, high, 401).tolist() for low, high in unit.bounds)
    lowest = min(unit.value(x, y) for x in xs for y in ys)
    assert lowest >= unit.minimum - 1e-12 * max(1.0, abs(unit.minimum))


@each
def test_descent_finds_no_unlisted_global_minimizer(unit):
    optimize = pytest.importorskip("scipy.optimize")
    cells = 61
    xs, ys = (np.linspace(low, high, cells).tolist() for low, high in unit.bounds)
    heights = np.array([[unit.value(x, y) for x in xs] for y in ys])
    padded = np.pad(heights, 1, constant_values=np.inf)
    around = [padded[i : i + cells, j : j + cells] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    pits = np.argwhere(heights <= np.minimum.reduce(around)).tolist()
    tolerance = 1e-6 * max(1.0, abs(unit.minimum))
    found = set()
    for row, column in sorted(pits, key=lambda pit: heights[pit[0], pit[1]])[:12]:
        end = optimize.minimize(
            lambda p: unit.value(*p.tolist()),
            (xs[column], ys[row]),
            jac=lambda p: np.array(unit.gradient(*p.tolist())),
            bounds=unit.bounds,
        )
        assert end.fun >= unit.minimum - tolerance
        if end.fun <= unit.minimum + tolerance:
            distances = [math.dist(end.x, point) for point in unit.minimizers]
            assert min(distances) < 1e-3 * width(unit)
            found.add(distances.index(min(distances)))
    assert len(found) == len(unit.minimizers)
