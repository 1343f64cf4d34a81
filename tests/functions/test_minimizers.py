"""Every test function: its minimum, its minimizers and its local minimizers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from optviz.runs.points.lowest import lowest
from tests.functions.calculus import borders, free_curvature, width
from tests.functions.classics import OWN, PLANE, each, gradient_at, value_at

EXACT = 1e-12
ROOTS = 1e-7  # of a kink that is a root no double comes nearer to the bottom: the root of the rounding of what is in it

each_local = each([unit for unit in OWN if unit.local_minimizers])


def rounded(unit):
    """What a value may be off at a minimizer."""
    scale = max(1.0, abs(unit.minimum))
    return (ROOTS if {"kink", "rough"} <= {*unit.traits} else EXACT) * scale


def smooth(unit, points):
    """Those of some points at which a function has a gradient, of very many an even choice."""
    return [] if "kink" in unit.traits else list(points)[:: max(len(points) // 40, 1)]


@each(OWN)
def test_minimum_is_the_value_at_every_minimizer(unit):
    assert unit.minimizers
    for point in unit.minimizers:
        assert value_at(unit, point) == pytest.approx(unit.minimum, rel=0, abs=rounded(unit))


@each(OWN)
def test_minimizers_lie_in_the_bounds_and_are_no_two_the_same(unit):
    points = unit.minimizers + unit.local_minimizers
    for point in points:
        assert len(point) == len(unit.bounds)
        assert all(low <= value <= high for value, (low, high) in zip(point, unit.bounds, strict=True))
    assert len(set(points)) == len(points)


@each(OWN)
def test_gradient_vanishes_or_falls_out_of_the_bounds(unit):
    """On a border it may vanish too; at what is marked as a kink there is none."""
    for point in smooth(unit, unit.minimizers + unit.local_minimizers):
        scale = max([1.0, *np.abs(free_curvature(unit, point)).ravel().tolist()])
        for part, border in zip(gradient_at(unit, point), borders(unit, point), strict=True):
            assert part * border <= 0 if border else abs(part) <= 1e-9 * scale


def exact_curvature(unit, point, differences):
    """The Hessian for the coordinates that are not on a border; waves may be too short for differences."""
    if unit.dimension:
        return differences
    xx, xy, yy = unit.hessian(*map(float, point))
    free = [i for i, side in enumerate(borders(unit, point)) if not side]
    return np.array([[xx, xy], [xy, yy]])[np.ix_(free, free)]


@each(OWN)
def test_curvature_is_positive_where_it_is_not_marked_otherwise(unit):
    """At a minimizer that is marked as degenerate, or one of a continuum, it is zero in some direction."""
    for point in smooth(unit, unit.minimizers + unit.local_minimizers):
        curvature = free_curvature(unit, point)
        if not curvature.size:
            continue
        least = max(np.linalg.eigvalsh(one).min() for one in (curvature, exact_curvature(unit, point, curvature)))
        if {"degenerate", "continuum", "steps"} & {*unit.traits}:
            assert least >= -1e-3 * max(1e-6, np.abs(curvature).max())
        else:
            assert least > 0


@each([unit for unit in OWN if "degenerate" in unit.traits and not {"kink", "rough"} & {*unit.traits}])
def test_what_is_marked_degenerate_has_no_curvature_in_some_direction(unit):
    assert any(
        abs(np.linalg.eigvalsh(curvature).min()) <= 1e-3 * max(1.0, np.abs(curvature).max())
        for curvature in (free_curvature(unit, point) for point in unit.minimizers)
        if curvature.size
    )


@each([unit for unit in OWN if not {"degenerate", "continuum", "steps"} & {*unit.traits}])
def test_minimizers_are_right_to_ten_digits(unit):
    """Newton's step from the listed point does not reach its tenth digit."""
    for point in smooth(unit, unit.minimizers + unit.local_minimizers):
        free = [i for i, border in enumerate(borders(unit, point)) if not border]
        move = np.linalg.solve(free_curvature(unit, point), np.array(gradient_at(unit, point))[free])
        assert np.abs(move).max(initial=0) <= 1e-10 * max(1.0, *map(abs, point))


@each_local
def test_local_minimizers_lie_above_the_minimum(unit):
    for point in unit.local_minimizers:
        assert value_at(unit, point) > unit.minimum + 1e-9 * max(1.0, abs(unit.minimum))


def lowest_on_a_grid(unit, side):
    xs, ys = (np.linspace(low, high, side).tolist() for low, high in unit.bounds)
    return min(value_at(unit, (x, y)) for x in xs for y in ys)


@pytest.mark.thin(3)
@each(PLANE)
def test_nothing_on_a_grid_is_lower_than_the_minimum(unit):
    assert lowest_on_a_grid(unit, 41) >= unit.minimum - rounded(unit)


@pytest.mark.slow
@each(PLANE)
def test_nothing_on_a_fine_grid_is_lower_than_the_minimum(unit):
    assert lowest_on_a_grid(unit, 401) >= unit.minimum - rounded(unit)


@pytest.mark.thin(3)
@each(OWN)
def test_nothing_drawn_at_random_is_lower_than_the_minimum(unit):
    low, high = np.array(unit.bounds).T
    points = np.random.default_rng(22).uniform(low, high, (200, len(low))).tolist()
    assert all(not value_at(unit, point) < unit.minimum - rounded(unit) for point in points)


def falls(unit, far):
    """Whether a function is lower than its minimum outside of the bounds, so many widths away."""
    ends = [(low - far * (high - low), high + far * (high - low)) for low, high in unit.bounds]
    xs, ys = (np.linspace(low, high, 61).tolist() for low, high in ends)
    return any(value_at(unit, (x, y)) < unit.floor for x in xs for y in ys)


@pytest.mark.thin(3)
@each([unit for unit in PLANE if "falls" not in unit.traits])
def test_what_is_lower_outside_of_its_bounds_is_marked_as_falling(unit):
    assert not falls(unit, 2)


@pytest.mark.slow
@each([unit for unit in PLANE if "falls" in unit.traits])
def test_what_is_marked_as_falling_falls(unit):
    def refined(far):
        ends = tuple((low - far * (high - low), high + far * (high - low)) for low, high in unit.bounds)
        return lowest(replace(unit, bounds=ends)).minimum

    assert any(falls(unit, far) or refined(far) < unit.floor for far in (0.2, 2, 100, 1000))


@pytest.mark.slow
@each([unit for unit in PLANE if not {"kink", "rough", "continuum", "steps"} & {*unit.traits}])
def test_descent_finds_no_unlisted_global_minimizer(unit):
    optimize = pytest.importorskip("scipy.optimize")
    cells = 61
    xs, ys = (np.linspace(low, high, cells).tolist() for low, high in unit.bounds)
    heights = np.array([[unit.value(x, y) for x in xs] for y in ys])
    padded = np.pad(heights, 1, constant_values=np.inf)
    around = [padded[i : i + cells, j : j + cells] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    pits = np.argwhere(heights <= np.minimum.reduce(around)).tolist()
    tolerance = 1e-9 * max(1.0, abs(unit.minimum))
    for row, column in sorted(pits, key=lambda pit: heights[pit[0], pit[1]])[:24]:
        end = optimize.minimize(
            lambda p: unit.value(*p.tolist()),
            (xs[column], ys[row]),
            jac=lambda p: np.array(unit.gradient(*p.tolist())),
            bounds=unit.bounds,
            options={"gtol": 1e-12, "ftol": 0},
        )
        assert end.fun >= unit.minimum - tolerance
        if end.fun <= unit.minimum + tolerance:
            distances = [math.dist(end.x, point) for point in unit.minimizers]
            near = 0.1 if "degenerate" in unit.traits else 1e-3
            assert min(distances) < near * width(unit), end.x
