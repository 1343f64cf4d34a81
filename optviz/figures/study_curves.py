"""Shares that rise: how much each optimizer reaches within so many steps, and within a factor of the fastest."""

from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.axis import Axis, log_axis, parted
from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, rgba, shapes
from optviz.figures.panel import Panel
from optviz.figures.sheet import RADIUS, RING
from optviz.figures.study_sheet import Look
from optviz.figures.ticks import linear
from optviz.results.study import Study
from optviz.results.study_steps import ecdf, profile

LINE = 2.0
NOWHERE = "no function is solved from more than half of the starts"


def reached(study: Study, looks: Sequence[Look], box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The share of all functions, targets and starts that each optimizer reaches within so many steps."""
    panel = _panel(
        ("share of targets reached, by step", "targets reached, by step", "targets by step", "by step"),
        (1.0, max(float(study.steps), 3.0)),
        float(ecdf(study.reached, study.steps).max()),
        box,
        scale,
        whole=True,
    )
    left, _, right, _ = panel.box
    # Every column of pixels, each at a whole step: what lies between two of them cannot be seen.
    at = np.unique(np.floor(np.logspace(0, np.log10(max(study.steps, 1)), 1 + 2 * round(right - left))).astype(int))
    shares = ecdf(study.reached, study.steps)[:, at]
    lines = [panel.place(*_stairs(at, shares[look.overall.index], study.steps)) for look in looks]
    yield from panel.ground(scale, colours)
    yield from _drawn(lines, looks, panel, scale, colours)


def within(study: Study, looks: Sequence[Look], box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The share of functions on which each optimizer's median steps are within a factor of the fastest one's.

    Lines of the same share would hide each other, so the better optimizer's is drawn a little higher.
    """
    factors, shares = profile(study.reached, study.steps)
    far = max(1.05 * float(factors[-1]), 3.0)
    panel = _panel(
        (
            "share of functions solved within a factor of the fastest",
            "functions, by factor of the fastest",
            "by factor",
        ),
        (1.0, far),
        float(shares.max()) + 1 / len(study.functions),
        box,
        scale,
    )
    _, top, _, bottom = panel.box
    high = panel.y.high
    # At most a level of the axis: so far apart are the shares that differ.
    apart = min((scale.length(LINE) + 0.4) / (bottom - top) * high, 0.9 / len(study.functions) / max(1, len(looks) - 1))
    ranked = shares[[look.overall.index for look in looks]]
    lines = [panel.place(*_stairs(factors, row, far)) for row in ranked + apart * lifts(ranked)]
    yield from panel.ground(scale, colours)
    if not shares.any():
        left, top, right, bottom = panel.box
        small, middle = scale.font(12), (left + right) / 2
        for row, words in enumerate(text.wrapped(NOWHERE, right - left, small)):
            y = (top + bottom) / 2 + 1.4 * small * row
            yield Label(middle, y, words, small, colours.muted, anchor="center")
        return
    yield from _drawn(lines, looks, panel, scale, colours)


def _panel(
    headings: Sequence[str], ends: tuple[float, float], highest: float, box: Box, scale: Scale, whole: bool = False
) -> Panel:
    """A panel inside `box` that leaves room for the labels on its left and for heads on its right."""
    left, top, right, bottom = box
    small = scale.font(12)
    top, bottom, right = top + small + 10, bottom - small - 7, right - scale.length(26)
    high = max(highest, min(1.0, (np.floor(10 * highest + 0.2) + 1) / 10))
    count = max(2, min(6, int((bottom - top) / (2 * small))))
    y = Axis(0.0, high, _same, tuple((at, f"{100 * at:.0f}%") for at in linear(0.0, high, count) if at <= 1))
    left += max(text.width(label, small) for _, label in y.ticks) + 6
    x = log_axis(*ends, right - left, small)
    if whole:
        x = Axis(x.low, x.high, x.unit, tuple(tick for tick in x.ticks if (10 ** tick[0] + 1e-6) % 1 < 2e-6))
    room = right - left
    heading = next((words for words in headings if text.width(words, small) <= room), headings[-1])
    return Panel((left, top, right, bottom), text.shortened(heading, room, small), x, y)


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
    found = np.zeros(shares.shape, int)
    for column in range(shares.shape[1]):
        for row in reversed(range(len(shares))):
            equal = shares[row + 1 :, column] == shares[row, column]
            under = found[row + 1 :, column][equal]
            stays = column and shares[row, column - 1] == shares[row, column]
            found[row, column] = max(found[row, column - 1] if stays else 0, under.max() + 1 if under.size else 0)
    return found


def _same(values: np.ndarray) -> np.ndarray:
    return values


def _stairs(at: np.ndarray, shares: np.ndarray, last: float) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a line that jumps to each share where it is reached, and goes on to `last`."""
    jumps = np.flatnonzero(np.diff(shares, prepend=-1.0))
    x, y = at[jumps].astype(float), shares[jumps]
    return np.append(np.repeat(x, 2)[1:], last), np.repeat(y, 2)


def _drawn(
    lines: Sequence[np.ndarray], looks: Sequence[Look], panel: Panel, scale: Scale, colours: Theme
) -> Iterator[Item]:
    """Lines, the best on top, each with its head beside the panel."""
    left, top, right, bottom = panel.box
    radius, line = scale.length(RADIUS), scale.length(LINE)
    column = right + scale.length(18)
    heights = parted([points[-1, 1] for points in lines], 2 * radius + 2, top + radius, bottom - radius)
    drawn = [(Outline(points), rgba(look.colour), NONE, line) for points, look in zip(lines, looks, strict=True)]
    yield shapes(drawn[::-1], clip=(left, top - line, right, bottom + line))
    ends = []
    for points, look, height in zip(lines, looks, heights, strict=True):
        ends.append((Outline(np.array([points[-1], (column, height)])), rgba(look.colour, 0.7), NONE, 1.0))
    for look, height in zip(looks, heights, strict=True):
        ends.append((heads.head(look.shape, radius).moved(column, height), rgba(colours.rim), rgba(look.colour), RING))
    yield shapes(ends)
