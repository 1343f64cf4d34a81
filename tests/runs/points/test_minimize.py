"""`minimize`: one optimizer, one function, every iterate."""

import dataclasses
import math
import re

import numpy as np
import pytest

from optviz.errors import FormulaError, UnknownNameError, UsageError, UsageTypeError
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import configure
from optviz.runs.points import slices
from optviz.runs.points.minimize import minimize
from tests.optimizers.driving import drive_reported


def plain_python(function, setting, start, steps):
    """The same run with the undecorated formulas, one Python float at a time: what is reported."""
    slope, value = lambda x, t: function.gradient(*x), lambda x, t: function.value(*x)
    return drive_reported(setting, slope, start, steps, value)


@pytest.mark.parametrize(
    "name", [rule.name for rule in OPTIMIZERS if rule.kind not in ("solver", "matrices", "products")]
)
def test_the_compiled_run_follows_the_plain_formula(name):
    function = FUNCTIONS["rosenbrock"]
    setting = configure(name)
    setting = setting.replace(lr=1e-5) if "lr" in setting.hyperparameters else setting
    run = minimize(function, setting, start=(-1.2, 1.0), steps=100)
    np.testing.assert_allclose(run.points, plain_python(function, setting, (-1.2, 1.0), 100), rtol=1e-9, atol=1e-12)
    assert run.values[-1] == pytest.approx(function.value(*run.points[-1]), rel=1e-12)


def test_the_record_names_what_made_it():
    run = minimize("sphere", "adam", start=(1.0, 2.0), steps=5, defaults="keras", beta_1=0.8)
    assert (run.function, run.optimizer, run.title, run.variant, run.defaults) == (
        "sphere",
        "adam",
        "Adam",
        "keras",
        "keras",
    )
    assert run.hyperparameters == {"lr": 1e-3, "beta1": 0.8, "beta2": 0.999, "eps": 1e-7}
    assert run.points.shape == (6, 2) and run.values.shape == (6,)
    assert run.points.dtype == run.values.dtype == np.float64
    assert run.points[0].tolist() == [1.0, 2.0] and run.values[0] == 5.0
    assert run.steps == 5 and run.diverged_at is None


def test_start_and_steps_default_to_the_function_s_own():
    run = minimize("rosenbrock", "sgd")
    assert tuple(run.points[0]) == FUNCTIONS["rosenbrock"].start
    assert run.steps == FUNCTIONS["rosenbrock"].steps


def test_divergence_is_a_result():
    run = minimize("rosenbrock", "sgd", start=(-1.5, 2.0), steps=50, lr=0.1)
    step = run.diverged_at
    assert step is not None and step < 10
    assert not (np.abs(run.points[step]) <= 1e6).all()
    assert (np.abs(run.points[:step]) <= 1e6).all()
    assert np.isnan(run.points[step + 1 :]).all() and np.isnan(run.values[step + 1 :]).all()


@pytest.mark.parametrize("lr", [1e30, 1e300])
def test_overflow_ends_the_run(lr):
    run = minimize("rosenbrock", "sgd", steps=20, lr=lr)
    assert run.diverged_at == 1


def test_float32_follows_float64_closely():
    double = minimize("booth", "adam", steps=100, lr=0.05)
    single = minimize("booth", "adam", steps=100, lr=0.05, dtype=np.float32)
    np.testing.assert_allclose(single.points, double.points, rtol=0, atol=5e-5)
    assert (single.points == single.points.astype(np.float32)).all()


def test_a_run_in_chunks_is_the_same_run(monkeypatch):
    whole = minimize("rosenbrock", "adam", steps=100, lr=0.05)
    monkeypatch.setattr(slices, "TRACED", 7)
    pieces = minimize("rosenbrock", "adam", steps=100, lr=0.05)
    assert (whole.points == pieces.points).all() and (whole.values == pieces.values).all()


def test_divergence_in_a_later_chunk_has_its_own_step(monkeypatch):
    whole = minimize("rosenbrock", "momentum", (-1.5, 2.0), steps=400, lr=0.0031)
    assert whole.diverged_at is not None
    monkeypatch.setattr(slices, "TRACED", 3)
    assert minimize("rosenbrock", "momentum", (-1.5, 2.0), steps=400, lr=0.0031).diverged_at == whole.diverged_at


@pytest.mark.slow
def test_any_dimension():
    run = minimize("sphere", "sgd", start=(1.0, 2.0, 3.0), steps=2, lr=0.25, dimension=3)
    assert run.points.tolist() == [[1.0, 2.0, 3.0], [0.5, 1.0, 1.5], [0.25, 0.5, 0.75]]
    assert run.values.tolist() == [14.0, 3.5, 0.875] and run.minimum == 0.0
    assert minimize("sphere", "sgd", steps=1, dimension=5).points.shape == (2, 5)
    one, other = (minimize(unit, "sgd", steps=20, lr=0.1) for unit in ("sphere", FUNCTIONS["sphere"].in_dimension(2)))
    np.testing.assert_allclose(one.points, other.points, rtol=1e-14)


@pytest.mark.parametrize(("dimension", "noise"), [(3, None), (None, "gaussian:0.5"), (3, "gaussian:0.5")])
def test_divergence_is_told_alike_with_noise_and_in_any_dimension(dimension, noise):
    run = minimize("rosenbrock", "sgd", steps=50, lr=0.1, dimension=dimension, noise=noise)
    step = run.diverged_at
    assert step is not None and step < 10
    assert not (np.abs(run.points[step]) <= 1e6).all() and (np.abs(run.points[:step]) <= 1e6).all()
    assert np.isnan(run.points[step + 1 :]).all() and np.isnan(run.values[step + 1 :]).all()


def test_the_gradient_is_noisy_and_the_values_are_not():
    run, again, other = (minimize("sphere", "sgd", steps=30, noise="gaussian:1", seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(run.points, again.points)
    assert (run.points[1:] != other.points[1:]).all()
    np.testing.assert_allclose(run.values, (run.points**2).sum(axis=1), rtol=1e-15)
    gradients = (run.points[:-1] - run.points[1:]) / 1e-3
    assert (gradients - 2 * run.points[:-1]).std() == pytest.approx(1, rel=0.3)


def test_a_long_noisy_run_is_kept_in_parts(monkeypatch):
    whole = minimize("booth", "adam", steps=100, lr=0.05, noise="gaussian:1")
    monkeypatch.setattr(slices, "TRACED", 7)
    pieces = minimize("booth", "adam", steps=100, lr=0.05, noise="gaussian:1")
    assert (whole.points == pieces.points).all() and (whole.values == pieces.values).all()


def test_heavy_ball_reaches_its_theoretical_rate():
    # Polyak's optimum on curvatures m <= L: the error shrinks by (sqrt(k) - 1) / (sqrt(k) + 1) a step.
    m, big = 2.0, 200.0
    k = big / m
    rate = (math.sqrt(k) - 1) / (math.sqrt(k) + 1)
    lr = 4 / (math.sqrt(big) + math.sqrt(m)) ** 2
    run = minimize("quadratic", "momentum", steps=400, lr=lr, momentum=rate**2)
    sizes = np.linalg.norm(run.points - np.array(FUNCTIONS["quadratic"].minimizers[0]), axis=1)
    assert (sizes[400] / sizes[200]) ** (1 / 200) == pytest.approx(rate, rel=0.02)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"start": (9e6, 0.0)}, UsageError, "too far away for rosenbrock"),
        ({"start": (math.nan, 0.0)}, UsageError, "nan"),
        ({"start": (math.inf, 0.0)}, UsageError, "inf"),
        ({"start": "0,0"}, UsageTypeError, "0,0"),
        ({"start": (1.0,)}, UsageTypeError, "start"),
        ({"start": (1.0, 2.0, 3.0)}, UsageTypeError, "start"),
        ({"start": (True, 0.0)}, UsageError, "True"),
        ({"start": ("a", 0.0)}, UsageError, "'a'"),
        ({"start": 3}, UsageTypeError, "3"),
        ({"steps": 0}, UsageError, "0"),
        ({"steps": -1}, UsageError, "-1"),
        ({"steps": 10**9}, UsageError, "1000000000"),
        ({"steps": 2.5}, UsageTypeError, "2.5"),
        ({"steps": True}, UsageTypeError, "True"),
        ({"steps": "10"}, UsageTypeError, "10"),
        ({"dtype": "float16"}, UsageTypeError, "float16"),
        ({"dtype": int}, UsageTypeError, "int"),
        ({"dtype": "nonsense"}, UsageTypeError, "nonsense"),
        ({"lr": -1.0}, UsageError, "lr"),
        ({"variant": "none"}, UsageError, "none"),
        ({"defaults": "none"}, UsageError, "none"),
        ({"dimension": 1}, UsageError, "dimension is 1"),
        ({"dimension": "3"}, UsageTypeError, "'3'"),
        ({"dimension": 3, "start": (1.0, 2.0)}, UsageTypeError, "start"),
        ({"dimension": 3, "start": (1.0, 2.0, 9e6)}, UsageError, "start (1, 2, 9e+06) is too far away"),
        ({"noise": "gausian:1"}, UnknownNameError, "gausian"),
        ({"noise": "gaussian:1,2,3"}, UsageError, "3 numbers"),
        ({"noise": "gaussian:1", "seed": -1}, UsageError, "-1"),
    ],
)
def test_bad_arguments_are_refused_by_name(keywords, error, words):
    with pytest.raises(error, match=re.escape(words)):
        minimize("rosenbrock", "adam", **keywords)


def test_unknown_names_are_refused_with_a_suggestion():
    with pytest.raises(UnknownNameError, match="Did you mean 'rosenbrock'"):
        minimize("rosenbrok", "adam")
    with pytest.raises(UnknownNameError, match="Did you mean 'adam'"):
        minimize("rosenbrock", "adma")


# Formulas of other authors


def misspelt(x, y):
    return x**2 + y**2 + undefined  # noqa: F821


def halved(x, y):
    return (x**2 + y**2) / 2


def halved_gradient(x, y):
    return x, y


def test_a_formula_that_fails_is_named_with_its_place():
    function = dataclasses.replace(FUNCTIONS["sphere"], value=misspelt)
    with pytest.raises(FormulaError, match=r"the formula misspelt \(.*test_minimize.py, line \d+\) fails: NameError"):
        minimize(function, "sgd", (1.0, 1.0), steps=3, lr=0.1)


def test_a_formula_that_was_renamed_runs(monkeypatch):
    monkeypatch.setattr(halved, "__name__", "half_bowl")
    function = dataclasses.replace(
        FUNCTIONS["sphere"], name="half_bowl", value=halved, written_gradient=halved_gradient
    )
    run = minimize(function, "sgd", (2.0, 0.0), steps=1, lr=0.5)
    assert run.values.tolist() == [2.0, 0.5]
