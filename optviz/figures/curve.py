"""The convergence curve: the suboptimality gap of every optimizer over the steps, both on logarithmic axes."""

from collections.abc import Sequence

import numpy as np

from optviz.figures import ticks
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import ARROW, head, placed
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import elapsed
from optviz.figures.engine.trails import Pen, Trail
from optviz.figures.engine.wording import FLOOR, gap, number
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, Strokes, rgba, shapes
from optviz.figures.standings import Standings

HEADING = "f − f* by step, both log"


class Curve:
    """The panel with the curves.

    Parameters
    ----------
    standings : Standings
    colours, shapes : list of str
        Of the optimizers, in the order of the race.
    box : (left, top, right, bottom)
        Room for the panel with its labels.
    scale : Scale
    theme : Theme
    """

    def __init__(
        self, standings: Standings, colours: list[str], shapes: list[str], box: Box, scale: Scale, theme: Theme
    ):
        self._theme, self._scale = theme, scale
        self._colours, self._shapes = colours, shapes
        self.steps = standings.gaps.shape[1] - 1
        self._small = scale.font(12)
        self._outer = box
        self._gaps = np.where(np.isfinite(standings.gaps), np.clip(standings.gaps, FLOOR, 1e300), np.nan)
        self._low, self._high = _limits(self._gaps, standings.ranked)
        rows = ticks.logarithmic(self._low, self._high, max(2, min(5, int((box[3] - box[1]) / scale.length(38)))))
        self._rows = [(value, gap(value)) for value in rows]
        labels = max((width(text, self._small) for _, text in self._rows), default=0.0)
        half = width(number(self.steps), self._small) / 2
        self.box = (
            round(box[0] + labels + scale.length(6)),
            round(box[1] + self._small + scale.length(12)),
            round(box[2] - half),
            round(box[3] - self._small - scale.length(6)),
        )
        self.pen = Pen(scale.length(1.6), 0.0, np.inf, np.inf, scale.length(8), 2.0)
        self.trails = [
            Trail(self._points(row), colour, self.box, self.pen, theme)
            for row, colour in zip(self._gaps, colours, strict=True)
        ]

    def _x(self, step: float | np.ndarray) -> float | np.ndarray:
        return self.box[0] + elapsed(step, self.steps) * (self.box[2] - self.box[0])

    def _y(self, value: float | np.ndarray) -> float | np.ndarray:
        low, high = np.log10(self._low), np.log10(self._high)
        return self.box[3] - (np.log10(value) - low) / (high - low) * (self.box[3] - self.box[1])

    def _points(self, gaps: np.ndarray) -> np.ndarray:
        return np.stack([self._x(np.arange(len(gaps))), self._y(gaps)], axis=-1)

    def frame(self) -> list[Item]:
        """Heading, grid and labels."""
        theme, scale, small = self._theme, self._scale, self._small
        left, top, right, bottom = self.box
        items: list[Item] = []
        middle = small * 0.36  # from the middle of a line of digits to its baseline
        grid = rgba(theme.grid)
        hair = max(1.0, round(scale.length(1)))
        for value, text in self._rows:
            y = round(float(self._y(value))) + 0.5
            items.append(shapes([(Outline(np.array([(left, y), (right, y)])), grid, NONE, hair)]))
            items.append(Label(left - scale.length(6), y + middle, text, small, theme.muted, anchor="right"))
        baseline = bottom + small + scale.length(4)
        columns = ticks.placed(ticks.early_steps(self.steps), lambda k: float(self._x(k)), small)
        for x, text in columns:
            items.append(shapes([(Outline(np.array([(x, top), (x, bottom)])), grid, NONE, hair)]))
            items.append(Label(x, baseline, text, small, theme.muted, anchor="center"))
        items.append(Label(self._outer[0], self._outer[1] + small, HEADING, small, theme.muted))
        return items

    def strokes(self, index: int, first: int, last: int) -> list:
        """What the steps after `first` up to `last` add to one curve, as (path, colour, width)."""
        return self.trails[index].strokes(first, last)[1]

    def clipped(self, upto: int) -> list[Strokes]:
        """Small arrows at the top edge where curves leave the panel."""
        drawn = []
        taken: list[float] = []
        size = self._scale.length(4.5)
        for gaps, colour in zip(self._gaps, self._colours, strict=True):
            above = np.flatnonzero(gaps[: upto + 1] > self._high * (1 + 1e-9))
            if not len(above):
                continue
            x = float(np.clip(self._x(above[0]), self.box[0] + size, self.box[2] - size))
            while any(abs(x - other) < 2.9 * size for other in taken):
                x += 2.9 * size
            taken.append(x)
            path = placed(ARROW, x, self.box[1] - size, size, -np.pi / 2)
            drawn.append((path, NONE, rgba(colour), 0.0))
        return [shapes(drawn)] if drawn else []

    def heads(self, at: float, order: Sequence[int]) -> list[Strokes]:
        """Where each curve is at a step, the leader on top."""
        return self.marks([(index, at) for index in reversed(order)])

    def marks(self, places: Sequence[tuple[int, float]]) -> list[Strokes]:
        """Heads on curves, for (optimizer, step); none where a curve has ended or is outside the panel."""
        rim, radius = rgba(self._theme.rim), self._scale.length(3.4)
        drawn = []
        for index, at in places:
            first = min(int(at), self.steps)
            here, there = self._gaps[index, first], self._gaps[index, min(first + 1, self.steps)]
            there = here if np.isnan(there) else there
            if np.isnan(here) or max(here, there) > self._high * (1 + 1e-9):
                continue
            done = at - first
            x, y = (
                float(low) * (1 - done) + float(high) * done
                for low, high in ((self._x(first), self._x(first + 1)), (self._y(here), self._y(there)))
            )
            path = head(self._shapes[index], radius).moved(x, y)
            drawn.append((path, rim, rgba(self._colours[index]), self._scale.length(1)))
        return [shapes(drawn)] if drawn else []


def _limits(gaps: np.ndarray, ranked: np.ndarray) -> tuple[float, float]:
    """The axis: everything that counts in the race, with a little air; never empty."""
    seen = gaps[ranked & np.isfinite(gaps)]
    if not len(seen):
        seen = gaps[np.isfinite(gaps)]
    if not len(seen):
        return 0.1, 10.0
    low, high = float(np.log10(seen.min())), float(np.log10(min(seen.max(), 1e290)))
    air = max(0.04 * (high - low), 0.02)
    if high - low < 0.1:
        low, high, air = low - 0.3, high + 0.3, 0.0
    return 10 ** (low - air), 10 ** (high + air)
