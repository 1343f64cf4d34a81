"""What trainings give: frozen records of several optimizers that train one network."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from optviz.published import Published
from optviz.saving import SCHEMA, plain, record
from optviz.text import counted

STRETCHES = 20  # of an epoch, over each of which the training loss is averaged; fewer where an epoch has fewer steps


def _none(kind: Any) -> Any:
    """The default of an array's field: an empty one."""
    return field(default_factory=lambda: np.empty(0, kind))


@record
@dataclass(frozen=True)
class TrainingRun:
    """One training of one network with one optimizer and one seed.

    Attributes
    ----------
    optimizer, title, variant, defaults : str
    hyperparameters : dict of str to float
    seed : int
    epochs : tuple of dict
        For each finished epoch ``epoch`` (from 1), ``train_loss`` (mean over the epoch's batches), ``test_loss``,
        ``test_accuracy`` (share of the test images) and ``seconds`` (wall time of training, without the test).
    diverged_at : int or None
        The first epoch with a loss that is not finite.
    losses : (n,) float64
        The mean training loss over each stretch of each finished epoch, see `stretch_ends`.
    predictions : (test images,) uint8
        The class given to each test image after the last finished epoch; empty before the first.
    """

    optimizer: str
    title: str
    variant: str
    defaults: str
    hyperparameters: dict[str, float]
    seed: int
    epochs: tuple[dict[str, float], ...]
    diverged_at: int | None = None
    losses: np.ndarray = _none(np.float64)
    predictions: np.ndarray = _none(np.uint8)

    def found(self) -> str:
        """What it is and what it reached, in one line."""
        ended = counted(len(self.epochs), "epoch")
        reached = f"; test accuracy {100 * self.epochs[-1]['test_accuracy']:.2f} %" if self.epochs else ""
        lost = "" if self.diverged_at is None else f"; diverged in epoch {self.diverged_at}"
        return f"{self.title}, seed {self.seed}, {ended}{reached}{lost}"


record(Published)


@record
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
    rates: np.ndarray
    accuracies: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best: float

    def found(self) -> str:
        """What it is and which rate is best, in one line."""
        return f"{self.title}, {counted(len(self.rates), 'learning rate')} tried; best {self.best:.4g}"


@record
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

    grid: int
    low: float
    high: float
    refined: int
    epochs: int
    seeds: int
    images: int
    validation: int
    searches: tuple[RateSearch, ...]

    def found(self) -> str:
        """What it is and what it found, in one line."""
        best = ", ".join(f"{search.title} {search.best:.4g}" for search in self.searches)
        return f"{counted(self.grid, 'learning rate')} and {self.refined} around the best; best {best or 'of none'}"


@record
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
    seed: int
    count: int
    images: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray

    def found(self) -> str:
        """What it is, in one line."""
        mistaken = counted(self.count, "test image")
        return f"{self.title}, seed {self.seed}; {mistaken} not recognised, {len(self.labels)} shown"


@record
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
    epochs: np.ndarray
    points: np.ndarray
    losses: np.ndarray
    off: np.ndarray

    def found(self) -> str:
        """What it is, in one line."""
        return f"{self.title}, seen {counted(len(self.epochs), 'time')}"


@record
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

    seed: int
    x: np.ndarray
    y: np.ndarray
    losses: np.ndarray
    images: int
    held: float
    paths: tuple[PlanePath, ...]

    def found(self) -> str:
        """What it is, in one line."""
        paths = counted(len(self.paths), "path")
        return f"seed {self.seed}, {paths}; holds {100 * self.held:.1f} % of the variance of weights"


@record
@dataclass(frozen=True)
class Comparison:
    """Several optimizers training the same network from the same weights on the same batches.

    Attributes
    ----------
    network, dataset : str
        Registered names.
    architecture : str
        The layers in a few words: ``"784-128-10"``.
    batch_size, epochs : int
        Epochs asked for; a run that was interrupted or diverged has fewer.
    runs : tuple of TrainingRun
    interrupted : bool
        Whether Ctrl-C ended the comparison early.
    parameters, steps : int
        How many parameters the network has, and how many steps an epoch.
    rates : dict of str to str
        For each optimizer where its learning rate comes from: ``"tuned"``, ``"given"`` or the name of a default table.
    target : float or None
        The test accuracy whose first reaching is timed.
    tuning : Tuning or None
    published : Published or None
        A table to stand beside this one, where it is of the same experiment.
    labels : (test images,) uint8
        The classes of the test images.
    mistakes : tuple of Mistakes
        Of the best and of the worst optimizer.
    plane : Plane or None
    command : str
        The command that makes it; empty where it was made from Python.
    device : {"cpu", "cuda"}
        What the runs were computed on.
    """

    network: str
    dataset: str
    architecture: str
    batch_size: int
    epochs: int
    runs: tuple[TrainingRun, ...]
    interrupted: bool = False
    parameters: int = 0
    steps: int = 0
    rates: dict[str, str] = field(default_factory=dict)
    target: float | None = None
    tuning: Tuning | None = None
    published: Published | None = None
    labels: np.ndarray = _none(np.uint8)
    mistakes: tuple[Mistakes, ...] = ()
    plane: Plane | None = None
    command: str = ""
    device: str = "cpu"

    @property
    def timed(self) -> bool:
        """Whether the seconds of all epochs are known."""
        return all(math.isfinite(epoch["seconds"]) for run in self.runs for epoch in run.epochs)

    def found(self) -> str:
        """What it is and who leads, in one line."""
        from optviz.summary import best_first, summarise  # which are about this class

        rows = best_first(summarise(self), self.epochs)
        network = f"{self.network} {self.architecture} on {self.dataset}"
        what = f"{counted(len(self.runs), 'run')} of {network}, {counted(self.epochs, 'epoch')}"
        lead = "no epoch is finished"
        if rows and rows[0].epochs:
            first = f"{rows[0].first.title} leads with test accuracy"
            lead = f"{first} {100 * rows[0].test_accuracy.mean[-1]:.2f} %"
        return f"{what}; {'interrupted, ' * self.interrupted}{lead}"

    def to_dict(self) -> dict[str, Any]:
        """The document that ``optviz mnist --json`` prints.

        Everything but images, their classes and landscapes, and what follows from it: ``summary``, a row for each
        optimizer, and in ``published`` the differences from the published table. What is not finite is None.
        """
        from optviz import findings  # which is about this class

        document = {"schema": SCHEMA, **plain(self), **findings.document(self)}
        for name in ("labels", "mistakes"):
            del document[name]
        for run in document["runs"]:
            del run["predictions"]
        if document["plane"]:
            del document["plane"]["losses"]
        return document


def stretch_ends(steps: int) -> np.ndarray:
    """The last steps of the stretches of an epoch of so many steps, from 1: (at most `STRETCHES`,) int64."""
    return np.unique(np.round(np.linspace(0, steps, min(STRETCHES, steps) + 1)[1:]).astype(np.int64))


def without_seconds(comparison: Comparison) -> Comparison:
    """The same comparison with every measured time NaN: what is left is the same bytes whenever it is made."""
    runs = tuple(
        replace(run, epochs=tuple(epoch | {"seconds": math.nan} for epoch in run.epochs)) for run in comparison.runs
    )
    return replace(comparison, runs=runs)
