"""How the accuracies of a comparison stand to those that somebody published."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from optviz.results.published import Published
from optviz.results.training_seeds import Summary

TOLERANCE = 0.01  # accuracy by which a run may miss a published one beside what its seeds differ by


@dataclass(frozen=True)
class Deviation:
    """How far the accuracies of one optimizer lie from published ones.

    Attributes
    ----------
    summary : Summary
    epochs : tuple of int
        The published ones that the comparison was asked for.
    ours, published, difference : (len(epochs),) float64
        Mean test accuracy over seeds, the published one, and the first less the second; NaN where no run got so far.
    tolerance : float
        By how much the last of them may differ: `TOLERANCE` and what the seeds differ by, from the lowest to the
        highest or half the 95 % interval of their mean, whichever is more; NaN where no run got so far.
    """

    summary: Summary
    epochs: tuple[int, ...]
    ours: np.ndarray
    published: np.ndarray
    tolerance: float

    @property
    def difference(self) -> np.ndarray:
        return self.ours - self.published

    @property
    def differs(self) -> bool:
        """Whether the last difference is larger than the tolerance."""
        return bool(abs(self.difference[-1]) > self.tolerance)

    def document(self) -> dict[str, Any]:
        """Its part of a JSON document."""
        return {
            "optimizer": self.summary.first.optimizer,
            "hyperparameters": self.summary.first.hyperparameters,
            "epochs": self.epochs,
            "ours": self.ours,
            "published": self.published,
            "difference": self.difference,
            "tolerance": self.tolerance,
            "differs": self.differs,
        }


def deviations(published: Published | None, asked: int, rows: Sequence[Summary]) -> tuple[Deviation, ...]:
    """One for each row whose optimizer is in the published table, in the published order after the last epoch.

    `asked` is the number of epochs that the comparison was asked for.
    """
    epochs = tuple(epoch for epoch in published.epochs if epoch <= asked) if published else ()
    if published is None or not epochs:
        return ()
    against = [
        _deviation(row, epochs, np.array(published.accuracies[row.first.optimizer][: len(epochs)]))
        for row in rows
        if row.first.optimizer in published.accuracies
    ]
    return tuple(sorted(against, key=lambda one: -one.published[-1]))


def swapped(against: Sequence[Deviation]) -> tuple[tuple[Summary, Summary], ...]:
    """Pairs whose order after the last epoch is not the published one; the first of each is the better one here.

    A diverged run counts as accuracy 0, and what was interrupted has no place in the order.
    """
    return tuple(
        (low.summary, high.summary)
        for high, low in combinations(against, 2)
        if high.published[-1] > low.published[-1]
        and low.summary.score(low.epochs[-1]) > high.summary.score(high.epochs[-1])
    )


def _deviation(row: Summary, epochs: tuple[int, ...], published: np.ndarray) -> Deviation:
    spread = row.test_accuracy
    ours = np.array([spread.mean[epoch - 1] if epoch <= row.epochs else np.nan for epoch in epochs])
    last = epochs[-1] - 1
    tolerance = np.nan if last >= row.epochs else np.fmax(spread.high[last] - spread.low[last], spread.half[last])
    return Deviation(row, epochs, ours, published, float(tolerance) + TOLERANCE)
