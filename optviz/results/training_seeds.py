"""Several seeds in one line: what a comparison's tables and pictures say about each optimizer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optviz.results import pairs
from optviz.results.statistics import half_width
from optviz.results.training_run import TrainingRun


@dataclass(frozen=True)
class Spread:
    """A quantity after each epoch over seeds.

    Attributes
    ----------
    mean, low, high : (epochs,) float64
        The mean, the lowest and the highest seed.
    half : (epochs,) float64
        Half the width of the 95 % t interval of the mean; NaN for one seed.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    half: np.ndarray


@dataclass(frozen=True)
class Target:
    """How soon the runs of one optimizer reached a test accuracy; infinite where they did not in the epochs they ran.

    Attributes
    ----------
    accuracy : float
        The target.
    reached : int
        How many runs reached it.
    epochs, seconds : float
        The medians over all runs, those that missed it included: infinite where half of them or more did.
    run_epochs : (runs,) float64
        The first epoch of each run after which its test accuracy was at least the target.
    run_seconds : (runs,) float64
        Its training time until then.
    """

    accuracy: float
    reached: int
    epochs: float
    seconds: float
    run_epochs: np.ndarray
    run_seconds: np.ndarray


@dataclass(frozen=True)
class Summary:
    """One optimizer with one set of hyperparameters, over its seeds.

    A mean over other seeds in each epoch would jump where one ends, so only the seeds that got furthest count;
    `seeds` and `diverged` say how many the others are.

    Ranks leave out nobody who diverged: that would reward an optimizer for failing where the task is hard. A diverged
    run has no weights to recognise an image with, so it counts as accuracy 0. It pulls its row down and widens the
    row's intervals, and with them the places that are possible.

    Attributes
    ----------
    members : tuple of TrainingRun
        All its runs.
    finite : tuple of int
        How many epochs of each ended with finite values.
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
    target : Target or None
        Where the comparison has a target.
    rank : tuple of int
        The best and the worst place that the data allow in test accuracy after the comparison's last epoch, see
        `optviz.results.pairs.Verdict`. With one seed all places are possible.
    """

    members: tuple[TrainingRun, ...]
    finite: tuple[int, ...]
    seeds: tuple[int, ...]
    diverged: int
    diverged_at: int | None
    train_loss: Spread
    test_loss: Spread
    test_accuracy: Spread
    seconds: Spread
    target: Target | None
    rank: tuple[int, int] = (1, 1)

    @property
    def first(self) -> TrainingRun:
        """Its first run: names and hyperparameters."""
        return self.members[0]

    @property
    def runs(self) -> int:
        """How many seeds were started."""
        return len(self.members)

    @property
    def epochs(self) -> int:
        """How many epochs ended with finite values."""
        return len(self.test_accuracy.mean)

    def after(self, epoch: int) -> dict[int, float]:
        """For each seed the test accuracy after an epoch: 0 if the run diverged before; without those interrupted."""
        accuracies = {}
        for run, epochs in zip(self.members, self.finite, strict=True):
            if epochs >= epoch:
                accuracies[run.seed] = run.epochs[epoch - 1]["test_accuracy"]
            elif run.diverged_at is not None:
                accuracies[run.seed] = 0.0
        return accuracies

    def score(self, epoch: int) -> float:
        """The mean of `after`: by it rows are ordered; NaN where all runs were interrupted before."""
        return pairs.mean(self.after(epoch))

    def document(self, epochs: int) -> dict[str, Any]:
        """What a JSON document says of it; no final accuracy where no run got through the last of `epochs`."""
        names = ("mean", "low", "high", "half")
        ended = self.epochs == epochs
        target = self.target and {
            name: getattr(self.target, name) for name in ("accuracy", "reached", "epochs", "seconds")
        }
        return {
            **{name: getattr(self.first, name) for name in ("optimizer", "title", "variant", "hyperparameters")},
            **{name: getattr(self, name) for name in ("runs", "seeds", "diverged", "diverged_at", "epochs")},
            "test_accuracy": {name: getattr(self.test_accuracy, name)[-1] if ended else None for name in names},
            "rank": self.rank,
            "target": target,
        }


def summarise(runs: Sequence[TrainingRun], target: float | None, epochs: int) -> tuple[Summary, ...]:
    """One `Summary` for each optimizer and set of hyperparameters, in the order of their first runs.

    `epochs` is the number of epochs after which rows are ranked.
    """
    groups: dict[tuple[Any, ...], list[TrainingRun]] = {}
    for run in runs:
        key = (run.optimizer, run.variant, tuple(sorted(run.hyperparameters.items())))
        groups.setdefault(key, []).append(run)
    rows = [_summary(members, target) for members in groups.values()]
    places = judged(rows, epochs).places
    return tuple(replace(row, rank=place) for row, place in zip(rows, places, strict=True))


def best_first(rows: Sequence[Summary], epoch: int) -> tuple[Summary, ...]:
    """The rows by their score after an epoch, interrupted ones last; rows that score alike keep their order."""
    return tuple(sorted(rows, key=lambda row: np.nan_to_num(row.score(epoch), nan=-1.0), reverse=True))


def judged(rows: Sequence[Summary], epoch: int) -> pairs.Verdict:
    """Which rows can be told apart after an epoch, seed by seed; a diverged run counts as accuracy 0.

    All have the same weights and the same batches with a seed.
    """
    return pairs.judged([row.after(epoch) for row in rows])


def _summary(runs: list[TrainingRun], target: float | None) -> Summary:
    finite = tuple(map(_finite_epochs, runs))
    furthest = [run for run, epochs in zip(runs, finite, strict=True) if epochs == max(finite)]
    ends = [run.diverged_at for run in runs if run.diverged_at is not None]

    def values(name: str) -> np.ndarray:
        return np.array([[epoch[name] for epoch in run.epochs[: max(finite)]] for run in furthest], np.float64)

    return Summary(
        members=tuple(runs),
        finite=finite,
        seeds=tuple(run.seed for run in furthest),
        diverged=len(ends),
        diverged_at=min(ends, default=None),
        train_loss=_spread(values("train_loss")),
        test_loss=_spread(values("test_loss")),
        test_accuracy=_spread(values("test_accuracy")),
        seconds=_spread(values("seconds").cumsum(axis=1)),
        target=None if target is None else _target(runs, finite, target),
    )


def _finite_epochs(run: TrainingRun) -> int:
    """How many epochs from the first on have finite values."""
    for index, epoch in enumerate(run.epochs):
        if not all(math.isfinite(epoch[name]) for name in ("train_loss", "test_loss", "test_accuracy")):
            return index
    return len(run.epochs)


def _spread(values: np.ndarray) -> Spread:
    return Spread(values.mean(axis=0), values.min(axis=0), values.max(axis=0), half_width(values))


def _target(runs: Sequence[TrainingRun], finite: Sequence[int], accuracy: float) -> Target:
    ends = np.array([_reaching(run.epochs[:epochs], accuracy) for run, epochs in zip(runs, finite, strict=True)])
    epochs, seconds = ends.T
    middle = np.median(ends, axis=0)
    return Target(accuracy, int(np.isfinite(epochs).sum()), float(middle[0]), float(middle[1]), epochs, seconds)


def _reaching(epochs: Sequence[dict[str, float]], accuracy: float) -> tuple[float, float]:
    """The first epoch with that accuracy, and the training seconds until its end."""
    seconds = 0.0
    for epoch in epochs:
        seconds += epoch["seconds"]
        if epoch["test_accuracy"] >= accuracy:
            return float(epoch["epoch"]), seconds
    return math.inf, math.inf
