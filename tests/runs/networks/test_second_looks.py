"""Networks under rules that look twice, or need products with the Hessian: as plain NumPy does on the same images."""

import sys

import numpy as np
import pytest

from optviz.errors import MissingError
from optviz.kernels import devices
from optviz.kernels.buffers import workspace
from optviz.kernels.training import examples
from optviz.networks import Activation, Dense, Dropout, Network
from optviz.optimizers import configure
from optviz.runs.networks.epochs import Training
from optviz.runs.networks.groups import undivided
from optviz.runs.networks.looking import Looking
from optviz.runs.networks.training import train
from tests.networks import reference
from tests.runs.networks.test_training import PARTS, PLAN, SMALL, finish, folder, training  # noqa: F401

IMAGES = PARTS["train"].reshape(-1, PLAN.sizes[0]) / np.float32(255)


class SlowTwice:
    """Plain NumPy: ``step(x, gradient)`` is given the gradient as a function of the parameters."""

    def __init__(self, run, step):
        self.x, self.run, self.step = run.parameters.copy().astype(np.float64), run, step

    def epoch(self, order):
        losses = []
        for first in range(0, len(order), 32):
            chosen = order[first : first + 32]
            batch = IMAGES[chosen], PARTS["train_labels"][chosen]
            losses.append(reference.loss(self.x, PLAN, *batch) * len(chosen))
            self.x = self.step(self.x, lambda x: reference.gradient(x, PLAN, *batch).astype(float))  # noqa: B023
        return sum(losses) / len(order)


def sam(x, gradient, rho=0.1, lr=0.1):
    g = gradient(x)
    return x - lr * gradient(x + rho * g / np.linalg.norm(g))


def extragradient(x, gradient, lr=0.1):
    return x - lr * gradient(x - lr * gradient(x))


class Ahead:
    v = 0.0

    def __call__(self, x, gradient, lr=0.05, momentum=0.8):
        self.v = momentum * self.v - lr * gradient(x + momentum * self.v)
        return x + self.v


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("sam(sgd(lr=0.1), rho=0.1)", sam),
        ("extragradient(lr=0.1)", extragradient),
        ("nesterov_ahead(lr=0.05, momentum=0.8)", Ahead()),
    ],
)
def test_a_second_look_is_that_of_plain_numpy(text, step):
    run = training(text, seed=3, epochs=1)
    slow = SlowTwice(run, step)
    run._begin()
    loss = slow.epoch(run._order.copy())
    finish(run)
    assert np.abs(run.parameters - slow.x).max() < 1e-4 * np.abs(slow.x).max()
    if "ahead" not in text:  # whose only look is where its loss is
        assert run.result().epochs[0]["train_loss"] == pytest.approx(loss, rel=1e-4)


@pytest.mark.thin(4)
@pytest.mark.parametrize("base", ["adam", "lamb", "adafactor", "ema(momentum)"])
def test_a_neighbourhood_of_nothing_leaves_the_rule_as_it_is(base):
    one, other = (finish(training(text, epochs=2, lr=0.01)) for text in (base, f"sam({base}, rho=0)"))
    np.testing.assert_allclose(one.parameters, other.parameters, rtol=1e-5, atol=1e-6)
    assert one.result().epochs[1]["test_loss"] == pytest.approx(other.result().epochs[1]["test_loss"], rel=1e-4)


def test_both_looks_drop_the_same_units():
    plan = Network("dropped", "D", lambda shape, n: [Dense(20), Activation(), Dropout(0.5), Dense(n)]).plan((9, 14), 4)
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    ends = []
    for text in ("sgd", "sam(sgd, rho=0)"):
        run, room = Training(configure(text, lr=0.1), 0, plan, *parts, 1, 32), workspace(plan, 32)
        while not run.finished:
            run.advance(room)
        ends.append(run.parameters)
    np.testing.assert_allclose(*ends, rtol=1e-5, atol=1e-6)


def test_products_are_those_of_float64_differences():
    plan = Network("smooth", "S", lambda shape, n: [Dense(20), Activation("tanh"), Dense(n)]).plan((9, 14), 4)
    shares = undivided(plan, configure("adahessian").resolved())
    parts = [examples(PARTS[part], PARTS[f"{part}_labels"]) for part in ("train", "test")]
    x = np.random.default_rng(0).normal(0, 0.1, plan.parameters).astype(np.float32)
    made = Looking(plan, shares, *parts, 300)
    made.load(shares.start(x))
    made.begin(np.arange(300), 7, shares.tables(1, 1))
    made.train(range(1), workspace(plan, 300))
    z, hz = (
        np.concatenate([own[slot].ravel() for own in (one.state for one in made._arrays)]).astype(float)
        for slot in ("z", "hz")
    )
    assert set(z) == {-1.0, 1.0} and abs(z.mean()) < 0.1
    gradient = lambda x: reference.gradient(x.astype(float), plan, IMAGES, PARTS["train_labels"]).astype(float)
    exact = (gradient(x + 1e-6 * z) - gradient(x - 1e-6 * z)) / 2e-6
    assert np.linalg.norm(hz - exact) < 1e-3 * np.linalg.norm(exact)


def test_a_step_that_is_not_due_makes_no_product(monkeypatch):
    made = []
    multiply = Looking._multiply
    monkeypatch.setattr(Looking, "_multiply", lambda self, *given: made.append(given[0]) or multiply(self, *given))
    finish(training("sophia_h", epochs=2, every=4, lr=0.01))
    assert made == [0, 4, 8, 2, 6]  # of ten steps in an epoch


@pytest.mark.parametrize("name", ["sam(adam)", "sophia_h", "ema(sam(sgd))"])
def test_a_run_goes_on_from_a_checkpoint(name):
    whole, first = (finish(training(name, epochs=epochs, lr=0.02)) for epochs in (2, 1))
    second = training(name, epochs=2, lr=0.02)
    second.restore(first.checkpoint())
    assert np.array_equal(finish(second).parameters, whole.parameters)


def test_learning_works(folder):  # noqa: F811
    comparison = train(folder, SMALL, ["sam(adam)", "adahessian"], epochs=3, batch_size=32, lr=0.02)
    for run in comparison.runs:
        assert run.epochs[-1]["train_loss"] < 0.8 * run.epochs[0]["train_loss"]


@pytest.mark.parametrize("name", ["sam(adam)", "sophia_h"])
def test_a_device_without_a_library_is_refused(folder, monkeypatch, name):  # noqa: F811
    monkeypatch.setattr(devices, "chosen", lambda *given, **known: "cuda")
    monkeypatch.setattr("optviz.runs.networks.libraries._torch", lambda: None)
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingError, match="is moved on a device by functions of PyTorch or CuPy"):
        train(folder, SMALL, name, epochs=1, device="cuda")
