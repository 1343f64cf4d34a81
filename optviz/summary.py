"""Several seeds in one line: what a comparison's table, picture and Markdown say about each optimizer."""

import math
from dataclasses import dataclass

import numpy as np

from optviz.results import Comparison, TrainingRun


@dataclass(frozen=True)
class Spread:
    """A quantity after each epoch over seeds: ``mean``, ``low`` and ``high``, each (epochs,) float64."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Summary:
    """One optimizer with one set of hyperparameters, over its seeds.

    A mean over other seeds in each epoch would jump where one ends, so only the seeds that got furthest count;
    `seeds` and `diverged` say how many the others are.

    Attributes
    ----------
    first : TrainingRun
        Its first run: names and hyperparameters.
    runs : int
        How many seeds were started.
    seeds : tuple of int
        Those that got furthest, over which the spreads are taken.
    diverged : int
        How many diverged.
    diverged_at : int or None
        The first epoch in which one did.
    train_loss, test_loss, test_accuracy : Spread
        After each epoch; empty where no epoch ended with finite values.
    seconds : Spread
        Training time from the start to the end of each epoch.
    """

    first: TrainingRun
    runs: int
    seeds: tuple[int, ...]
    diverged: int
    diverged_at: int | None
    train_loss: Spread
    test_loss: Spread
    test_accuracy: Spread
    seconds: Spread

    @property
    def epochs(self) -> int:
        """How many epochs ended with finite values."""
        return len(self.test_accuracy.mean)


def summarise(comparison: Comparison) -> tuple[Summary, ...]:
    """One `Summary` for each optimizer and set of hyperparameters, in the order of their first runs."""
    groups: dict[tuple, list[TrainingRun]] = {}
    for run in comparison.runs:
        key = (run.optimizer, run.variant, tuple(sorted(run.hyperparameters.items())))
        groups.setdefault(key, []).append(run)
    return tuple(_summary(runs) for runs in groups.values())


def _summary(runs: list[TrainingRun]) -> Summary:
    reached = [_finite_epochs(run) for run in runs]
    furthest = [run for run, epochs in zip(runs, reached, strict=True) if epochs == max(reached)]
    ends = [run.diverged_at for run in runs if run.diverged_at is not None]

    def values(name: str) -> np.ndarray:
        return np.array([[epoch[name] for epoch in run.epochs[: max(reached)]] for run in furthest], np.float64)

    return Summary(
        first=runs[0],
        runs=len(runs),
        seeds=tuple(run.seed for run in furthest),
        diverged=len(ends),
        diverged_at=min(ends, default=None),
        train_loss=_spread(values("train_loss")),
        test_loss=_spread(values("test_loss")),
        test_accuracy=_spread(values("test_accuracy")),
        seconds=_spread(values("seconds").cumsum(axis=1)),
    )


def _finite_epochs(run: TrainingRun) -> int:
    """How many epochs from the first on have finite losses."""
    for index, epoch in enumerate(run.epochs):
        if not (math.isfinite(epoch["train_loss"]) and math.isfinite(epoch["test_loss"])):
            return index
    return len(run.epochs)


def _spread(values: np.ndarray) -> Spread:
    return Spread(values.mean(axis=0), values.min(axis=0), values.max(axis=0))
