"""What signs and colours mean: keys, and bars of colours."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import Axis
from optviz.figures.engine.boxes import Block, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Drawn, Item, Label, Picture, line, shapes, stroke
from optviz.figures.engine.style import Style

BAR = 18.0  # px, the width of an upright bar and of samples
BOUND = "\u00a0"  # a space at which no line breaks

Sign = Callable[[float, float, Style], Iterable[Item]]  # draws itself around a point of the page


@dataclass(frozen=True)
class Entry:
    """A sign and what it stands for.

    Attributes
    ----------
    words : tuple of str
        From the longest to the shortest; all entries show their first, or all their second, and so on.
    sign : function or None
    colour : str
        The theme's name for the colour of the words.
    wide : float
        How much wider than others the sign is, in pixels.
    """

    words: tuple[str, ...]
    sign: Sign | None = None
    colour: str = "muted"
    wide: float = 0.0

    def said(self, level: int) -> str:
        return self.words[min(level, len(self.words) - 1)]


def drawn(make: Callable[[float, float, Style], Sequence[Drawn]]) -> Sign:
    """A sign from shapes."""
    return lambda x, y, style: [shapes(make(x, y, style))]


class Key(Block):
    """Entries below each other, in words as long as all of them have room for; at last some are left out.

    Parameters
    ----------
    entries : sequence of Entry
    style : Style
    width : float
        Of the column of signs, in scaled pixels.
    listed : bool
        Whether each entry stays on one line as far as its words allow, and it is said how many are left out.
    weight : float
        Without weight it takes the room that its longest words need.

    Attributes
    ----------
    level : int
        Which of their words entries show, once the key is placed.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        style: Style,
        *,
        width: float = BAR,
        name: str = "key",
        weight: float = 0.0,
        listed: bool = False,
    ):
        self.entries, self.style, self.name, self.weight, self._listed = [*entries], style, name, weight, listed
        self._start = style.length(width) + style.length(8)
        self.level = 0
        self._shown, self._said = self.entries, list[list[str]]()

    def heights(self, width: float) -> Span:
        high = self._height(self._lines(width, 0))
        return (0.0 if self.weight else high), high

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        last = max((len(entry.words) for entry in self.entries), default=1)
        for self.level in range(last):
            self._shown, self._said = self.entries, self._lines(right - left, self.level)
            whole = self.level == last - 1 or not self._listed or all(len(lines) == 1 for lines in self._said)
            if whole and self._height(self._said) <= bottom - top + 1e-6:
                return
        kept = len(self._said)
        while kept and self._height([*self._said[:kept], *[[""]] * self._listed]) > bottom - top:
            kept -= 1
        self._shown, self._said = self.entries[:kept], self._said[:kept]
        if self._listed:
            self._shown.append(rest_of(self.entries, kept))
            self._said.append([self._shown[-1].said(0)])

    def still(self) -> Iterator[Item]:
        left, small, pitch = self.box[0], self.style.small, self.style.pitch
        for entry, base, lines in self.lines():
            if entry.sign:
                yield from entry.sign(left + (self._start - self.style.length(8)) / 2, base - 0.36 * small, self.style)
            colour = getattr(self.style.theme, entry.colour)
            for row, words in enumerate(lines):
                yield Label(left + self._start, base + pitch * row, words, small, colour)

    def lines(self) -> Iterator[tuple[Entry, float, list[str]]]:
        """The entries that are shown, each with the baseline of its first line and its lines."""
        base = self.box[1] + self.style.small
        for entry, lines in zip(self._shown, self._said, strict=True):
            yield entry, base, lines
            base += self.style.pitch * len(lines) + self.style.length(5)

    def _lines(self, width: float, level: int) -> list[list[str]]:
        return [bound(entry.said(level), width - self._start, self.style.small) for entry in self.entries]

    def _height(self, lines: Sequence[Sequence[str]]) -> float:
        return sum(self.style.pitch * len(one) + self.style.length(5) for one in lines)


class Flow(Block):
    """Entries one after the other, on as many lines as they need or as there may be, in columns where those fit.

    Parameters
    ----------
    entries : sequence of Entry
        In words as long as all of them have room for.
    style : Style
    most : int, optional
        How many lines; entries that have no room on them are only counted.
    """

    BEFORE, AFTER, APART = 7.0, 12.0, 12.0  # px around the middle of a sign, and behind its words
    COLUMNS, LINE = 24.0, 1.5  # px between columns; font sizes from line to line
    weight = 0.0

    def __init__(self, entries: Sequence[Entry], style: Style, *, most: int = 0, name: str = "key"):
        self.entries, self.style, self._most, self.name = [*entries], style, most, name

    @property
    def width(self) -> float:
        """The room that it takes on one line."""
        return sum(map(self._wide, self.entries)) + self.style.length(self.APART) * (len(self.entries) - 1)

    def heights(self, width: float) -> Span:
        high = self.style.pitch + self._pitch * (self._rows(self._flowing(width)) - 1)
        return high, high

    def still(self) -> Iterator[Item]:
        left, top, right, _ = self.box
        small, length = self.style.small, self.style.length
        for entry, words, row, x in self._flowing(right - left):
            base = top + small + self._pitch * row
            start = left + x
            if entry.sign:
                yield from entry.sign(start + length(self.BEFORE) + entry.wide / 2, base - 0.36 * small, self.style)
                start += length(self.BEFORE + self.AFTER) + entry.wide
            yield Label(start, base, words, small, getattr(self.style.theme, entry.colour))

    @property
    def _pitch(self) -> int:
        return round(self.LINE * self.style.small)

    def _wide(self, entry: Entry, level: int = 0) -> float:
        sign = self.style.length(self.BEFORE + self.AFTER) + entry.wide if entry.sign else 0.0
        return sign + text.width(entry.said(level), self.style.small)

    def _flowing(self, room: float) -> list[tuple[Entry, str, int, float]]:
        """What is shown: each entry with its words, its line and where it starts."""
        levels = range(max((len(entry.words) for entry in self.entries), default=1))
        for level in levels:
            found = self._lined(self.entries, level, room)
            if not self._most or self._rows(found) <= self._most:
                return found
        kept = len(self.entries)
        while kept and self._rows(found) > self._most:
            kept -= 1
            found = self._lined([*self.entries[:kept], rest_of(self.entries, kept)], levels[-1], room)
        return found

    def _lined(self, entries: Sequence[Entry], level: int, room: float) -> list[tuple[Entry, str, int, float]]:
        found = []
        row, x, apart = 0, 0.0, self.style.length(self.COLUMNS)
        wides = [self._wide(entry, level) for entry in entries]
        for entry, wide in zip(entries, wides, strict=True):
            if x and x + wide > room:
                row, x = row + 1, 0.0
            found.append((entry, entry.said(level), row, x))
            x += wide + self.style.length(self.APART)
        if not row:
            return found
        for rows in range(row + 1, max(row + 1, self._most) + 1):
            columns = math.ceil(len(entries) / rows)
            starts = np.cumsum([0.0, *(max(wides[column::columns]) + apart for column in range(columns))])
            if starts[-1] - apart <= room:
                places = (divmod(index, columns) for index in range(len(entries)))
                return [(*one[:2], row, float(starts[at])) for one, (row, at) in zip(found, places, strict=True)]
        return found

    def _rows(self, found: Sequence[tuple[Entry, str, int, float]]) -> int:
        return 1 + max((row for *_, row, _ in found), default=-1)


def rest_of(entries: Sequence[Entry], kept: int) -> Entry:
    """What stands for the entries that have no room."""
    return Entry((f"and {len(entries) - kept} more",))


def bound(words: str, wide: float, size: float) -> list[str]:
    """On lines that do not break inside of a formula or of parentheses, as far as those fit."""
    for parts in (r"[A-Za-z]+ = [^,]*|\([^()]*\)", r" = |\([^()]*\)", r"$"):
        tied = re.sub(parts, lambda found: found[0].replace(" ", BOUND), words)
        if max(text.width(piece, size) for piece in tied.split(" ")) <= wide:
            break
    return [row.replace(BOUND, " ") for row in text.wrapped(tied, wide, size)]


class Bar(Block):
    """A bar of colours with labels beside it, or below it where it lies.

    Parameters
    ----------
    title : str
    colours : (n, 3) or (rows, n, 3) uint8
        From the axis's lower end to its upper one: upwards, or to the right.
    axis : Axis
    style : Style
    upright : bool
    most : float
        Its length at most, in scaled pixels.
    """

    def __init__(
        self,
        title: str,
        colours: np.ndarray,
        axis: Axis,
        style: Style,
        *,
        upright: bool = False,
        most: float = 186.0,
        weight: float = 1.0,
    ):
        self.title, self.colours, self.axis, self.style = title, colours, axis, style
        self.upright, self.weight = upright, weight
        self._most = style.length(most)

    @property
    def _thick(self) -> int:
        return round(self.style.length(BAR if self.upright else 13))

    @property
    def _titled(self) -> int:
        """The room for the title of a bar that lies."""
        return round(1.3 * self.style.small) if self.title else 0

    def heights(self, width: float) -> Span:
        small = self.style.small
        if self.upright:
            return 1.7 * small + self.style.length(60), 1.7 * small + self._most
        high = self._titled + self._thick + 1.3 * small
        return high, high

    def place(self, box: Box) -> None:
        left, top, right, bottom = self._outer = box
        small = self.style.small
        if self.upright:
            first, last = round(top + 1.7 * small), round(bottom)
            self.box = round(left), first, round(left) + self._thick, last
            self.axis = self.axis.ticked(last - first, small, upright=True)
        else:
            first, wide = round(top + self._titled), round(min(right - left, self._most))
            self.box = round(left), first, round(left) + wide, first + self._thick
            self.axis = self.axis.ticked(wide, small, inside=True)

    def still(self) -> Iterator[Item]:
        left, top, right, bottom = self.box
        small, theme = self.style.small, self.style.theme
        title = text.shortened(self.title, self._outer[2] - self._outer[0], small)
        yield Label(self._outer[0], self._outer[1] + 0.8 * small, title, small, theme.ink)
        sides = round(bottom - top), round(right - left)
        long, thick = sides if self.upright else sides[::-1]
        chosen = np.rint(np.linspace(0, self.colours.shape[-2] - 1, long)).astype(int)
        strip = self.colours[..., chosen, :]
        rows = strip[None].repeat(thick, axis=0) if strip.ndim == 2 else strip[np.arange(thick) * len(strip) // thick]
        yield Picture(rows.swapaxes(0, 1)[::-1] if self.upright else rows, round(left), round(top))
        rules = []
        for share, words in self.axis.shares:
            if self.upright:
                y = bottom - share * (bottom - top)
                rules.append(stroke(line((right, y), (right + 4, y)), theme.muted))
                yield Label(right + self.style.length(8), y + 0.36 * small, words, small, theme.muted)
            else:
                half = text.width(words, small) / 2
                x = min(max(left + share * long, left + half), right - half)
                yield Label(x, bottom + 1.05 * small, words, small, theme.muted, anchor="center")
        yield shapes(rules)


class Words(Block):
    """Lines of text, wrapped.

    Parameters
    ----------
    words : str
    style : Style
    size : float
        Of the font, in scaled pixels.
    centred : bool
        Whether they stand in the middle of their box.
    """

    def __init__(self, words: str, style: Style, *, size: float = 12.0, colour: str = "muted", centred: bool = False):
        self.words, self.style, self.colour, self.centred = words, style, colour, centred
        self._size = style.font(size)

    def heights(self, width: float) -> Span:
        high = 1.4 * self._size * len(text.wrapped(self.words, width, self._size))
        return high, math.inf if self.centred else high

    def still(self) -> Iterator[Item]:
        left, top, right, bottom = self.box
        lines = text.wrapped(self.words, right - left, self._size)
        first = (top + bottom) / 2 - 0.7 * self._size * (len(lines) - 1) if self.centred else top + self._size
        x, anchor = ((left + right) / 2, "center") if self.centred else (left, "left")
        for row, words in enumerate(lines):
            yield Label(
                x,
                first + 1.4 * self._size * row,
                words,
                self._size,
                getattr(self.style.theme, self.colour),
                anchor=anchor,
            )
