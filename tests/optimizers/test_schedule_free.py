"""Schedule-Free: the three points, the weights under a warm-up, and what the libraries evaluate."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.optimizers import REGISTRY, configure
from tests.optimizers.driving import START, disturbed, drive, drive_reported, relative, settings
from tests.optimizers.reference import REFERENCE
from tests.optimizers.test_against_libraries import library

NAMES = ["schedule_free_sgd", "schedule_free_adamw", "schedule_free_radam"]
PAIRS = [(name, variant) for name in NAMES for variant in REGISTRY[name].variants]
STEPS = 200


@pytest.mark.parametrize(("name", "variant"), PAIRS)
def test_with_beta1_of_1_gradients_are_taken_at_the_reported_point(name, variant):
    setting = configure(name, variant=variant, lr=0.1, beta1=1)
    path, shown = drive(setting, disturbed, START, 50), drive_reported(setting, disturbed, START, 50)
    assert relative(shown, path) < 1e-15


def test_the_reported_point_is_the_mean_of_what_sgd_would_visit():
    """Under gradients that do not depend on the point, z is SGD and x the mean of its points."""
    gradients = np.random.default_rng(3).normal(size=(100, 4))
    given = lambda x, t: gradients[t - 1]
    z = drive(configure("sgd", lr=0.1), given, START, 100)
    x = drive_reported(configure("schedule_free_sgd", lr=0.1), given, START, 100)
    means = np.cumsum(z[1:], axis=0) / np.arange(1, 101)[:, None]
    assert relative(x[1:], means) < 1e-13


def test_weights_grow_with_the_learning_rate_and_never_fall():
    """c is w / sum(w) with w the square of the largest rate so far: of a warm-up over ten steps, and of a decay."""
    scalars = configure("schedule_free_sgd").formula.scalars
    rates = [min(1, t / 10) for t in range(1, 16)] + [0.5] * 5
    before, weights = {}, []
    for t, rate in enumerate(rates, start=1):
        before = scalars(float(t), before, lr=rate, beta1=0.9, r=0.0)
        weights.append(max(rates[:t]) ** 2)
        assert before["c"] == pytest.approx(weights[-1] / sum(weights), rel=1e-14)
        assert before["rate"] == rate


def test_schedule_free_radam_waits_for_its_rectification():
    path = drive(configure("schedule_free_radam"), disturbed, START, 5)
    assert np.array_equal(path[:5], [START] * 5)
    assert np.all(path[5] != path[4])


def test_first_releases_differ_from_the_present_rule():
    first, current = (
        drive_reported(configure("schedule_free_adamw", variant=variant, lr=0.05), disturbed, START, 50)
        for variant in ("first", "authors")
    )
    assert relative(first, current) > 1e-2


@pytest.mark.parametrize(("name", "variant"), [pair for pair in PAIRS if pair[0] != NAMES[0] and pair[1] != "keras"])
def test_weight_decay_is_part_of_the_step_of_z(name, variant):
    setting = configure(name, variant=variant, lr=0.05, weight_decay=0.1)
    slow = REFERENCE[name, variant](disturbed, START, STEPS, **{"r": 0} | setting.hyperparameters)
    assert relative(drive_reported(setting, disturbed, START, STEPS), slow) < 1e-13
    with pytest.raises(UsageError, match=f"{name} has a form of weight decay of its own"):
        configure(name, variant=variant, weight_decay=0.1, decay="l2")


@pytest.mark.slow
@pytest.mark.parametrize("weight_decay", [0, 0.1])
@pytest.mark.parametrize("name", NAMES)
def test_the_authors_evaluate_the_reported_point(name, weight_decay):
    torch, peer = library("torch"), library("schedulefree")
    theirs = {"sgd": peer.SGDScheduleFree, "adamw": peer.AdamWScheduleFree, "radam": peer.RAdamScheduleFree}
    setting = configure(name, lr=0.05, weight_decay=weight_decay)
    x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = theirs[name.rpartition("_")[2]]([x], lr=0.05, weight_decay=weight_decay)
    shown = [START]
    for t in range(1, STEPS + 1):
        optimizer.train()
        x.grad = torch.from_numpy(disturbed(x.detach().numpy(), t))
        optimizer.step()
        optimizer.eval()
        shown.append(x.detach().numpy().copy())
    assert relative(drive_reported(setting, disturbed, START, STEPS), np.array(shown)) < 1e-13


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[:2])
def test_optax_evaluates_the_reported_point(name):
    jax, contrib = library("jax"), library("optax.contrib")
    with jax.enable_x64(True):
        for setting in settings(name, "optax")[:2]:
            given = {key: value for key, value in setting.hyperparameters.items() if key in ("beta1", "beta2", "eps")}
            names = {"beta1": "b1", "beta2": "b2"}
            make = getattr(contrib, name)
            optimizer = make(setting.hyperparameters["lr"], **{names.get(key, key): given[key] for key in given})
            x = jax.numpy.asarray(START)
            state, shown = optimizer.init(x), [START]
            for t in range(1, STEPS + 1):
                change, state = optimizer.update(jax.numpy.asarray(disturbed(np.asarray(x), t)), state, x)
                x = x + change
                shown.append(np.asarray(contrib.schedule_free_eval_params(state, x)))
            assert relative(drive_reported(setting, disturbed, START, STEPS), np.array(shown)) < 1e-13


IN_KERAS = """
import json, sys
import keras
from tests.optimizers.driving import START, disturbed
keras.config.set_floatx("float64")
x, path = keras.Variable(START, dtype="float64"), [START.tolist()]
optimizer = keras.optimizers.ScheduleFreeAdamW(**json.loads(sys.argv[1]))
for t in range(1, 201):
    optimizer.apply([keras.ops.convert_to_tensor(disturbed(keras.ops.convert_to_numpy(x.value), t))], [x])
    path.append(keras.ops.convert_to_numpy(x.value).tolist())
print(json.dumps(path))
"""


@pytest.mark.slow
def test_keras_moves_as_its_variant():
    """On JAX: with torch, Keras 3.15 updates z in place before it has read the old one, and takes another path."""
    library("jax"), library("keras")
    given = {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.99, "epsilon": 1e-4}
    surroundings = os.environ | {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}
    command = [sys.executable, "-W", "ignore", "-c", IN_KERAS, json.dumps(given)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    path = np.array(json.loads(done.stdout))
    setting = configure("schedule_free_adamw", variant="keras", **given)
    assert relative(drive(setting, disturbed, START, STEPS), path) < 1e-13
