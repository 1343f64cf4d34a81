"""No number of state slots, step scalars or hyperparameters is too large for any kernel of the CPU."""

import numpy as np
import pytest

import optviz
from optviz.functions import REGISTRY as FUNCTIONS
from optviz.networks import Activation, Dense, Network
from tests.datasets.files import blobs, write
from tests.wide_rule import decays, path, registered, wide

STEPS = 20
BOOTH = FUNCTIONS["booth"]


@pytest.fixture(autouse=True)
def rule(monkeypatch):
    with registered(monkeypatch) as rule:
        yield rule


def test_one_run_and_many():
    run = optviz.minimize(BOOTH, "wide", start=(-3.0, 4.0), steps=STEPS)
    np.testing.assert_allclose(run.points, path(BOOTH, (-3.0, 4.0), STEPS), rtol=1e-12)
    batch = optviz.minimize_many(BOOTH, "wide", [(1.0, 2.0), (-3.0, 4.0)], steps=STEPS)
    np.testing.assert_array_equal(batch.points[1], run.points[-1])


def test_a_sweep():
    sweep = optviz.sweep(BOOTH, "wide", x=("h6", 0.1, 0.9, 3), y=("lr", 0.001, 0.01, 2), start=(-3.0, 4.0), steps=STEPS)
    given = {"h6": float(sweep.x.values[2]), "lr": float(sweep.y.values[1])}
    end = path(BOOTH, (-3.0, 4.0), STEPS, **given)[-1]
    assert sweep.values[1, 2] == pytest.approx(BOOTH.value(*end), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays(dtype):
    x, g = np.array([1.0, -2.0, 0.5], dtype), np.array([0.25, 1.0, -1.0], dtype)
    optimizer = optviz.optimizer("wide")
    state, expected = optimizer.init(x), []
    for start, slope in zip(x.tolist(), g.tolist(), strict=True):
        at, slots = start, [0.0] * 12
        for t in (1, 2):
            at, *slots = wide(at, slope, *slots, *decays(t, 0.01).values(), 0.01, 0.5, 0.25, 0.125, 0.75, 0.375, 0.625)
        expected.append(at)
    for _ in range(2):
        optimizer.step(x, g.copy(), state)
    np.testing.assert_allclose(x, expected, rtol=1e-6 if dtype is np.float32 else 1e-14)


def test_training(rule, tmp_path):
    small = Network("small", "Small", lambda shape, classes: [Dense(4), Activation(), Dense(classes)])
    folder = write(tmp_path / "blobs", blobs())
    (run,) = optviz.train(folder, small, [rule], epochs=2, lr=1e-3).runs
    assert run.diverged_at is None and run.epochs[-1]["train_loss"] < run.epochs[0]["train_loss"]
