"""What is known about the rules without running anybody's code: first steps, stability limits, rates."""

import math

import numpy as np
import pytest

from optviz.optimizers import REGISTRY, configure
from tests.optimizers.driving import drive


def amplification(setting, curvature):
    """The spectral radius of one step on f = curvature x^2 / 2, for a rule that is linear in gradient and slots.

    Below 1 the iterates shrink, above 1 they grow.
    """
    formula = setting.formula
    hyper = [setting.hyperparameters[name] for name in formula.hyperparameters]
    columns = []
    for unit in np.eye(1 + len(formula.slots)):
        x, *slots = unit.tolist()
        after = formula.update(x, curvature * x, *slots, *hyper)
        columns.append(after if isinstance(after, tuple) else (after,))
    return max(abs(np.linalg.eigvals(np.array(columns).T)))


def variants(name):
    return [(name, variant) for variant in REGISTRY[name].variants]


LIMITS = {
    "sgd": lambda mu, curvature: 2 / curvature,
    "momentum": lambda mu, curvature: 2 * (1 + mu) / curvature,
    "nesterov": lambda mu, curvature: (2 + 2 * mu) / ((1 + 2 * mu) * curvature),
}


@pytest.mark.parametrize(("name", "variant"), variants("sgd") + variants("momentum") + variants("nesterov"))
@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9, 0.99])
def test_stability_limit_on_a_quadratic(name, variant, mu):
    curvature = 4.0
    limit = LIMITS[name](mu, curvature)
    extra = {} if name == "sgd" else {"momentum": mu}
    assert amplification(configure(name, variant=variant, lr=limit * (1 - 1e-6), **extra), curvature) < 1
    assert amplification(configure(name, variant=variant, lr=limit, **extra), curvature) == pytest.approx(1, abs=1e-9)
    assert amplification(configure(name, variant=variant, lr=limit * (1 + 1e-6), **extra), curvature) > 1


def test_gradient_descent_at_its_limit_keeps_its_size():
    path = drive(configure("sgd", lr=0.5), lambda x, t: 4 * x, [3.0], 50)
    assert np.array_equal(np.abs(path), np.full((51, 1), 3.0))


@pytest.mark.parametrize(("name", "variant"), variants("momentum"))
def test_heavy_ball_at_its_best_is_equally_fast_in_every_direction(name, variant):
    low, high = 1.0, 100.0
    ratio = math.sqrt(high / low)
    rate = (ratio - 1) / (ratio + 1)
    assert rate == pytest.approx(0.818182, abs=1e-6)
    lr = 4 / (math.sqrt(high) + math.sqrt(low)) ** 2
    setting = configure(name, variant=variant, lr=lr, momentum=rate**2)
    for curvature in (low, 2.0, 10.0, 60.0, high):
        # At both ends two eigenvalues meet, and their computed values part by the root of a rounding error.
        assert amplification(setting, curvature) == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize("g", [1e-6, -0.03, 1.0, -500.0])
def test_first_step_of_adam(g):
    lr, eps, beta2 = 0.01, 1e-3, 0.999
    for variant, floor in [("paper", eps), ("torch", eps), ("optax", eps), ("keras", eps / math.sqrt(1 - beta2))]:
        setting = configure("adam", variant=variant, lr=lr, eps=eps, beta2=beta2)
        step = drive(setting, lambda x, t: [g], [0.0], 1)[1, 0]
        assert step == pytest.approx(-math.copysign(lr * abs(g) / (abs(g) + floor), g), rel=1e-12)


@pytest.mark.parametrize("variant", REGISTRY["adam"].variants)
def test_adam_without_memory_follows_the_sign(variant):
    setting = configure("adam", variant=variant, lr=0.1, beta1=0, beta2=0, eps=0)
    gradients = [3.0, -1e-5, 20.0, -4.0, -1e4]
    path = drive(setting, lambda x, t: [gradients[t - 1]], [0.0], 5)
    np.testing.assert_allclose(np.diff(path[:, 0]), -0.1 * np.sign(gradients), rtol=1e-12)


@pytest.mark.parametrize("variant", REGISTRY["adagrad"].variants)
def test_adagrad_under_a_constant_gradient(variant):
    setting = configure("adagrad", variant=variant, lr=0.1, eps=0, initial_accumulator_value=0)
    path = drive(setting, lambda x, t: [1.0, -7.0], [0.0, 0.0], 400)
    expected = 0.1 * np.cumsum(1 / np.sqrt(np.arange(1, 401)))
    np.testing.assert_allclose(path[1:, 0], -expected, rtol=1e-13)
    np.testing.assert_allclose(path[1:, 1], expected, rtol=1e-13)


def test_optaxs_adagrad_makes_no_step_while_its_sum_is_zero():
    setting = configure("adagrad", variant="optax", lr=0.1, eps=0, initial_accumulator_value=0)
    path = drive(setting, lambda x, t: [0.0, 1.0], [3.0, 3.0], 1)
    assert np.array_equal(path[1], [3.0, 2.9])


@pytest.mark.parametrize("variant", REGISTRY["adadelta"].variants)
@pytest.mark.parametrize("g", [0.1, -1.0, 1e4])
def test_first_step_of_adadelta_does_not_depend_on_the_gradient(variant, g):
    setting = configure("adadelta", defaults="paper", variant=variant)
    step = drive(setting, lambda x, t: [g], [0.0], 1)[1, 0]
    assert step == pytest.approx(-math.copysign(math.sqrt(1e-6 * g**2 / (0.05 * g**2 + 1e-6)), g), rel=1e-12)
    assert abs(step) == pytest.approx(4.47e-3, rel=2e-3)


@pytest.mark.parametrize("variant", REGISTRY["rmsprop"].variants)
@pytest.mark.parametrize("extra", [{}, {"momentum": 0.9}])
@pytest.mark.parametrize("g", [1e-8, -0.5, 1e6])
def test_first_step_of_rmsprop_does_not_depend_on_the_gradient(variant, extra, g):
    for rho in (0.9, 0.99):
        setting = configure("rmsprop", variant=variant, lr=0.01, rho=rho, eps=0, **extra)
        step = drive(setting, lambda x, t: [g], [0.0], 1)[1, 0]
        assert step == pytest.approx(-math.copysign(0.01 / math.sqrt(1 - rho), g), rel=1e-12)


@pytest.mark.parametrize(("delta", "steps"), [(1e-1, 13), (1e-2, 26), (1e-4, 51), (1e-8, 102)])
def test_gradient_descent_leaves_a_saddle_after_known_steps(delta, steps):
    path = drive(configure("sgd", lr=0.1), lambda x, t: [2 * x[0], -2 * x[1]], [1.0, delta], steps)
    assert abs(path[steps - 1, 1]) < 1 < abs(path[steps, 1])


def test_gradient_descent_is_sublinear_on_a_quartic():
    path = drive(configure("sgd", lr=0.1), lambda x, t: x**3, [1.0], 5000)
    assert path[-1, 0] == pytest.approx(1 / math.sqrt(2 * 0.1 * 5000), rel=0.01)


def test_adam_runs_away_on_reddis_counter_example():
    """With these betas the rare large gradient is forgotten before the next: Adam ends at the worst point."""
    C, steps = 3.0, 3000
    setting = configure("adam", variant="paper", lr=1, beta1=0, beta2=1 / (1 + C**2), eps=0)
    x, m, v = 0.0, 0.0, 0.0
    for t in range(1, steps + 1):
        g = C if t % 3 == 1 else -1.0
        scalars = setting.formula.scalars(float(t), beta1=0.0, beta2=setting.hyperparameters["beta2"])
        x, m, v = setting.formula.update(x, g, m, v, *scalars.values(), 0.5 / math.sqrt(t), 0.0, 1 / (1 + C**2), 0.0)
        x = min(max(x, -1.0), 1.0)
    assert x > 0.95
