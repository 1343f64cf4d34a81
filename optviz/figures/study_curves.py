"""Shares that rise: how much each optimizer reaches within so many steps, and within a factor of the fastest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import LINEAR, LOG, Axis
from optviz.figures.engine.declutter import parted
from optviz.figures.engine.items import Item, Label, Outline, line, shapes, stroke
from optviz.figures.engine.panel import CHART, Mark, Panel
from optviz.figures.engine.style import RADIUS, Entrant, Style
from optviz.figures.study_order import Ranked
from optviz.results.study import Study
from optviz.results.study_steps import ecdf, profile

LINE = 2.0
HEADS = 26.0  # px on the right of a panel, for heads
NOWHERE = "no function is solved from more than half of the starts"
FRAME = replace(CHART, every=(0.0, 40.0))
SHARES = replace(LINEAR, choices=lambda low, high, write: LINEAR.choices(low, min(high, 1.0), write), counted=False)
WHOLE = replace(
    LOG, choices=lambda *ends: ([one for one in ticks if one[0] % 1 < 1e-6] for ticks in LOG.choices(*ends))
)

Lines = Callable[[Panel], Sequence[np.ndarray]]  # for each optimizer (n, 2) points, once the panel has its place


def targets(study: Study, rows: Sequence[Ranked], style: Style) -> Panel:
    """The share of all functions, targets and starts that each optimizer reaches within so many steps."""
    shares, last = ecdf(study.reached, study.steps), max(study.steps, 1)

    def lines(panel: Panel) -> list[np.ndarray]:
        # Every column of pixels, each at a whole step: what lies between two of them cannot be seen.
        columns = 1 + 2 * round(panel.box[2] - panel.box[0])
        at = np.unique(np.floor(np.logspace(0, np.log10(last), columns)).astype(int))
        return [_stairs(at, shares[row.overall.index, at], study.steps) for row in rows]

    long = ("share of targets reached, by", "targets reached, by", "targets by", "by")
    heading = [f"{words} {study.unit}" for words in long]
    x = Axis(1.0, max(float(study.steps), 3.0), WHOLE)
    return _panel(x, float(shares.max()), Curves(lines, rows), heading, style, "targets")


def factors(study: Study, rows: Sequence[Ranked], style: Style) -> Panel:
    """The share of functions on which each optimizer's median steps are within a factor of the fastest one's.

    Lines of one share would hide each other, so the better optimizer's is drawn a little higher, but for grey ones.
    """
    at, shares = profile(study.reached, study.steps)
    far, level = max(1.05 * float(at[-1]), 3.0), 1 / len(study.functions)
    ordered = shares[[row.overall.index for row in rows]]

    def lines(panel: Panel) -> list[np.ndarray]:
        # At most a level of the axis: so far apart are the shares that differ.
        pixel = (float(shares.max()) + level) / (panel.box[3] - panel.box[1])
        chosen = np.array([row.entrant.chosen for row in rows])
        apart = min((panel.style.length(LINE) + 0.4) * pixel, 0.9 * level / max(1, chosen.sum() - 1))
        lifted = ordered.copy()
        lifted[chosen] += apart * lifts(ordered[chosen])
        return [_stairs(at, row, far) for row in lifted] if shares.any() else []

    heading = ("share of functions solved within a factor of the fastest", "functions, by factor of the fastest")
    highest = float(shares.max()) + level
    return _panel(Axis(1.0, far, LOG), highest, Curves(lines, rows), (*heading, "by factor"), style, "factors")


def _panel(x: Axis, highest: float, curves: "Curves", heading: Sequence[str], style: Style, name: str) -> Panel:
    high = max(highest, min(1.0, (np.floor(10 * highest + 0.2) + 1) / 10))
    y = Axis(0.0, high, SHARES, write=lambda share: f"{100 * share:.0f}%")
    frame = replace(FRAME, right=style.length(HEADS))
    return Panel(x, y, style, [curves], frame=frame, heading=heading, name=name)


class Curves(Mark):
    """Lines, the best on top, each with its head beside the panel."""

    def __init__(self, lines: Lines, rows: Sequence[Ranked]):
        self._lines, self._rows = lines, rows

    def place(self, panel: Panel) -> None:
        super().place(panel)
        self._drawn = [panel.to_page(points) for points in self._lines(panel)]

    def still(self) -> Iterator[Item]:
        style, (left, top, right, bottom) = self.panel.style, self.panel.box
        if not self._drawn:
            for row, words in enumerate(text.wrapped(NOWHERE, right - left, style.small)):
                y = (top + bottom) / 2 + 1.4 * style.small * row
                yield Label((left + right) / 2, y, words, style.small, style.theme.muted, anchor="center")
            return
        radius, width = style.length(RADIUS), style.length(LINE)
        column = right + style.length(18)
        known = [*zip((row.entrant for row in self._rows), self._drawn, strict=True)]
        beside = [pair for pair in known if pair[0].chosen]
        heights = parted([points[-1][1] for _, points in beside], 2 * radius + 2, top + radius, bottom - radius)
        for dash, group in groupby(below(known), lambda pair: pair[0].dash):
            curves = [stroke(Outline(points), entrant.colour, width) for entrant, points in group]
            yield shapes(curves, clip=(left, top - width, right, bottom + width), dash=dash)
        placed = [*zip(beside, heights, strict=True)]
        ends = [
            stroke(line(tuple(points[-1]), (column, height)), entrant.colour, opacity=0.7)
            for (entrant, points), height in placed
        ]
        yield shapes([*ends, *(entrant.mark(column, height, style) for (entrant, _), height in placed)])


def below(known: Iterable[tuple[Entrant, Any]]) -> list[tuple[Entrant, Any]]:
    """Lines in the order in which they are drawn, given from the best: grey ones first, the best last."""
    return sorted(reversed([*known]), key=lambda pair: pair[0].chosen)


def lifts(shares: np.ndarray) -> np.ndarray:
    """By how many lines to lift each share above equal ones, so that all are seen and none ever falls.

    Parameters
    ----------
    shares : (optimizers, n) float64
        Never falling along a row.

    Returns
    -------
    (optimizers, n) int64
        0 for the last of equal ones, at most the number of rows below. A line keeps its lift until its share rises.
    """
    lifted = np.zeros(shares.shape, int)
    for column in range(shares.shape[1]):
        for row in reversed(range(len(shares))):
            equal = shares[row + 1 :, column] == shares[row, column]
            under = lifted[row + 1 :, column][equal]
            stays = column and shares[row, column - 1] == shares[row, column]
            lifted[row, column] = max(lifted[row, column - 1] if stays else 0, under.max() + 1 if under.size else 0)
    return lifted


def _stairs(at: np.ndarray, shares: np.ndarray, last: float) -> np.ndarray:
    """(n, 2): the corners of a line that jumps to each share where it is reached, and goes on to `last`."""
    jumps = np.flatnonzero(np.diff(shares, prepend=-1.0))
    x, y = at[jumps].astype(float), shares[jumps]
    return np.stack([np.append(np.repeat(x, 2)[1:], last), np.repeat(y, 2)], axis=-1)
