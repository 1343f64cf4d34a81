"""Seeds summed up: which runs count, and what is said about the others."""

import math

import numpy as np
import pytest

from optviz.results import Comparison, TrainingRun
from optviz.summary import summarise


def run(optimizer, seed, accuracies, diverged_at=None, lr=0.01, broken=False):
    epochs = [
        {"epoch": index + 1, "train_loss": 1 - value, "test_loss": 1 - value, "test_accuracy": value, "seconds": 2.0}
        for index, value in enumerate(accuracies)
    ]
    if broken:
        epochs.append(epochs[-1] | {"epoch": len(epochs) + 1, "train_loss": math.nan, "test_loss": math.nan})
    return TrainingRun(optimizer, optimizer.upper(), "keras", "keras", {"lr": lr}, seed, tuple(epochs), diverged_at)


def comparison(*runs, epochs=3):
    return Comparison("mlp", "mnist", "784-128-10", 64, epochs, runs)


def test_mean_and_range_over_seeds_in_the_order_of_the_runs():
    first, second = summarise(
        comparison(run("sgd", 0, [0.5, 0.7]), run("adam", 0, [0.9, 0.95]), run("sgd", 1, [0.6, 0.9]))
    )
    assert (first.first.optimizer, first.runs, first.seeds, second.seeds) == ("sgd", 2, (0, 1), (0,))
    assert first.test_accuracy.mean == pytest.approx([0.55, 0.8])
    assert first.test_accuracy.low.tolist() == [0.5, 0.7]
    assert first.test_accuracy.high.tolist() == [0.6, 0.9]
    assert first.train_loss.mean == pytest.approx([0.45, 0.2])
    assert first.seconds.mean.tolist() == [2, 4]


def test_only_the_seeds_that_got_furthest_count():
    (one,) = summarise(comparison(run("adam", 0, [0.8, 0.9, 0.95]), run("adam", 1, [0.1]), run("adam", 2, [])))
    assert (one.seeds, one.runs, one.epochs) == ((0,), 3, 3)
    assert one.test_accuracy.mean.tolist() == [0.8, 0.9, 0.95]


def test_diverged_runs_keep_their_finite_epochs():
    (one,) = summarise(
        comparison(run("sgd", 0, [0.3], diverged_at=2, broken=True), run("sgd", 1, [0.2], diverged_at=3, broken=True))
    )
    assert (one.diverged, one.diverged_at, one.epochs) == (2, 2, 1)
    assert np.isfinite(one.train_loss.mean).all()


def test_runs_without_an_epoch_are_empty_and_not_an_error():
    (one,) = summarise(comparison(run("sgd", 0, [], diverged_at=1)))
    assert one.epochs == 0 and one.test_accuracy.mean.shape == (0,)


def test_other_hyperparameters_are_another_line():
    assert len(summarise(comparison(run("adam", 0, [0.9], lr=0.1), run("adam", 0, [0.9], lr=0.2)))) == 2
