"""A whole picture: header, body and footer on a page, with the run's facts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, fill, rectangle, shapes
from optviz.figures.engine.key import Flow
from optviz.figures.engine.panel import Panel
from optviz.figures.engine.style import Style

if TYPE_CHECKING:
    from optviz.figures.engine.painter import Page

BIG, QUIET = (25.0, 22.0, 20.0, 18.0, 16.0), (14.0, 12.0)  # font sizes, scaled


@dataclass(frozen=True)
class Corner:
    """Words in the upper right corner, beside the title.

    Attributes
    ----------
    words : str
    size : float
        Of the font, in scaled pixels.
    colour : str
        The theme's name for it.
    bold : bool
    at : function, optional
        The words in a frame, where they change; `words` is then as wide as any of them.
    """

    words: str
    size: float = 14.0
    colour: str = "muted"
    bold: bool = False
    at: Callable[[int], str] | None = None


class Header(Block):
    """The title, what stands beside it, and lines below.

    Parameters
    ----------
    title : sequence of str
        The longest first; the first that fits is shown.
    lines : sequence of sequence of str
        For each line what it may say, the longest first.
    style : Style
    corner : sequence of Corner
        From left to right.
    most : int
        How many rows the last of the lines may take where none of its words fit on one.
    """

    weight = 0.0
    name = "header"

    def __init__(
        self,
        title: Sequence[str],
        lines: Sequence[Sequence[str]],
        style: Style,
        *,
        corner: Sequence[Corner] = (),
        most: int = 1,
    ):
        self.title, self.lines, self.style, self.corner, self._most = title, lines, style, corner, most

    def heights(self, width: float) -> Span:
        high = self._first + self._pitch * (len(self._rows(width)) - 1) + self.style.length(14) - self.style.margin
        return high, high

    def still(self) -> Iterator[Item]:
        left, _, right, _ = self.box
        style, ink = self.style, self.style.theme.ink
        fixed = [(corner, label) for corner, label in self._corner()]
        yield from (label for corner, label in fixed if corner.at is None)
        room = min((label.left for _, label in fixed), default=right + style.length(24)) - style.length(24) - left
        words, size = text.chosen(self.title, room, [style.font(pixels) for pixels in BIG], bold=True)
        yield Label(left, self._base, words, size, ink, bold=True)
        for row, (words, size) in enumerate(self._rows(right - left)):
            yield Label(left, self._first + self._pitch * row, words, size, style.theme.muted)

    def moving(self, frame: int) -> Iterator[Item]:
        yield from (label for corner, label in self._corner(frame) if corner.at is not None)

    def _corner(self, frame: int = 0) -> list[tuple[Corner, Label]]:
        right, theme = self.box[2], self.style.theme
        found = []
        for corner in reversed(self.corner):
            size, colour = self.style.font(corner.size), getattr(theme, corner.colour)
            words = corner.at(frame) if corner.at else corner.words
            found.append((corner, Label(right, self._base, words, size, colour, bold=corner.bold, anchor="right")))
            right -= text.width(corner.words, size, corner.bold) + self.style.length(8)
        return found

    @property
    def _base(self) -> float:
        return max(self.style.length(34), self.style.font(18) + self.style.length(8))

    @property
    def _first(self) -> float:
        return max(self.style.length(58), self._base + self.style.font(14))

    @property
    def _pitch(self) -> int:
        return round(1.35 * self.style.font(14))

    def _rows(self, width: float) -> list[tuple[str, float]]:
        sizes = [self.style.font(pixels) for pixels in QUIET]
        found = [text.chosen(choices, width, sizes) for choices in self.lines]
        if self.lines and self._most > 1 and found[-1][0] not in self.lines[-1]:
            rows = text.wrapped(self.lines[-1][-1], width, sizes[-1], " · ")
            rows = [*rows[: self._most - 1], text.shortened(" · ".join(rows[self._most - 1 :]), width, sizes[-1])]
            found[-1:] = [(words, sizes[-1]) for words in rows]
        return found


class Footer(Block):
    """Notes and the provenance, wrapped; what has no room is left to the metadata.

    Parameters
    ----------
    words : str
        Parted by " · ".
    style : Style
    rows : int
        How many there is room for, whether or not they are used; by default as many as the words need.
    notes : function, optional
        Further sentences above, asked for once the body is placed; shown as far as the rows allow.
    key : Flow, optional
        Signs that are explained on a line above, or on the same where there is room for both.
    """

    weight = 0.0
    name = "footer"

    def __init__(
        self,
        words: str,
        style: Style,
        rows: int = 0,
        notes: Callable[[], Sequence[str]] = tuple,
        key: Flow | None = None,
    ):
        self.words, self.style, self._rows, self._notes = words, style, rows, notes
        self.key = key if key and key.entries else None

    @property
    def told(self) -> list[str]:
        """All that it says: notes, then its words."""
        return [*self._notes(), *filter(None, self.words.split(" · "))]

    def heights(self, width: float) -> Span:
        rows = (self._rows or len(self._lines(width))) + (self.key is not None and not self._shares(width))
        high = self.style.pitch * (rows - 1) + self.style.small + self.style.length(13) - self.style.margin
        return high + self._above, high + self._above

    def place(self, box: Box) -> None:
        self.box = left, top, right, _ = box
        if self.key:
            top += self._above
            self.key.place((left, top, right, top + self.style.pitch))

    def parts(self) -> Iterator[Block]:
        yield self
        if self.key:
            yield self.key

    def still(self) -> Iterator[Item]:
        left, _, right, bottom = self.box
        style, lines = self.style, self._lines(right - left)
        rows = self._rows or len(lines)
        if len(lines) > rows:
            rest = text.shortened(" · ".join(lines[rows - 1 :]), right - left, style.small)
            lines = [*lines[: rows - 1], rest]
        above: list[str] = []
        for note in self._notes():
            more = text.wrapped(note, right - left, style.small)
            above += more if len(above) + len(more) + len(lines) <= rows else []
        last = bottom + style.margin - style.length(13)
        x, anchor = (right, "right") if self.key and self._shares(right - left) else (left, "left")
        for row, words in enumerate(reversed([*above, *lines])):
            yield Label(x, last - style.pitch * row, words, style.small, style.theme.muted, anchor=anchor)

    @property
    def _above(self) -> float:
        return self.style.length(5 if self.key else 10)

    def _lines(self, width: float) -> list[str]:
        return text.wrapped(self.words, width, self.style.small, " · ")

    def _shares(self, width: float) -> bool:
        """Whether key and words stand on one line."""
        if self.key is None:
            return False
        return self.key.width + self.style.length(20) + text.width(self.words, self.style.small) <= width


class Progress(Block):
    """A thin bar that fills from frame to frame.

    Parameters
    ----------
    share : function of a frame
        How much of it is full, 0 to 1.
    style : Style
    """

    weight = 0.0
    name = "progress"

    def __init__(self, share: Callable[[int], float], style: Style):
        self._share, self.style = share, style

    def heights(self, width: float) -> Span:
        high = self.style.length(6) + max(2, round(self.style.length(3)))
        return high, high

    def place(self, box: Box) -> None:
        left, top, right, bottom = box
        self.box = left, bottom - max(2, round(self.style.length(3))), right, bottom

    def still(self) -> Iterator[Item]:
        yield shapes([fill(rectangle(self.box), self.style.theme.grid)])

    def moving(self, frame: int) -> Iterator[Item]:
        left, top, right, bottom = self.box
        if share := self._share(frame):
            yield shapes([fill(rectangle((left, top, left + share * (right - left), bottom)), self.style.theme.ink)])


class Sheet:
    """A picture with everything in its place.

    Parameters
    ----------
    size : (width, height)
        In pixels.
    style : Style
    header : Header
    body : Block, or function from a box to a Block
        A function chooses between arrangements.
    footer : Footer
    facts : str
        The run's facts, for the metadata of the file.
    frames : int
        How many frames the picture tells its story in.
    above : sequence of Block
        Between body and footer, each as high as it needs.
    """

    def __init__(
        self,
        size: tuple[int, int],
        style: Style,
        header: Header,
        body: Block | Callable[[Box], Block],
        footer: Footer,
        facts: str = "",
        *,
        frames: int = 1,
        above: Sequence[Block] = (),
    ):
        self.size, self.style, self.facts, self.frames = (int(size[0]), int(size[1])), style, facts, frames
        margin = style.margin
        left, right, foot = margin, size[0] - margin, size[1] - margin
        top = margin + header.heights(right - left)[0]
        header.place((left, margin, right, top))
        for block in (footer, *reversed(above)):
            high = block.heights(right - left)[0]
            block.place((left, foot - high, right, foot))
            foot -= high
        self.inner = inner = left, top, right, foot
        self.body = body if isinstance(body, Block) else body(inner)
        self.body.place(inner)
        self.blocks = [header, *self.body.parts(), *above, *footer.parts()]

    @property
    def parts(self) -> list[Any]:
        """Blocks, and the marks of panels."""
        panels = [block for block in self.blocks if isinstance(block, Panel)]
        return [*self.blocks, *(mark for panel in panels for mark in panel.marks)]

    def still(self) -> Iterator[Item]:
        """What never changes."""
        return (item for block in self.blocks for item in block.still())

    def added(self, first: int, last: int) -> Iterator[Item]:
        """What the frames after `first` up to `last` add for good; nothing has been drawn before frame 0."""
        return (item for block in self.blocks for item in block.added(first, last))

    def moving(self, frame: int) -> Iterator[Item]:
        """What is drawn anew in a frame."""
        return (item for block in self.blocks for item in block.moving(frame))

    def pixels(self) -> np.ndarray:
        """The last frame as (height, width, 4) uint8, painted straight onto pixels: no Figure is made or loaded."""
        from optviz.figures.engine.canvas import Canvas

        canvas, last = Canvas(self.size, self.style.theme.page), self.frames - 1
        canvas.paint(self.still())
        canvas.paint(self.added(-1, last))
        for block in self.blocks:
            if block.ranking(last) is not None:
                canvas.paint([block.ranked(last), *block.labels(last)])
        canvas.paint(self.moving(last))
        return canvas.pixels

    def page(self, frame: int | None = None) -> "Page":
        """A frame as a matplotlib Figure; by default the last one."""
        from optviz.figures.engine.painter import Page  # a moving picture needs no Figure, which is slow to load

        last = self.frames - 1 if frame is None else frame
        page = Page(self.size, self.style.theme.page, self.facts)
        page.paint(self.still())
        for number in range(last + 1):
            page.paint(self.added(number - 1, number))
        for block in self.blocks:
            if block.ranking(last) is not None:
                page.paint([block.ranked(last), *block.labels(last)])
        page.paint(self.moving(last))
        page.parts, page.body = self.parts, self.inner
        return page
