"""The order of a study's optimizers as a table, with bars that join those that cannot be told apart."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine import heads, text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.figures.layout import Scale
from optviz.figures.page import NONE, Item, Label, Outline, rgba, rounded, shapes
from optviz.figures.sheet import RADIUS, RING
from optviz.figures.study_sheet import Look, share, steps_in_short
from optviz.results import pairs

BAR, LANE = 3.0, 9.0  # px: how thick bars are, and how far from each other
SAYS_NOTHING = {"0%", "–", "∞"}  # of all optimizers
NAME = 70  # px for the name at least


@dataclass(frozen=True)
class Column:
    """A column of numbers: its heading, what stands in it, how early it gives way (0 never does), and its colour."""

    heading: str
    cell: Callable[[Look], str]
    gives_way: int = 0
    tone: Callable[[Look], str] = lambda look: "muted"


COLUMNS = (
    Column("lr", lambda look: _rates(*look.overall.rate_ends), 2),
    Column("fastest on", lambda look: str(look.overall.fastest), 5),
    Column(
        "diverged",
        lambda look: share(look.overall.diverged),
        4,
        lambda look: "bad" if look.overall.diverged else "muted",
    ),
    Column("median", lambda look: _steps(look.overall.median), 3),
    Column("solved", lambda look: share(look.overall.solved), 1),
    Column("area", lambda look: f"{look.overall.area:.3f}", tone=lambda look: "ink"),
)


def order_head(scale: Scale) -> float:
    """The height of the headings."""
    return scale.font(12) + 10


def order(looks: Sequence[Look], box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """Draw the table, best first; rows are as high as `box` lets them be.

    Columns without room are left out, rows without room are counted in the last one.
    """
    left, top, right, bottom = box
    small = scale.font(12)
    top += order_head(scale)
    fitting, count = int((bottom - top) / (small + 3)), len(looks)
    groups: Sequence[Sequence[int]] = pairs.judged([look.overall.scores for look in looks]).groups
    if fitting < count:
        looks = looks[: fitting - 1]
        groups = [kept for group in groups if len(kept := [row for row in group if row < len(looks)]) > 1]
    lanes = _lanes(groups)
    bars = scale.length(LANE) * (max(lanes, default=-1) + 1)
    spans = [pairs.span(look.overall.place) if count > 1 else "" for look in looks]
    place = max(text.width(words, small) for words in ["place" * (count > 1), *spans])
    first = left + 10 + bars + place + 3.6 * scale.length(RADIUS) + 6  # where names start
    widest = max(text.width(look.title, small, bold=True) for look in looks)
    columns = _fitting(looks, right - 10 - first, widest, small)
    lines = len(looks) + (len(looks) < count)
    pitch = min((bottom - top) / lines, 2 * small)
    foot = top + pitch * lines
    yield shapes([(rounded((left, top, right, foot), 6), rgba(colours.grid), rgba(colours.panel), 1.0)])
    middles = [top + pitch * (row + 0.5) for row in range(len(looks))]
    yield from _bars(groups, lanes, middles, left + 10, scale, colours)
    edge = right - 10
    for column, width in reversed(columns):
        yield Label(edge, top - 8, column.heading, small, colours.muted, anchor="right")
        for look, middle in zip(looks, middles, strict=True):
            words, ink = column.cell(look), getattr(colours, column.tone(look))
            yield Label(edge, middle + 0.36 * small, words, small, ink, anchor="right")
        edge -= width
    x = left + 10 + bars + place
    if count > 1:
        yield Label(x, top - 8, "place", small, colours.muted, anchor="right")
        for words, middle in zip(spans, middles, strict=True):
            yield Label(x, middle + 0.36 * small, words, small, colours.ink, anchor="right")
    yield Label(first, top - 8, "optimizer", small, colours.muted)
    radius = scale.length(RADIUS)
    for look, middle in zip(looks, middles, strict=True):
        head = heads.head(look.shape, radius).moved(first - 1.6 * radius, middle)
        yield shapes([(head, rgba(colours.rim), rgba(look.colour), RING)])
        name = text.shortened(look.title, edge - first, small, bold=True)
        yield Label(first, middle + 0.36 * small, name, small, colours.ink, bold=True)
    if len(looks) < count:
        yield Label(first, foot - pitch / 2 + 0.36 * small, f"and {count - len(looks)} more", small, colours.muted)


def _fitting(looks: Sequence[Look], room: float, name: float, small: float) -> list[tuple[Column, float]]:
    """The columns that fit beside the names, each with its width; those that say nothing are left out."""
    columns = [column for column in COLUMNS if {column.cell(look) for look in looks} - SAYS_NOTHING]
    widths = {
        column.heading: 14
        + max(
            text.width(column.heading, small),
            *(text.width(column.cell(look), small) for look in looks),
        )
        for column in columns
    }
    while sum(widths[column.heading] for column in columns) + max(min(name, 150), NAME) > room and len(columns) > 1:
        columns.remove(max(columns, key=lambda column: column.gives_way))
    return [(column, widths[column.heading]) for column in columns]


def _lanes(groups: Sequence[Sequence[int]]) -> list[int]:
    """For each group the first lane in which its bar touches no other."""
    ends: list[int] = []
    lanes = []
    for group in groups:
        lane = next((lane for lane, end in enumerate(ends) if end < group[0]), len(ends))
        ends[lane : lane + 1] = [group[-1]]
        lanes.append(lane)
    return lanes


def _bars(
    groups: Sequence[Sequence[int]],
    lanes: Sequence[int],
    middles: Sequence[float],
    left: float,
    scale: Scale,
    colours: Theme,
) -> Iterator[Item]:
    """A bar for each group; where it passes others by, a thin one with a bead at each member."""
    drawn = []
    thick, reach = scale.length(BAR), 0.36 * scale.font(12)
    for group, lane in zip(groups, lanes, strict=True):
        x = left + scale.length(LANE) * lane + thick / 2
        whole = len(group) == group[-1] - group[0] + 1
        ends = np.array([(x, middles[group[0]] - reach * whole), (x, middles[group[-1]] + reach * whole)])
        drawn.append((Outline(ends), rgba(colours.muted), NONE, thick if whole else max(1.0, 0.4 * thick)))
        if not whole:
            bead = heads.head("disc", thick)
            drawn += [(bead.moved(x, middles[row]), NONE, rgba(colours.muted), 0.0) for row in group]
    if drawn:
        yield shapes(drawn, cap="round")


def _rates(low: float, high: float) -> str:
    if np.isnan(low):
        return "–"
    return rate(low) if low == high else f"{_short(low)}–{_short(high)}"


def _short(value: float) -> str:
    """A learning rate with two digits: the ends of a range need no more."""
    return rate(float(f"{value:.1e}"))


def _steps(steps: float) -> str:
    return steps_in_short(steps) if np.isfinite(steps) else "∞"
