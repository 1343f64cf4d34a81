"""Loss and gradient of a step: the kernels against plain NumPy, that against differences, all against torch."""

import numpy as np
import pytest

from optviz.kernels.buffers import new_state, workspace
from optviz.kernels.training import evaluate, examples, train, update_address
from optviz.networks import initialise, parameter_count, views
from optviz.optimizers import Formula
from tests.networks import reference

# Sizes, images, images per step: widths below, at and above the kernels' 64 and 16 lanes, batches that none divides.
CASES = [
    ((784, 128, 10), 64, 64),
    ((784, 128, 10), 200, 64),
    ((784, 10), 32, 32),
    ((15, 2), 3, 1),
    ((120, 64, 16), 16, 16),
    ((113, 1, 2), 7, 3),
    ((240, 130, 33, 5), 21, 10),
    ((50, 3, 70, 17, 64, 100), 13, 13),
]


def record(x, g, seen):
    return x, g


RECORD = Formula(record, None, ("seen",), (), ())


def problem(sizes, count, seed=0):
    """Parameters with biases, images of which four fifths are zero, labels."""
    generator = np.random.default_rng(seed)
    parameters = np.zeros(parameter_count(sizes), np.float64)
    initialise(parameters, sizes, generator)
    for _, bias in views(parameters, sizes):
        bias[:] = generator.normal(0, 0.1, bias.shape)
    images = generator.integers(1, 256, (count, sizes[0])) * (generator.random((count, sizes[0])) < 0.2)
    return parameters, images.astype(np.uint8), generator.integers(0, sizes[-1], count).astype(np.uint8)


def kernel_step(parameters, sizes, images, labels, order, batch, step):
    """The summed loss of a step and its gradient, from the kernels."""
    state = new_state(parameters.size, 1)
    state[0, : parameters.size] = parameters
    losses = np.zeros(-(-len(order) // batch))
    done = train(
        update_address(RECORD),
        state,
        np.zeros((0, 1), np.float32),
        np.zeros((0, len(losses)), np.float32),
        np.array(sizes),
        examples(images, labels),
        order,
        batch,
        range(step, step + 1),
        workspace(sizes, batch),
        losses,
    )
    assert done == step + 1
    assert np.array_equal(state[0, : parameters.size], parameters.astype(np.float32))
    return losses[step], state[1, : parameters.size]


def close(found, expected):
    return np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize(("sizes", "count", "batch"), CASES)
def test_kernels_agree_with_plain_numpy(sizes, count, batch):
    parameters, images, labels = problem(sizes, count)
    order = np.random.default_rng(1).permutation(count)
    exact = parameters.astype(np.float32).astype(np.float64)
    for step in range(-(-count // batch)):
        chosen = order[step * batch : (step + 1) * batch]
        pixels, wanted = images[chosen] / 255, labels[chosen]
        loss, gradient = kernel_step(parameters, sizes, images, labels, order, batch, step)
        assert loss / len(chosen) == pytest.approx(reference.loss(exact, sizes, pixels, wanted), rel=1e-5)
        expected = reference.gradient(exact, sizes, pixels, wanted)
        for (found, found_bias), (slow, slow_bias) in zip(views(gradient, sizes), views(expected, sizes), strict=True):
            assert close(found, slow)
            assert close(found_bias, slow_bias)


@pytest.mark.parametrize(("sizes", "count", "batch"), CASES)
def test_tests_agree_with_plain_numpy(sizes, count, batch):
    parameters, images, labels = problem(sizes, count)
    state = new_state(parameters.size, 0)
    state[0, : parameters.size] = parameters
    loss, correct = evaluate(state[0], np.array(sizes), examples(images, labels), range(count), workspace(sizes, batch))
    exact = state[0, : parameters.size].astype(np.float64)
    assert loss / count == pytest.approx(reference.loss(exact, sizes, images / 255, labels), rel=1e-5)
    assert correct == round(reference.accuracy(exact, sizes, images / 255, labels) * count)


@pytest.mark.parametrize("sizes", [(15, 2), (12, 7, 3), (10, 6, 5, 4)])
def test_plain_numpy_agrees_with_differences(sizes):
    parameters, images, labels = problem(sizes, 9)
    pixels = images / 255
    found = reference.gradient(parameters, sizes, pixels, labels)
    for i in range(parameters.size):
        ahead, behind = parameters.copy(), parameters.copy()
        ahead[i] += 1e-6
        behind[i] -= 1e-6
        difference = (
            reference.loss(ahead, sizes, pixels, labels) - reference.loss(behind, sizes, pixels, labels)
        ) / 2e-6
        assert found[i] == pytest.approx(difference, abs=2e-9, rel=1e-7)


@pytest.mark.parametrize(("sizes", "count", "batch"), [CASES[0], CASES[6]])
def test_kernels_agree_with_torch(sizes, count, batch):
    torch = pytest.importorskip("torch")
    parameters, images, labels = problem(sizes, count)
    loss, gradient = kernel_step(parameters, sizes, images, labels, np.arange(count), batch, 0)
    layers = [
        [torch.tensor(array.astype(np.float32), requires_grad=True) for array in pair]
        for pair in views(parameters, sizes)
    ]
    outputs = torch.from_numpy(images[:batch] / np.float32(255))
    for i, (weights, bias) in enumerate(layers):
        outputs = outputs @ weights + bias
        outputs = outputs if i == len(layers) - 1 else torch.relu(outputs)
    theirs = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(labels[:batch].astype(np.int64)))
    theirs.backward()
    assert loss / batch == pytest.approx(theirs.item(), rel=1e-5)
    for pair, ours in zip(layers, views(gradient, sizes), strict=True):
        for array, found in zip(pair, ours, strict=True):
            assert close(found, array.grad.numpy())


def test_only_zeros_and_only_light():
    """Images without an entry, and images without a zero."""
    sizes = (130, 20, 4)
    parameters, _, labels = problem(sizes, 6)
    for images in (np.zeros((6, 130), np.uint8), np.full((6, 130), 255, np.uint8)):
        exact = parameters.astype(np.float32).astype(np.float64)
        loss, gradient = kernel_step(parameters, sizes, images, labels, np.arange(6), 6, 0)
        assert loss / 6 == pytest.approx(reference.loss(exact, sizes, images / 255, labels), rel=1e-5)
        assert close(gradient, reference.gradient(exact, sizes, images / 255, labels))


def test_what_is_not_finite_is_not_hidden():
    """ReLU of NaN is NaN, and a step that meets it is the last."""
    sizes = (20, 7, 3)
    parameters, images, labels = problem(sizes, 4)
    for bad in (np.nan, np.inf):
        spoiled = parameters.copy()
        views(spoiled, sizes)[0][1][2] = bad
        state = new_state(parameters.size, 1)
        state[0, : parameters.size] = spoiled
        losses = np.zeros(4)
        none = np.zeros((0, 1), np.float32)
        data, room = examples(images, labels), workspace(sizes, 1)
        order, table = np.arange(4), np.zeros((0, 4), np.float32)
        done = train(
            update_address(RECORD), state, none, table, np.array(sizes), data, order, 1, range(4), room, losses
        )
        assert done == 1
        assert not np.isfinite(losses[0])
