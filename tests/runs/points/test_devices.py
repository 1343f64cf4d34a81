"""``device=`` where no CUDA device can be used: refused before anything runs, or the CPU."""

import dataclasses

import numpy as np
import pytest

import optviz
from optviz.errors import MissingError, UsageError, UsageTypeError
from optviz.kernels import devices

RUNS = {
    "minimize": lambda **given: optviz.minimize("booth", "sgd", steps=3, lr=0.01, **given),
    "minimize_many": lambda **given: optviz.minimize_many("booth", "sgd", [(1.0, 2.0)], 3, lr=0.01, **given),
    "sweep": lambda **given: optviz.sweep(
        "booth", "momentum", ("lr", 0.01, 0.1, 2), ("momentum", 0, 0.9, 2), steps=3, **given
    ),
    "basins": lambda **given: optviz.basins("booth", ["sgd"], resolution=2, steps=3, lr=0.01, **given),
    "swarm": lambda **given: optviz.swarm("booth", ["sgd"], starts=2, steps=3, lr=0.01, **given),
    "study": lambda **given: optviz.study(["booth"], ["sgd"], starts=2, steps=3, lr=0.01, **given),
    "race": lambda **given: optviz.race("booth", ["sgd"], steps=3, lr=0.01, resolution=2, **given),
}


@pytest.fixture(autouse=True)
def _no_device(monkeypatch):
    monkeypatch.setattr(devices, "missing", lambda: ("no GPU is here", "Buy one."))


@pytest.fixture
def no_engine(nothing_runs, monkeypatch):
    def made(*given, **names):
        raise AssertionError("an engine was made")

    for name in ("race.Runner", "minimize.Runner"):
        monkeypatch.setattr(f"optviz.runs.points.{name}", made)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(
    ("device", "error", "words"),
    [
        ("cuda", MissingError, "no GPU is here"),
        ("coda", UsageError, "unknown device 'coda'"),
        (0, UsageTypeError, "device is 0"),
    ],
)
def test_what_cannot_compute_is_refused_at_once(name, device, error, words, no_engine):
    with pytest.raises(error, match=words):
        RUNS[name](device=device)


@pytest.mark.thin(4)
@pytest.mark.parametrize("name", RUNS)
def test_auto_is_the_processor(name):
    one, other = (dataclasses.asdict(RUNS[name](device=device)) for device in ("auto", "cpu"))
    np.testing.assert_equal(one, other)


@pytest.mark.parametrize("name", ["minimize_many", "sweep", "basins", "swarm", "study"])
def test_auto_takes_threads(name):
    RUNS[name](device="auto", threads=2)
