"""Where the runs on a training plane are in each frame, who is ahead, and what is to be said about each."""

import math
from collections.abc import Sequence

import numpy as np

from optviz.figures.engine.style import Entrant
from optviz.figures.engine.table import Cells
from optviz.figures.engine.wording import number, rate
from optviz.figures.plane_time import between, moments, shares
from optviz.results.comparison import Comparison
from optviz.results.training_run import Plane, TrainingRun

FRAMES = 200
HEADINGS = "optimizer", "test accuracy", "lr"
LEAST = 1e-12  # losses below this are rounding
MOST = 700.0  # of a logarithm: a curve between two may be higher than both


class Standings:
    """The runs of a plane in every frame.

    Parameters
    ----------
    comparison : Comparison
    plane : Plane

    Attributes
    ----------
    reached, last : float
        The epoch that the farthest run came to, and the one that the last frame shows: above 0.
    times : list of (k,) float64
        For each path when the looks at its weights are shown, in frames.
    moments : (frames,) float64
        The epoch that each frame shows.
    points : list of (frames, 2) float64
        Where each path is; NaN once its run has ended.
    losses, off : (paths, frames) float64
        Training loss, and share off the plane; NaN once the run has ended or where it is not finite.
    gone : list of bool
        Which runs ended because the loss was no longer finite.
    """

    def __init__(self, comparison: Comparison, plane: Plane):
        self._paths = plane.paths
        self._runs = [_run(comparison, path.optimizer, plane.seed) for path in plane.paths]
        self.reached = max(float(path.epochs[-1]) for path in plane.paths)
        self.last = self.reached or 1.0
        self.times = [shares(path.epochs, self.last) * (FRAMES - 1) for path in plane.paths]
        self.moments = moments(FRAMES, self.last)
        frames = np.arange(FRAMES, dtype=float)
        pairs = [*zip(self.times, plane.paths, strict=True)]
        self.points = [between(at, path.points, frames) for at, path in pairs]
        self.off = np.array([between(at, path.off[:, None], frames)[:, 0] for at, path in pairs])
        self.losses = np.array([_falling(at, path.losses, frames) for at, path in pairs])
        self.gone = [run.diverged_at is not None for run in self._runs]

    def order(self, frame: int) -> list[int]:
        """The paths from first to last: by test accuracy, before the first test by loss, the diverged last."""

        def key(index: int) -> tuple:
            gone, accuracy = self._diverged(index, frame), self._accuracy(index, frame) or 0.0
            return gone, -accuracy, _latest(self.losses[index], frame), index

        return sorted(range(len(self._paths)), key=key)

    def cells(self, index: int, frame: int, entrant: Entrant, *, two: bool) -> Cells:
        """The row of a path, on two lines or on one."""
        path, run = self._paths[index], self._runs[index]
        rates = f"lr {rate(run.hyperparameters['lr'])}" if "lr" in run.hyperparameters else "no lr"
        facts = (f"{rates} · {_latest(self.off[index], frame):.0%} off{' plane' * two}",)
        if self._diverged(index, frame):
            return Cells(entrant, "diverged", facts, (f"in epoch {run.diverged_at}",), "bad", live=False)
        accuracy = self._accuracy(index, frame)
        value, tone = ("–", "muted") if accuracy is None else (f"{accuracy:.2%}", "ink")
        ended = self.moments[frame] > path.epochs[-1] * (1 + 1e-9)
        loss = f"loss {number(_latest(self.losses[index], frame), 3)}"
        return Cells(entrant, value, facts, (f"until epoch {number(path.epochs[-1])}" if ended else loss,), tone)

    def widest(self, entrants: Sequence[Entrant], *, two: bool) -> list[Cells]:
        """Rows as wide as any that will be shown."""
        rows = [self.cells(index, FRAMES - 1, entrant, two=two) for index, entrant in enumerate(entrants)]
        fact = max((row.facts[0] for row in rows), key=len).rpartition(" · ")[0]
        facts = (f"{fact} · 88% off{' plane' * two}",)
        return [Cells(row.entrant, "88.88%", facts, ("loss 0.8888",)) for row in rows]

    def _accuracy(self, index: int, frame: int) -> float | None:
        """What the last test before a frame gave."""
        tested = self._runs[index].epochs[: int(self.moments[frame] + 1e-9)]
        known = [epoch["test_accuracy"] for epoch in tested if math.isfinite(epoch["test_loss"])]
        return known[-1] if known else None

    def _diverged(self, index: int, frame: int) -> bool:
        """Whether nothing follows the last look because the loss was no longer finite."""
        return self.gone[index] and bool(self.moments[frame] >= self._paths[index].epochs[-1] - 1e-9)


def _run(comparison: Comparison, optimizer: str, seed: int) -> TrainingRun:
    return next(run for run in comparison.runs if (run.optimizer, run.seed) == (optimizer, seed))


def _latest(values: np.ndarray, frame: int) -> float:
    """The value in a frame, or the last that there was."""
    known = np.flatnonzero(np.isfinite(values[: frame + 1]))
    return float(values[known[-1]]) if len(known) else math.inf


def _falling(at: np.ndarray, losses: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(frames,) float64: a loss in each frame, its logarithm interpolated; NaN next to one that is not finite."""
    finite = np.isfinite(losses)
    logarithm = np.log(np.maximum(np.where(finite, losses, 1.0), LEAST))
    row = np.exp(np.minimum(between(at, logarithm[:, None], frames)[:, 0], MOST))
    row[between(at, ~finite[:, None] * 1.0, frames)[:, 0] > 0] = np.nan
    return row
