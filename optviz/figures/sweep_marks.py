"""What is marked on the map of a sweep: what theory says, and the best robust point with its label."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.clip import Box, beside, clipped, grown, inside, overlap
from optviz.figures.engine.heads import DISC, head, placed
from optviz.figures.engine.items import Drawn, Item, Label, Outline, line, rgba, rounded, shapes, stroke
from optviz.figures.engine.key import Sign
from optviz.figures.engine.panel import Mark, Panel
from optviz.figures.engine.style import Style
from optviz.figures.engine.theme import rgb
from optviz.figures.engine.wording import number
from optviz.results.sweep import Axis, Curve, Sweep
from optviz.results.words import counted

LINE, HEM = 2.0, 1.5
DASHES = (None, (9.0, 5.0), (2.0, 4.0), (14.0, 4.0))  # px of line and of gap, for one curve after the other
SHAPES = ("diamond", "triangle up", "square", "plus")
RING, POINT = 8.0, 5.5  # radii


def visible(sweep: Sweep) -> list[tuple[Curve, int]]:
    """The curves of which something lies on the map, each with its number among lines or among points."""
    count = {True: 0, False: 0}
    found = []
    for curve in filter(sweep.shows, sweep.theory):
        single = len(curve.points) == 1
        found.append((curve, count[single]))
        count[single] += 1
    return found


class Theory(Mark):
    """What theory says, points above lines."""

    def __init__(self, curves: Sequence[tuple[Curve, int]]):
        self._curves = curves

    def still(self) -> Iterator[Item]:
        for curve, index in sorted(self._curves, key=lambda known: len(known[0].points) == 1):
            if len(curve.points) == 1:
                ((x, y),) = self.panel.to_page(curve.points).tolist()
                yield _point(x, y, index, self.panel.style, self.panel.box)
            else:
                yield from _lines(_pieces(curve, self.panel), index, self.panel.style, self.panel.box)


def sign_of(curve: Curve, index: int) -> Sign:
    """What stands for a curve in the key."""

    def sign(x: float, y: float, style: Style) -> list[Item]:
        if len(curve.points) == 1:
            return [_point(x, y, index, style)]
        half = style.length(9)
        return [*_lines([line((x - half, y), (x + half, y))], index, style)]

    return sign


def ring(x: float, y: float, style: Style) -> list[Drawn]:
    """The ring around the best robust point, bright with a dark casing on either page."""
    bright, dark = sorted((style.theme.ink, style.theme.rim), key=lambda colour: -sum(rgb(colour)))
    outline, wide = placed(DISC, x, y, style.length(RING)), style.length(2.4)
    return [stroke(outline, dark, wide + 2 * style.length(HEM), 0.85), stroke(outline, bright, wide)]


class Best(Mark):
    """The ring around the best robust point, and its steps and hyperparameters on the side with room."""

    name = "best"

    def __init__(self, sweep: Sweep, curves: Sequence[tuple[Curve, int]]):
        self._sweep, self._curves = sweep, [curve for curve, _ in curves]
        self._best: Any = sweep.best

    def still(self) -> Iterator[Item]:
        style = self.panel.style
        if self._best is None:
            return
        yield shapes(ring(*self._centre(), style), clip=self.panel.box)
        small, theme, pad = style.small, style.theme, style.length(7)
        lines = self._lines(self.panel.box[2] - self.panel.box[0] - 2 * style.length(14))
        wide = max(text.width(words, small, bold=not row) for row, words in enumerate(lines)) + 2 * pad
        box = self._beside(wide, style.pitch * (len(lines) - 1) + 1.1 * small + pad)
        yield shapes([(rounded(box, style.length(4)), rgba(theme.ink, 0.55), rgba(theme.page, 0.86), 1.0)])
        for row, words in enumerate(lines):
            base = box[1] + pad / 2 + small + style.pitch * row
            yield Label(box[0] + pad, base, words, small, theme.ink, bold=not row)

    def _centre(self) -> tuple[float, float]:
        """The middle of the pixel of the best run."""
        left, top, right, bottom = self.panel.box
        rows, columns = self._sweep.arrived.shape
        x = left + (self._best["column"] + 0.5) / columns * (right - left)
        return x, bottom - (self._best["row"] + 0.5) / rows * (bottom - top)

    def _lines(self, room: float) -> list[str]:
        """The steps, then both hyperparameters on one line or on two."""
        best, small = self._best, self.panel.style.small
        said = [f"{axis.name} {value(axis, best[axis.name])}" for axis in (self._sweep.x, self._sweep.y)]
        joined = ", ".join(said)
        lines = [counted(best["steps"], "step"), *([joined] if text.width(joined, small) <= room else said)]
        return [text.shortened(words, room, small, bold=not row) for row, words in enumerate(lines)]

    def _beside(self, wide: float, high: float) -> Box:
        """A place beside the ring, inside the panel, that covers little of the data and nothing of theory."""
        style, (x, y) = self.panel.style, self._centre()
        reach = style.length(RING + 2.4 + HEM + 4)
        around = grown((x, y, x, y), reach - 1)
        marks = [*chain.from_iterable(_pieces(curve, self.panel) for curve in self._curves)]

        def cost(box: Box) -> float:
            crossed = sum(_meets(mark.vertices, grown(box, style.length(4))) for mark in marks)
            return np.inf if overlap(box, around) else round(50 * self._covered(box)) + 100 * crossed

        found = beside((x, y), (wide, high), reach, grown(self.panel.box, -style.length(5)), cost)
        assert found is not None
        return found

    def _covered(self, box: Box) -> float:
        """The share of the runs below a box that arrive."""
        rows, columns = self._sweep.arrived.shape
        left, top, right, bottom = self.panel.box
        across = [int((edge - left) / (right - left) * columns) for edge in (box[0], box[2])]
        up = [int((bottom - edge) / (bottom - top) * rows) for edge in (box[3], box[1])]
        return float((self._sweep.arrived[up[0] : up[1] + 1, across[0] : across[1] + 1] >= 0).mean())


def value(axis: Axis, at: float) -> str:
    """A value of the axis in as many digits as tell it from its neighbours."""
    near = np.diff(axis.values) if len(axis.values) > 1 else np.array([axis.high - axis.low])
    step = near[min(int(np.argmin(np.abs(axis.values - at))), len(near) - 1)]
    return number(at, int(np.clip(np.ceil(np.log10(max(abs(at) / step, 1.0))), 2, 15)))


def _lines(pieces: Sequence[Outline], index: int, style: Style, clip: Box | None = None) -> Iterator[Item]:
    """Lines with their casing below; `index` picks their dashes."""
    chosen, wide = DASHES[index % len(DASHES)], style.length(LINE)
    dash = chosen and (style.length(chosen[0]), style.length(chosen[1]))
    hem = wide + 2 * style.length(HEM)
    yield shapes([stroke(piece, style.theme.rim, hem, 0.75) for piece in pieces], clip=clip, dash=dash)
    yield shapes([stroke(piece, style.theme.ink, wide) for piece in pieces], clip=clip, dash=dash)


def _point(x: float, y: float, index: int, style: Style, clip: Box | None = None) -> Item:
    """A mark with its casing."""
    outline = head(SHAPES[index % len(SHAPES)], style.length(POINT)).moved(x, y)
    rim = rgba(style.theme.rim, 0.75)
    hem = stroke(outline, style.theme.rim, 2 * style.length(HEM), 0.75)
    return shapes([hem, (outline, rim, rgba(style.theme.ink), style.length(1))], clip=clip)


def _pieces(curve: Curve, panel: Panel) -> list[Outline]:
    """The parts of a curve near the map; of a point the point."""
    at = panel.to_page(curve.points)
    if len(at) == 1:
        return [Outline(at)]
    starts, ends, kept = clipped(at[:-1], at[1:], grown(panel.box, 8))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]))).reshape(-1, 2)
    return [Outline(np.concatenate([starts[first:last], ends[last - 1 : last]])) for first, last in edges]


def _meets(points: np.ndarray, box: Box) -> bool:
    if len(points) == 1:
        return bool(inside(points, box).any())
    return bool(clipped(points[:-1], points[1:], box)[2].any())
