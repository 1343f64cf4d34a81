"""The strip of an explanation: a row of cells for each step, a heading above each column."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from optviz.figures import explain_cells as cells
from optviz.figures import explain_words as words
from optviz.figures.engine.boxes import Block, Region, Span
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, Picture, line, rectangle, shapes, stroke
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.style import Entrant, Style
from optviz.figures.engine.text import SMALLEST, fitted, width
from optviz.results.explanation import GRADIENT, MOVE, Explanation, Quantity

MAP, CELL = 152.0, 144.0  # px: widths of columns
MOVED = 316.0, 470.0  # px: of the last one, which holds formulas with their numbers
GAP, APART = 14.0, 15.0  # px between columns, and between rows
HIGH = 112.0  # px of a cell
NARROWEST, LOWEST = 0.62, 40.0  # of the widths, and px
HEADINGS = (15.0, 14.0, 13.0, 12.0)  # font sizes
LINES = 2  # that a formula takes
ASIDE = 124.0  # px left of the move, for heights
ROLES = {"average": "momentum", "size": "rmsprop", "point": "nesterov", "other": "adagrad"}  # whose colours they have


class Place(NamedTuple):
    """Where a column stands, and what it is; the map is none of the quantities."""

    left: float
    right: float
    column: Quantity | None


class Strip(Block):
    """All steps of an explanation.

    Parameters
    ----------
    told : Explanation
    entrant : Entrant
        How the optimizer appears.
    style : Style
    lit : bool
        Whether cells come one by one, a frame each, instead of all at once.
    """

    name = "steps"

    def __init__(self, told: Explanation, entrant: Entrant, style: Style, lit: bool = False):
        self.told, self.entrant, self.style, self.lit = told, entrant, style, lit
        self.reaches = words.reaches(told)
        self.columns: tuple[Quantity | None, ...] = (None, *told.columns)

    @property
    def frames(self) -> int:
        """One for each cell, and one for the whole."""
        return self.told.steps * len(self.columns) + 1 if self.lit else 1

    def widths(self, height: float) -> Span:
        """As wide as its columns are designed, at most."""
        return 0.0, self.style.length(designed_width(self.told))

    def heights(self, width: float) -> Span:
        self._stand(0.0, width)
        rows = self.told.steps
        high = self._head + rows * self._row + (rows - 1) * self.style.length(APART)
        return high, high

    def fits(self, box: Box) -> bool:
        """Whether there is room for everything in a box."""
        left, top, right, bottom = box
        self._stand(left, right)
        wide = (right - left) / self.style.length(designed_width(self.told)) * self.style.factor
        return wide >= NARROWEST and self._high(bottom - top) >= LOWEST

    def place(self, box: Box) -> None:
        super().place(box)
        left, top, right, bottom = box
        self._stand(left, right)
        self._cell = min(self._high(bottom - top), self.style.length(1.5 * HIGH))
        room = self.places[-1].right - self.places[-1].left - self._indent
        longest = max(width(one, self.style.small) for one in words.every_equation(self.told, short=False))
        # One form for all rows, so that they can be read down.
        self._short = longest > room
        side = self._side
        self._ground = Relief(self.told.landscape.values, self.told.landscape.minimum, self.style.theme).shaded(side)

    @property
    def _indent(self) -> float:
        """From the names of coordinates to their numbers."""
        return width("x", self.style.small) + self.style.length(7)

    @property
    def _below(self) -> float:
        """The room for numbers below a cell."""
        return 2 * self.style.pitch + self.style.length(5)

    @property
    def _row(self) -> float:
        """The height of a row as it is designed."""
        return self.style.length(HIGH) + self._below

    def _high(self, height: float) -> float:
        """The height of a cell where the strip is so high."""
        rows = self.told.steps
        return (height - self._head - (rows - 1) * self.style.length(APART)) / rows - self._below

    @property
    def _side(self) -> int:
        """The side of a map."""
        place = self.places[0]
        return int(min(place.right - place.left, self._cell + self._below))

    def _stand(self, left: float, right: float) -> None:
        """Find the places of all columns between two edges, and the height of the headings."""
        gap = self.style.length(GAP)
        wanted = [MAP, *[CELL] * (len(self.told.columns) - 1), moved_width(self.told)]
        share = (right - left - gap * (len(wanted) - 1)) / sum(wanted)
        self.places: list[Place] = []
        for wide, column in zip(wanted, self.columns, strict=True):
            self.places.append(Place(left, left + share * wide, column))
            left += share * wide + gap
        lines = max(len(self._formulas(place)) for place in self.places)
        self._head = self.style.font(15) + self.style.length(6) + (lines + 1) * self.style.pitch + self.style.length(4)

    def _formulas(self, place: Place) -> list[str]:
        """The lines of a heading below its words."""
        if place.column is None:
            return ["dashed: downhill"]
        small, room = self.style.small, place.right - place.left
        lines: list[str] = []
        for formula in filter(None, (place.column.text, place.column.update)):
            lines += words.formula_lines(formula, room, small, LINES)
        return lines

    def _box(self, row: int, column: int) -> Box:
        """Where a cell stands."""
        left, right = self.places[column][:2]
        top = self.box[1] + self._head + row * (self._cell + self._below + self.style.length(APART))
        if self.columns[column] is None:
            return round(left), round(top), round(left) + self._side, round(top) + self._side
        return left, top, right, top + self._cell

    def regions(self) -> Iterator[Region]:
        """Its cells with their numbers, by the row and the column: ``"2 0"``."""
        for row in range(self.told.steps):
            for number, place in enumerate(self.places):
                left, top, _, bottom = self._box(row, number)
                below = 0.0 if place.column is None else self._below
                yield Region(f"{row} {number}", (left, top, place.right, bottom + below))

    def still(self) -> Iterator[Item]:
        for number in range(len(self.columns)):
            yield from self._heading(number)
        for row in range(self.told.steps):
            for number in range(len(self.columns)):
                yield from self._empty(row, number)
                if not self.lit:
                    yield from self._filled(row, number)
            if not self.lit:
                yield from self._moved(row)

    def added(self, first: int, last: int) -> Iterator[Item]:
        for frame in range(first + 1, last + 1) if self.lit else ():
            if frame < self.frames - 1:
                row, number = divmod(frame, len(self.columns))
                yield from self._filled(row, number)
                if number == len(self.columns) - 1:
                    yield from self._moved(row)

    def moving(self, frame: int) -> Iterator[Item]:
        """Light up the cell of a frame, and the heading of its column."""
        if not self.lit or frame >= self.frames - 1:
            return
        row, number = divmod(frame, len(self.columns))
        left, top, right, bottom = self._box(row, number)
        colour, wide = self.colour(self.columns[number]), self.style.length(2.0)
        above = self.box[1] + self.style.font(15) + self.style.length(4)
        drawn = [stroke(rectangle((left - 1, top - 1, right + 1, bottom + 1)), colour, wide)]
        drawn.append(stroke(line((left, above), (right, above)), colour, wide))
        yield shapes(drawn)

    def colour(self, column: Quantity | None) -> str:
        """The colour of a column."""
        theme = self.style.theme
        if column is None or column.role == GRADIENT:
            return theme.ink
        if column.role == MOVE:
            return self.entrant.colour
        return theme.optimizers[ROLES[column.role]]

    def _heading(self, number: int) -> Iterator[Item]:
        left, right, column = self.places[number]
        style, theme, room = self.style, self.style.theme, right - left
        said, shown = ("on the map", theme.muted) if column is None else (column.words, self.colour(column))
        said, size = fitted(said, room, tuple(style.font(pixels) for pixels in HEADINGS), bold=True)
        base = self.box[1] + style.font(15) - 1
        yield Label(left, base, said, size, shown, bold=True)
        for row, words_ in enumerate(self._formulas(self.places[number]), 1):
            yield Label(left, base + style.length(4) + row * style.pitch, words_, style.small, theme.muted)
        reach = self._width_of_map() if column is None else self.reaches[column.key].words
        reach, size = fitted(reach, room, (style.small,))
        yield Label(left, self.box[1] + self._head - style.length(6), reach, size, theme.muted)

    def _width_of_map(self) -> str:
        (low, high), _ = self.told.landscape.view
        return f"{words.number(high - low, 2)} wide"

    def _empty(self, row: int, number: int) -> Iterator[Item]:
        """A cell before anything is drawn in it."""
        box = self._box(row, number)
        if self.columns[number] is None:
            yield Picture(self._ground, round(box[0]), round(box[1]))
            yield from cells.tag(f"step {self.told.first + row}", box, self.style)
            yield cells.stars(self._on_map(box, self.told.landscape.minimizers), box, self.style)
            return
        yield self._of(number, box).ground(self.style)

    def _of(self, number: int, box: Box) -> cells.Cell:
        is_move = number == len(self.columns) - 1
        return cells.Cell.of(box, self.style.length(ASIDE) if is_move else 0.0)

    def _filled(self, row: int, number: int) -> Iterator[Item]:
        """What is drawn in a cell, and the numbers below it."""
        box, column = self._box(row, number), self.columns[number]
        if column is None:
            yield from self._map(row, box)
            return
        cell, reach, colour = self._of(number, box), self.reaches[column.key], self.colour(column)
        values, earlier = words.shown(self.told, column)[row], words.before(self.told, column)
        past = None if earlier is None else earlier[row]
        if column.key == MOVE:
            yield from self._move(row, cell, values, reach, colour)
            return
        if column.kind in ("size", "number"):
            inside = self.told.quantity(column.inside) if column.inside else None
            held = None if inside is None else (inside.values[row], self.colour(inside))
            yield from cells.size(cell, values, past, held, reach.most, colour, self.style)
        else:
            yield from cells.vector(cell, values, past, reach.most, colour, self.style)
        yield from self._numbers(box, words.numbers(column, row))

    def _numbers(self, box: Box, texts: list[str]) -> Iterator[Item]:
        left, _, right, bottom = box
        style, theme = self.style, self.style.theme
        indent = self._indent
        for line_, (axis, text) in enumerate(zip("xy", texts, strict=True), 1):
            base = bottom + line_ * style.pitch
            yield Label(left, base, axis, style.small, theme.muted)
            text, size = fitted(text, right - left - indent, (style.small,))
            yield Label(left + indent, base, text, size, theme.ink)

    def _move(self, row: int, cell: cells.Cell, values: np.ndarray, reach: words.Reach, colour: str) -> Iterator[Item]:
        style, theme, told = self.style, self.style.theme, self.told
        left, top = cell.box[:2]
        if reach.box and told.learning_rates is not None:
            yield cells.lr_box(cell, reach.most, theme.muted, style)
            with np.errstate(all="ignore"):  # where a run ends so does what is drawn of it
                values = values / told.learning_rates[row]
        yield from cells.vector(cell, values, None, reach.most, colour, style)
        before, after, lower = words.heights(told, row)
        shown = theme.muted if lower is None else theme.good if lower else theme.bad
        is_lost = told.diverged_at == told.first + row
        room = style.length(ASIDE) - style.length(12)
        lines = [(told.height, theme.muted, False), (before, theme.ink, False)]
        lines += [("diverged", theme.bad, True)] if is_lost else [(f"→ {after}", shown, True)]
        for number, (text, ink, bold) in enumerate(lines, 1):
            text, size = fitted(text, room, (style.small,), bold)
            yield Label(left + style.length(8), top + number * style.pitch + 1, text, size, ink, bold=bold)
        yield from self._numbers(cell.box, [words.equation(told, row, axis, self._short) for axis in (0, 1)])

    def _on_map(self, box: Box, points: np.ndarray) -> np.ndarray:
        (x0, x1), (y0, y1) = self.told.landscape.view
        with np.errstate(over="ignore", invalid="ignore"):
            share = (np.asarray(points, float) - (x0, y0)) / (x1 - x0, y1 - y0)
            share = np.clip(share, -1e6, 1e6)
        return np.array((box[0], box[3])) + share * np.array((box[2] - box[0], box[1] - box[3]))

    def _map(self, row: int, box: Box) -> Iterator[Item]:
        """The iterate, the way to it, and where downhill is."""
        told, style = self.told, self.style
        here = told.first - 1 + row
        at = self._on_map(box, told.points[: here + 1])
        yield from cells.trail(at[-_trodden(told, row) :], box, self.entrant.colour, style)
        point = float(at[-1, 0]), float(at[-1, 1])
        yield from self._here(row, box, point)

    def _here(self, row: int, box: Box, point: cells.Point) -> Iterator[Item]:
        """Where downhill is, and the iterate."""
        yield from cells.downhill(point, self.told.columns[0].values[row], box, self.style)
        if box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]:
            yield shapes([self.entrant.mark(*point, self.style)], clip=box)

    def _moved(self, row: int) -> Iterator[Item]:
        """The move on the map."""
        box = self._box(row, 0)
        start, end = self._on_map(box, self.told.points[self.told.first - 1 + row :][:2]).tolist()
        if np.isfinite(end).all() and box[0] <= start[0] <= box[2] and box[1] <= start[1] <= box[3]:
            end = np.clip(end, -1e5, 1e5).tolist()
            yield cells.arrow(tuple(start), tuple(end), box, self.entrant.colour, self.style)
            yield from self._here(row, box, tuple(start))


def _trodden(told: Explanation, row: int) -> int:
    """How many iterates the way to a row shows: those of the steps that are told, and a few before them."""
    return row + min(told.first, 20)


def designed_width(told: Explanation) -> float:
    """The width of all columns, in pixels."""
    count = len(told.columns)
    return MAP + (count - 1) * CELL + moved_width(told) + count * GAP


def moved_width(told: Explanation) -> float:
    """The width of the last column: of its longest formula, as far as that is reasonable."""
    least, most = MOVED
    longest = max(width(one, SMALLEST) for one in words.every_equation(told, short=False)) + 22
    return min(max(longest, least), most) if longest <= most else least
