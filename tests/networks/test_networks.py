"""What every network must be, and its parameters as one flat vector."""

import numpy as np
import pytest

from optviz.errors import UnknownNameError, UsageError
from optviz.networks import REGISTRY, Dense, Network, ReLU, initialise, parameter_count, views


@pytest.mark.parametrize("name", REGISTRY.names())
def test_every_network_is_described_and_fits_its_data(name):
    unit = REGISTRY[name]
    for fact in (unit.title, unit.formula, unit.reference, unit.text):
        assert fact
    for pixels, classes in ((784, 10), (15, 2)):
        sizes = unit.sizes(pixels, classes)
        assert (sizes[0], sizes[-1]) == (pixels, classes)


def test_mlp_is_the_network_of_the_tutorials():
    sizes = REGISTRY["mlp"].sizes(784, 10)
    assert sizes == (784, 128, 10)
    assert parameter_count(sizes) == 101_770


def test_unknown_network():
    with pytest.raises(UnknownNameError, match="mlp"):
        REGISTRY["mlpp"]


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [ReLU()],
        [Dense(6, 4), ReLU()],
        [Dense(6, 4), Dense(4, 3)],
        [Dense(6, 4), ReLU(), ReLU()],
        [Dense(6, 4), ReLU(), Dense(5, 3)],
        [Dense(7, 3)],
        [Dense(6, 4)],
        [Dense(6, 3), "softmax", Dense(3, 3)],
    ],
)
def test_layers_that_cannot_be_trained_are_refused(layers):
    with pytest.raises(UsageError, match="odd"):
        Network("odd", "Odd", lambda pixels, classes: layers).sizes(6, 3)


def test_views_cover_the_vector_once():
    sizes = (5, 4, 3, 2)
    parameters = np.zeros(parameter_count(sizes), np.float32)
    for weights, bias in views(parameters, sizes):
        weights += 1
        bias += 1
    assert (parameters == 1).all()
    assert [weights.shape for weights, _ in views(parameters, sizes)] == [(5, 4), (4, 3), (3, 2)]


def test_first_weights_follow_glorot():
    sizes = (784, 128, 10)
    parameters = np.full(parameter_count(sizes), np.nan, np.float32)
    initialise(parameters, sizes, np.random.default_rng(0))
    for (weights, bias), limit in zip(views(parameters, sizes), (0.08111, 0.20851), strict=True):
        assert not bias.any()
        assert 0.98 * limit < abs(weights).max() <= limit * 1.0001
        assert abs(weights.mean()) < 0.02 * limit
        assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.03)


def test_first_weights_depend_on_the_generator_alone():
    sizes = (20, 7, 3)
    drawn = []
    for dtype, seed in ((np.float32, 1), (np.float64, 1), (np.float32, 2)):
        parameters = np.zeros(parameter_count(sizes), dtype)
        initialise(parameters, sizes, np.random.default_rng(seed))
        drawn.append(parameters)
    assert np.array_equal(drawn[0], drawn[1].astype(np.float32))
    assert not np.array_equal(drawn[0], drawn[2])
