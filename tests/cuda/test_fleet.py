"""Many networks in one launch give what each gives alone."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels.cuda import backend
from optviz.kernels.cuda.fleet import Fleet
from optviz.kernels.cuda.images import device_examples
from optviz.kernels.cuda.training import DeviceTraining
from optviz.kernels.rules import constants
from optviz.optimizers import configure
from tests.cuda.small import shrink
from tests.networks.test_gradients import convolutional, plan, problem
from tests.wide_rule import registered

pytestmark = pytest.mark.slow

COUNT, BATCH, STEPS = 7, 3, 3
RUNS = [("adam", 0.01, 0), ("sgd", 0.5, 0), ("adam", 0.1, 1)]  # rule, rate, seed
PLANS = {"logreg": plan((12, 3)), "mlp": plan((16, 7, 3), "tanh", 0.25), "deep": plan((9, 5, 3, 2), "sigmoid", 0.5)}


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    shrink(monkeypatch)


def prepared(plan, dtype):
    """Formula, hyperparameters, first state, and two epochs of each run."""
    found = []
    for rule, lr, seed in RUNS:
        setting = configure(rule, lr=lr)
        formula = setting.formula
        hyper = np.array(constants(formula, setting.hyperparameters), dtype).reshape(-1, 1)
        state = np.zeros((1 + len(formula.slots), plan.parameters), dtype)
        state[0] = problem(plan, COUNT, seed)[0]
        generator = np.random.default_rng(seed)
        shape = 1, len(formula.scalar_names), STEPS
        epochs = [(generator.permutation(COUNT), 5 * seed + epoch, np.full(shape, 1.5, dtype)) for epoch in range(2)]
        found.append((formula, hyper, state, epochs))
    return found


@pytest.mark.parametrize(
    ("name", "dtype", "count"),
    [("logreg", np.float32, 2), ("mlp", np.float32, 1), ("mlp", np.float64, 1), ("deep", np.float32, 1)],
)
def test_together_as_alone(name, dtype, count):
    plan = PLANS[name]
    _, images, labels = problem(plan, COUNT)
    data = device_examples(images, labels)
    runs = prepared(plan, dtype)
    fleet = Fleet(plan, [run[0] for run in runs], [run[1] for run in runs], data, BATCH)
    for run, (_, _, state, _) in enumerate(runs):
        fleet.load(run, state)
    losses = []
    for epoch in range(count):
        for run, (*_, epochs) in enumerate(runs):
            fleet.begin(run, *epochs[epoch])
        losses += [fleet.train(range(0, 2)), fleet.train(range(2, STEPS))]  # the last step takes one image
    together = np.concatenate(losses, axis=1)
    same = dict(rtol=0) if backend.SIMULATED else dict(rtol=1e-4, atol=1e-5)
    for run, (formula, hyper, state, epochs) in enumerate(runs):
        alone = DeviceTraining(plan, formula, hyper, data, BATCH)
        alone.load(state)
        expected = []
        for epoch in epochs[:count]:
            alone.begin(*epoch)
            expected.append(alone.train(range(STEPS)))
        np.testing.assert_allclose(together[run], np.concatenate(expected), **same)
        np.testing.assert_allclose(fleet.state(run), alone.state(), **same)
        loss, predictions = fleet.evaluate(run, data)
        known = alone.evaluate(data)
        np.testing.assert_allclose(loss, known[0], **same)
        assert np.array_equal(predictions, known[1])


def test_what_is_the_same_is_on_the_device_once(monkeypatch):
    plan = PLANS["logreg"]
    _, images, labels = problem(plan, COUNT)
    runs = prepared(plan, np.float32)
    fleet = Fleet(plan, [run[0] for run in runs], [run[1] for run in runs], device_examples(images, labels), BATCH)
    for run, (*_, epochs) in enumerate(runs):
        fleet.begin(run, *epochs[0])
    shapes = []
    put = backend.put
    monkeypatch.setattr(backend, "put", lambda array: shapes.append(array.shape) or put(array))
    assert np.isfinite(fleet.train(range(1))).all()
    # Orders of two seeds, keys, tables of two kinds, who has which.
    assert shapes == [
        (2, COUNT),
        (3,),
        (2, 1, 2, STEPS),
        (3, 2),
    ]
    fleet.train(range(1, 2))
    for run, (*_, epochs) in enumerate(runs):
        fleet.begin(run, *epochs[1])
    fleet.train(range(1))  # what is new has the place of what it replaces
    assert len(shapes) == 4
    assert fleet.train(range(2, 2)).shape == (3, 0)


def test_each_rule_has_a_launch_on_a_stream_of_its_own(monkeypatch):
    plan = PLANS["logreg"]
    _, images, labels = problem(plan, COUNT)
    runs = prepared(plan, np.float32)
    made, launch = [], backend.launch

    def watched(kernel, blocks, *given, stream=0, **named):
        made.append((blocks, stream))
        launch(kernel, blocks, *given, stream=stream, **named)

    monkeypatch.setattr(backend, "launch", watched)

    def launched(members):
        own = [runs[member] for member in members]
        fleet = Fleet(plan, [run[0] for run in own], [run[1] for run in own], device_examples(images, labels), BATCH)
        for run, (*_, epochs) in enumerate(own):
            fleet.begin(run, *epochs[0])
        made.clear()
        fleet.train(range(1))
        return list(made)

    (two, one), (alone,) = launched([0, 1, 2]), launched([0, 2])
    assert (two[0], one[0], alone) == (2, 1, (2, 0))
    assert 0 not in (two[1], one[1]) and two[1] is not one[1]


def test_a_run_that_diverges_leaves_the_others_alone():
    plan = PLANS["mlp"]
    _, images, labels = problem(plan, COUNT)
    runs = prepared(plan, np.float32)[:2]
    fleet = Fleet(plan, [run[0] for run in runs], [run[1] for run in runs], device_examples(images, labels), BATCH)
    for run, (_, _, state, epochs) in enumerate(runs):
        fleet.load(run, state if run else state * np.nan)
        fleet.begin(run, *epochs[0])
    losses = fleet.train(range(STEPS))
    assert np.isnan(losses[0]).all() and np.isfinite(losses[1]).all()
    assert np.isnan(fleet.state(0)).all() and np.isfinite(fleet.state(1)).all()


def test_too_large_a_fleet_and_a_convolution_are_refused(monkeypatch):
    sgd, rate = configure("sgd").formula, np.array([[0.1]], np.float32)
    plan = PLANS["logreg"]
    _, images, labels = problem(plan, COUNT)
    data = device_examples(images, labels)
    with pytest.raises(UsageError, match="a convolution"):
        Fleet(convolutional((6, 5), 3, (4, 3)), [sgd], [rate], data, BATCH)
    monkeypatch.setattr(backend, "free", lambda: 1000)
    with pytest.raises(UsageError, match=r"training 2 networks of 39 parameters with 3 images per step needs"):
        Fleet(plan, [sgd] * 2, [rate] * 2, data, BATCH)


def test_a_rule_with_more_numbers_than_any_of_ours(monkeypatch):
    monkeypatch.setitem(globals(), "RUNS", [("wide", 1e-3, 0), ("sgd", 0.5, 0)])
    with registered(monkeypatch):
        test_together_as_alone("logreg", np.float32, 1)
