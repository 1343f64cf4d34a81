"""Runs of rules for matrices on a function of a matrix."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError
from optviz.functions import REGISTRY
from optviz.optimizers import configure, members
from optviz.runs.points.problem import Problem
from optviz.runs.points.runner import Runner
from tests.optimizers.driving import MATRIX_PAIRS, drive

FUNCTION = REGISTRY["matrix_regression"]
PAIRED = pytest.mark.parametrize(("name", "variant"), MATRIX_PAIRS)
STARTS = np.random.default_rng(0).uniform(-3, 3, (300, 4))


def slope(x, t):
    return np.reshape(FUNCTION.gradient_at(x.ravel().tolist()), x.shape)


@PAIRED
def test_a_path_is_that_of_the_formula(name, variant):
    """For ten steps: where the function follows, the last digit of a step that makes lengths equal grows."""
    setting = configure(name, variant=variant, lr=0.05)
    run = optviz.minimize("matrix_regression", setting, steps=10)
    path = drive(setting, slope, np.reshape(FUNCTION.start, FUNCTION.matrix), 10)
    np.testing.assert_allclose(run.points, path.reshape(11, 4), rtol=1e-7 if name == "soap" else 1e-9)
    assert run.values[3] == pytest.approx(FUNCTION.value_at(run.points[3]), rel=1e-12)


@PAIRED
def test_many_runs_are_what_each_is_alone(name, variant):
    setting = configure(name, variant=variant, lr="cosine(0.05)")
    many = optviz.minimize_many("matrix_regression", setting, STARTS, steps=30, history=[0, 7], noise="gaussian:0.1")
    alone = optviz.minimize_many("matrix_regression", setting, STARTS[:1], steps=30, history=[7], noise="gaussian:0.1")
    assert np.array_equal(many.points[0], alone.points[0]) and np.array_equal(many.history[1, 0], alone.history[0, 0])
    assert np.array_equal(many.history[0], STARTS)
    exact = optviz.minimize_many("matrix_regression", setting, STARTS[:1], steps=30)
    assert np.array_equal(
        exact.points[0], optviz.minimize("matrix_regression", setting, STARTS[0], steps=30).points[-1]
    )


@PAIRED
def test_all_come_near_the_minimum(name, variant):
    lr = {"shampoo": 1.0, "scion": 0.1}.get(name, 0.3)
    known = {"constraint": False, "radius": 1} if name == "scion" else {"weight_decay": 0}
    setting = configure(name, variant=variant, lr=f"linear({lr})", **known)
    assert optviz.minimize("matrix_regression", setting, steps=500).values[-1] < 0.1


def test_runs_may_have_their_own_numbers():
    rates = np.array([0.02, 0.05, 0.05])
    problem = Problem(configure("shampoo", lr=0.1), FUNCTION, 12, own=("lr", "eps"))
    own = {"lr": rates, "eps": np.array([1e-4, 1e-4, 0.1])}
    points = Runner(problem).slice(STARTS[:3], own=own).paths()[0]
    for k in range(3):
        setting = configure("shampoo", lr=rates[k], eps=own["eps"][k])
        np.testing.assert_allclose(
            points[k], optviz.minimize(FUNCTION, setting, STARTS[k], steps=12).points, rtol=1e-10
        )


def test_what_decides_the_computation_is_not_swept():
    problem = Problem(configure("muon"), FUNCTION, 12, own=("ns_steps",))
    with pytest.raises(UsageError, match="muon: ns_steps decides what is computed"):
        Runner(problem)


def test_divergence_and_single_precision_are_results():
    run = optviz.minimize("matrix_regression", "muon", lr=1e9, steps=5)
    assert run.diverged_at == 1 and np.isnan(run.values[2:]).all()
    run = optviz.minimize("matrix_regression", "soap", lr=0.05, steps=50, dtype=np.float32)
    assert run.diverged_at is None and run.values[-1] < run.values[0]


def test_functions_of_single_numbers_are_refused():
    for function, known in (("rosenbrock", {}), ("sphere", {"dimension": 4})):
        with pytest.raises(UsageError, match="moves matrices, and .* is a function of single numbers"):
            optviz.minimize(function, "muon", **known)
    with pytest.raises(UsageError, match="moves matrices"):
        optviz.race("rosenbrock", ["adam", "muon"])
    assert "muon" in members("@matrices") and not {*members("@matrices")} & {*members("@all"), *members("@modern")}


def test_a_race_shows_two_entries_of_the_matrix():
    race = optviz.race("matrix_regression", ["adam", "muon"], lr=0.05, steps=20)
    assert race.start == (-2.0, 3.0) and race.landscape.function == "matrix_regression"
    assert race.landscape.minimizers.tolist() == [[1.0, 0.5]]
    for run in race.trajectories:
        whole = optviz.minimize("matrix_regression", run.optimizer, lr=0.05, steps=20)
        assert np.array_equal(run.points, whole.points[:, [0, 3]]) and np.array_equal(run.values, whole.values)
    moved = optviz.race("matrix_regression", ["muon"], start=(1.0, 0.0, 2.0, 3.0), lr=0.05, steps=2)
    assert moved.start == (1.0, 3.0)
    with pytest.raises(UsageError, match="start"):
        optviz.race("matrix_regression", ["muon"], start=(1.0, float("nan"), 0.0, 0.0))
    assert optviz.race("matrix_regression", ["adam"], steps=20).tuning is not None
