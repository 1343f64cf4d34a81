"""What accelerated rules promise, on the functions that their proofs have in mind."""

import numpy as np
import pytest

from optviz.optimizers import configure
from tests.optimizers.cases.acceleration import thetas
from tests.optimizers.driving import drive, drive_reported

STEPS = 300
LOG = np.logspace(-4, 0, 9)  # curvatures of a convex function that is hardly strongly convex


def gaps(setting, start):
    """The values of a quadratic with these curvatures at the reported points."""
    return 0.5 * np.sum(LOG * drive_reported(setting, lambda x, t: LOG * x, start, STEPS) ** 2, axis=1)


@pytest.mark.parametrize("variant", ["paper", "ratio"])
def test_nesterovs_convex_method_keeps_its_promise(variant):
    start = np.ones(9)
    promised = 2 * np.sum(start**2) / (np.arange(1, STEPS + 1) + 1) ** 2
    gap = gaps(configure("nesterov_convex", variant=variant, lr=1), start)
    assert np.all(gap[1:] <= promised)
    assert gap[-1] < 0.2 * gaps(configure("sgd", lr=1), start)[-1]


def test_the_optimized_gradient_method_keeps_its_promise():
    start = np.ones(9)
    promised = np.sum(start**2) / (4 * np.array(thetas(STEPS))[:-1] ** 2)
    assert np.all(gaps(configure("ogm", lr=1), start)[1:] <= promised)


def test_the_optimized_gradient_method_keeps_its_promise_where_the_slope_is_bounded():
    """Huber's function, linear beyond a radius, is the hardest for methods with momentum."""
    radius = 0.02
    slope = lambda x, t: np.clip(x, -radius, radius)
    x = drive_reported(configure("ogm", lr=1), slope, [1.0], 40)[1:, 0]
    gap = np.where(np.abs(x) > radius, radius * np.abs(x) - radius**2 / 2, x**2 / 2)
    assert np.all(gap <= 1 / (4 * np.array(thetas(40))[:-1] ** 2))


@pytest.mark.parametrize("kappa", [4.0, 100.0])
def test_triple_momentum_keeps_its_promise_at_every_curvature(kappa):
    rho = 1 - kappa**-0.5
    setting = configure("triple_momentum", lr=1, kappa=kappa)
    curvatures = np.linspace(1 / kappa, 1, 7)
    path = drive(setting, lambda x, t: curvatures * x, np.ones(7), 400)
    errors = np.max(np.abs(path), axis=1)
    slowest = (errors[400] / errors[100]) ** (1 / 300) if errors[400] > 0 else 0
    assert slowest <= rho * 1.01
    heavy = configure("sgd", lr=2 / (1 + 1 / kappa))
    plain = np.max(np.abs(drive(heavy, lambda x, t: curvatures * x, np.ones(7), 400)), axis=1)
    assert errors[100] < plain[100]


def test_signs_that_agree_lengthen_the_step():
    for name, agreeing, disagreeing in [("power_sign", np.e, 1 / np.e), ("add_sign", 2, 0)]:
        gradients = [1.0, 1.0, -0.1]
        path = drive(configure(name, lr=0.1), lambda x, t, g=gradients: [g[t - 1]], [0.0], 3)[:, 0]
        np.testing.assert_allclose(np.diff(path), [-0.1 * agreeing, -0.1 * agreeing, 0.01 * disagreeing], atol=1e-15)


def test_smorms3_forgets_faster_where_gradients_agree():
    alike = drive(configure("smorms3", lr=0.01), lambda x, t: [1.0], [0.0], 100)[:, 0]
    np.testing.assert_allclose(np.diff(alike)[10:], -0.01, rtol=1e-2)
    noise = np.resize([1.0, -1.0], 100)
    path = drive(configure("smorms3", lr=0.01), lambda x, t: [noise[t - 1]], [0.0], 100)[:, 0]
    assert np.max(np.abs(np.diff(path)[60:])) < 1e-3


def test_delta_bar_delta_raises_its_rates_while_gradients_agree():
    path = drive(configure("delta_bar_delta", lr=0.1, kappa=0.01), lambda x, t: [1.0], [0.0], 4)[:, 0]
    np.testing.assert_allclose(np.diff(path), [-0.1, -0.11, -0.12, -0.13], rtol=1e-13)
