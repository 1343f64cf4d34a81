"""Every function and every optimizer: the share of starts solved as a colour, and the median steps as a number."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Region, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.contrast import readable
from optviz.figures.engine.items import Item, Label, Picture, shapes
from optviz.figures.engine.style import RADIUS, Style
from optviz.figures.engine.theme import Theme, ramp_table, rgb
from optviz.figures.study_order import LEAST, MOST, Ranked, share, steps_in_short
from optviz.results.study import Study
from optviz.results.study_rows import matrix_rows

NAMES = 0.36  # of the width, for the names of functions at most
CELL = 128.0  # px, the width of a cell at most
STRENGTH = 0.52  # of the colour for everything: text on it stays readable, and heads stand out
DIVERGED = 0.5  # share of the runs from which on a cell says so
CROSS, NOTHING = "×", "–"


def matrix_notes(study: Study, each: bool = False) -> list[str]:
    """What a reader of the words in the cells has to know; `each` as for `Matrix`."""
    rows = matrix_rows(study, each)
    lost = (rows.diverged >= DIVERGED).any()
    return [
        "rows: families, all starts of all their functions; each function is in the tables" if rows.families else "",
        f"number: median {study.by} to the last target, bold for the fastest",
        "percent: solved, where half of the starts or more fail",
        f"{CROSS}: half of them or more diverged" if lost else "",
    ]


class Matrix(Block):
    """Column heads, names of functions, and cells; functions without room are counted.

    Many functions are shown by their families, see `optviz.results.study_rows`.

    Parameters
    ----------
    study : Study
    rows : sequence of Ranked
        The optimizers: the columns.
    style : Style
    each : bool
        Whether functions have rows of their own however many there are; then it does not ask for the room of all.
    most : float
        How many font sizes a row is high at most.

    Attributes
    ----------
    worded, named : bool
        Whether cells are wide enough for all words, and columns for the names of optimizers, once it is placed.
    """

    name = "functions"

    def __init__(self, study: Study, rows: Sequence[Ranked], style: Style, *, each: bool = False, most: float = MOST):
        shown = matrix_rows(study, each)
        self.rows, self.style, self.titles = rows, style, shown.titles
        self._whole, self._most = not each, most
        self.weight = float(len(self.titles))
        columns = [row.overall.index for row in rows]
        self.solved, median, lost = (part[:, columns] for part in (shown.solved, shown.median, shown.diverged))
        self.best = shown.best[:, columns]
        self.words = np.vectorize(_word, otypes=[object])(self.solved, median, lost)
        self._head = 2 * style.length(RADIUS) + 8

    def heights(self, width: float) -> Span:
        small, count = self.style.small, len(self.titles)
        least = count if self._whole else 1
        return self._head + least * (small + LEAST), self._head + count * self._most * small

    def place(self, box: Box) -> None:
        left, top, right, bottom = box
        style, small, count = self.style, self.style.small, len(self.titles)
        first = round(top + self._head)
        fitting = int((bottom - first) / (small + LEAST) + 1e-6)
        self._shown = count if fitting >= count else max(fitting - 1, 0)
        lines = max(1, self._shown + (self._shown < count))
        names = min(max(text.width(title, small) for title in self.titles), NAMES * (right - left))
        start = math.ceil(left + names + 8)
        wide = int(min((right - start) / len(self.rows), style.length(CELL)))
        self._cell = wide, int(min((bottom - first) / lines, self._most * small))
        self._left, self.box = left, (start, first, start + wide * len(self.rows), first + self._shown * self._cell[1])
        self.worded = max(text.width(word, small, bold=True) for word in self.words.flat) + 4 <= wide
        name = max(text.width(row.entrant.title, small) for row in self.rows) + style.length(2 * RADIUS) + 5
        self.named = name <= wide - 6

    def still(self) -> Iterator[Item]:
        left, (start, first, _, _) = self._left, self.box
        small, theme, tall = self.style.small, self.style.theme, self._cell[1]
        yield from self._heads()
        bases = [first + tall * (row + 0.5) + 0.36 * small for row in range(self._shown + 1)]
        for title, base in zip(self.titles[: self._shown], bases, strict=False):
            yield Label(left, base, text.shortened(title, start - 8 - left, small), small, theme.ink)
        if self._shown < len(self.titles):
            yield Label(left, bases[-1], f"and {len(self.titles) - self._shown} more", small, theme.muted)
        if self._shown:
            yield from self._cells()

    def regions(self) -> Iterator[Region]:
        """Its cells: a unit across for each optimizer, and a unit down for each row that is shown."""
        yield Region(self.name, self.box, (0.0, float(len(self.rows))), (float(self._shown), 0.0))

    def _heads(self) -> Iterator[Item]:
        """The head of each optimizer above its column, with its name where all names fit."""
        (start, first, _, _), wide, style, small = self.box, self._cell[0], self.style, self.style.small
        radius, middle = min(style.length(RADIUS), 0.42 * wide), first - style.length(RADIUS) - 4
        drawn = []
        for column, row in enumerate(self.rows):
            x = start + wide * (column + 0.5)
            if self.named:
                x -= (text.width(row.entrant.title, small) + 5) / 2
                yield Label(x + radius + 5, middle + 0.36 * small, row.entrant.title, small, style.theme.muted)
            drawn.append(row.entrant.mark(x, middle, style, radius / style.factor))
        yield shapes(drawn)

    def _cells(self) -> Iterator[Item]:
        """The colours, with a hairline between them, and in them the words where all can be read."""
        (x, y, _, _), (wide, tall) = self.box, self._cell
        small, theme = self.style.small, self.style.theme
        paper = shades(self.solved[: self._shown], theme)
        pixels = paper.repeat(tall, axis=0).repeat(wide, axis=1)
        pixels[tall - 1 :: tall], pixels[:, wide - 1 :: wide] = rgb(theme.page), rgb(theme.page)
        yield Picture(pixels, round(x), round(y))
        if not self.worded:
            return
        ink = {CROSS: theme.bad, NOTHING: theme.muted}
        for (row, column), word in np.ndenumerate(self.words[: self._shown]):
            middle, base = x + wide * (column + 0.5), y + tall * (row + 0.5) + 0.36 * small
            tone = ink.get(word) or readable(paper[row, column], theme)
            yield Label(middle, base, word, small, tone, bold=bool(self.best[row, column]), anchor="center")


class Shades(Block):
    """What the colours of cells mean, on one line."""

    weight = 0.0

    def __init__(self, style: Style):
        self.style = style

    def heights(self, width: float) -> Span:
        return 1.2 * self.style.small, 1.2 * self.style.small

    def still(self) -> Iterator[Item]:
        left, top, right, _ = self.box
        small, theme = self.style.small, self.style.theme
        base = top + small
        first, last = (Label(left, base, words, small, theme.muted) for words in ("0% of starts solved", "100%"))
        room = right - left - first.width - last.width - 16
        wide, tall = round(min(room, self.style.length(110))), round(0.75 * small)
        start = round(left + first.width + 8)
        pixels = np.broadcast_to(shades(np.linspace(0, 1, wide), theme), (tall, wide, 3)).copy()
        yield from (first, Picture(pixels, start, round(base) - tall))
        yield Label(start + wide + 8, base, last.text, small, theme.muted)


class Legend(Block):
    """Heads with the names of their optimizers, in lines."""

    weight = 0.0

    def __init__(self, rows: Sequence[Ranked], style: Style):
        self.rows, self.style = rows, style

    def heights(self, width: float) -> Span:
        high = 1.5 * self.style.small * len(self._lines(width))
        return high, high

    def still(self) -> Iterator[Item]:
        left, top, right, _ = self.box
        style, small = self.style, self.style.small
        radius = style.length(RADIUS)
        for number, row in enumerate(self._lines(right - left)):
            x, base = left, top + 1.5 * small * number + small
            for one in row:
                yield shapes([one.entrant.mark(x + radius, base - 0.5 * text.CAP_HEIGHT * small, style)])
                yield Label(x + 2 * radius + 6, base, one.entrant.title, small, style.theme.ink)
                x += self._width(one)

    def _lines(self, room: float) -> list[list[Ranked]]:
        """As many in each line as fit into `room` pixels."""
        lines: list[list[Ranked]] = []
        used = room
        for row in self.rows:
            width = self._width(row)
            if used + width > room + self.style.small:
                lines.append([])
                used = 0.0
            lines[-1].append(row)
            used += width
        return lines

    def _width(self, row: Ranked) -> float:
        """With the gap behind it."""
        small = self.style.small
        return 2 * self.style.length(RADIUS) + 6 + text.width(row.entrant.title, small) + small


def shades(shares: np.ndarray, theme: Theme) -> np.ndarray:
    """(..., 3) uint8: from the panel's colour for nothing towards the colour of what arrived for everything."""
    ramp = np.round(255 * ramp_table((theme.panel, theme.good))).astype(np.uint8)
    return ramp[np.round(np.asarray(shares) * STRENGTH * (len(ramp) - 1)).astype(int)]


def _word(solved: float, median: float, diverged: float) -> str:
    if math.isfinite(median):
        return steps_in_short(median)
    if diverged >= DIVERGED:
        return CROSS
    return share(solved) if solved else NOTHING
