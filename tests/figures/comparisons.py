"""Made-up comparisons that look like real ones."""

import math
import zlib

import numpy as np

from optviz.results.comparison import Comparison
from optviz.results.training_run import Mistakes, RateSearch, TrainingRun, Tuning, stretch_ends
from tests.pictures import image, words  # noqa: F401

# name: title, test accuracy after epochs 1, 5 and 10, learning rate, seconds an epoch
RUNS = {
    "sgd": ("SGD", (0.9024, 0.9369, 0.9493), 0.01, 0.29),
    "momentum": ("Momentum", (0.9468, 0.9725, 0.9765), 0.01, 0.31),
    "nesterov": ("Nesterov", (0.9478, 0.9735, 0.9768), 0.01, 0.32),
    "adagrad": ("Adagrad", (0.8411, 0.9133, 0.9286), 0.001, 0.33),
    "adadelta": ("Adadelta", (0.4612, 0.7776, 0.8375), 0.001, 0.5),
    "rmsprop": ("RMSprop", (0.9575, 0.9745, 0.9772), 0.001, 0.37),
    "adam": ("Adam", (0.96, 0.976, 0.9785), 0.001, 0.41),
    "lion": ("Lion", (0.955, 0.972, 0.974), 0.0001, 0.36),
    "adamw": ("AdamW", (0.9602, 0.9765, 0.979), 0.00025, 0.45),
    "nadam": ("Nadam", (0.9601, 0.977, 0.9789), 0.001, 0.47),
    "rmsprop_centered": ("RMSprop with momentum, centered", (0.9572, 0.9742, 0.9775), 0.001, 0.48),
    "adamax": ("AdaMax", (0.94, 0.968, 0.9761), 0.001, 0.44),
}
SEVEN = list(RUNS)[:7]
STEPS = 938
ALIKE = {0: 6, 1: 7, 2: 7, 3: 5, 4: 9, 5: 3, 6: 0, 7: 2, 8: 3, 9: 4}
LONG = "28x28 - conv 3x3x32 - pool 2x2 - dropout 0.25 - 256 - dropout 0.5 - 10"


def luck(*key):
    """A generator that the key alone decides."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def error(name, seed, at):
    """The share of images that a run gets wrong after so many epochs: (n,)."""
    known = np.log(1 - np.array(RUNS[name][1]))
    worse = np.exp(np.interp(np.log(at), np.log([0.05, 1, 5, 10]), [math.log(0.9), *known]))
    return worse * (1 + 0.02 * seed)


def run(name, seed, epochs, labels, diverged_at=None, finished=None, timed=True, fine=True):
    title, _, lr, seconds = RUNS[name]
    number = np.arange(1, epochs + 1)
    rows = [
        {
            "epoch": int(k),
            "train_loss": 3 * e / k**0.3,
            "test_loss": 3.3 * e,
            "test_accuracy": 1 - e,
            "seconds": seconds * (1 + 0.04 * seed) if timed else math.nan,
        }
        for k, e in zip(number, error(name, seed, number).tolist(), strict=True)
    ]
    if diverged_at:
        rows = [*rows[: diverged_at - 1], rows[diverged_at - 1] | {"train_loss": math.nan, "test_loss": math.inf}]
    rows = rows[:finished]
    losses, predictions = np.empty(0), np.empty(0, np.uint8)
    if fine and rows:
        at = (np.arange(len(rows))[:, None] + stretch_ends(STEPS) / STEPS).ravel()
        noise = np.exp(luck(name, seed, "losses").normal(0, 0.05, len(at)))
        losses = np.minimum(2.4, 3 * error(name, seed, at) / at**0.3) * noise
        predictions = predicted(labels, rows[-1]["test_accuracy"], (name, seed))
    hyperparameters = {"lr": lr}
    return TrainingRun(
        name, title, "keras", "keras", hyperparameters, seed, tuple(rows), diverged_at, losses, predictions
    )


def predicted(labels, accuracy, key):
    """Classes given to images: mostly the right one, or the one that looks like it."""
    random = luck(key, "predictions")
    classes = int(labels.max(initial=0)) + 1
    alike = np.array([ALIKE.get(label, label + 1) % classes for label in range(classes)], np.uint8)
    wrong = np.where(random.random(len(labels)) < 0.5, alike[labels], random.integers(0, classes, len(labels)))
    return np.where(random.random(len(labels)) < accuracy, labels, wrong).astype(np.uint8)


def search(name, grid, refined, seeds=3):
    """Accuracy over learning rates: best at the default, chance far below it, divergence far above."""
    title, (*_, last), lr, _ = RUNS[name]
    rates = np.union1d(grid, lr * np.array([0.6, 1.7])[:refined])
    away = np.log10(rates / lr)
    wrong = np.clip((1 - last) * np.exp(1.1 * np.abs(away) ** 1.5), 0, 0.9)
    values = 1 - wrong * np.exp(luck(name, "search").normal(0, 0.08, (seeds, len(rates))))
    values = np.maximum(values, 0.08)
    values[:, away > 1.6] = np.nan
    mean = values.mean(axis=0)
    best = float(rates[np.nanargmax(mean)]) if np.isfinite(mean).any() else float(rates[0])
    return RateSearch(name, title, rates, mean, values.min(axis=0), values.max(axis=0), best)


def tuning(names, seeds=3):
    grid = np.logspace(-5, 0, 9)
    return Tuning(9, 1e-5, 1.0, 2, 3, seeds, 50_000, 10_000, tuple(search(name, grid, 2, seeds) for name in names))


def blobs(count, shape=(28, 28)):
    """Images of something, (count, *shape) uint8."""
    y, x = np.indices(shape)
    away = [np.hypot(y - shape[0] / 2 + k % 5, x - shape[1] / 2 - k % 3) for k in range(count)]
    values = [255 * np.exp(-(((one - shape[0] / (4 + k % 4)) / 2) ** 2)) for k, one in enumerate(away)]
    return np.array(values).reshape(count, *shape).astype(np.uint8)


def misread(comparison, optimizer, shown=24, shape=(28, 28), images=None):
    """The first images that the optimizer's first run gets wrong."""
    one = next(run for run in comparison.runs if run.optimizer == optimizer)
    wrong = np.flatnonzero(one.predictions != comparison.labels)
    few = wrong[:shown]
    images = blobs(len(few), shape) if images is None else images[few]
    return Mistakes(optimizer, one.title, one.seed, len(wrong), images, comparison.labels[few], one.predictions[few])


def comparison(names, epochs=10, seeds=1, classes=10, tested=1000, timed=True, fine=True, **changes):
    """A comparison of these optimizers; other keywords are fields of `Comparison`, or changes to one optimizer's runs.

    Parameters
    ----------
    timed, fine : bool
        Whether the seconds of epochs are known, and what newer records hold: losses within epochs and predictions.
    """
    labels = (np.arange(tested) % classes).astype(np.uint8) if fine else np.empty(0, np.uint8)
    runs = tuple(
        run(name, seed, epochs, labels, timed=timed, fine=fine, **changes.get(name, {}))
        for seed in range(seeds)
        for name in names
    )
    fields = {key: value for key, value in changes.items() if key not in RUNS}
    fields = {"network": "mlp", "dataset": "mnist", "architecture": "784-128-10"} | fields
    if fine:
        fields = {"steps": STEPS, "labels": labels} | fields
    return Comparison(batch_size=64, epochs=epochs, runs=runs, **fields)
