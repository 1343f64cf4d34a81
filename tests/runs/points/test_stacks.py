"""Runs of rules for matrices on a function of a matrix."""

import numpy as np
import pytest

import optviz
from optviz.errors import UsageError, UsageTypeError
from optviz.formulas.matrix_words import matmul, norm, transpose
from optviz.functions import REGISTRY
from optviz.optimizers import REGISTRY as OPTIMIZERS
from optviz.optimizers import Vectors, configure, members, optimizer
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
    with pytest.warns(UserWarning, match="left out, as they cannot run here: .*shampoo, muon"):  # what a set brings
        left = optviz.race("rosenbrock", ["sgd", "@matrices"], steps=3, lr=0.001)
    assert "muon" in members("@matrices") and [run.optimizer for run in left.trajectories] == ["sgd"]


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


def turned_about(x):
    total = 0.0
    for k in range(6):
        total += (k + 1) * (x[k] - 1) ** 2
    return total


def test_a_function_of_ones_own_may_be_of_a_matrix():
    own = optviz.function(turned_about, matrix=(3, 2), minimum=0)
    assert own.dimension == 6 and own.matrix == (3, 2)
    run = optviz.minimize(own, "shampoo", start=(0, 2, 0, 2, 0, 2), lr=1.0, steps=100)
    assert run.values[-1] < 1e-6 < run.values[0]
    for wrong in ((2,), (2, 0), "32", (1, 1), (2.5, 2)):
        with pytest.raises(UsageTypeError, match="matrix is"):
            optviz.function(turned_about, matrix=wrong)
    with pytest.raises(UsageError, match="a matrix of 3 x 2 has not 5 numbers"):
        optviz.function(turned_about, matrix=(3, 2), dimension=5)
    with pytest.raises(UsageTypeError, match="matrix is for Python functions"):
        optviz.function("x**2 + y**2", matrix=(2, 1))


@pytest.fixture
def steepest():
    """A rule for matrices from outside, with a word under another name and a rule of its own for vectors."""

    @optimizer(title="Steepest", vectors=Vectors("sgd", (("lr", ("lr", "share")),)), defaults=OWN, shapes={"L": "rows"})
    def steepest(X, G, L, lr):
        """Divide by the length of the gradient."""
        L = 0.5 * L + product(G, transpose(G))
        return X - lr * G / (norm(G) + 1e-12), L

    yield steepest
    del OPTIMIZERS._units["steepest"]


OWN = {"paper": {"lr": 0.1, "share": 0.5}}
product = matmul


def test_a_rule_from_outside_runs_everywhere(steepest, blobs_folder):
    start = np.reshape(FUNCTION.start, (2, 2))
    run = optviz.minimize("matrix_regression", "steepest", steps=3)
    first = slope(start, 1)
    np.testing.assert_allclose(run.points[1], (start - 0.1 * first / np.linalg.norm(first)).ravel(), rtol=1e-12)
    params = [np.ones((2, 3)), np.ones(3)]
    opt = optviz.optimizer("steepest", lr=1.0)
    opt.step(params, [np.ones((2, 3)), np.ones(3)], opt.init(params))
    np.testing.assert_allclose(params[0], 1 - 1 / np.sqrt(6))
    np.testing.assert_allclose(params[1], 0.5)
    found = optviz.train(blobs_folder, optimizers="steepest(lr=0.1)", epochs=1, batch_size=32)
    assert found.runs[0].diverged_at is None
