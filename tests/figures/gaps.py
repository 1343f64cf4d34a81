"""Made-up comparisons that know an optimum."""

import dataclasses

import numpy as np

from optviz.results import LossPath, Optimum
from tests.figures.comparisons import RUNS, comparison

EPOCHS = [0.0, 0.5, 1.0]  # at which runs are looked at, unless they are told otherwise


def optimum(paths, lowest=0.25, gained=0.01, epochs=EPOCHS):
    """An optimum of 8 evaluations; `paths` are the losses of an optimizer, or of each of its seeds."""
    return Optimum(
        60_000,
        np.array([1, 3, 4, 8]),
        np.array([2.3, 0.9, lowest + gained, lowest]),
        "out of evaluations",
        tuple(
            LossPath(name, RUNS[name][0], seed, np.array(epochs[: len(losses)]), np.array(losses))
            for name, seeds in paths.items()
            for seed, losses in enumerate(seeds if np.ndim(seeds) > 1 else [seeds])
        ),
    )


def compared(paths, lowest=0.25, gained=0.01, epochs=EPOCHS, **changes):
    """A comparison of optimizers, whose losses are those of each of their seeds."""
    seeds = len(next(iter(paths.values())))
    one = comparison(list(paths), epochs=int(epochs[-1]), seeds=seeds, network="logreg", **changes)
    return dataclasses.replace(one, optimum=optimum(paths, lowest, gained, epochs))
