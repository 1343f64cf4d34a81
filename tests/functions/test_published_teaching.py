"""Functions that teach: against other forms of them on arrays, and what their texts promise."""

import numpy as np
import pytest

import optviz
from optviz.functions import REGISTRY
from tests.functions.published.teaching import FIXED, GENERAL, VALUES

TEACHING = [unit for unit in REGISTRY if unit.module.startswith("optviz.functions.teaching")]
# The wall of the cliff multiplies rounding by its slope, thousands; so do the teeth, by 1,000 in a coordinate.
ROUNDED = {"cliff": 1e-8}

each = pytest.mark.parametrize("unit", TEACHING, ids=lambda unit: unit.name)


def points(unit, count, seed=43):
    """(count, n) float64 inside the bounds."""
    low, high = np.array(unit.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def compare(ours, published, tolerance):
    scale = max(1.0, np.abs(published).max())
    assert np.abs(ours - published).max() <= tolerance * scale


def test_every_one_has_a_form_of_its_own():
    assert {unit.name for unit in TEACHING} == {*VALUES, *FIXED}
    assert {unit.family for unit in TEACHING} == {"teaching"}


@pytest.mark.parametrize("name", sorted(VALUES))
def test_value_is_the_other_form(name):
    unit = REGISTRY[name]
    at = points(unit, 1000)
    ours = np.array([unit.value(x, y) for x, y in at.tolist()])
    compare(ours, VALUES[name](*at.T), ROUNDED.get(name, 1e-12))


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("name", sorted(GENERAL))
def test_value_in_n_dimensions_is_the_other_form(name, n):
    unit = REGISTRY[name].in_dimension(n)
    at = points(unit, 100)
    compare(np.array([unit.value(x) for x in at.tolist()]), np.array([GENERAL[name](x) for x in at]), 1e-12)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_value_of_a_fixed_number_of_variables_is_the_other_form(name):
    unit = REGISTRY[name]
    at = points(unit, 1000)
    compare(np.array([unit.value(x) for x in at.tolist()]), FIXED[name](at), 1e-12)


@each
def test_minimum_is_the_value_at_every_minimizer(unit):
    for point in unit.minimizers:
        value = unit.value(*point) if unit.dimension is None else unit.value(list(point))
        assert value == pytest.approx(unit.minimum, rel=1e-12, abs=1e-12)


def test_minima_of_the_models_are_those_of_other_methods():
    times, heights = np.arange(1, 9), np.array([2, 1.5, 3.5, 3, 4.5, 6.5, 6, 7])
    design = np.stack([times, np.ones(8)], axis=1)
    found, rest, *_ = np.linalg.lstsq(design, heights, rcond=None)
    unit = REGISTRY["straight_line"]
    assert unit.minimizers[0] == pytest.approx(found, rel=1e-12)
    assert unit.minimum == pytest.approx(rest[0] / 16, rel=1e-12)
    best = REGISTRY["logistic_regression"].minimizers[0]
    doses = np.array([-1.5, -1, -0.5, 0, 1, 1.5, 2, 3])
    design = np.stack([doses, np.ones(8)], axis=1)
    seen = np.isin(doses, [-0.5, 1, 2, 3])
    weights = np.zeros(2)
    for _ in range(30):  # iteratively reweighted least squares
        p = 1 / (1 + np.exp(-design @ weights))
        weights = weights + np.linalg.solve(design.T * (p * (1 - p)) @ design, design.T @ (seen - p))
    assert best == pytest.approx(weights, rel=1e-12)


def end(function, optimizer, **more):
    return optviz.minimize(function, optimizer, **more).points[-1]


def test_a_cliff_throws_plain_steps_away_and_keeps_clipped_ones():
    assert np.abs(end("cliff", "sgd", lr=0.05, steps=200)).max() > 100
    assert np.abs(end("cliff", "clip(sgd, limit=0.5)", lr=0.05, steps=200)).max() < 10


def test_rare_large_gradients_mislead_adam_and_not_amsgrad():
    betas = {"beta1": 0.0, "beta2": 0.1, "steps": 200, "lr": 0.01}
    x, y = end("rare_large_gradients", "adam", **betas)
    assert x > 0.5 and y == pytest.approx(-1, abs=0.05)
    x, y = end("rare_large_gradients", "amsgrad", **betas)
    assert x < 0.2 and y == pytest.approx(-1, abs=0.05)
    x, y = end("rare_large_gradients", "sgd", lr=0.02, steps=200)
    assert (x, y) == pytest.approx((-1, -1), abs=0.1)


def test_signs_give_as_much_to_features_of_no_use():
    x, y = end("wilson_plane", "adam", start=(0.0, 0.0), lr=0.01, steps=5)
    assert x == pytest.approx(y, rel=0.1)
    x, y = end("wilson_plane", "sgd", start=(0.0, 0.0), lr=0.01, steps=5)
    assert y < 0.5 * x


def test_cross_entropy_leaves_where_squares_stay():
    start = (-4.0, 0.0)
    gaps = {}
    for name in ("logistic_regression", "squared_logistic"):
        run = optviz.minimize(name, "sgd", start=start, lr=0.5, steps=40)
        gaps[name] = run.gap[-1] / run.gap[0]
    assert gaps["logistic_regression"] < 0.05 < 0.5 < gaps["squared_logistic"]


def test_a_long_step_kills_a_relu_unit():
    run = optviz.minimize("relu_unit", "sgd", start=(-1.0, 2.0), lr=2.0, steps=30)
    assert run.values[-1] > 1 or run.diverged_at
    assert REGISTRY["relu_unit"].gradient(0.0, -1.0) == (0.0, 0.0)


def test_two_layers_keep_their_balance():
    """Gradient flow keeps x² − y²; steps of finite length lose some of it."""
    small = optviz.minimize("two_layers", "sgd", lr=1e-4, steps=30000).points
    balance = small[:, 0] ** 2 - small[:, 1] ** 2
    assert np.ptp(balance) < 0.01
    (x, y) = small[-1]
    assert x * y == pytest.approx(1, abs=1e-3)
