"""How many pixels each panel of basins has, decided before there is a picture: a run is computed for every one of them.

The engine's blocks share a box once all of them are there. Here sizes depend on page, number of panels and region
alone, and everything else takes what is left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Column, Row, Space
from optviz.figures.engine.clip import Box
from optviz.figures.engine.style import Style
from optviz.figures.engine.wording import MINUS

SIZE = 1000, 680
WIDEST_TICK = f"{MINUS}0.00"
NARROW = 130.0  # px
NEARLY = 0.96  # of the largest panels: as good, if the key stands better
FLATTEST = 4.0  # the longer side of a panel over the shorter one, at most
KEY = 162.0  # px, the least width of a key that is no line


@dataclass(frozen=True)
class Cells:
    """Panels in columns and rows; all lengths are pixels.

    Attributes
    ----------
    columns, rows : int
    width, height : int
        Of a panel.
    heading : int
        The height of what stands above each panel.
    key : {"cell", "beside", "below"}
        Where the key stands: in the place of a panel, or along the right or lower edge.
    gap, left, below : int
        Between panels, and for the labels of y and of x.
    foot : int
        The height of a key below.
    """

    columns: int
    rows: int
    width: int
    height: int
    heading: int
    key: str
    gap: int
    left: int
    below: int
    foot: int


def cells(count: int, view: tuple, size: tuple[int, int], style: Style, rows: int = 0) -> Cells:
    """The cells in which so many panels of a region are largest, over a footer of so many rows or the usual ones."""
    (left, right), (low, high) = view
    aspect = min(max((right - left) / (high - low), 1 / FLATTEST), FLATTEST)
    found = [one for columns in range(1, count + 1) for one in _cells(count, columns, aspect, size, style, rows)]
    largest = max(one.width for one in found)

    def merit(one: Cells) -> tuple[int, int]:
        """How well the key stands: best in the only cell left, worst among several."""
        alone = 3 if one.columns * one.rows == count + 1 else 0
        return {"cell": alone, "beside": 2, "below": 1}[one.key], one.width

    return max((one for one in found if one.width >= NEARLY * largest), key=merit)


def _cells(
    count: int, columns: int, aspect: float, size: tuple[int, int], style: Style, footer: int
) -> Iterator[Cells]:
    small, length, rows = style.small, style.length, -(-count // columns)
    gap, left, below = round(length(16)), round(text.width(WIDEST_TICK, small)) + 8, round(1.1 * small) + 8
    top = round(length(30) + 2.1 * style.font(13) + length(12))
    bottom = size[1] - round(length(16) + (small + 4) * max(footer, usual_rows(size)))
    foot = round(small * 1.5 * (2 if size[0] >= 900 * style.factor else 3) + length(14))
    for key, wide, high in (("cell", 0, 0), ("beside", round(length(KEY)) + 2 * gap, 0), ("below", 0, foot)):
        if key == "cell" and columns * rows == count:
            continue
        width = size[0] - 2 * gap - left - wide - gap * (columns - 1)
        height = bottom - top - below - high - gap // 2 * (rows - 1)
        # Whether the heading has one line or two depends on the width, which depends on the heading.
        room = 16.0
        for about in (1.0, length(NARROW)):
            fitting = min(width / columns, (height / rows - _heading(about, style)) * aspect)
            if _heading(fitting, style) <= _heading(about, style):
                room = max(room, fitting)
        heading, tall = _heading(room, style), max(16, int(room / aspect))
        if key != "cell" or min(room, room / aspect + heading) >= length(170):
            yield Cells(columns, rows, int(room), tall, _heading(int(room), style), key, gap, left, below, foot)


def _heading(width: float, style: Style) -> int:
    words = 3.7 * style.small if narrow(width, style) else 1.45 * style.small + style.font(15)
    return round(words + style.length(7))


def narrow(width: float, style: Style) -> bool:
    """Whether a panel of that width has its name and its learning rate on lines of their own."""
    return width < style.length(NARROW)


def usual_rows(size: tuple[int, int]) -> int:
    """How many rows of the footer there is always room for."""
    return 1 if size[0] >= 1200 else 2


def body(panels: Sequence[Block], key: Block, where: Cells, style: Style) -> Callable[[Box], Block]:
    """The panels in their cells, in the middle of their room, and the key where it stands best."""
    lines: list[list[Block]] = [[*panels[at : at + where.columns]] for at in range(0, len(panels), where.columns)]
    if where.key == "cell":
        lines[-1].append(key)
    pitch = where.heading + where.gap // 2
    beside = round(style.length(KEY)) + 2 * where.gap if where.key == "beside" else 0
    across, down = panels[0].widths(0.0)[0] + where.gap, panels[0].heights(0.0)[0] + pitch

    def placed(box: Box) -> Block:
        spare = box[2] - box[0] - where.left - where.columns * across + where.gap - beside
        slack = box[3] - box[1] - where.below - where.rows * down + where.gap // 2
        slack -= where.foot * (where.key == "below")
        lower = min(2 * where.gap, max(0.0, slack) / where.rows)
        slack -= lower * (where.rows - 1)
        rows: Block = Column(*(Row(*line, gap=where.gap) for line in lines), gap=pitch + lower)
        if beside:
            rows = Row(rows, key, gap=2 * where.gap)
        # What is missing is taken from the air above the footer.
        start, top, air = where.left + max(0.0, spare) / 2, where.heading + max(0.0, slack) / 3, max(0.0, slack) / 6
        foot = [Space(height=where.below + style.length(8) + air), key] if where.key == "below" else []
        return Column(Space(height=top), Row(Space(width=start), rows), *foot)

    return placed


def panel_pixels(count: int, view: tuple, size: tuple[int, int] = SIZE) -> tuple[int, int]:
    """How many pixels wide and high a panel is where so many optimizers share a page.

    A grid of as many starts has exactly one start at each pixel.

    Parameters
    ----------
    count : int
        The number of optimizers, at least 1.
    view : ((x_low, x_high), (y_low, y_high))
        The region of the starts.
    size : (width, height)
        Of the page, in pixels.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    found = cells(count, view, size, Style.of(size, "dark", SIZE))
    return found.width, found.height


def fitted(count: int, room: int) -> int:
    """How many of `room` pixels so many starts take: a whole number each where that leaves little room unused."""
    whole = count * (room // count)
    return whole if 4 * whole >= 3 * room else room
