"""What every network must be, and its parameters as one flat vector."""

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError, UsageTypeError
from optviz.networks import (
    REGISTRY,
    Activation,
    Convolution,
    Dense,
    Dropout,
    MaxPool,
    Network,
    Plan,
    initialise,
    network,
    views,
)


def dense(*sizes):
    """A plan of dense layers alone."""
    hidden = len(sizes) - 2
    return Plan((1, sizes[0]), 0, sizes, ("relu",) * hidden, (0.0,) * (hidden + 1))


@pytest.mark.parametrize("name", REGISTRY.names())
def test_every_network_is_described_and_fits_its_data(name):
    unit = REGISTRY[name]
    for fact in (unit.title, unit.formula, unit.reference, unit.text):
        assert fact
    for shape, classes in (((28, 28), 10), ((5, 4), 2), ((63, 101), 256)):
        plan = unit.plan(shape, classes)
        assert plan.shape == shape
        assert plan.sizes[-1] == classes
        vector = np.zeros(plan.parameters)
        assert sum(weights.size + bias.size for weights, bias in views(vector, plan)) == plan.parameters


@pytest.mark.parametrize(
    ("name", "parameters", "architecture"),
    [
        ("logreg", 7850, "784-10"),
        ("mlp", 101_770, "784-128-10"),
        ("cnn", 1_387_594, "28x28, conv 3x3x32, pool 2x2, dropout 0.25, 256, dropout 0.5, 10"),
    ],
)
def test_networks_for_mnist(name, parameters, architecture):
    plan = REGISTRY[name].plan((28, 28), 10)
    assert (plan.parameters, plan.architecture) == (parameters, architecture)


def test_networks_are_listed_from_the_simplest():
    assert [name for name in REGISTRY.names() if name in ("mlp", "cnn", "logreg")] == ["logreg", "mlp", "cnn"]


def test_options():
    mlp = REGISTRY["mlp"]
    plan = mlp.configure(hidden=(30, 20), activation="tanh", dropout=0.25).plan((2, 3), 4)
    assert plan == Plan((2, 3), 0, (6, 30, 20, 4), ("tanh", "tanh"), (0.0, 0.25, 0.25))
    assert plan.architecture == "6, 30 tanh, dropout 0.25, 20 tanh, dropout 0.25, 4"
    assert mlp.configure(hidden=()).plan((2, 3), 4).sizes == (6, 4)
    assert mlp.options == {"hidden": (128,), "activation": "relu", "dropout": 0.0}


def test_what_is_published_is_for_the_usual_options():
    cnn = REGISTRY["cnn"]
    assert cnn.published is not None
    assert cnn.configure().published is cnn.published
    assert set(cnn.published.accuracies) == {"adadelta", "adagrad", "adam", "rmsprop", "sgd"}
    assert all(len(row) == len(cnn.published.epochs) for row in cnn.published.accuracies.values())

    @network(published=cnn.published)
    def adjustable(shape, classes, units=3):
        return Dense(units), Activation("tanh"), Dense(classes)

    try:
        assert adjustable.configure(units=3).published is cnn.published
        assert adjustable.configure(units=4).published is None
    finally:
        del REGISTRY._units["adjustable"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"hiden": (3,)}, UsageError, "no option 'hiden'"),
        ({"hidden": (0,)}, UsageError, "0 units"),
        ({"hidden": (1 << 20,)}, UsageError, "1048576 units"),
        ({"hidden": (2.5,)}, UsageTypeError, "2.5 units"),
        ({"hidden": (True,)}, UsageTypeError, "True units"),
        ({"activation": "sigmoi"}, UsageError, "'sigmoi'"),
        ({"dropout": 1.0}, UsageError, "1.0"),
        ({"dropout": -0.1}, UsageError, "-0.1"),
        ({"dropout": float("nan")}, UsageError, "nan"),
        ({"dropout": "half"}, UsageError, "half"),
    ],
)
def test_options_that_cannot_be_used(options, error, words):
    with pytest.raises(error, match=words):
        REGISTRY["mlp"].configure(**options).plan((28, 28), 10)


def test_unknown_network():
    with pytest.raises(UnknownNameError, match="mlp"):
        REGISTRY["mlpp"]


@pytest.mark.parametrize("shape", [(3, 28), (28, 3), (1, 1)])
def test_images_too_small_for_a_window_are_refused(shape):
    with pytest.raises(UsageError, match="cnn cannot read images of"):
        REGISTRY["cnn"].plan(shape, 10)


FRONT = [Convolution(2), Activation("relu"), MaxPool()]


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [Activation("relu")],
        [Dense(4), Activation("relu")],
        [Dense(4), Dense(3)],
        [Dense(4), Activation("relu"), Activation("relu")],
        [Dense(4)],
        [Dense(3), "softmax", Dense(3)],
        [Dropout(0.5), Dense(3)],
        [Dense(4), Dropout(0.5), Activation("relu"), Dense(3)],
        [*FRONT],
        [Convolution(2), Activation("tanh"), MaxPool(), Dense(3)],
        [Convolution(2), MaxPool(), Dense(3)],
        [*FRONT, *FRONT, Dense(3)],
        [Dense(4), Activation("relu"), *FRONT, Dense(3)],
    ],
)
def test_layers_that_cannot_be_trained_are_refused(layers):
    with pytest.raises(UsageError, match="odd"):
        Network("odd", "Odd", lambda shape, classes: layers).plan((6, 7), 3)


def test_views_cover_the_vector_once():
    for plan in (dense(5, 4, 3, 2), Plan((6, 8), 3, (2 * 3 * 3, 4, 2), ("relu",), (0.0, 0.0))):
        parameters = np.zeros(plan.parameters, np.float32)
        for weights, bias in views(parameters, plan):
            weights += 1
            bias += 1
        assert (parameters == 1).all()
    assert [weights.shape for weights, _ in views(parameters, plan)] == [(9, 3), (18, 4), (4, 2)]


def test_first_weights_follow_glorot():
    for plan, limits in (
        (dense(784, 128, 10), (0.08111, 0.20851)),
        # A filter sees 9 pixels, and a pixel is seen by 9 places of each of 32 filters.
        (REGISTRY["cnn"].plan((28, 28), 10), (0.14213, 0.03255, 0.15019)),
    ):
        parameters = np.full(plan.parameters, np.nan, np.float32)
        initialise(parameters, plan, np.random.default_rng(0))
        for (weights, bias), limit in zip(views(parameters, plan), limits, strict=True):
            assert not bias.any()
            assert 0.98 * limit < abs(weights).max() <= limit * 1.0001
            assert abs(weights.mean()) < 4 * limit / np.sqrt(3 * weights.size)
            assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=3 / np.sqrt(weights.size))


def test_first_weights_depend_on_the_generator_alone():
    plan = dense(20, 7, 3)
    drawn = []
    for dtype, seed in ((np.float32, 1), (np.float64, 1), (np.float32, 2)):
        parameters = np.zeros(plan.parameters, dtype)
        initialise(parameters, plan, np.random.default_rng(seed))
        drawn.append(parameters)
    assert np.array_equal(drawn[0], drawn[1].astype(np.float32))
    assert not np.array_equal(drawn[0], drawn[2])
