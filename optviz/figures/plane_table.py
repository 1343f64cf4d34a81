"""The runs on a training plane, ranked: test accuracy, learning rate, loss, and how far off the plane."""

import math
from collections.abc import Sequence
from itertools import chain

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import number, rate
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Strokes
from optviz.figures.rows import Row, table
from optviz.results.training_run import PlanePath, TrainingRun

HEADING = "test accuracy"
ROW, LEAST_ROW = 36.0, 30.0  # px of a row of two lines, as wanted and at least


class PlaneTable:
    """Rows that are filled anew for every frame.

    Parameters
    ----------
    paths : sequence of PlanePath
    runs : sequence of TrainingRun
        The same runs, with what they are and their tests.
    moments : (frames,) float64
        The epoch that each frame shows.
    losses, off : (paths, frames) float64
        Training loss, and share off the plane; NaN where a run has ended.
    colours, shapes : sequence of str
    scale : Scale
    theme : Theme

    Attributes
    ----------
    box : (left, top, right, bottom)
        The frame around the rows, once placed.
    """

    box: Box

    def __init__(
        self,
        paths: Sequence[PlanePath],
        runs: Sequence[TrainingRun],
        moments: np.ndarray,
        losses: np.ndarray,
        off: np.ndarray,
        colours: Sequence[str],
        shapes: Sequence[str],
        scale: Scale,
        theme: Theme,
    ):
        self._paths, self._runs, self._moments = paths, runs, moments
        self._losses, self._off = losses, off
        self._colours, self._shapes, self._scale, self._theme = colours, shapes, scale, theme
        self._small = scale.font(12)

    @property
    def wanted(self) -> float:
        """The width that rows of two lines need."""
        below = [
            width(f"{self._rate(run)} · 88% off plane", self._small) + width("loss 0.8888", self._small)
            for run in self._runs
        ]
        above = [width(run.title, self._scale.font(15), bold=True) + self._scale.length(70) for run in self._runs]
        return min(max(*below, *above), 1.3 * max(below)) + self._scale.length(40) + 22

    def place(self, box: Box, least: float) -> float:
        """Stand at the foot of a box, with room for `least` pixels above.

        Returns
        -------
        float
            Where the table begins, with its heading.
        """
        left, top, right, bottom = box
        count, heading = len(self._paths), self._small + 10
        room = bottom - top - heading
        pitch = max(LEAST_ROW, min(self._scale.length(ROW), (room - least) / count))
        self._double = count * pitch <= room - least + 0.5
        if not self._double:
            line = self._small + self._scale.length(3)
            pitch = max(line, min(self._scale.length(24), LEAST_ROW - 1, (room - least) / count))
        self.box = left, max(bottom - count * pitch, top + heading), right, bottom
        return self.box[1] - heading

    def order(self, frame: int) -> list[int]:
        """The paths from first to last: by test accuracy, before the first test by loss, the diverged last."""

        def key(index: int) -> tuple:
            loss, gone = self._loss(index, frame), self._diverged(index, frame)
            return gone, -(self._accuracy(index, frame) or 0.0), loss, index

        return sorted(range(len(self._paths)), key=key)

    def frame(self) -> list[Item]:
        """The panel and its headings."""
        items = self._items(range(len(self._paths)), 0)
        return [next(item for item in items if isinstance(item, Strokes)), *filter(self._above, items)]

    def marks(self, order: Sequence[int]) -> Strokes:
        """The heads of all rows, for paths from first to last."""
        heads = [item for item in self._items(order, 0) if isinstance(item, Strokes)][1:]
        edges, faces, widths = (
            np.concatenate([getattr(item, name) for item in heads]) for name in ("edges", "faces", "widths")
        )
        return Strokes([*chain.from_iterable(item.paths for item in heads)], edges, faces, widths)

    def rows(self, order: Sequence[int], frame: int) -> list[Label]:
        """The texts of all rows, for paths from first to last."""
        return [item for item in self._items(order, frame) if isinstance(item, Label) and not self._above(item)]

    def _above(self, item: Item) -> bool:
        return isinstance(item, Label) and item.y <= self.box[1]

    def _items(self, order: Sequence[int], frame: int) -> list[Item]:
        rows = [self._row(index, frame) for index in order]
        return [*table(rows, HEADING, self.box, self._scale, self._theme)]

    def _row(self, index: int, frame: int) -> Row:
        path, run = self._paths[index], self._runs[index]
        mark = self._colours[index], self._shapes[index], path.title
        facts: tuple[str, ...] = self._rate(run), f"{self._last(self._off[index], frame):.0%} off plane"
        if not self._double:
            facts = (f"{facts[0]} · {facts[1].removesuffix(' plane')}",)
        if self._diverged(index, frame):
            return Row(*mark, "diverged", facts, (f"in epoch {run.diverged_at}",), "bad", live=False)
        accuracy, loss = self._accuracy(index, frame), self._loss(index, frame)
        value = f"{accuracy:.2%}" if accuracy is not None else "–"
        ended = self._moments[frame] > path.epochs[-1] * (1 + 1e-9)
        remark = f"until epoch {number(path.epochs[-1])}" if ended else f"loss {number(loss, 3)}"
        return Row(*mark, value, facts, (remark,), tone="ink" if accuracy is not None else "muted")

    def _rate(self, run: TrainingRun) -> str:
        return f"lr {rate(run.hyperparameters['lr'])}" if "lr" in run.hyperparameters else "no lr"

    def _accuracy(self, index: int, frame: int) -> float | None:
        """What the last test before a frame gave."""
        tested = self._runs[index].epochs[: int(self._moments[frame] + 1e-9)]
        found = [epoch["test_accuracy"] for epoch in tested if math.isfinite(epoch["test_loss"])]
        return found[-1] if found else None

    def _loss(self, index: int, frame: int) -> float:
        return self._last(self._losses[index], frame)

    def _last(self, values: np.ndarray, frame: int) -> float:
        """The value in a frame, or the last that there was."""
        known = np.flatnonzero(np.isfinite(values[: frame + 1]))
        return float(values[known[-1]]) if len(known) else math.inf

    def _diverged(self, index: int, frame: int) -> bool:
        """Whether nothing follows the last look because the loss was no longer finite."""
        at = self._paths[index].epochs[-1]
        return self._runs[index].diverged_at is not None and bool(self._moments[frame] >= at - 1e-9)
