"""The order of a study's optimizers as a table, with bars that join those that cannot be told apart."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import head
from optviz.figures.engine.items import Drawn, Item, Label, fill, line, rgba, rounded, shapes, stroke
from optviz.figures.engine.style import RADIUS, Entrant, Style, entrants
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.wording import rate
from optviz.results import pairs
from optviz.results.study import Study
from optviz.results.study_steps import Overall
from optviz.results.study_tables import percent

BAR, LANE = 3.0, 9.0  # px: how thick bars are, and how far from each other
SAYS_NOTHING = {"0%", "–", "∞"}  # of all optimizers
NAME = 70  # px for the name at least
EDGE = 10  # px inside the table
LEAST, MOST = 3, 2.0  # the height of a row: px more than the font size at least, font sizes at most


class Ranked(NamedTuple):
    """One optimizer of a study, and how it did over all functions."""

    entrant: Entrant
    overall: Overall


def ranked(study: Study, theme: Theme) -> list[Ranked]:
    """The optimizers of a study, best first."""
    rows = study.overall()
    best = [row.contender.optimizer for row in rows]
    each = entrants({one.optimizer: one.title for one in study.contenders}, theme, best)
    return [Ranked(each[row.contender.optimizer], row) for row in rows]


@dataclass(frozen=True)
class Figures:
    """A column of numbers: its heading, what stands in it, how early it gives way (0 never does), and its colour."""

    heading: str
    cell: Callable[[Overall], str]
    gives_way: int = 0
    tone: Callable[[Overall], str] = lambda row: "muted"


COLUMNS = (
    Figures("lr", lambda row: _rates(*row.rate_ends), 2),
    Figures("fastest on", lambda row: str(row.fastest), 5),
    Figures("diverged", lambda row: share(row.diverged), 4, lambda row: "bad" if row.diverged else "muted"),
    Figures("median", lambda row: steps_in_short(row.median), 3),
    Figures("solved", lambda row: share(row.solved), 1),
    Figures("area", lambda row: f"{row.area:.3f}", tone=lambda row: "ink"),
)


class Order(Block):
    """The table, best first. Columns without room are left out, rows without room are counted in the last one."""

    name = "order"

    def __init__(self, rows: Sequence[Ranked], style: Style):
        self.rows, self.style, self.weight = rows, style, float(len(rows))
        self._head = style.small + 10

    def heights(self, width: float) -> Span:
        small, count = self.style.small, len(self.rows)
        return self._head + count * (small + LEAST), self._head + count * MOST * small

    def place(self, box: Box) -> None:
        left, top, right, bottom = box
        small, count = self.style.small, len(self.rows)
        top += self._head
        fitting = int((bottom - top) / (small + LEAST) + 1e-6)
        self._shown = self.rows if fitting >= count else self.rows[: fitting - 1]
        lines = len(self._shown) + (len(self._shown) < count)
        self._pitch = min((bottom - top) / lines, MOST * small)
        self.box = left, top, right, top + self._pitch * lines

    def still(self) -> Iterator[Item]:
        left, top, right, bottom = self.box
        style, theme, small, rows = self.style, self.style.theme, self.style.small, self._shown
        middles = [top + self._pitch * (row + 0.5) for row in range(len(rows))]
        yield shapes([(rounded(self.box, 6), rgba(theme.grid), rgba(theme.panel), 1.0)])
        groups = [kept for group in self._groups() if len(kept := [row for row in group if row < len(rows)]) > 1]
        taken = lanes(groups)
        yield shapes(self._bars(groups, taken, middles, left + EDGE), cap="round")
        several = len(self.rows) > 1
        places = [pairs.span(row.overall.place) if several else "" for row in rows]
        x = left + EDGE + style.length(LANE) * (max(taken, default=-1) + 1)
        x += max(text.width(words, small) for words in ["place" * several, *places])
        if several:
            yield from self._column(x, "place", zip(places, middles, strict=True), "ink")
        first, edge = x + style.length(3.6 * RADIUS) + 6, right - EDGE  # where names start, and numbers end
        for column, width in reversed(self._columns(edge - first)):
            for row, middle in zip(rows, middles, strict=True):
                yield self._word(edge, middle, column.cell(row.overall), column.tone(row.overall), "right")
            yield Label(edge, top - 8, column.heading, small, theme.muted, anchor="right")
            edge -= width
        yield Label(first, top - 8, "optimizer", small, theme.muted)
        yield shapes(
            row.entrant.mark(first - style.length(1.6 * RADIUS), middle, style)
            for row, middle in zip(rows, middles, strict=True)
        )
        for row, middle in zip(rows, middles, strict=True):
            name = text.shortened(row.entrant.title, edge - first, small, bold=True)
            yield Label(first, middle + 0.36 * small, name, small, theme.ink, bold=True)
        if len(rows) < len(self.rows):
            yield self._word(first, bottom - self._pitch / 2, f"and {len(self.rows) - len(rows)} more", "muted")

    def _word(self, x: float, middle: float, words: str, tone: str, anchor: str = "left") -> Label:
        small = self.style.small
        return Label(x, middle + 0.36 * small, words, small, getattr(self.style.theme, tone), anchor=anchor)

    def _column(self, x: float, heading: str, cells: Iterable[tuple[str, float]], tone: str) -> Iterator[Label]:
        yield Label(x, self.box[1] - 8, heading, self.style.small, self.style.theme.muted, anchor="right")
        for words, middle in cells:
            yield self._word(x, middle, words, tone, "right")

    def _groups(self) -> Sequence[Sequence[int]]:
        return pairs.judged([row.overall.scores for row in self.rows]).groups

    def _columns(self, room: float) -> list[tuple[Figures, float]]:
        """The columns that fit beside the names, each with its width; those that say nothing are left out."""
        small = self.style.small
        cells = {column: {column.cell(row.overall) for row in self._shown} for column in COLUMNS}
        columns = [column for column in COLUMNS if cells[column] - SAYS_NOTHING]
        widths = {one: 14 + max(text.width(words, small) for words in (one.heading, *cells[one])) for one in columns}
        name = max(text.width(row.entrant.title, small, bold=True) for row in self._shown)
        while sum(widths[one] for one in columns) + max(min(name, 150), NAME) > room and len(columns) > 1:
            columns.remove(max(columns, key=lambda column: column.gives_way))
        return [(column, widths[column]) for column in columns]

    def _bars(
        self, groups: Sequence[Sequence[int]], taken: Sequence[int], middles: Sequence[float], left: float
    ) -> Iterator[Drawn]:
        """A bar for each group; where it passes others by, a thin one with a bead at each member."""
        muted, thick, reach = self.style.theme.muted, self.style.length(BAR), 0.36 * self.style.small
        for group, lane in zip(groups, taken, strict=True):
            x = left + self.style.length(LANE) * lane + thick / 2
            whole = len(group) == group[-1] - group[0] + 1
            first, last = middles[group[0]] - reach * whole, middles[group[-1]] + reach * whole
            yield stroke(line((x, first), (x, last)), muted, thick if whole else max(1.0, 0.4 * thick))
            if not whole:
                yield from (fill(head("disc", thick).moved(x, middles[row]), muted) for row in group)


def lanes(groups: Sequence[Sequence[int]]) -> list[int]:
    """For each group the first lane in which its bar touches no other."""
    ends: list[int] = []
    taken = []
    for group in groups:
        lane = next((lane for lane, end in enumerate(ends) if end < group[0]), len(ends))
        ends[lane : lane + 1] = [group[-1]]
        taken.append(lane)
    return taken


def share(value: float) -> str:
    """In whole percents."""
    return f"{percent(value)}%"


def steps_in_short(steps: float) -> str:
    """At most four signs: ``874``, ``1.2k``."""
    if not math.isfinite(steps):
        return "∞"
    if (whole := math.ceil(steps)) < 1000:
        return str(whole)
    thousands = steps / 1000
    return f"{thousands:.1f}k" if thousands < 9.95 else f"{thousands:.0f}k"


def _rates(low: float, high: float) -> str:
    if np.isnan(low):
        return "–"
    return rate(low) if low == high else f"{_short(low)}–{_short(high)}"


def _short(value: float) -> str:
    """A learning rate with two digits: the ends of a range need no more."""
    return rate(float(f"{value:.1e}"))
