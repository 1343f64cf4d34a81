"""One training of one network, and what is looked at beside it: the search for a rate, mistakes, a plane."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np

from optviz.results.columns import Tabular, texts
from optviz.results.saved import record
from optviz.results.shown import Shown
from optviz.results.validity import MEASURED, Array, Count, Items, Many, Number, Seed, Share
from optviz.results.words import counted

MEASURES = ("train_loss", "test_loss", "test_accuracy", "seconds")  # of an epoch
STRETCHES = 20  # of an epoch, over each of which the training loss is averaged; fewer where an epoch has fewer steps


def none(kind: Any) -> Any:
    """The default of an array's field: an empty one."""
    return field(default_factory=lambda: np.empty(0, kind))


_LOSS = Annotated[float, Number(**MEASURED)]


EPOCH = Items(
    epoch=Count,
    train_loss=_LOSS,
    test_loss=_LOSS,
    test_accuracy=Annotated[float, Number(0, 1, unknown=True)],
    seconds=Annotated[float, Number(0, unknown=True)],
)


@record(("its epochs are counted from 1", lambda run: all(one["epoch"] == k for k, one in enumerate(run.epochs, 1))))
@dataclass(frozen=True)
class TrainingRun(Shown, Tabular):
    """One training of one network with one optimizer and one seed.

    Attributes
    ----------
    optimizer, title, variant, defaults : str
    hyperparameters : dict of str to float
    seed : int
    written : str
        The optimizer as it is written, with what is not as by default.
    epochs : tuple of dict
        For each finished epoch ``epoch`` (from 1), ``train_loss`` (mean over the epoch's batches), ``test_loss``,
        ``test_accuracy`` (share of the test images) and ``seconds`` (wall time of training, without the test).
    diverged_at : int or None
        The first epoch with a loss that is not finite.
    losses : (n,) float64
        The mean training loss over each stretch of each finished epoch, see `stretch_ends`.
    predictions : (test images,) uint8
        The class given to each test image after the last finished epoch; empty before the first.

    Examples
    --------
    >>> import optviz
    >>> (run,) = optviz.train("mnist", network="logreg", optimizers=["adam"], epochs=1).runs
    >>> run.title, run.seed, run.epochs[0]["test_accuracy"] > 0.8
    ('Adam', 0, True)
    """

    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    seed: Seed
    epochs: tuple[Annotated[dict[str, Any], EPOCH], ...]
    diverged_at: Count | None = None
    losses: Annotated[np.ndarray, Array("float64", "stretches", **MEASURED, absent=True)] = none(np.float64)
    predictions: Annotated[np.ndarray, Array("uint8", "IMAGES", low=0, absent=True)] = none(np.uint8)
    written: str = ""

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each finished epoch.

        ``optimizer``, ``seed``, ``lr`` (that with which a schedule begins, NaN where the rule has none), ``epoch`` from
        1, ``train_loss``, ``test_loss``, ``test_accuracy`` and ``seconds``.
        """
        return epoch_columns([self])

    def headline(self) -> str:
        """One line: the run, and the accuracy that it reached."""
        ended = counted(len(self.epochs), "epoch")
        reached = f"; test accuracy {100 * self.epochs[-1]['test_accuracy']:.2f} %" if self.epochs else ""
        lost = "" if self.diverged_at is None else f"; diverged in epoch {self.diverged_at}"
        return f"{self.title}, seed {self.seed}, {ended}{reached}{lost}"


def epoch_columns(runs: Sequence[TrainingRun]) -> dict[str, np.ndarray]:
    """A row for each finished epoch of several runs, see `TrainingRun.to_columns`."""
    rows = [(run, epoch) for run in runs for epoch in run.epochs]
    rates = [run.hyperparameters.get("lr", np.nan) for run, _ in rows]
    return {
        "optimizer": texts(run.optimizer for run, _ in rows),
        "seed": np.array([run.seed for run, _ in rows] or np.empty(0, np.int64)),
        "lr": np.array(rates, np.float64),
        "epoch": np.array([epoch["epoch"] for _, epoch in rows], np.int64),
        **{name: np.array([epoch[name] for _, epoch in rows], np.float64) for name in MEASURES},
    }


@record(("its best rate is one of those tried", lambda search: search.best in search.rates))
@dataclass(frozen=True)
class RateSearch:
    """What the search for one optimizer's learning rate found.

    Attributes
    ----------
    optimizer, title : str
    rates : (n,) float64
        The rates tried, ascending; as many for every optimizer.
    accuracies : (n,) float64
        Validation accuracy after the last epoch, the mean over seeds; NaN where a run diverged.
    low, high : (n,) float64
        The lowest and the highest seed.
    best : float
        The rate chosen.
    """

    optimizer: str
    title: str
    rates: Annotated[np.ndarray, Array("float64", "rates", low=1e-100, rising=True)]
    accuracies: Annotated[np.ndarray, Array("float64", "rates", low=0, high=1, unknown=True)]
    low: Annotated[np.ndarray, Array("float64", "rates", low=0, high=1, unknown=True)]
    high: Annotated[np.ndarray, Array("float64", "rates", low=0, high=1, unknown=True)]
    best: float

    def headline(self) -> str:
        """One line: the search, and the best rate."""
        return f"{self.title}, {counted(len(self.rates), 'learning rate')} tried; best {self.best:.4g}"


@record()
@dataclass(frozen=True)
class Tuning:
    """A search for learning rates with the same budget for every optimizer, on training images alone.

    Attributes
    ----------
    grid : int
        Rates tried first, evenly spaced in their logarithm from `low` to `high`.
    low, high : float
    refined : int
        Rates tried afterwards around the best of the grid.
    epochs, seeds : int
        Of each trial.
    images, validation : int
        How many of the training images a trial learned from, and how many others it was judged by.
    searches : tuple of RateSearch
    """

    grid: Count
    low: Annotated[float, Number(1e-100)]
    high: Annotated[float, Number(1e-100)]
    refined: int
    epochs: Count
    seeds: Count
    images: Count
    validation: Count
    searches: Annotated[tuple[RateSearch, ...], Many("searches", distinct=lambda one: one.optimizer)]

    def headline(self) -> str:
        """One line: the search, and its best rates."""
        best = ", ".join(f"{search.title} {search.best:.4g}" for search in self.searches)
        return f"{counted(self.grid, 'learning rate')} and {self.refined} around the best; best {best or 'of none'}"


@record()
@dataclass(frozen=True)
class Mistakes:
    """Test images that a run does not recognise.

    Attributes
    ----------
    optimizer, title : str
    seed : int
    count : int
        How many of the test images there are; some of them are shown.
    images : (k, height, width) uint8
    labels, predictions : (k,) uint8
        What they are, and what the network takes them for.
    """

    optimizer: str
    title: str
    seed: Seed
    count: int
    images: Annotated[np.ndarray, Array("uint8", "shown?", "height", "width", low=0)]
    labels: Annotated[np.ndarray, Array("uint8", "shown?", low=0)]
    predictions: Annotated[np.ndarray, Array("uint8", "shown?", low=0)]

    def headline(self) -> str:
        """The record in one line."""
        mistaken = counted(self.count, "test image")
        return f"{self.title}, seed {self.seed}; {mistaken} not recognised, {len(self.labels)} shown"


@record()
@dataclass(frozen=True)
class PlanePath:
    """The weights of one run, seen on a `Plane`.

    Attributes
    ----------
    optimizer, title : str
    epochs : (k,) float64
        When the weights were looked at, in epochs: 0 is the start; the first epoch has several looks.
    points : (k, 2) float64
        Their projections.
    losses : (k,) float64
        The training loss at the weights themselves, on the images of the landscape.
    off : (k,) float64
        Their distance from the plane as a share of their distance from the start; 0 at the start.
    """

    optimizer: str
    title: str
    epochs: Annotated[np.ndarray, Array("float64", "looks", low=0, rising=True)]
    points: Annotated[np.ndarray, Array("float64", "looks", 2)]
    losses: Annotated[np.ndarray, Array("float64", "looks", **MEASURED)]
    off: Annotated[np.ndarray, Array("float64", "looks", low=0, unknown=True)]

    def headline(self) -> str:
        """The record in one line."""
        return f"{self.title}, seen {counted(len(self.epochs), 'time')}"


@record()
@dataclass(frozen=True)
class Plane:
    """The weights of all optimizers' runs of one seed on their two common principal directions.

    Attributes
    ----------
    seed : int
    x, y : (n,) float64
        Coordinates of the landscape's columns and rows, evenly spaced, in the same unit: distance between weights.
    losses : (n, n) float64
        The training loss on the plane itself; row 0 has the lowest `y`.
    images : int
        Over how many training images the loss is a mean.
    held : float
        The share of the variance of all weights that the plane holds.
    paths : tuple of PlanePath
    """

    seed: Seed
    x: Annotated[np.ndarray, Array("float64", "cells", rising=True)]
    y: Annotated[np.ndarray, Array("float64", "cells", rising=True)]
    losses: Annotated[np.ndarray, Array("float64", "cells", "cells", **MEASURED)]
    images: int
    held: Share
    paths: Annotated[tuple[PlanePath, ...], Many("paths", distinct=lambda one: one.optimizer)]

    def headline(self) -> str:
        """The record in one line."""
        paths = counted(len(self.paths), "path")
        return f"seed {self.seed}, {paths}; holds {100 * self.held:.1f} % of the variance of weights"


def stretch_ends(steps: int) -> np.ndarray:
    """The last steps of the stretches of an epoch of so many steps, from 1: (at most `STRETCHES`,) int64."""
    return np.unique(np.round(np.linspace(0, steps, min(STRETCHES, steps) + 1)[1:]).astype(np.int64))
