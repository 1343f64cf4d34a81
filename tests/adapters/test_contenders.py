"""torch's classes, optax's factories and functions of anybody's, in races, studies and tuning beside ours."""

import subprocess
import sys

import numpy as np
import pytest

import optviz
from optviz.errors import MissingError, OptvizError, UsageError, UsageTypeError
from optviz.optimizers import configure
from optviz.runs.points.stepped import numbers_of


def heavy_ball(x, g, state, lr=0.1, momentum=0.9):
    v = momentum * (0 if state is None else state) - lr * g
    return x + v, v


def paths(race):
    return [run.points for run in race.trajectories]


def test_a_function_that_makes_a_step_is_tuned_as_ours():
    race = optviz.race("beale", ["momentum", optviz.contender(heavy_ball)], steps=60)
    ours, theirs = race.trajectories
    assert ours.hyperparameters["lr"] == theirs.hyperparameters["lr"]
    np.testing.assert_allclose(theirs.points, ours.points, rtol=1e-12)
    assert theirs.optimizer == "step:heavy_ball" and theirs.title == "heavy_ball"
    assert (theirs.evaluations == np.arange(1, 62)).all()


def test_it_runs_wherever_contenders_run():
    who = optviz.contender(heavy_ball, momentum=0.5)
    assert len(optviz.minimize("rosenbrock", who, steps=5, lr=1e-3).values) == 6
    study = optviz.study(["sphere", "booth"], optimizers=["sgd", who], starts=4, steps=40)
    assert [one.optimizer for one in study.contenders] == ["sgd", "step:heavy_ball"]
    by = optviz.race("rosenbrock", ["lbfgs", who], steps=40, by="evaluations", lr={"step:heavy_ball": 1e-3})
    assert by.trajectories[1].evaluations[-1] <= 40
    assert optviz.basins("himmelblau", ["step"] and [who], resolution=8, steps=20, lr=0.01).maps


def test_what_a_function_takes_and_gives():
    seen = []

    def noted(x, g, state, lr=0.1, count=3, fast=False, betas=(0.5, 0.25)):
        seen.append((type(x), x.dtype, state, lr, count, fast, betas))
        return [number - lr for number in x], (state or 0) + 1

    who = optviz.contender(noted, count=5, beta2=0.75, fast=True)
    optviz.minimize("sphere", who, start=(1.0, 1.0), steps=2, lr=0.5)
    assert seen == [(np.ndarray, np.float64, state, 0.5, 5, True, (0.5, 0.75)) for state in (None, 1)]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda x, g, state: (x[:1], state), r"gives an x of shape \(1,\)"),
        (lambda x, g, state: x, "gives ndarray"),
        (lambda x, g, state: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda x, g, state: ("left", state), "could not convert"),
    ],
)
def test_what_a_function_may_not_do(step, words):
    with pytest.raises(OptvizError, match=words):
        optviz.minimize("sphere", optviz.contender(step), start=(1.0, 1.0), steps=2)


def test_what_diverges_is_a_result():
    run = optviz.minimize("rosenbrock", optviz.contender(heavy_ball), steps=50, lr=1.0)
    assert run.diverged_at


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (3, UsageTypeError, "3 is no contender"),
        (dict, UsageTypeError, "is no contender"),
        ("jax:jax.numpy", UsageError, "jax"),
        ("adam", UsageError, "adam is no contender, but ours"),
    ],
)
def test_what_is_no_contender(given, error, words):
    with pytest.raises(error, match=words):
        optviz.contender(given)


def test_numbers_that_it_does_not_take():
    with pytest.raises(UsageError, match="no hyperparameter 'rate'"):
        optviz.contender(heavy_ball, rate=1)
    with pytest.raises(UsageError, match="lr is -1"):
        optviz.contender(heavy_ball, lr=-1)


# ---------------------------------------------------------------------------------------------------------------------
# torch


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def test_torchs_adam_raced_is_ours(torch):
    race = optviz.race(
        "rosenbrock", ["adam", "torch:torch.optim.Adam", optviz.contender(torch.optim.AdamW, weight_decay=0)]
    )
    ours, *theirs = race.trajectories
    for run in theirs:
        assert run.hyperparameters["lr"] == ours.hyperparameters["lr"]
        np.testing.assert_allclose(run.points, ours.points, rtol=1e-12, atol=1e-13)
    assert theirs[1].optimizer == "torch:torch.optim.AdamW" and theirs[1].title == "torch AdamW"


def test_a_class_that_calls_its_closure_is_counted(torch):
    run = optviz.minimize("rosenbrock", optviz.contender(torch.optim.LBFGS, max_iter=5, lr=0.5), steps=10)
    assert run.evaluations[-1] > 20 and run.values[-1] < run.values[0]
    assert numbers_of(configure("torch:torch.optim.LBFGS"))["max_iter"] == 20


def test_numbers_reach_a_class_in_its_own_form(torch):
    who = optviz.contender("torch:torch.optim.Adam", beta1=0.5, amsgrad=True)
    assert numbers_of(who)["betas"] == (0.5, 0.999) and numbers_of(who)["amsgrad"] is True
    text = configure("torch:torch.optim.Adam(beta1=0.5, amsgrad=True)")
    assert numbers_of(text) == numbers_of(who)


def test_its_draws_leave_the_users_alone(torch):
    class Random(torch.optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            for parameter in self.param_groups[0]["params"]:
                parameter.data += self.param_groups[0]["lr"] * torch.randn_like(parameter)

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (optviz.minimize("sphere", optviz.contender(Random), start=(1.0, 1.0), steps=5) for _ in range(2))
    assert np.array_equal(first.points, second.points) and torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("torch:torch.optim.Adom", UsageError, "torch.optim has no optimizer class Adom"),
        ("torch:torch.nn.Linear", UsageError, "torch.nn has no optimizer class Linear"),
        ("torch:nobody.has.This", MissingError, "nobody.has cannot be imported"),
    ],
)
def test_names_that_lead_nowhere(torch, name, error, words):
    with pytest.raises(error, match=words):
        configure(name)


@pytest.mark.slow  # another process imports torch
def test_on_the_command_line(torch, tmp_path):
    command = [sys.executable, "-m", "optviz", "plot", "beale", "--steps", "40", "--quiet", "--json", "--optimizers"]
    done = subprocess.run([*command, "adam, torch:torch.optim.NAdam"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and "torch:torch.optim.NAdam" in done.stdout
    done = subprocess.run([*command, "torch:torch.optim.Nadom"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2 and "no optimizer class Nadom" in done.stderr and "Traceback" not in done.stderr


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingError, match="torch cannot be imported"):
        configure("torch:torch.optim.Adam")


# ---------------------------------------------------------------------------------------------------------------------
# optax


def test_optaxs_adam_raced_is_ours():
    optax = pytest.importorskip("optax")
    race = optviz.race("beale", ["adam", "optax:optax.adam", optviz.contender(optax.sgd, momentum=0.9)], steps=60)
    ours, theirs, momentum = race.trajectories
    assert theirs.hyperparameters["lr"] == ours.hyperparameters["lr"]
    np.testing.assert_allclose(theirs.points, ours.points, rtol=1e-12, atol=1e-13)
    assert momentum.optimizer == "optax:optax.sgd" and np.isfinite(momentum.values).all()


def test_a_search_of_optaxs_is_counted():
    optax = pytest.importorskip("optax")
    run = optviz.minimize("rosenbrock", optviz.contender(optax.lbfgs), steps=30)
    assert run.values[-1] < 1 and run.evaluations[-1] >= 30


@pytest.mark.parametrize(
    "step",
    [
        lambda x, g, s: (x - 0.1 * g, s),
        lambda w, grad, memory=None, lr=0.1: (w - lr * grad, memory),
    ],
)
def test_a_function_that_makes_a_step_may_call_things_as_it_likes(step):
    run = optviz.minimize(
        "sphere", optviz.contender(step), start=(1.0, 1.0), steps=3, **({"lr": 0.1} if step.__defaults__ else {})
    )
    np.testing.assert_allclose(run.points[-1], [0.8**3] * 2)


def test_titles_say_whose_they_are(torch):
    names = ("torch:torch.optim.Adam", "torch:optviz.torch.Adam", "torch:torch.optim.Adam(beta1=0.5)")
    race = optviz.race("sphere", list(names), steps=2, lr=0.1)
    assert [run.title for run in race.trajectories] == ["torch Adam", "optviz Adam", "torch Adam, beta1 0.5"]
