"""Where the panels of basins of attraction stand, and how large they are: as large as the page allows.

How large depends on the number of panels and the size of the page alone, not on what is written, so that a run can have
exactly one start for each pixel.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from optviz.figures.basin_axes import label_room
from optviz.figures.engine.clip import Box
from optviz.figures.layout import Scale, checked

SIZE = 1000, 680
NARROW = 130.0  # px
NEARLY = 0.96  # of the largest panels: as good, if the key stands better
FLATTEST = 4.0  # the longer side of a panel over the shorter one, at most


@dataclass(frozen=True)
class Frame:
    """What surrounds the panels; all lengths are pixels.

    Attributes
    ----------
    size : (width, height)
    scale : Scale
    margin, top, bottom : int
        Of the page; where the panels' headings may begin; where their labels have to end.
    left, below : int
        Room for the labels of y, and of x.
    """

    size: tuple[int, int]
    scale: Scale
    margin: int
    top: int
    bottom: int
    left: int
    below: int

    @property
    def small(self) -> float:
        """The size of small text."""
        return self.scale.font(12)

    @property
    def gap(self) -> int:
        """Between panels side by side."""
        return round(self.scale.length(16))

    def heading(self, width: float) -> int:
        """The height of what stands above a panel of that width."""
        words = 3.7 * self.small if self.narrow(width) else 1.45 * self.small + self.scale.font(15)
        return round(words + self.scale.length(7))

    def narrow(self, width: float) -> bool:
        """Whether a panel of that width has its name and its learning rate on lines of their own."""
        return width < self.scale.length(NARROW)

    def key(self, place: str) -> tuple[int, int]:
        """The width that a key beside the panels takes, or the height of one below them."""
        if place == "beside":
            return round(self.scale.length(162)) + 2 * self.gap, 0
        rows = 2 if self.size[0] >= 900 * self.scale.factor else 3
        return 0, round(self.small * 1.5 * rows + self.scale.length(14))


@dataclass(frozen=True)
class Grid:
    """Panels in columns and rows.

    Attributes
    ----------
    columns, rows : int
    width, height : int
        The room of a panel.
    key : {"cell", "beside", "below"}
        Where the key stands: in the place of a panel, or along the right or lower edge.
    """

    columns: int
    rows: int
    width: int
    height: int
    key: str


def frame(size: tuple[int, int], lines: int = 0) -> Frame:
    """The frame of a page of that size, with room for so many lines at its foot, or for the usual ones.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    width, height = checked(size)
    scale = Scale(max(min(width / SIZE[0], height / SIZE[1]), 0.75))
    small, margin = scale.font(12), round(scale.length(16))
    usual = 1 if width >= 1200 else 2
    foot = round(scale.length(16) + line(scale) * max(lines, usual))
    top = round(scale.length(30) + 2.1 * scale.font(13) + scale.length(12))
    return Frame(
        (width, height), scale, margin, top, height - foot, round(label_room(small)) + 8, round(1.1 * small) + 8
    )


def line(scale: Scale) -> float:
    """From line to line of the foot."""
    return scale.font(12) + 4


def grid(count: int, around: Frame, aspect: float) -> Grid:
    """The grid in which so many panels of this aspect, width over height, are largest."""
    found = [one for columns in range(1, count + 1) for one in _grids(count, columns, around, aspect)]
    largest = max(one.width for one in found)
    good = [one for one in found if one.width >= NEARLY * largest]
    return max(good, key=lambda one: (_merit(one, count), one.width))


def _merit(one: Grid, count: int) -> int:
    """How well the key stands: best in the only cell left, worst among several."""
    if one.key == "cell":
        return 3 if one.columns * one.rows == count + 1 else 0
    return 2 if one.key == "beside" else 1


def _grids(count: int, columns: int, around: Frame, aspect: float) -> Iterator[Grid]:
    rows = -(-count // columns)
    for key in ("cell", "beside", "below"):
        wide, high = (0, 0) if key == "cell" else around.key(key)
        if key == "cell" and columns * rows == count:
            continue
        width = around.size[0] - 2 * around.margin - around.left - wide - around.gap * (columns - 1)
        height = around.bottom - around.top - around.below - high - around.gap // 2 * (rows - 1)
        # Whether the heading has one line or two depends on the width, which depends on the heading.
        room = 16.0
        for narrow in (1.0, around.scale.length(NARROW)):
            tall = (height - rows * around.heading(narrow)) / rows
            fitting = min(width / columns, tall * aspect)
            if around.heading(fitting) <= around.heading(narrow):
                room = max(room, fitting)
        if key == "cell" and min(room, room / aspect + around.heading(room)) < around.scale.length(170):
            continue
        yield Grid(columns, rows, int(room), max(16, int(room / aspect)), key)


def aspect(view: tuple) -> float:
    """The width of a panel over its height: the region's, unless that is all too long."""
    (left, right), (low, high) = view
    return min(max((right - left) / (high - low), 1 / FLATTEST), FLATTEST)


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
    room = grid(count, frame(size), aspect(view))
    return room.width, room.height


@dataclass(frozen=True)
class Places:
    """Where the panels and the key of a page stand.

    Attributes
    ----------
    panels : tuple of (left, top, right, bottom)
        Whole pixels, in the order of the optimizers.
    outer : tuple of (bool, bool)
        For each panel whether it carries the labels of x, and of y.
    room : float
        The width of a heading: it may reach over the gap to the next panel.
    narrow : bool
        Whether the headings have a line for the learning rate.
    key : Box
    """

    panels: tuple[tuple[int, int, int, int], ...]
    outer: tuple[tuple[bool, bool], ...]
    room: float
    narrow: bool
    key: Box


def places(count: int, one: Grid, panel: tuple[int, int], around: Frame) -> Places:
    """Place panels of so many pixels, and spread what room they leave between them."""
    width, height = panel
    wide, high = (0, 0) if one.key == "cell" else around.key(one.key)
    heading = around.heading(one.width)
    right = around.size[0] - around.margin - wide
    floor = around.bottom - high
    spare = right - around.margin - around.left - one.columns * width - around.gap * (one.columns - 1)
    gap = around.gap + min(2 * around.gap, spare // max(1, one.columns))
    spare -= (gap - around.gap) * (one.columns - 1)
    start = around.margin + around.left + spare // 2
    pitch = height + heading + around.gap // 2
    slack = max(0, floor - around.top - around.below - one.rows * pitch + around.gap // 2)
    pitch += min(2 * around.gap, slack // one.rows)
    slack = max(0, floor - around.top - around.below - one.rows * pitch + pitch - height - heading)
    boxes = []
    for index in range(count):
        row, column = divmod(index, one.columns)
        left, top = start + column * (width + gap), around.top + heading + row * pitch + slack // 3
        boxes.append((left, top, left + width, top + height))
    outer = tuple((index + one.columns >= count, index % one.columns == 0) for index in range(count))
    last = boxes[-1]
    if one.key == "cell":
        cell = last[2] + gap, last[1] - heading + around.below, around.size[0] - around.margin, floor
    elif one.key == "beside":
        edge = max(box[2] for box in boxes) + 2 * around.gap
        cell = edge, boxes[0][1], edge + wide - 2 * around.gap, floor
    else:
        edge = last[3] + around.below + round(around.scale.length(8)) + min(around.gap, slack // 2)
        cell = around.margin, edge, around.size[0] - around.margin, edge + high - round(around.scale.length(8))
    edge = around.size[0] - around.margin - max(box[0] for box in boxes)
    room = min(width + gap - 0.35 * around.small, edge)
    return Places(tuple(boxes), outer, room, around.narrow(one.width), cell)
