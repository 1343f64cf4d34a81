"""Everything that runs many starts, on a CUDA device against the CPU; and what is refused."""

import json

import pytest

import optviz
from optviz.errors import UsageError
from optviz.kernels.cuda import backend
from optviz.runs.points import gpu
from tests.cuda.same import assert_records, few_threads

pytestmark = pytest.mark.slow

SMALL = {"steps": 6, "lr": 1e-3}


@pytest.fixture(autouse=True)
def _few_threads(monkeypatch):
    few_threads(monkeypatch)


def on_both(run, **keywords):
    """A result of the CPU and one of the device."""
    return (run(device=device, **keywords) for device in ("cpu", "cuda"))


def test_basins():
    def run(**keywords):
        return optviz.basins("himmelblau", ["sgd", "adam"], resolution=(4, 3), **SMALL, **keywords)

    assert_records(*on_both(run))


def test_swarm():
    def run(**keywords):
        return optviz.swarm("himmelblau", ["adam"], starts=9, frames=4, noise="gaussian:0.1", **SMALL, **keywords)

    assert_records(*on_both(run))


@pytest.mark.parametrize(("targets", "lr"), [("kept", 1e-3), ("first", 1e-3), ("first", 0.05), ("first", 3.0)])
def test_study(targets, lr):
    def run(**keywords):
        given = SMALL | {"lr": lr, "targets": targets}
        return optviz.study(["himmelblau", "booth"], ["momentum"], starts=5, **given, **keywords)

    assert_records(*on_both(run))


def test_race():
    def run(**keywords):
        return optviz.race("rosenbrock", ["sgd", "adagrad"], resolution=8, **SMALL, **keywords)

    assert_records(*on_both(run))


@pytest.mark.parametrize("most", [1 << 20, 12, 1])
@pytest.mark.parametrize(
    ("optimizer", "x", "y"),
    [
        ("momentum", ("lr", 1e-5, 1e-2, 5), ("momentum", 0, 0.9, 3)),
        ("adam", ("lr", 1e-4, 1e-2, 5), ("beta1", 0, 0.9, 3)),
        ("adam", ("beta1", 0.1, 0.9, 5), ("lr", 1e-4, 1e-2, 3)),
        ("adam", ("beta1", 0.1, 0.9, 3), ("beta2", 0.5, 0.99, 3)),
        ("adagrad", ("lr", 1e-4, 1e-2, 4), ("initial_accumulator_value", 0.1, 2, 3)),
    ],
    ids=lambda what: what if isinstance(what, str) else what[0],
)
def test_sweeps(optimizer, x, y, most, monkeypatch):
    monkeypatch.setattr(gpu, "MOST", most)

    def run(**keywords):
        return optviz.sweep("rosenbrock", optimizer, x, y, steps=5, **keywords)

    assert_records(*on_both(run))


def test_all_pixels_of_a_sweep_see_the_same_noise():
    axes = ("lr", 1e-4, 1e-2, 4), ("momentum", 0, 0.9, 3)

    def run(**keywords):
        return optviz.sweep("rosenbrock", "momentum", *axes, steps=5, noise="gaussian:1", **keywords)

    assert_records(*on_both(run))


# Refusals


@pytest.fixture
def nothing_starts(monkeypatch):
    def launch(*given, **names):
        raise AssertionError("a kernel was launched")

    monkeypatch.setattr(backend, "launch", launch)


@pytest.mark.parametrize(
    ("steps", "free", "words"),
    [(100_000, 10**6, r"a run of 100,000 steps needs 0\.0 GB"), (3, 60, r"a part of 1 run of booth needs")],
)
def test_what_the_device_cannot_hold(steps, free, words, nothing_starts, monkeypatch):
    monkeypatch.setattr(backend, "free", lambda: free)
    monkeypatch.setattr(backend, "resident_threads", lambda: 0)  # whose own memory would not fit either
    with pytest.raises(UsageError, match=words):
        optviz.minimize_many("booth", "adam", [(0.0, 0.0)] * 3, steps, device="cuda")


RUNS = [
    lambda **given: optviz.minimize_many("booth", "sgd", [(0.0, 0.0)], **given),
    lambda **given: optviz.sweep("booth", "sgd", ("lr", 0.1, 1, 3), ("lr", 0.1, 1, 3), **given),
    lambda **given: optviz.basins("booth", **given),
    lambda **given: optviz.swarm("booth", **given),
    lambda **given: optviz.study(["booth"], **given),
]


@pytest.mark.parametrize("run", RUNS)
def test_threads_are_the_processors(run, nothing_starts):
    with pytest.raises(UsageError, match="threads is 4 on the device cuda"):
        run(device="cuda", threads=4)


# Commands


COMMANDS = {
    "basins": ["--resolution", "3x2", "--steps", "3", "--lr", "0.01", "--optimizers", "sgd"],
    "sweep": ["--x", "lr=1e-4:1e-2", "--resolution", "3x2", "--steps", "3"],
    "swarm": ["--starts", "4", "--steps", "3", "--lr", "0.01"],
    "animate": ["--steps", "3", "--lr", "0.01", "--optimizers", "sgd"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(command, tmp_path, capsys):
    from optviz.cli._run import run

    file = tmp_path / "result.npz"
    for device in ("cuda", "auto", "cpu"):
        words = [command, "rosenbrock", *COMMANDS[command], "--device", device, "-o", str(file), "--json"]
        assert run(words) == 0
        said = capsys.readouterr()
        assert json.loads(said.out)["device"] == ("cpu" if device == "cpu" else "cuda")
        assert ("device: cuda" in said.err) == (device == "auto")
        result = optviz.load(file)
        assert result.device == ("cpu" if device == "cpu" else "cuda")
        assert ("device cuda" in result.provenance()) == (device != "cpu")
        if device == "cuda":
            there = result
    assert_records(result, there)
