"""Blocks, and the rows, columns and grids in which they share a box: one solver for every picture.

matplotlib's constrained layout moves axes until decorations fit, draws to measure, and knows no blocks but axes; here
places are known before anything is drawn, and in whole pixels where a map needs them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from optviz.errors import UnknownNameError
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, Strokes, shapes

Span = tuple[float, float]  # the least and the most room that something takes
ANY: Span = (0.0, math.inf)


class Region(NamedTuple):
    """A part of a picture whose places mean something: what a page tells of the place under the pointer.

    Attributes
    ----------
    name : str
        Of the panel, or what else its part calls it.
    box : (left, top, right, bottom)
        In the picture's pixels.
    x, y : (float, float)
        What is at its left and right edges, and at its lower and upper ones; between them axes have their scales.
    """

    name: str
    box: Box
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)


class Block:
    """A part of a picture that says how much room it needs, fills the box that it is given, and draws itself.

    Attributes
    ----------
    name : str
        Under which a picture finds it.
    weight : float
        Its share of the room that nobody needs; without any it gets what others leave.
    box : (left, top, right, bottom)
        Once it is placed.
    """

    name = ""
    weight = 1.0
    box: Box = (0.0, 0.0, 0.0, 0.0)

    def widths(self, height: float) -> Span:
        """The least and the most width that it takes where it is at most so high."""
        return ANY

    def heights(self, width: float) -> Span:
        """The least and the most height that it takes where it is that wide."""
        return ANY

    def place(self, box: Box) -> None:
        """Stand in a box."""
        self.box = box

    def parts(self) -> "Iterator[Block]":
        """Itself and everything in it."""
        yield self

    def still(self) -> Iterable[Item]:
        """What never changes."""
        return ()

    def added(self, first: int, last: int) -> Iterable[Item]:
        """What the frames after `first` up to `last` add for good."""
        return ()

    def moving(self, frame: int) -> Iterable[Item]:
        """What is drawn anew in every frame."""
        return ()

    def regions(self) -> "Iterable[Region]":
        """Where its places mean something."""
        return ()

    def ranking(self, frame: int) -> Any:
        """What decides about `ranked`; None where that is never drawn, nor `labels`."""
        return None

    def ranked(self, frame: int) -> Strokes:
        """What is drawn anew, below the labels, whenever the ranking changes."""
        return shapes([])

    def labels(self, frame: int) -> list[Label]:
        """Texts inside the box that change now and then; those that differ from the frame before are drawn anew."""
        return []


class Space(Block):
    """Room that stays empty, of a fixed size."""

    def __init__(self, width: float = 0.0, height: float = 0.0):
        self._width, self._height = width, height

    def widths(self, height: float) -> Span:
        return self._width, self._width

    def heights(self, width: float) -> Span:
        return self._height, self._height


class Several(Block):
    """Blocks that share a box, `gap` apart; see `Row` and `Column`. A column may have a least `width`."""

    def __init__(
        self, *blocks: Block, gap: float = 0.0, weight: float = 1.0, name: str = "", width: float | None = None
    ):
        self.blocks, self.gap, self.weight, self.name, self.width = blocks, gap, weight, name, width

    def parts(self) -> Iterator[Block]:
        yield self
        for block in self.blocks:
            yield from block.parts()

    def _shared(self, total: float, spans: Sequence[Span]) -> list[float]:
        return shared(total - self.gap * (len(spans) - 1), spans, [block.weight for block in self.blocks])

    def _sum(self, spans: Sequence[Span]) -> Span:
        gaps = self.gap * (len(spans) - 1)
        return sum(least for least, _ in spans) + gaps, sum(most for _, most in spans) + gaps


class Row(Several):
    """Blocks side by side."""

    def widths(self, height: float) -> Span:
        return self._sum([block.widths(height) for block in self.blocks])

    def heights(self, width: float) -> Span:
        rooms = self._shared(width, [block.widths(math.inf) for block in self.blocks])
        return _largest([block.heights(room) for block, room in zip(self.blocks, rooms, strict=True)])

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        rooms = self._shared(right - left, [block.widths(bottom - top) for block in self.blocks])
        for block, room in zip(self.blocks, rooms, strict=True):
            block.place((left, top, left + room, bottom))
            left += room + self.gap


class Column(Several):
    """Blocks below each other."""

    def widths(self, height: float) -> Span:
        if self.width is not None:
            return self.width, math.inf
        return _largest([block.widths(height) for block in self.blocks])

    def heights(self, width: float) -> Span:
        return self._sum([block.heights(width) for block in self.blocks])

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        rooms = self._shared(bottom - top, [block.heights(right - left) for block in self.blocks])
        for block, room in zip(self.blocks, rooms, strict=True):
            block.place((left, top, right, top + room))
            top += room + self.gap


class Grid(Several):
    """Blocks of one size in so many columns, row by row; further cells stay empty."""

    def __init__(self, *blocks: Block, columns: int, gap: float = 0.0, below: float | None = None, name: str = ""):
        super().__init__(*blocks, gap=gap, name=name)
        self.columns, self.rows = columns, math.ceil(len(blocks) / columns)
        self.below = gap if below is None else below

    def cells(self, box: Box) -> Iterator[Box]:
        """The boxes of all cells, row by row."""
        left, top, right, bottom = box
        wide = (right - left - self.gap * (self.columns - 1)) / self.columns
        high = (bottom - top - self.below * (self.rows - 1)) / self.rows
        for row in range(self.rows):
            for column in range(self.columns):
                x, y = left + column * (wide + self.gap), top + row * (high + self.below)
                yield x, y, x + wide, y + high

    def place(self, box: Box) -> None:
        self.box = box
        for block, cell in zip(self.blocks, self.cells(box), strict=False):
            block.place(cell)


class Either(Block):
    """The first of several blocks whose least room the box has, or the last one.

    Attributes
    ----------
    chosen : Block
        Once it is placed.
    """

    def __init__(self, *choices: Block, weight: float = 1.0):
        self.choices, self.weight = choices, weight
        self.chosen = choices[0]

    def widths(self, height: float) -> Span:
        return _either([block.widths(height) for block in self.choices])

    def heights(self, width: float) -> Span:
        return _either([block.heights(width) for block in self.choices])

    def place(self, box: Box) -> None:
        self.box = left, top, right, bottom = box
        for block in self.choices:
            self.chosen = block
            least = block.widths(bottom - top)[0], block.heights(right - left)[0]
            if least[0] <= right - left + 1e-6 and least[1] <= bottom - top + 1e-6:
                break
        self.chosen.place(box)

    def parts(self) -> Iterator[Block]:
        yield self
        yield from self.chosen.parts()


def named(parts: Iterable[Any], name: str) -> Any:
    """The part of that name.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    """
    known = {part.name: part for part in reversed([*parts]) if part.name}
    if name not in known:
        raise UnknownNameError(f"this picture has no '{name}'", f"It has: {', '.join(known)}")
    return known[name]


def shared(total: float, spans: Sequence[Span], weights: Sequence[float]) -> list[float]:
    """Share a length: everyone's least first, what is left by weights, as far as each takes it.

    Blocks without weight get what the others leave. Where not even the least fits, all give way alike.
    """
    rooms = [least for least, _ in spans]
    spare = total - sum(rooms)
    if spare < 0:
        return [room * max(total, 0.0) / sum(rooms) for room in rooms]
    for among in (
        [k for k, weight in enumerate(weights) if weight],
        [k for k, weight in enumerate(weights) if not weight],
    ):
        hungry = [k for k in among if spans[k][1] > rooms[k]]
        while hungry and spare > 1e-9:
            whole, given = sum(weights[k] or 1.0 for k in hungry), spare
            for k in hungry:
                part = min(given * (weights[k] or 1.0) / whole, spans[k][1] - rooms[k])
                rooms[k] += part
                spare -= part
            hungry = [k for k in hungry if spans[k][1] > rooms[k] + 1e-9]
    return rooms


def _largest(spans: Sequence[Span]) -> Span:
    return max((least for least, _ in spans), default=0.0), max((most for _, most in spans), default=math.inf)


def _either(spans: Sequence[Span]) -> Span:
    return min(least for least, _ in spans), max(most for _, most in spans)
