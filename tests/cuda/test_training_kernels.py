"""Training of one network: every step against plain NumPy, every rule against the kernels of the CPU."""

import numpy as np
import pytest

from optviz.errors import UsageError
from optviz.kernels import training as on_cpu
from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.cuda import backend, passes, steps
from optviz.kernels.cuda.images import device_examples
from optviz.kernels.cuda.products import Shape, Tiling
from optviz.kernels.cuda.training import DeviceTraining
from optviz.kernels.rules import constants
from optviz.kernels.whole import ROWS, whole_address
from optviz.networks import views
from optviz.optimizers import configure
from tests.cuda.small import shrink
from tests.networks import reference
from tests.networks.test_gradients import KEY, RECORD, convolutional, plan, problem
from tests.optimizers.sample import WITHOUT_VALUE

# Plan, images, images per step.
CASES = {
    "logreg": (plan((20, 3)), 7, 4),
    "relu": (plan((25, 9, 4)), 8, 8),
    "tanh and dropout": (plan((16, 7, 3), "tanh", 0.25), 9, 5),
    "sigmoid and dropout": (plan((16, 7, 3), "sigmoid", 0.9), 9, 5),
    "two hidden layers": (plan((36, 6, 5, 3), "relu", 0.5), 7, 4),
    "one class": (plan((5, 2, 1)), 3, 2),
    "one image": (plan((9, 1, 2)), 2, 1),
    "cnn": (convolutional((6, 5), 3, (4, 3), (0.25, 0.5)), 5, 3),
}


@pytest.fixture(autouse=True)
def few_threads(monkeypatch):
    shrink(monkeypatch)


def nothing(case):
    """The step scalars of an epoch of a rule that takes none."""
    _, count, batch = CASES[case]
    return np.zeros((1, 0, -(-count // batch)))


def recording(case, dtype):
    """A training that keeps the gradient of each step in its slot and does not move; its parameters and images."""
    plan, count, batch = CASES[case]
    parameters, images, labels = problem(plan, count)
    run = DeviceTraining(plan, RECORD, np.zeros((0, 1), dtype), device_examples(images, labels), batch)
    parameters = parameters.astype(dtype)
    run.load(np.stack([parameters, np.zeros_like(parameters)]))
    return run, parameters.astype(np.float64), images, labels


@pytest.mark.thin(3)
@pytest.mark.parametrize("case", CASES)
def test_steps_agree_with_plain_numpy(case, dtype):
    plan, count, batch = CASES[case]
    run, exact, images, labels = recording(case, dtype)
    order = np.random.default_rng(1).permutation(count)
    run.begin(order, KEY, nothing(case))
    close = 1e-5 if dtype is np.float32 else 1e-12
    for step in range(-(-count // batch)):
        chosen = order[step * batch : (step + 1) * batch]
        pixels, wanted = images[chosen] / 255, labels[chosen]
        kept = reference.masks(plan, KEY, step, len(chosen))
        (loss,) = run.train(range(step, step + 1))
        assert loss / len(chosen) == pytest.approx(
            reference.loss(exact, plan, pixels, wanted, kept), rel=close, abs=close
        )
        state = run.state()
        assert np.array_equal(state[0], exact)
        slow = reference.gradient(exact, plan, pixels, wanted, kept)
        for pair, expected in zip(views(state[1], plan), views(slow, plan), strict=True):
            for found, slow_part in zip(pair, expected, strict=True):
                assert np.abs(found - slow_part).max() <= close * np.abs(slow_part).max()


@pytest.mark.parametrize("case", ["two hidden layers", "cnn"])
def test_tests_agree_with_plain_numpy(case, dtype, monkeypatch):
    monkeypatch.setattr(steps, "TESTED", 5)  # two parts of seven images
    plan, count, _ = CASES[case]
    run, exact, images, labels = recording(case, dtype)
    loss, found = run.evaluate(device_examples(images.reshape(count, *plan.shape), labels))
    close = 1e-5 if dtype is np.float32 else 1e-12
    assert loss / count == pytest.approx(reference.loss(exact, plan, images / 255, labels), rel=close)
    assert np.array_equal(found, reference.predictions(exact, plan, images / 255)) and found.dtype == np.uint8


def test_no_images_and_no_steps():
    run, *_ = recording("logreg", np.float32)
    loss, found = run.evaluate(device_examples(np.zeros((0, 4, 5), np.uint8), np.zeros(0, np.uint8)))
    assert loss == 0 and found.shape == (0,)
    run.begin(np.arange(7), KEY, nothing("logreg"))
    assert run.train(range(1, 1)).shape == (0,)


def both(setting, plan, batch, epochs, segments=on_cpu.WHOLE, scalars=(0.5, 2)):
    """States and losses of the CPU's kernels and of CUDA's, float32; each group has half the numbers of the first.

    Step scalars are drawn between two numbers.
    """
    formula, count = setting.formula, 7
    parameters, images, labels = problem(plan, count)
    steps = -(-count // batch)
    groups = 1 + segments[1].max()
    halves = 0.5 ** np.arange(groups)
    hyper = (np.array(constants(formula, setting.hyperparameters)).reshape(-1, 1) * halves).astype(np.float32)
    update = whole_address(formula) if formula.sums else on_cpu.update_address(formula)
    rows = 1 + len(formula.slots)
    state = new_state(plan.parameters, len(formula.slots) + ROWS * formula.sums)
    state[0, : plan.parameters] = parameters
    run = DeviceTraining(plan, formula, hyper, device_examples(images, labels), batch, segments)
    run.load(state[:rows, : plan.parameters])
    losses = np.zeros((2, epochs, steps))
    for epoch in range(epochs):
        tables = (
            np.random.default_rng(epoch)
            .uniform(*scalars, (groups, len(formula.scalar_names), steps))
            .astype(np.float32)
        )
        order = np.random.default_rng(epoch).permutation(count)
        key = KEY + epoch
        run.begin(order, key, tables)
        losses[1, epoch] = run.train(range(steps))
        on_cpu.train(
            update,
            state,
            hyper,
            tables,
            layout(plan),
            on_cpu.examples(images, labels),
            order,
            key,
            batch,
            range(steps),
            workspace(plan, batch),
            losses[0, epoch],
            formula.takes_value,
            segments,
        )
    return (state[:rows, : plan.parameters], run.state()), losses


@pytest.mark.thin(3)
@pytest.mark.parametrize("label", WITHOUT_VALUE)
def test_every_kind_of_rule_agrees_with_the_cpu(label):
    states, losses = both(WITHOUT_VALUE[label], plan((12, 3)), 4, epochs=1)
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-4, atol=1e-5)


def test_groups_agree_with_the_cpu():
    segments = np.array([[3, 40, 119, 140, 143], [1, 0, 2, 1, 0]])
    states, losses = both(configure("adam"), plan((16, 7, 3), "tanh", 0.25), 3, 1, segments)
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-5, atol=1e-6)


def test_epochs_agree_with_the_cpu():
    states, losses = both(configure("momentum"), plan((16, 7, 3), "tanh", 0.25), 3, epochs=2)
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-5)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-5, atol=1e-6)


def trained(parameters=None):
    """State and losses after two steps of a network that drops."""
    plan, count, batch = CASES["tanh and dropout"]
    first, images, labels = problem(plan, count)
    run = DeviceTraining(
        plan, configure("sgd").formula, np.array([[0.5]], np.float32), device_examples(images, labels), batch
    )
    run.load((first if parameters is None else parameters).astype(np.float32).reshape(1, -1))
    run.begin(np.arange(count), KEY, nothing("tanh and dropout"))
    return run.state(), run.train(range(2)), run.state()


def test_large_tiles_make_no_difference(monkeypatch):
    expected = trained()
    monkeypatch.setattr(passes, "ENOUGH", 0)
    monkeypatch.setattr(passes, "LARGE", Tiling(Shape(8, 4, 8, 2, 2), Shape(8, 4, 8, 2, 2)))
    for found, known in zip(trained(), expected, strict=True):
        close = 0 if backend.SIMULATED else 1e-4
        np.testing.assert_allclose(found, known, rtol=close, atol=close / 100)
    assert (expected[0] != expected[2]).any()


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_what_is_not_finite_is_not_hidden(value):
    plan, *_ = CASES["tanh and dropout"]
    parameters = problem(plan, 1)[0]
    views(parameters, plan)[-1][1][1] = value
    _, losses, state = trained(parameters)
    if not np.isfinite(value):
        assert np.isnan(losses).all() and np.isnan(state).any()
    else:
        assert (losses > 1e29).all()


def test_large_sums_do_not_overflow_a_sigmoid():
    run, exact, images, labels = recording("sigmoid and dropout", np.float32)
    run.load(np.stack([exact * 1e6, exact]).astype(np.float32))
    run.begin(np.arange(9), KEY, nothing("sigmoid and dropout"))
    assert np.isfinite(run.train(range(1))).all()


def test_too_large_a_training_is_refused(monkeypatch):
    plan, count, batch = CASES["relu"]
    _, images, labels = problem(plan, count)
    data = device_examples(images, labels)
    monkeypatch.setattr(backend, "free", lambda: 1000)
    with pytest.raises(UsageError, match=r"training a network of 274 parameters with 8 images per step needs"):
        DeviceTraining(plan, RECORD, np.zeros((0, 1), np.float32), data, batch)
    with pytest.raises(UsageError, match=r"a data set of 50 images of 25 pixels needs"):
        device_examples(np.zeros((50, 5, 5), np.uint8), np.zeros(50, np.uint8))
