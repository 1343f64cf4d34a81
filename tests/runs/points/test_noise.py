"""The means of minibatches: every sample once in an epoch, the same for the same seed."""

import numpy as np
import pytest

from optviz.noise import configure
from optviz.runs.points.minibatches import batch_means


def means(text, steps=50, dimension=2, seed=0):
    return batch_means(configure(text), steps, dimension, seed)


def test_an_epoch_goes_once_through_every_sample():
    samples = means("minibatch:12,1", steps=12)
    assert len(np.unique(samples[:, 0])) == 12
    for batch in (1, 3, 4, 6, 12):
        table = means(f"minibatch:12,{batch}", steps=40)
        batches = 12 // batch
        assert table.shape == (-(-40 // batches) * batches, 2)
        for epoch in table.reshape(-1, batches, 2):
            np.testing.assert_allclose(epoch.mean(axis=0), samples.mean(axis=0), rtol=1e-13)


def test_each_mean_is_of_samples_that_no_other_of_its_epoch_has():
    samples = np.sort(means("minibatch:8,1", steps=8, dimension=1)[:, 0])
    pairs = {(samples[i] + samples[j]) / 2: {i, j} for i in range(8) for j in range(i)}
    for epoch in means("minibatch:8,2", steps=20, dimension=1).reshape(5, 4):
        used = [pairs[min(pairs, key=lambda pair, mean=mean: abs(pair - mean))] for mean in epoch]
        assert set.union(*used) == set(range(8))


def test_what_is_left_over_after_the_last_batch_is_dropped():
    samples = means("minibatch:7,1", steps=7, dimension=1)
    table = means("minibatch:7,3", steps=60, dimension=1).reshape(30, 2)
    dropped = samples.sum() - 3 * table.sum(axis=1)  # of each epoch the one sample that it leaves out
    assert np.abs(dropped[:, None] - samples[:, 0]).min(axis=1) == pytest.approx(0, abs=1e-12)
    assert len(np.unique(dropped.round(9))) > 3


def test_epochs_are_shuffled_anew_and_by_the_seed():
    first, second = means("minibatch:100,1", steps=200).reshape(2, 100, 2)
    other = means("minibatch:100,1", steps=100, seed=1)
    assert not (first == second).all() and not (first == other).all()
    for one in (second, other):
        np.testing.assert_array_equal(np.sort(first, axis=0), np.sort(one, axis=0))


def test_more_steps_only_add_rows():
    few, many = means("minibatch:100,7", steps=20), means("minibatch:100,7", steps=500)
    np.testing.assert_array_equal(few, many[: len(few)])
    np.testing.assert_array_equal(few, means("minibatch:100,7,0.5", steps=20))


def test_means_are_as_deepobs_has_them():
    table = means("minibatch:10000,128", steps=78 * 20)
    assert table.shape == (78 * 20, 2)
    assert table.std(axis=0) == pytest.approx(1 / np.sqrt(128), rel=0.06)
    assert abs(table.mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_seeds_of_64_bits(seed):
    assert np.isfinite(means("minibatch:10,3", steps=3, seed=seed)).all()


@pytest.mark.parametrize("text", ["gaussian:1", "multiplicative:1", "stable:1.5,1"])
def test_other_models_have_no_table(text):
    np.testing.assert_array_equal(means(text), [[0.0]])
