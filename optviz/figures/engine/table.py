"""A table of entrants: head, name and value on each row, and facts and a remark beside them or on a second line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Label, Strokes, rgba, rounded, shapes
from optviz.figures.engine.style import HEADING, RADIUS, Entrant, Style
from optviz.figures.engine.text import CAP_HEIGHT, SMALLEST

RANK_EVERY, VALUES_EVERY = 10, 2  # frames
TWO, LEAST_TWO = 34.0, 30.0  # px of a row with two lines, and unscaled at the least
ONE, LEAST_ONE = 26.0, 1.32  # px of a row with one line; at the least in font sizes
MARKER, SPACE = 30.0, 9.0  # px: a head with its air, and between columns
PAD = 5.0
NARROW = 1.5  # font sizes from row to row: rows as close as that have less air around all of them


@dataclass(frozen=True)
class Cells:
    """What a row says about one entrant.

    Attributes
    ----------
    entrant : Entrant
    value : str
        What it is ranked by.
    facts : tuple of str
        Below the name, as many as fit; beside it the first.
    remarks : tuple of str
        Below the value, the first that fits; beside it, where there is room, the last.
    tone, remark_tone : {"ink", "muted", "bad", "good"}
        Colours of the theme for value and remark.
    live : bool
        Whether it came to anything; the name is muted otherwise.
    alone : str
        The value where the remark has no room, if it needs other words then.
    """

    entrant: Entrant
    value: str
    facts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ("",)
    tone: str = "ink"
    remark_tone: str = "muted"
    live: bool = True
    alone: str = ""


class Table(Block):
    """Rows in an order that may change from frame to frame; those that do not fit are counted in the last one.

    Parameters
    ----------
    order : function of a frame
        The indices of the entrants, the first one first.
    cells : function of an index and a frame
    style : Style
    headings : (str, str, str)
        Over the names, the values, and a column of first facts, which then do not begin with it.
    count : int
        Of entrants.
    frames : int
    samples : sequence of Cells
        As wide as any that will be shown.
    two : bool
        Whether rows have a second line.
    most : float
        The height of a row at most, in scaled pixels; by default what suits its lines.

    Attributes
    ----------
    shown : int
        How many rows have room, once the table is placed.
    """

    weight = 1.0
    name = "table"

    def __init__(
        self,
        order: Callable[[int], Sequence[int]],
        cells: Callable[[int, int], Cells],
        style: Style,
        headings: tuple[str, str, str],
        count: int,
        *,
        frames: int = 1,
        samples: Sequence[Cells] = (),
        two: bool = True,
        most: float = 0.0,
    ):
        self._order, self._cells, self.style, self._headings = order, cells, style, headings
        self.count, self.two, self._frames = count, two, frames
        self._entrants = [cells(index, 0).entrant for index in range(count)]
        self._samples = [*samples, *(cells(index, frame) for index in range(count) for frame in {0, frames - 1})]
        self._most = style.length(most or (TWO if two else ONE))
        self._least = max(LEAST_TWO, style.length(TWO)) if two else LEAST_ONE * SMALLEST
        self._head = style.small + style.length(HEADING)
        self._valued, self._labels = -1, list[Label]()

    def widths(self, height: float) -> Span:
        name = self._columns(float(SMALLEST))[0]
        return (self.whole if self.two else self.whole - max(0.0, name - 8 * SMALLEST)), float("inf")

    @property
    def whole(self) -> float:
        """The width at which all names are written out, on rows as they are."""
        name, value, fact, remark = self._columns(self.style.font(15) if self.two else float(SMALLEST))
        lines = (name + value, fact + remark) if self.two else (name + value + fact + self.style.length(SPACE), 0.0)
        return self.style.length(MARKER) + max(lines) + 2 * self.style.length(SPACE)

    def heights(self, width: float) -> Span:
        most = max(self._most, self._least)
        low, high = (self._head + 2 * self._pad(pitch) + self.count * pitch for pitch in (self._least, most))
        return low, high

    def place(self, box: Box) -> None:
        left, top, right, bottom = box
        self._valued = -1
        top += self._head
        room = bottom - top
        self._pitch = self._pitched(room)
        fitting = int((room - 2 * self._pad(self._pitch)) / self._pitch + 1e-6)
        self.shown = self.count if fitting >= self.count else max(1, fitting - 1)
        foot = top + min(self.count, max(fitting, 1)) * self._pitch + 2 * self._pad(self._pitch)
        self.box = left, top, right, foot
        self._choose()

    def still(self) -> Iterator[Label | Strokes]:
        left, top, right, bottom = self.box
        style, theme, small = self.style, self.style.theme, self.style.small
        yield shapes([(rounded(self.box, style.length(6)), rgba(theme.grid), rgba(theme.panel), 1.0)])
        base = top - style.length(HEADING)
        yield Label(right, base, self._headings[1], small, theme.muted, anchor="right")
        yield Label(left, base, self._headings[0], small, theme.muted)
        if not self.two and self._with_fact and self._headings[2]:
            yield Label(self._fact, base, self._headings[2], small, theme.muted)
        if self.shown < self.count:
            words = f"and {self.count - self.shown} more"
            yield Label(self._x, self.middle(self.shown) + 0.36 * small, words, small, theme.muted)

    def ranking(self, frame: int) -> tuple[int, ...]:
        last = frame == self._frames - 1
        return tuple(self._order(frame if last else frame // RANK_EVERY * RANK_EVERY))[: self.shown]

    def ranked(self, frame: int) -> Strokes:
        x, style = self.box[0] + self.style.length(16), self.style
        radius = min(RADIUS, 0.36 * self._pitch / style.factor)
        entrants = [self._entrants[index] for index in self.ranking(frame)]
        return shapes(entrant.mark(x, self.middle(row), style, radius) for row, entrant in enumerate(entrants))

    def labels(self, frame: int) -> list[Label]:
        valued = frame if frame == self._frames - 1 else frame // VALUES_EVERY * VALUES_EVERY
        if valued == self._valued:
            return self._labels
        found: list[Label] = []
        for row, index in enumerate(self.ranking(frame)):
            found += (self._two_lines if self.two else self._one_line)(self._cells(index, valued), self.middle(row))
        self._valued, self._labels = valued, [label for label in found if label.text]
        return self._labels

    def _pitched(self, room: float) -> float:
        """From row to row, as far as there is room for all, with the air that rows of that height have around them."""
        most = max(self._most, self._least)
        wide, narrow = ((room - 2 * self._pad(pitch)) / max(self.count, 1) for pitch in (most, self._least))
        pitch = wide if self._pad(wide) == self._pad(most) else min(narrow, NARROW * SMALLEST)
        return min(max(pitch, self._least), most)

    def _pad(self, pitch: float) -> float:
        return self.style.length(PAD if pitch > NARROW * SMALLEST else 3.0)

    def middle(self, row: int) -> float:
        """The height on the page of a row's middle."""
        return self.box[1] + self._pad(self._pitch) + (row + 0.5) * self._pitch

    def _columns(self, size: float) -> tuple[float, float, float, float]:
        """The widths of names, values, facts and remarks."""
        small = self.style.small
        return (
            max((text.width(cells.entrant.title, size, bold=True) for cells in self._samples), default=0.0),
            max((text.width(cells.value, size, bold=True) for cells in self._samples), default=0.0),
            max((text.width(self._first(cells), small) for cells in self._samples), default=0.0),
            max((text.width(cells.remarks[-1], small) for cells in self._samples), default=0.0),
        )

    def _first(self, cells: Cells) -> str:
        """The fact beside or below the name."""
        first = "".join(cells.facts[:1])
        return first if self.two else first.removeprefix(f"{self._headings[2]} ")

    def _choose(self) -> None:
        """Font size and columns: smaller names before shorter ones, and facts are given up last of all."""
        style, (left, _, right, _) = self.style, self.box
        self._x, self._end = left + style.length(MARKER), right - style.length(SPACE)
        space, largest = style.length(SPACE), style.font(15)
        if not self.two:
            largest = min(largest, max(float(SMALLEST), 0.72 * self._pitch))
        for self._size in (largest, 0.5 * (largest + SMALLEST), float(SMALLEST)):
            name, value, fact, remark = self._columns(self._size)
            spare = self._end - self._x - name - value - space - (0 if self.two else fact + space)
            if spare >= 0:
                break
        self._name_room = name + min(0.0, spare)
        if self.two:
            self._name_room = self._end - value - space - self._x
            return
        self._with_fact = fact > 0 and self._name_room >= min(name, 6 * self._size)
        if not self._with_fact:
            self._name_room, spare = min(name, self._name_room + fact + space), spare + fact + space
        self._with_remark = remark > 0 and spare >= remark + space
        alone = max((text.width(cells.alone, self._size, bold=True) for cells in self._samples), default=0.0)
        self._dated = not self._with_remark and 0 < alone <= value + max(0.0, spare)
        spare -= max(0.0, alone - value) * self._dated
        air = max(0.0, spare - (remark + space if self._with_remark else 0.0))
        # Spread the air, but keep facts near their names: a wide gap is hard to cross by eye.
        self._fact = self._x + self._name_room + space + min(air * 0.3, style.length(40))
        self._remark = self._fact + fact + space + min(air * 0.2, style.length(24))

    def _name(self, cells: Cells, base: float) -> Label:
        words = text.shortened(cells.entrant.title, self._name_room, self._size, bold=True)
        ink = self.style.theme.ink if cells.live else self.style.theme.muted
        return Label(self._x, base, words, self._size, ink, bold=True)

    def _two_lines(self, cells: Cells, middle: float) -> Iterator[Label]:
        small, theme, space = self.style.small, self.style.theme, self.style.length(SPACE)
        pitch = min(small + 2, self._pitch / 2 + 1)  # lines stand closer to each other than rows do
        base = middle + (CAP_HEIGHT * self._size - pitch) / 2
        yield self._name(cells, base)
        yield Label(self._end, base, cells.value, self._size, getattr(theme, cells.tone), bold=True, anchor="right")
        room = self._end - self._x - text.width(self._first(cells), small) - space
        words = next((words for words in cells.remarks if text.width(words, small) <= room), cells.remarks[-1])
        remark = Label(self._end, base + pitch, words, small, getattr(theme, cells.remark_tone), anchor="right")
        yield remark
        facts = text.leading(cells.facts, remark.left - space - self._x, small)
        yield Label(self._x, base + pitch, facts, small, theme.muted)

    def _one_line(self, cells: Cells, middle: float) -> Iterator[Label]:
        small, theme = min(self.style.small, self._size), self.style.theme
        base = middle + 0.36 * self._size
        value = cells.alone if self._dated and cells.alone else cells.value
        yield self._name(cells, base)
        yield Label(self._end, base, value, self._size, getattr(theme, cells.tone), bold=True, anchor="right")
        if self._with_fact:
            yield Label(self._fact, base, self._first(cells), small, theme.muted)
        if self._with_remark:
            yield Label(self._remark, base, cells.remarks[-1], small, getattr(theme, cells.remark_tone))


def fixed(rows: Sequence[Cells], style: Style, headings: tuple[str, str, str], **options: Any) -> Table:
    """A table of rows in their order that never change."""
    return Table(lambda _: range(len(rows)), lambda row, _: rows[row], style, headings, len(rows), **options)
