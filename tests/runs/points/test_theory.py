"""Theory against measurement: where sweeps diverge, come to rest and are fastest, and the curvature that says so."""

import dataclasses
import math

import numpy as np
import pytest

from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import configure
from optviz.runs.points import theory as module
from optviz.runs.points.sweep import sweep
from optviz.runs.points.theory import curvature, theory
from tests.figures.sweep_results import axis
from tests.functions.classics import PLANE

LARGEST = {"sphere": 2.0, "quadratic": 200.0, "booth": 18.0}  # curvatures


def crossings(made, good):
    """(lines, 2): for each line of pixels along lr that the curve of stability crosses, the place of the curve and
    that of the upper border of the last pixel that is `good`, both in pixels."""
    (curve,) = (one for one in made.theory if one.name == "stability")
    across = made.x.name == "lr"
    rates, other = (made.x, made.y) if across else (made.y, made.x)
    lr, value = curve.points.T if across else curve.points.T[::-1]
    found = []
    for at, line in zip(other.values, good if across else good.T, strict=True):
        place = float(rates.place(np.interp(other.place(at), other.place(value), lr)))
        if 1 < place < len(rates.values) - 1:
            found.append((place, np.flatnonzero(line)[-1] + 1))
    return np.array(found)


# Runs above the edge grow by a factor of 1 + 2 d (1 + b) / (1 - b) a step, d the share by which lr lies above it: a
# pixel of 1.3 % needs at most 1,300 steps from 1 to 1e6. Those below shrink and never grow to 1e6.
@pytest.mark.parametrize(
    ("name", "optimizer", "x", "y"),
    [
        ("quadratic", "momentum", ("lr", 1e-3, 0.05, 300), ("momentum", 0.0, 0.99, 200)),
        ("sphere", "momentum", ("lr", 0.1, 5.0, 300), ("momentum", 0.0, 0.99, 200)),
        ("booth", "momentum", ("momentum", 0.0, 0.99, 300), ("lr", 0.01, 0.5, 200)),
        ("quadratic", "nesterov", ("lr", 1e-3, 0.05, 300), ("momentum", 0.0, 0.99, 200)),
        pytest.param(
            "booth",
            "nesterov",
            ("momentum", 0.0, 0.99, 300, "linear"),
            ("lr", 0.01, 0.5, 200),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_divergence_begins_at_the_curve(name, optimizer, x, y):
    made = sweep(name, optimizer, x, y, steps=2000)
    gone = made.diverged > 0
    found = crossings(made, ~gone)
    assert len(found) == len(made.y.values if made.x.name == "lr" else made.x.values)  # it crosses every line
    np.testing.assert_allclose(found[:, 1], found[:, 0], rtol=0, atol=1)
    # Below the curve none diverges, above it all do.
    along = gone if made.x.name == "lr" else gone.T
    assert (np.diff(along.astype(int), axis=1) >= 0).all()


def test_the_first_row_is_plain_gradient_descent():
    made = sweep("quadratic", "momentum", ("lr", 1e-3, 0.05, 300), ("momentum", 0.0, 1e-9, 2, "linear"), steps=2000)
    place, last = crossings(made, made.diverged == 0)[0]
    assert abs(made.x.place(2 / 200) - place) < 1e-6 and abs(last - place) < 1


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("quadratic", ("lr", 1e-3, 0.05, 300), ("momentum", 0.0, 0.99, 200)),
        ("booth", ("momentum", 0.0, 0.99, 300), ("lr", 0.01, 0.5, 200)),
    ],
)
def test_the_fastest_pixel_is_polyaks(name, x, y):
    # The theory is about many steps: far below the start, a few steps early or late by chance do not count.
    made = sweep(name, "momentum", x, y, steps=2000, tolerance=1e-100)
    (best,) = (one for one in made.theory if one.name == "optimum")
    steps = np.where(made.arrived < 0, 10**6, made.arrived)
    row, column = np.unravel_index(steps.argmin(), steps.shape)
    (at_x, at_y), (place_x, place_y) = best.points[0], (column + 0.5, row + 0.5)
    assert abs(made.x.place(at_x) - place_x) < 3 and abs(made.y.place(at_y) - place_y) < 3


# Near rest Adam is heavy ball with lr (1 - b1) / (sqrt(v) + eps). Where that is unstable at v = 0, the gradient grows
# until sqrt(v) = (r - 1) eps, r the ratio of lr to the edge, and keeps that size: f stays near ((r - 1) eps)**2 / 2 L.
# A pixel is 4.7 % wide and eps at least 1, so that a tolerance of 1e-9 is passed a hundredth of a pixel above the edge.
# Below it the gradient shrinks by sqrt(b1) a step or faster; beta2 = 0.9 lets v follow it. Very low rates are stable
# too, but too slow for so many steps: only the upper end of what comes to rest is looked at.
ADAM = {"steps": 2000, "beta2": 0.9, "tolerance": 1e-9}


@pytest.mark.parametrize("name", ["quadratic", "booth"])
def test_adam_comes_to_rest_below_the_curve_over_eps(name):
    high = LARGEST[name]
    made = sweep(name, "adam", ("lr", 20 / high, 20_000 / high, 150), ("eps", 1.0, 1e3, 100), **ADAM)
    found = crossings(made, made.arrived >= 0)
    assert len(found) == 90  # 10 of 100 cross it outside
    np.testing.assert_allclose(found[:, 1], found[:, 0], rtol=0, atol=1)
    assert (made.diverged == 0).all()  # above it, runs wander around the minimizer


def test_adam_comes_to_rest_below_the_curve_over_beta1():
    # Up to sqrt(beta2): beyond, the average of gradients outlives that of their squares.
    y = ("lr", 0.1, 100.0, 150)
    made = sweep("quadratic", "adam", ("beta1", 0.0, 0.94, 100), y, eps=30.0, **ADAM)
    found = crossings(made, made.arrived >= 0)
    assert len(found) == 100
    np.testing.assert_allclose(found[:, 1], found[:, 0], rtol=0, atol=1)


# What is said, and where


def said(name, optimizer, x, y, **hyperparameters):
    return theory(FUNCTIONS[name], configure(optimizer, **hyperparameters), x, y)


RATES = axis("lr", "log", 1e-3, 1.0, 30)
MOMENTA = axis("momentum", "log(1-b)", 0.0, 0.9, 20)


@pytest.mark.parametrize("across", [True, False])
def test_curves_follow_their_formulas_from_end_to_end(across):
    axes = (RATES, MOMENTA) if across else (MOMENTA, RATES)
    stability, optimum = said("quadratic", "momentum", *axes)
    lr, b = stability.points.T if across else stability.points.T[::-1]
    np.testing.assert_allclose(lr, 2 * (1 + b) / 200, rtol=1e-7)
    assert b[0] == 0.0 and b[-1] == 0.9 and (np.diff(b) >= 0).all()
    assert np.diff(MOMENTA.place(b)).max() < 1  # dense everywhere
    assert stability.text == "near the minimum stable below lr = 2 (1 + momentum) / L, L = 200"
    root = math.sqrt(2), math.sqrt(200)
    point = (2 / sum(root)) ** 2, ((root[1] - root[0]) / sum(root)) ** 2
    np.testing.assert_allclose(optimum.points, [point if across else point[::-1]], rtol=1e-7)


def test_what_does_not_vary_counts():
    betas, epses = axis("beta1", "log(1-b)", 0.0, 0.99, 20), axis("eps", "log", 1e-8, 1.0, 20)
    (over_beta1,) = said("booth", "adam", RATES, betas, eps=0.5)
    np.testing.assert_allclose(
        over_beta1.points[:, 0], (1 + over_beta1.points[:, 1]) / (1 - over_beta1.points[:, 1]) / 18, rtol=1e-6
    )
    (over_eps,) = said("booth", "adam", RATES, epses, beta1=0.5)
    np.testing.assert_allclose(over_eps.points[:, 0], 6 * over_eps.points[:, 1] / 18, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "optimizer", "x", "y", "hyperparameters"),
    [
        ("ackley", "momentum", RATES, MOMENTA, {}),  # a kink
        ("quadratic", "adam", RATES, axis("beta2", "log(1-b)", 0.0, 0.99, 9), {}),
        ("quadratic", "adam", axis("eps", "log", 1e-8, 1.0, 9), axis("beta1", "log(1-b)", 0.0, 0.99, 9), {}),
        ("quadratic", "momentum", RATES, MOMENTA, {"dampening": 0.5}),
        ("quadratic", "momentum", RATES, axis("dampening", "linear", 0.0, 1.0, 9), {}),
        ("quadratic", "rmsprop", RATES, axis("momentum", "log(1-b)", 0.0, 0.9, 9), {}),
        ("quadratic", "adagrad", RATES, axis("eps", "log", 1e-8, 1.0, 9), {}),
    ],
)
def test_where_theory_is_silent(name, optimizer, x, y, hyperparameters):
    assert said(name, optimizer, x, y, **hyperparameters) == ()


# Curvature


@pytest.mark.parametrize(("name", "least", "most"), [("sphere", 2, 2), ("quadratic", 2, 200), ("booth", 2, 18)])
def test_the_curvature_of_bowls_is_exact(name, least, most):
    assert curvature(FUNCTIONS[name]) == pytest.approx((least, most), rel=1e-8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rosenbrock", np.linalg.eigvalsh([[802.0, -400.0], [-400.0, 200.0]])),
        ("rastrigin", [2 + 40 * math.pi**2] * 2),
        ("himmelblau", np.linalg.eigvalsh([[74.0, 20.0], [20.0, 34.0]])),
    ],
)
def test_the_curvature_at_other_minimizers(name, expected):
    assert curvature(FUNCTIONS[name]) == pytest.approx(tuple(expected), rel=1e-5)


@pytest.mark.parametrize("name", ["ackley", "eggholder"])
def test_there_is_none_at_kinks_and_slopes(name):
    # Ackley's minimizer is the tip of a cone; Eggholder's lies on the border, where the function still falls.
    assert curvature(FUNCTIONS[name]) is None


def test_there_is_none_without_a_strict_minimizer():
    sphere = FUNCTIONS["sphere"]
    assert curvature(dataclasses.replace(sphere, minimizers=())) is None
    trough = dataclasses.replace(sphere, written_gradient=lambda x, y: (2 * x, 0 * y))
    assert curvature(trough) is None
    saddle = dataclasses.replace(sphere, written_gradient=lambda x, y: (2 * x, -2 * y))
    assert curvature(saddle) is None
    cliff = dataclasses.replace(sphere, written_gradient=lambda x, y: (2 * x, math.copysign(1, y)))
    assert curvature(cliff) is None
    undefined = dataclasses.replace(sphere, written_gradient=lambda x, y: (2 * x, math.nan))
    assert curvature(undefined) is None


def test_every_function_is_asked_without_trouble():
    for function in PLANE:
        found = module.curvature(function)
        assert found is None or 0 < found[0] <= found[1] < math.inf
