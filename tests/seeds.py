"""Comparisons of made-up accuracies, one list per seed."""

import math

import numpy as np

from optviz.results import Comparison, Plane, PlanePath, Published, RateSearch, TrainingRun, Tuning

TITLES = {"sgd": "SGD", "adam": "Adam", "rmsprop": "RMSprop", "adagrad": "Adagrad", "adadelta": "Adadelta"}


def compared(accuracies, epochs=None, diverged_at=None, titles=TITLES, lr=0.001, **fields):
    """`accuracies`: for each optimizer, for each seed the test accuracy after each epoch that ended.

    `diverged_at` names for (optimizer, seed) the epoch in which that run diverged.
    """
    runs = []
    for name, seeds in accuracies.items():
        for seed, values in enumerate(seeds):
            rows = tuple(
                {"epoch": k, "train_loss": 1 - v, "test_loss": 1 - v, "test_accuracy": v, "seconds": 0.5}
                for k, v in enumerate(values, 1)
            )
            end = (diverged_at or {}).get((name, seed))
            runs.append(TrainingRun(name, titles.get(name, name), "keras", "keras", {"lr": lr}, seed, rows, end))
    longest = max((len(run.epochs) for run in runs), default=3)
    return Comparison("mlp", "mnist", "784-128-10", 64, epochs or longest, tuple(runs), **fields)


def rising(last, seeds, epochs=10, spread=0.001):
    """Accuracies that rise to `last`, seed 0 highest, each next one `spread` lower."""
    return [(last - spread * seed - 0.1 * (1 - np.arange(1, epochs + 1) / epochs)).tolist() for seed in range(seeds)]


def published(accuracies, epochs=(1, 5, 10)):
    return Published("Somebody 2019, some book, table 4", "mnist", "keras", 64, epochs, accuracies)


def search(name, best, accuracies, rates=(0.001, 0.01, 0.1)):
    values = np.array(accuracies, float)
    return RateSearch(name, TITLES.get(name, name), np.array(rates, float), values, values - 0.01, values + 0.01, best)


TUNING = Tuning(
    3,
    0.001,
    0.1,
    0,
    2,
    2,
    50_000,
    10_000,
    (
        search("adam", 0.001, [0.97, 0.95, 0.1]),
        search("sgd", 0.1, [0.9, 0.95, 0.96]),
        search("adagrad", 0.01, [0.9, 0.95, 0.94]),
        search("rmsprop", 0.01, [math.nan] * 3),
    ),
)


def path(name, *off):
    count = len(off)
    return PlanePath(name, TITLES[name], np.arange(float(count)), np.zeros((count, 2)), np.ones(count), np.array(off))


PLANE = Plane(
    4,
    np.arange(3.0),
    np.arange(3.0),
    np.ones((3, 3)),
    1000,
    0.8734,
    (path("adam", 0.0, 0.5, 0.312), path("sgd", 0.0, 0.12), path("adagrad", 0.0, math.nan), path("rmsprop")),
)
