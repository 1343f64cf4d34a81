"""The training loss of the runs on a training plane, over the time that its animation takes."""

from collections.abc import Sequence

import numpy as np

from optviz.figures.axis import Axis, loss_axis
from optviz.figures.engine.clip import Box, grown
from optviz.figures.engine.heads import head
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.trails import Pen, Trail, merged
from optviz.figures.engine.wording import number
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Strokes, rgba, shapes
from optviz.figures.panel import Panel
from optviz.figures.plane_time import between, moments, shares
from optviz.results.training_run import PlanePath

LEAST = 1e-12  # losses below this are rounding


class PlaneCurve:
    """The panel with the curves.

    Parameters
    ----------
    losses : (paths, frames) float64
        See `losses`.
    last : float
        The epoch of the last frame.
    colours, shapes : sequence of str
        Of the paths.
    scale : Scale
    theme : Theme
    box : (left, top, right, bottom)
        Room for the panel with its labels.
    """

    def __init__(
        self,
        losses: np.ndarray,
        last: float,
        colours: Sequence[str],
        shapes: Sequence[str],
        scale: Scale,
        theme: Theme,
        box: Box,
    ):
        self._colours, self._shapes, self._scale, self._theme = colours, shapes, scale, theme
        self._losses, frames = losses, losses.shape[1]
        small = scale.font(12)
        top, bottom = box[1] + small + 10, box[3] - small - 8
        y = loss_axis(self._losses[np.isfinite(self._losses)], bottom - top, 1.7 * small)
        left = box[0] + max((width(words, small) for _, words in y.ticks), default=0.0) + 6
        inside = (
            round(left),
            round(top),
            round(box[2] - max(scale.length(6), width(number(last), small) / 2)),
            round(bottom),
        )
        x = Axis(0.0, 1.0, lambda epochs: shares(epochs, last), _ticks(last, inside[2] - inside[0], small))
        self.panel = Panel(inside, "training loss by epoch", x, y)
        self._points = self.panel.place(np.broadcast_to(moments(frames, last), self._losses.shape), self._losses)
        pen = Pen(scale.length(1.8), 0.0, np.inf, np.inf, scale.length(8), np.inf)
        self._trails = [
            Trail(points, colour, inside, pen, theme) for points, colour in zip(self._points, colours, strict=True)
        ]

    def frame(self) -> list[Item]:
        """Ground, grid, labels and heading."""
        return [*self.panel.ground(self._scale, self._theme)]

    def added(self, first: int, last: int, order: Sequence[int]) -> list[Strokes]:
        """The curves of the frames after `first` up to `last`."""
        lines = [line for index in order for line in self._trails[index].strokes(first, last)[1]]
        return [merged(lines, "round", grown(self.panel.box, 1))] if lines else []

    def heads(self, frame: int, order: Sequence[int]) -> list[Strokes]:
        """Where each curve is, the leader on top; where it ended, if it has."""
        drawn = []
        for index in reversed(order):
            known = np.flatnonzero(np.isfinite(self._losses[index, : frame + 1]))
            if len(known):
                path = head(self._shapes[index], self._scale.length(3.4)).moved(*self._points[index, known[-1]])
                drawn.append((path, rgba(self._theme.rim), rgba(self._colours[index]), self._scale.length(1)))
        return [shapes(drawn)] if drawn else []


def _ticks(last: float, room: float, size: float) -> tuple[tuple[float, str], ...]:
    """The ends, then whole powers of ten, then what is between, as long as there is room."""
    wanted = [0.0, last]
    for factors in ((1,), (2, 5)):
        wanted += [factor * 10.0**power for power in range(-1, 5) for factor in factors]
    kept: list[tuple[float, str]] = []
    for epoch in wanted:
        at, words = float(shares(np.array(epoch), last)), number(epoch)
        far = [((width(words, size) + width(other, size)) / 2 + 0.7 * size) / room for _, other in kept]
        if epoch <= last and all(abs(at - place) >= gap for (place, _), gap in zip(kept, far, strict=True)):
            kept.append((at, words))
    return tuple(kept)


def losses(paths: Sequence[PlanePath], times: Sequence[np.ndarray], frames: int) -> np.ndarray:
    """(paths, frames) float64: the training loss in each frame; NaN where a run has ended or its loss is not finite."""
    schedule = np.arange(frames, dtype=float)
    rows = []
    for path, at in zip(paths, times, strict=True):
        finite = np.isfinite(path.losses)
        logarithm = np.log(np.maximum(np.where(finite, path.losses, 1.0), LEAST))
        row = np.exp(between(at, logarithm[:, None], schedule)[:, 0])
        row[between(at, ~finite[:, None] * 1.0, schedule)[:, 0] > 0] = np.nan
        rows.append(row)
    return np.array(rows)
