"""Loss and gradient of a step: the kernels against plain NumPy, that against differences, all against torch."""

import numpy as np
import pytest

from optviz.kernels.buffers import layout, new_state, workspace
from optviz.kernels.training import evaluate, examples, train, update_address
from optviz.networks import REGISTRY, Plan, initialise, pooled, views
from optviz.optimizers import Formula
from tests.networks import reference

KEY = 0x0123456789ABCDEF


def plan(sizes, activation="relu", dropout=0.0):
    """Dense layers alone; the images are a line of pixels."""
    hidden = len(sizes) - 2
    return Plan((1, sizes[0]), 0, tuple(sizes), (activation,) * hidden, (0.0,) + (dropout,) * hidden)


def convolutional(shape, filters, sizes, dropout=(0.0, 0.0)):
    """A convolution and one hidden layer, or none."""
    first = pooled(shape[0]) * pooled(shape[1]) * filters
    return Plan(shape, filters, (first, *sizes), ("relu",) * (len(sizes) - 1), dropout[: len(sizes)])


# Plan, images, images per step: widths below, at and above the kernels' lanes, batches that none divides.
CASES = {
    "mlp": (REGISTRY["mlp"].plan((28, 28), 10), 64, 64),
    "mlp, uneven batches": (plan((784, 128, 10)), 200, 64),
    "logreg": (REGISTRY["logreg"].plan((28, 28), 10), 32, 32),
    "smallest": (plan((15, 2)), 3, 1),
    "16 classes": (plan((120, 64, 16)), 16, 16),
    "one unit": (plan((113, 1, 2)), 7, 3),
    "two hidden layers": (plan((240, 130, 33, 5)), 21, 10),
    "deep": (plan((50, 3, 70, 17, 64, 100)), 13, 13),
    "tanh": (plan((120, 37, 20, 4), "tanh"), 12, 5),
    "sigmoid": (plan((120, 37, 20, 4), "sigmoid"), 12, 5),
    "dropout": (plan((120, 70, 40, 4), "relu", 0.5), 20, 9),
    "tanh and dropout": (plan((120, 70, 40, 4), "tanh", 0.25), 20, 9),
    "sigmoid and dropout": (plan((120, 70, 40, 4), "sigmoid", 0.9), 20, 9),
    "cnn": (REGISTRY["cnn"].plan((28, 28), 10), 20, 8),
    "cnn of an odd shape": (convolutional((9, 14), 5, (19, 4), (0.5, 0.25)), 11, 4),
    "the smallest image": (convolutional((4, 4), 1, (3, 2)), 5, 2),
    "many filters": (convolutional((7, 6), 70, (33, 3), (0.25, 0.0)), 9, 9),
    "no hidden layer": (convolutional((10, 10), 32, (7,), (0.25,)), 9, 4),
}


def record(x, g, seen):
    return x, g


RECORD = Formula(record, None, ("seen",), (), ())


def problem(plan, count, seed=0):
    """Parameters with biases, images of which four fifths are zero in patches, labels."""
    generator = np.random.default_rng(seed)
    parameters = np.zeros(plan.parameters, np.float64)
    initialise(parameters, plan, generator)
    for _, bias in views(parameters, plan):
        bias[:] = generator.normal(0, 0.1, bias.shape)
    size = plan.shape[0] * plan.shape[1]
    images = generator.integers(1, 256, (count, size)) * (generator.random((count, size)) < 0.4)
    columns = np.arange(size) % plan.shape[1]
    images[:, columns < plan.shape[1] // 2] = 0  # dark cells for a convolution
    return parameters, images.astype(np.uint8), generator.integers(0, plan.sizes[-1], count).astype(np.uint8)


def kernel_step(parameters, plan, images, labels, order, batch, step):
    """The summed loss of a step and its gradient, from the kernels."""
    state = new_state(parameters.size, 1)
    state[0, : parameters.size] = parameters
    losses = np.zeros(-(-len(order) // batch))
    done = train(
        update_address(RECORD),
        state,
        np.zeros((0, 1), np.float32),
        np.zeros((1, 0, len(losses)), np.float32),
        layout(plan),
        examples(images, labels),
        order,
        KEY,
        batch,
        range(step, step + 1),
        workspace(plan, batch),
        losses,
    )
    assert done == step + 1
    assert np.array_equal(state[0, : parameters.size], parameters.astype(np.float32))
    return losses[step], state[1, : parameters.size]


def close(found, expected):
    return np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


def assert_layers_close(found, expected, plan):
    for pair, slow in zip(views(found, plan), views(expected, plan), strict=True):
        assert close(pair[0], slow[0])
        assert close(pair[1], slow[1])


@pytest.mark.thin(9)
@pytest.mark.parametrize("case", CASES)
def test_kernels_agree_with_plain_numpy(case):
    plan, count, batch = CASES[case]
    parameters, images, labels = problem(plan, count)
    order = np.random.default_rng(1).permutation(count)
    exact = parameters.astype(np.float32).astype(np.float64)
    for step in range(-(-count // batch)):
        chosen = order[step * batch : (step + 1) * batch]
        pixels, wanted = images[chosen] / 255, labels[chosen]
        kept = reference.masks(plan, KEY, step, len(chosen))
        loss, gradient = kernel_step(parameters, plan, images, labels, order, batch, step)
        assert loss / len(chosen) == pytest.approx(reference.loss(exact, plan, pixels, wanted, kept), rel=1e-5)
        assert_layers_close(gradient, reference.gradient(exact, plan, pixels, wanted, kept), plan)


@pytest.mark.thin(9)
@pytest.mark.parametrize("case", CASES)
def test_tests_agree_with_plain_numpy(case):
    plan, count, batch = CASES[case]
    parameters, images, labels = problem(plan, count)
    state = new_state(parameters.size, 0)
    state[0, : parameters.size] = parameters
    data, room = examples(images, labels), workspace(plan, batch)
    loss, found = evaluate(state[0], layout(plan), data, range(count), room)
    exact = state[0, : parameters.size].astype(np.float64)
    assert loss / count == pytest.approx(reference.loss(exact, plan, images / 255, labels), rel=1e-5)
    assert np.array_equal(found, reference.predictions(exact, plan, images / 255))
    assert evaluate(state[0], layout(plan), data, range(1, 3), room)[1].tolist() == found[1:3].tolist()


@pytest.mark.parametrize(
    "plan",
    [
        plan((15, 2)),
        plan((12, 7, 3)),
        plan((10, 6, 5, 4), "tanh"),
        plan((10, 6, 5, 4), "sigmoid", 0.25),
        convolutional((6, 7), 3, (4, 3), (0.25, 0.5)),
    ],
    ids=lambda plan: plan.architecture,
)
def test_plain_numpy_agrees_with_differences(plan):
    parameters, images, labels = problem(plan, 9)
    pixels, kept = images / 255, reference.masks(plan, KEY, 0, 9)
    found = reference.gradient(parameters, plan, pixels, labels, kept)
    for i in range(parameters.size):
        ahead, behind = parameters.copy(), parameters.copy()
        ahead[i] += 1e-6
        behind[i] -= 1e-6
        difference = (
            reference.loss(ahead, plan, pixels, labels, kept) - reference.loss(behind, plan, pixels, labels, kept)
        ) / 2e-6
        assert found[i] == pytest.approx(difference, abs=2e-9, rel=1e-7)


@pytest.mark.parametrize("case", ["mlp", "two hidden layers", "tanh", "sigmoid and dropout", "cnn", "many filters"])
def test_kernels_agree_with_torch(case):
    torch = pytest.importorskip("torch")
    plan, count, batch = CASES[case]
    parameters, images, labels = problem(plan, count)
    loss, gradient = kernel_step(parameters, plan, images, labels, np.arange(count), batch, 0)
    layers = [
        [torch.tensor(array.astype(np.float32), requires_grad=True) for array in pair]
        for pair in views(parameters, plan)
    ]
    batch = min(batch, count)
    kept = [torch.from_numpy(mask.astype(np.float32)) for mask in reference.masks(plan, KEY, 0, batch)]
    outputs = torch.from_numpy(images[:batch] / np.float32(255))
    dense = layers
    if plan.filters:
        (weights, bias), *dense = layers
        kernels = weights.T.reshape(plan.filters, 1, 3, 3)
        sums = torch.nn.functional.conv2d(outputs.reshape(-1, 1, *plan.shape), kernels, bias)
        cells = torch.nn.functional.max_pool2d(torch.relu(sums), 2)
        outputs = cells.permute(0, 2, 3, 1).reshape(batch, -1)
    functions = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    for i, (weights, bias) in enumerate(dense):
        outputs = outputs * kept[i] @ weights + bias
        outputs = outputs if i == len(dense) - 1 else functions[plan.activations[i]](outputs)
    theirs = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(labels[:batch].astype(np.int64)))
    theirs.backward()
    assert loss / batch == pytest.approx(theirs.item(), rel=1e-5)
    for pair, ours in zip(layers, views(gradient, plan), strict=True):
        for array, found in zip(pair, ours, strict=True):
            assert close(found, array.grad.numpy())


@pytest.mark.slow
@pytest.mark.parametrize("plan", [plan((130, 20, 4)), convolutional((10, 13), 8, (20, 4))], ids=["dense", "cnn"])
def test_only_zeros_and_only_light(plan):
    """Images without an entry, and images without a zero."""
    parameters, _, labels = problem(plan, 6)
    for images in (np.zeros((6, 130), np.uint8), np.full((6, 130), 255, np.uint8)):
        exact = parameters.astype(np.float32).astype(np.float64)
        loss, gradient = kernel_step(parameters, plan, images, labels, np.arange(6), 6, 0)
        assert loss / 6 == pytest.approx(reference.loss(exact, plan, images / 255, labels), rel=1e-5)
        assert_layers_close(gradient, reference.gradient(exact, plan, images / 255, labels), plan)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("plan", [plan((20, 7, 3)), convolutional((4, 5), 7, (6, 3), (0.0, 0.0))], ids=["dense", "cnn"])
def test_what_is_not_finite_is_not_hidden(plan, layer):
    """ReLU and pooling of NaN give NaN, and a step that meets it is the last."""
    parameters, images, labels = problem(plan, 4)
    for bad in (np.nan, np.inf):
        spoiled = parameters.copy()
        views(spoiled, plan)[layer][1][2] = bad
        state = new_state(parameters.size, 1)
        state[0, : parameters.size] = spoiled
        losses = np.zeros(4)
        none = np.zeros((0, 1), np.float32)
        data, room = examples(images, labels), workspace(plan, 1)
        order, table = np.arange(4), np.zeros((1, 0, 4), np.float32)
        done = train(
            update_address(RECORD), state, none, table, layout(plan), data, order, KEY, 1, range(4), room, losses
        )
        assert done == 1
        assert not np.isfinite(losses[0])


def test_dropout_drops_its_share_anew_in_each_step():
    plan = Plan((1, 1), 0, (2000, 10), (), (0.3,))
    first, again, other = (reference.masks(plan, key, step, 50)[0] for key, step in ((KEY, 0), (KEY, 0), (KEY, 1)))
    assert np.array_equal(first, again)
    for mask in (first, other):
        assert (mask == 0).mean() == pytest.approx(0.3, abs=0.005)
        assert np.unique(mask)[1] == pytest.approx(1 / 0.7)
    assert ((first == 0) & (other == 0)).mean() == pytest.approx(0.09, abs=0.005)
    assert np.corrcoef(first[:-1].ravel(), first[1:].ravel())[0, 1] == pytest.approx(0, abs=0.02)
