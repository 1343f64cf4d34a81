"""Comparisons: several optimizers that train one network."""

import math
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np

from optviz.results.columns import Tabular
from optviz.results.optimum import Optimum
from optviz.results.published import Published
from optviz.results.saved import SCHEMA, plain, record
from optviz.results.shown import Explored
from optviz.results.training_published import deviations
from optviz.results.training_run import Mistakes, Plane, TrainingRun, Tuning, epoch_columns, none, stretch_ends
from optviz.results.training_seeds import Summary, best_first, summarise
from optviz.results.validity import Array, Count, Device, Many, Share
from optviz.results.words import counted, not_told_apart

record(
    (
        "its accuracies are shares, one after each of its epochs",
        lambda table: all(
            len(row) == len(table.epochs) and all(0 <= one <= 1 for one in row) for row in table.accuracies.values()
        ),
    ),
    ("its epochs are counted from 1", lambda table: all(epoch > 0 for epoch in table.epochs)),
)(Published)


def _has_stretches(comparison: "Comparison") -> bool:
    """Whether losses, where there are any and the steps of an epoch are known, are those of all finished epochs."""
    each = len(stretch_ends(comparison.steps))
    return not each or all(len(run.losses) in (0, each * len(run.epochs)) for run in comparison.runs)


def _has_paths(comparison: "Comparison") -> bool:
    """Whether the plane and the optimum, where there are any, show runs of the comparison."""
    runs = {(run.optimizer, run.seed) for run in comparison.runs}
    plane, optimum = comparison.plane, comparison.optimum
    shown = {(path.optimizer, plane.seed) for path in plane.paths} if plane else set()
    seen = {(path.optimizer, path.seed) for path in optimum.paths} if optimum else runs
    return shown <= runs == seen


@record(
    ("its runs have a loss for each stretch of an epoch", _has_stretches),
    ("each path on its plane is that of one of its runs, and its optimum has a path of each", _has_paths),
)
@dataclass(frozen=True)
class Comparison(Explored, Tabular):
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
    optimum : Optimum or None
        That of a convex network, with the losses of the runs over all training images.

    Examples
    --------
    >>> import optviz
    >>> comparison = optviz.train("mnist", network="logreg", optimizers=["sgd", "adam"], epochs=1)
    >>> [one.first.title for one in comparison.ranked()]
    ['Adam', 'SGD']
    """

    network: str
    dataset: str
    architecture: str
    batch_size: Count
    epochs: Count
    runs: Annotated[tuple[TrainingRun, ...], Many("runs?", distinct=lambda one: (one.optimizer, one.seed))]
    interrupted: bool = False
    parameters: int = 0
    steps: int = 0
    rates: dict[str, str] = field(default_factory=dict)
    target: Share | None = None
    tuning: Tuning | None = None
    published: Published | None = None
    labels: Annotated[np.ndarray, Array("uint8", "IMAGES", low=0, absent=True)] = none(np.uint8)
    mistakes: tuple[Mistakes, ...] = ()
    plane: Plane | None = None
    command: str = ""
    device: Device = "cpu"
    optimum: Optimum | None = None

    def summaries(self) -> tuple[Summary, ...]:
        """One for each optimizer and set of hyperparameters, over its seeds, in the order of their first runs."""
        return summarise(self.runs, self.target, self.epochs)

    def ranked(self) -> tuple[Summary, ...]:
        """The summaries, best first: by the mean accuracy after the last epoch."""
        return best_first(self.summaries(), self.epochs)

    @property
    def timed(self) -> bool:
        """Whether the seconds of all epochs are known."""
        return all(math.isfinite(epoch["seconds"]) for run in self.runs for epoch in run.epochs)

    def headline(self) -> str:
        """One line: the runs, and who leads."""
        rows = self.ranked()
        network = f"{self.network} {self.architecture} on {self.dataset}"
        what = f"{counted(len(self.runs), 'run')} of {network}, {counted(self.epochs, 'epoch')}"
        lead = "no epoch is finished"
        if rows and rows[0].epochs:
            first = f"{rows[0].first.title} leads with test accuracy"
            near = [row.first.title for row in rows[1:] if row.rank[0] == 1 and row.runs > 1]
            lead = f"{first} {100 * rows[0].test_accuracy.mean[-1]:.2f} %{not_told_apart(near, len(rows) - 1)}"
        return f"{what}; {'interrupted, ' * self.interrupted}{lead}"

    def to_columns(self) -> dict[str, np.ndarray]:
        """A row for each finished epoch of each run: ``network``, ``dataset``, and as `TrainingRun.to_columns`."""
        table = epoch_columns(self.runs)
        names = {name: np.full(len(table["epoch"]), getattr(self, name), object) for name in ("network", "dataset")}
        return names | table

    def to_dict(self) -> dict[str, Any]:
        """The document that ``optviz train --json`` prints.

        Everything but images, their classes and landscapes, and what follows from it: ``summary``, a row for each
        optimizer, in ``published`` the differences from the published table, and in ``optimum`` the gaps. What is not
        finite, and a gap that is not told, is None.
        """
        rows = self.summaries()
        document = {"schema": SCHEMA, **plain(self), "summary": plain([row.document(self.epochs) for row in rows])}
        if self.published is not None:
            differences = [one.document() for one in deviations(self.published, self.epochs, rows)]
            document["published"]["differences"] = plain(differences)
        if self.optimum is not None:
            document["optimum"] = self.optimum.document()
            for told, row in zip(document["summary"], rows, strict=True):
                told["gap"] = plain(float(self.optimum.told(self.optimum.last(row))))
        for name in ("labels", "mistakes"):
            del document[name]
        for run in document["runs"]:
            del run["predictions"]
        if document["plane"]:
            del document["plane"]["losses"]
        return document


def without_seconds(comparison: Comparison) -> Comparison:
    """A comparison whose measured times are all NaN, so that the rest is the same bytes whenever it is made."""
    runs = tuple(
        replace(run, epochs=tuple(epoch | {"seconds": math.nan} for epoch in run.epochs)) for run in comparison.runs
    )
    return replace(comparison, runs=runs)
