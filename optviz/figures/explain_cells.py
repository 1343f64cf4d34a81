"""The cells of an explanation: arrows, boxes and maps, in pixels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box
from optviz.figures.engine.heads import DISC, STAR, placed
from optviz.figures.engine.items import Drawn, Item, Label, closed, fill, line, rectangle, shapes, stroke
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import width

HEAD, DOT = 9.0, 7.0  # px: of an arrow's head; a shorter arrow is a dot
DASH = (4.0, 3.0)
PALE = 0.4
Point = tuple[float, float]


@dataclass(frozen=True)
class Cell:
    """A box in which vectors are drawn around its middle, y up.

    Attributes
    ----------
    box : (left, top, right, bottom)
    middle : (x, y)
    half : float
        Pixels from the middle to what the column's reach stands for.
    """

    box: Box
    middle: Point
    half: float

    @classmethod
    def of(cls, box: Box, left: float = 0.0) -> "Cell":
        """The cell of a box of which so much on the left is taken."""
        middle = (box[0] + left + box[2]) / 2, (box[1] + box[3]) / 2
        return cls(box, middle, min(box[2] - box[0] - left, box[3] - box[1]) / 2 - 1)

    def at(self, vector: np.ndarray, reach: float) -> Point | None:
        """Where a vector ends, at most a little beyond the cell; None where it is no vector."""
        if not np.isfinite(vector).all():
            return None
        x, y = np.clip(vector / reach, -1e6, 1e6) * self.half
        return self.middle[0] + float(x), self.middle[1] - float(y)

    def ground(self, style: Style) -> Item:
        """Its colour, and the axes."""
        left, top, right, bottom = self.box
        (x, y), theme = self.middle, style.theme
        axes = [line((left, y), (right, y)), line((x, top), (x, bottom))]
        rules = [stroke(one, theme.grid, style.hair) for one in (*axes, rectangle(self.box))]
        return shapes([fill(rectangle(self.box), theme.panel), *rules])


def arrow(start: Point, end: Point, box: Box, colour: str, style: Style, wide: float = 2.4, pale: bool = False) -> Item:
    """An arrow that ends at the edge of a box where it would leave it; a dot where it is too short for a head."""
    opacity = PALE if pale else 1.0
    (x, y), (across, down) = start, (end[0] - start[0], end[1] - start[1])
    share = 1.0
    for at, way, low, high in ((x, across, box[0], box[2]), (y, down, box[1], box[3])):
        room = (high - at if way > 0 else at - low) - 2
        share = min(share, room / abs(way)) if abs(way) > max(room, 0.0) else share
    across, down = share * across, share * down
    length, least = math.hypot(across, down), style.length(DOT)
    if length < least:
        return shapes([fill(placed(DISC, x + across, y + down, style.length(3.2)), colour, opacity)])
    head = min(style.length(HEAD), 0.6 * length)
    east, south = across / length, down / length
    tip = x + across, y + down
    back = tip[0] - head * east, tip[1] - head * south
    side = 0.5 * head
    corners = [tip, (back[0] - side * south, back[1] + side * east), (back[0] + side * south, back[1] - side * east)]
    return shapes(
        [stroke(line(start, back), colour, style.length(wide), opacity), fill(closed(corners), colour, opacity)]
    )


def components(cell: Cell, end: Point, colour: str, style: Style) -> Item:
    """A vector's parts along the axes."""
    (x, y), (left, top, right, bottom) = cell.middle, cell.box
    to, up = min(max(end[0], left), right), min(max(end[1], top), bottom)
    return shapes(
        [stroke(line(*pair), colour, style.length(2.0), 0.45) for pair in (((x, y), (to, y)), ((x, y), (x, up)))]
    )


def vector(
    cell: Cell, values: np.ndarray, earlier: np.ndarray | None, reach: float, colour: str, style: Style
) -> Iterator[Item]:
    """A vector with its parts, and what it was before, pale."""
    if earlier is not None and (past := cell.at(earlier, reach)) and np.any(earlier != 0):
        yield arrow(cell.middle, past, cell.box, colour, style, 1.6, pale=True)
    if end := cell.at(values, reach):
        if math.dist(end, cell.middle) >= style.length(DOT):
            yield components(cell, end, colour, style)
        yield arrow(cell.middle, end, cell.box, colour, style)


def size(
    cell: Cell, values: np.ndarray, earlier: np.ndarray | None, inside: tuple[np.ndarray, str] | None, reach: float,
    colour: str, style: Style,
) -> Iterator[Item]:  # fmt: skip
    """A size as a rectangle around the middle, with the vector in it that is divided by it."""
    for one, pale in ((earlier, True), (values, False)):
        if one is None or not (corner := cell.at(np.abs(one), reach)):
            continue
        (x, y), (left, top, right, bottom) = cell.middle, cell.box
        wide, high = min(corner[0] - x, (right - left) / 2 - 1), min(y - corner[1], (bottom - top) / 2 - 1)
        box = rectangle((x - wide, y - high, x + wide, y + high))
        if max(wide, high) < style.length(DOT) / 2:
            yield shapes([fill(placed(DISC, x, y, style.length(3.2)), colour, PALE if pale else 1.0)])
        elif pale:
            yield shapes([stroke(box, colour, style.length(1.4), PALE)])
        else:
            yield shapes([(*fill(box, colour, 0.14)[:1], *stroke(box, colour, style.length(2.0))[1:2],
                           fill(box, colour, 0.14)[2], style.length(2.0))])  # fmt: skip
    if inside is not None and (end := cell.at(inside[0], reach)):
        yield arrow(cell.middle, end, cell.box, inside[1], style, 1.8)


def lr_box(cell: Cell, reach: float, colour: str, style: Style) -> Item:
    """A dashed box of one learning rate to each side."""
    (x, y), half = cell.middle, cell.half / reach
    outline = rectangle((x - half, y - half, x + half, y + half))
    return shapes([stroke(outline, colour, style.length(1.5))], dash=(style.length(DASH[0]), style.length(DASH[1])))


def stars(points: np.ndarray, box: Box, style: Style) -> Item:
    """Minimizers on a map."""
    drawn: list[Drawn] = []
    for x, y in points.tolist():
        if box[0] <= x <= box[2] and box[1] <= y <= box[3]:
            star = placed(STAR, x, y, style.length(6.0))
            drawn += [stroke(star, style.theme.casing[0], style.length(2.5), style.theme.casing[1])]
            drawn += [fill(star, style.theme.ink)]
    return shapes(drawn, clip=box)


def trail(points: np.ndarray, box: Box, colour: str, style: Style) -> Iterator[Item]:
    """The steps before, pale."""
    near = np.clip(points, -1e5, 1e5)
    if len(near) > 1:
        yield shapes([stroke(line(*map(tuple, near.tolist())), colour, style.length(1.5), 0.55)], clip=box)
        dots = [fill(placed(DISC, x, y, style.length(2.2)), colour, 0.7) for x, y in near[:-1].tolist()]
        yield shapes(dots, clip=box)


def downhill(at: Point, gradient: np.ndarray, box: Box, style: Style) -> Iterator[Item]:
    """A short dashed arrow against the gradient."""
    size = float(np.hypot(*gradient))
    if not 0 < size < math.inf:
        return
    long = style.length(32.0)
    east, south = -gradient[0] / size, gradient[1] / size
    end = at[0] + long * east, at[1] + long * south
    theme, dash = style.theme, (style.length(DASH[0]), style.length(DASH[1]))
    yield shapes([stroke(line(at, end), theme.casing[0], style.length(4.0), 0.7)], clip=box)
    yield shapes([stroke(line(at, end), theme.ink, style.length(1.6))], clip=box, dash=dash)
    tip = end[0] + style.length(5) * east, end[1] + style.length(5) * south
    side = style.length(3.4)
    head = closed([tip, (end[0] - side * south, end[1] + side * east), (end[0] + side * south, end[1] - side * east)])
    yield shapes([fill(head, theme.ink)], clip=box)


def tag(words: str, box: Box, style: Style) -> Iterator[Item]:
    """Words in the upper left corner of a map, on a ground of their own."""
    left, top = box[:2]
    small, length = style.small, style.length
    ground = left, top, left + width(words, small, True) + length(10), top + small + length(6)
    yield shapes([fill(rectangle(ground), style.theme.page, 0.82)])
    yield Label(left + length(5), (ground[1] + ground[3]) / 2 + 0.36 * small, words, small, style.theme.ink, bold=True)
