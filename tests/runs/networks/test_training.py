"""Several optimizers training one network: the same numbers as a slow training, always, and an end whatever happens."""

import dataclasses
import json
import math

import numpy as np
import pytest

from optviz import datasets
from optviz.errors import MissingError, UnknownNameError, UsageError, UsageTypeError
from optviz.kernels import devices
from optviz.kernels.buffers import workspace
from optviz.kernels.training import examples
from optviz.networks import Activation, Dense, Network, initialise
from optviz.optimizers import SEVEN, UpdateRule, configure
from optviz.results.comparison import Comparison, without_seconds
from optviz.runs.networks import epochs
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.training import train
from tests.datasets.files import blobs, write
from tests.networks import reference

SMALL = Network("small", "Small", lambda shape, classes: [Dense(20), Activation(), Dense(classes)])
PARTS = blobs()
SHAPE = (9, 14)
PLAN = SMALL.plan(SHAPE, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "blobs", PARTS)


def numbers(comparison: Comparison) -> str:
    """Everything but the seconds."""
    return json.dumps(without_seconds(comparison).to_dict())


def training(name, seed=0, epochs=1, batch_size=32, **hyperparameters):
    """One run on the small data set, not begun."""
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    return Training(configure(name, **hyperparameters), seed, PLAN, *parts, epochs, batch_size)


def finish(run: Training) -> Training:
    room = workspace(PLAN, 32)
    while not run.finished:
        run.advance(room)
    return run


class Slow:
    """A float32 training in plain NumPy; the random numbers are those that `Training` promises."""

    def __init__(self, seed, batch_size, step):
        self.parameters = np.zeros(PLAN.parameters, np.float32)
        self._seed, self._batch, self._step = seed, batch_size, step
        initialise(self.parameters, PLAN, self._generator(epochs.WEIGHTS))
        self.images = PARTS["train"].reshape(-1, PLAN.sizes[0]) / np.float32(255)

    def _generator(self, *purpose):
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=purpose))

    def epoch(self, number):
        """One pass over the images; the mean loss."""
        order = self._generator(epochs.ORDER, number).permutation(len(self.images))
        total = 0.0
        for first in range(0, len(order), self._batch):
            chosen = order[first : first + self._batch]
            batch = self.images[chosen], PARTS["train_labels"][chosen]
            total += reference.loss(self.parameters, PLAN, *batch) * len(chosen)
            self._step(self.parameters, reference.gradient(self.parameters, PLAN, *batch))
        return total / len(order)


class SlowAdam:
    """Algorithm 1 of Kingma & Ba 2015."""

    def __init__(self, lr):
        self.lr, self.t, self.m, self.v = np.float32(lr), 0, 0, 0

    def __call__(self, parameters, gradient):
        self.t += 1
        self.m = np.float32(0.9) * self.m + np.float32(0.1) * gradient
        self.v = np.float32(0.999) * self.v + np.float32(0.001) * gradient**2
        m, v = self.m / np.float32(1 - 0.9**self.t), self.v / np.float32(1 - 0.999**self.t)
        parameters -= self.lr * m / (np.sqrt(v) + np.float32(1e-8))


def slow_sgd(parameters, gradient):
    parameters -= np.float32(0.05) * gradient


@pytest.mark.parametrize(
    ("name", "lr", "step", "tolerance"),
    [("sgd", 0.05, lambda: slow_sgd, 1e-5), ("adam", 1e-3, lambda: SlowAdam(1e-3), 1e-3)],
)
def test_training_is_that_of_plain_numpy(name, lr, step, tolerance):
    slow = Slow(seed=3, batch_size=32, step=step())
    run = training(name, seed=3, epochs=20, defaults="torch", lr=lr)
    assert np.array_equal(run.parameters, slow.parameters)
    finish(run)
    losses = [slow.epoch(number) for number in range(20)]
    assert [epoch["train_loss"] for epoch in run.result().epochs] == pytest.approx(losses, rel=tolerance)
    assert np.abs(run.parameters - slow.parameters).max() < tolerance * np.abs(slow.parameters).max()
    last = run.result().epochs[-1]
    images, labels = PARTS["test"].reshape(-1, PLAN.sizes[0]) / np.float32(255), PARTS["test_labels"]
    assert last["test_loss"] == pytest.approx(reference.loss(slow.parameters, PLAN, images, labels), rel=tolerance)
    right = np.mean(reference.predictions(slow.parameters, PLAN, images) == labels)
    assert last["test_accuracy"] == pytest.approx(right, abs=0.011)


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_training_is_that_of_torch(name):
    torch = pytest.importorskip("torch")
    given = {"defaults": "torch", "lr": 0.05 if name == "sgd" else 1e-3}
    run = training(name, epochs=20, **given)
    parameters = torch.tensor(run.parameters.copy(), requires_grad=True)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name]
    theirs = kind([parameters], lr=given["lr"])

    def step(_, gradient):
        parameters.grad = torch.from_numpy(gradient)
        theirs.step()

    slow = Slow(seed=0, batch_size=32, step=step)
    slow.parameters = parameters.detach().numpy()  # shares its memory
    for number in range(20):
        slow.epoch(number)
    finish(run)
    tolerance = 1e-5 if name == "sgd" else 1e-3
    assert np.abs(run.parameters - slow.parameters).max() < tolerance * np.abs(slow.parameters).max()


def test_all_optimizers_start_alike():
    runs = [training(name, seed=5) for name in SEVEN]
    for run in runs:
        run._begin()
        assert np.array_equal(run.parameters, runs[0].parameters)
        assert np.array_equal(run._order, runs[0]._order)
    other = training("sgd", seed=6)
    other._begin()
    assert not np.array_equal(other.parameters, runs[0].parameters)
    assert not np.array_equal(other._order, runs[0]._order)


def test_each_epoch_has_its_own_order():
    run = training("sgd", epochs=2)
    room, orders = workspace(PLAN, 32), set()
    while not run.finished:
        run.advance(room)
        orders.add(run._order.tobytes())
        assert np.array_equal(np.sort(run._order), np.arange(300))
    assert len(orders) == 2


def test_numbers_do_not_depend_on_jobs_or_slices(folder, monkeypatch):
    def once(jobs):
        return train(folder, SMALL, ["sgd", "rmsprop", "adam"], epochs=3, seeds=2, batch_size=32, jobs=jobs)

    first = once(1)
    assert [(run.optimizer, run.seed) for run in first.runs][:3] == [("sgd", 0), ("sgd", 1), ("rmsprop", 0)]
    assert numbers(once(1)) == numbers(first)
    assert numbers(once(2)) == numbers(first)
    monkeypatch.setattr(epochs, "SLICE", 0)
    assert numbers(once(3)) == numbers(first)


def test_what_is_reported(folder):
    comparison = train(folder, SMALL, "adam", epochs=2, batch_size=64, seeds=[4], lr=0.01)
    assert (comparison.network, comparison.dataset, comparison.architecture) == ("small", "blobs", "126-20-4")
    assert (comparison.batch_size, comparison.epochs, comparison.interrupted) == (64, 2, False)
    (run,) = comparison.runs
    assert (run.optimizer, run.seed, run.defaults, run.variant) == ("adam", 4, "keras", "keras")
    assert run.hyperparameters == {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}
    assert [epoch["epoch"] for epoch in run.epochs] == [1, 2]
    for epoch in run.epochs:
        assert set(epoch) == {"epoch", "train_loss", "test_loss", "test_accuracy", "seconds"}
        assert epoch["seconds"] > 0
    assert run.epochs[1]["train_loss"] < run.epochs[0]["train_loss"] < math.log(4) * 1.2
    assert json.loads(json.dumps(comparison.to_dict()))["runs"][0]["epochs"][1]["test_accuracy"] > 0.5


def test_progress_is_told(folder):
    told = []
    comparison = train(
        folder, SMALL, ["sgd", "adam"], epochs=2, batch_size=10, progress=lambda *news: told.append(news)
    )
    assert told[0][2] == "loading blobs"
    assert all(0 <= done <= total for done, total, _ in told)
    assert told[-1][1] == 2 * 2 * 30
    assert len(comparison.runs) == 2


@pytest.mark.parametrize("after", [1, 2])
def test_interrupt_keeps_what_is_finished(folder, after):
    told = 0

    def interrupt(done, total, text):
        nonlocal told
        told += total > 0
        if told > after:
            raise KeyboardInterrupt

    comparison = train(folder, SMALL, ["sgd", "adam"], epochs=1_000_000, batch_size=8, progress=interrupt)
    assert comparison.interrupted
    assert [run.optimizer for run in comparison.runs] == ["sgd", "adam"]
    for run in comparison.runs:
        assert 0 <= len(run.epochs) < 1_000_000
    finished = min(len(run.epochs) for run in comparison.runs)
    again = train(folder, SMALL, ["sgd", "adam"], epochs=max(finished, 1), batch_size=8)
    for run, whole in zip(comparison.runs, again.runs, strict=True):
        for epoch, expected in zip(run.epochs[:finished], whole.epochs, strict=False):
            assert epoch | {"seconds": 0} == expected | {"seconds": 0}


def test_an_error_ends_the_comparison(folder):
    def fail(done, total, text):
        if total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(folder, SMALL, ["sgd", "adam"], epochs=1_000_000, progress=fail)


def test_an_error_in_a_thread_is_raised(folder, monkeypatch):
    def fail(self, room):
        raise ZeroDivisionError

    monkeypatch.setattr(Training, "advance", fail)
    with pytest.raises(ZeroDivisionError):
        train(folder, SMALL, ["sgd", "adam"])


@pytest.mark.parametrize("name", SEVEN)
def test_divergence_is_a_result(folder, name):
    """A learning rate of 1e30, which float32 cannot follow, beside a run that goes well."""
    names = [name, "sgd" if name != "sgd" else "adam"]
    comparison = train(folder, SMALL, names, epochs=3, lr={name: 1e30})
    lost, sound = comparison.runs
    assert lost.diverged_at is not None and len(lost.epochs) == lost.diverged_at - 1
    assert sound.diverged_at is None and len(sound.epochs) == 3
    assert "NaN" not in json.dumps(comparison.to_dict())


def halved_memory(x, g, last, lr):
    return x - lr * (g + 0.5 * last), g


def test_a_rule_of_ones_own_trains(folder):
    rule = UpdateRule("ours", "Ours", 2026, "", "", "", variants={}, defaults={"paper": {"lr": 0.05}})
    rule.formula("paper")(halved_memory)
    (run,) = train(folder, SMALL, [rule], epochs=2).runs
    assert run.optimizer == "ours"
    assert run.epochs[1]["train_loss"] < run.epochs[0]["train_loss"]


@pytest.mark.parametrize("batch_size", [1, 7, 300, 100_000])
def test_every_image_counts(folder, batch_size):
    """The last step of an epoch takes what is left; a batch larger than the data is all of it."""
    network = Network("convex", "Convex", lambda shape, classes: [Dense(classes)])
    (run,) = train(folder, network, ["sgd"], epochs=1, batch_size=batch_size).runs
    assert math.isfinite(run.epochs[0]["train_loss"])
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    assert Training(configure("sgd"), 0, network.plan(SHAPE, 4), *parts, 1, batch_size).steps == math.ceil(
        300 / min(batch_size, 300)
    )


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"epochs": 0}, UsageError, "epochs"),
        ({"epochs": 1.5}, UsageTypeError, "epochs"),
        ({"epochs": True}, UsageTypeError, "epochs"),
        ({"batch_size": -1}, UsageError, "batch_size"),
        ({"batch_size": "64"}, UsageTypeError, "batch_size"),
        ({"jobs": 0}, UsageError, "jobs"),
        ({"seeds": 0}, UsageError, "seeds"),
        ({"seeds": 2.0}, UsageTypeError, "seeds"),
        ({"seeds": "12"}, UsageTypeError, "seeds"),
        ({"seeds": []}, UsageError, "seeds"),
        ({"seeds": [1, 1]}, UsageError, "seeds"),
        ({"seeds": [-1]}, UsageError, "seed"),
        ({"optimizers": []}, UsageError, "empty"),
        ({"optimizers": ["adam", "adam"]}, UsageError, "adam"),
        ({"optimizers": ["adma"]}, UnknownNameError, "adma"),
        ({"network": "mpl"}, UnknownNameError, "mpl"),
        ({"dataset": "minst"}, UnknownNameError, "minst"),
        ({"dataset": "./nowhere"}, MissingError, "nowhere"),
        ({"lr": -1}, UsageError, "lr"),
        ({"lr": "fast"}, UsageError, "fast"),
        ({"lr": {"adma": 1}}, UnknownNameError, "adma"),
        ({"lr": {"rmsprop": 1}}, UsageError, "rmsprop"),
        ({"defaults": "tf"}, UsageError, "tf"),
        ({"variant": "tf"}, UsageError, "tf"),
        ({"device": "gpu"}, UsageError, "Did you mean 'cuda'"),
        ({"device": None}, UsageTypeError, "device"),
        ({"beta9": 0.9}, UsageError, "beta9"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_loaded(monkeypatch, arguments, error, words):
    unit = datasets.REGISTRY["mnist"]
    monkeypatch.setitem(datasets.REGISTRY._units, "mnist", dataclasses.replace(unit, load=pytest.fail))
    with pytest.raises(error, match=words):
        train(**({"optimizers": ["sgd", "adam"]} | arguments))


def test_a_device_that_is_not_here(folder, monkeypatch):
    monkeypatch.setattr(devices, "missing", lambda: ("no GPU here", "Buy one."))
    given = {"dataset": folder, "network": SMALL, "optimizers": "sgd", "epochs": 1}
    with pytest.raises(MissingError, match="no GPU here"):
        train(**given, device="cuda")
    found = train(**given, device="auto")
    assert found.device == "cpu"
    assert numbers(found) == numbers(train(**given))


@pytest.mark.slow
def test_optimizers_on_mnist_rank_as_published():
    """One epoch with Keras' defaults: Adam and RMSprop lead, Adadelta with a learning rate of 0.001 hardly moves."""
    comparison = train("mnist", "mlp", ["adam", "rmsprop", "sgd", "adagrad", "adadelta"], epochs=1)
    adam, rmsprop, sgd, adagrad, adadelta = (run.epochs[0]["test_accuracy"] for run in comparison.runs)
    assert min(adam, rmsprop) > 0.94
    assert min(adam, rmsprop) > sgd > adagrad > adadelta


@pytest.mark.slow
def test_adam_reads_digits():
    (run,) = train("mnist", "mlp", ["adam"], epochs=3).runs
    assert run.epochs[-1]["test_accuracy"] > 0.965
    assert run.epochs[-1]["test_loss"] < 0.12
