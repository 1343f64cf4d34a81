"""A magnified part of a map, for runs that hardly leave their start.

Their trails would be no larger than the heads that stand on them. The inset shows that part several times as large, in
a corner of the map that no trail ever enters; where there is no such corner there is none. matplotlib's inset axes draw
the frame and its pointer, but choose neither part nor place.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.clip import Box, clipped, grown, inside
from optviz.figures.engine.items import Item, Label, fill, line, rectangle, shapes, stroke
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.paths import Paths
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import width
from optviz.figures.engine.trails import Trail
from optviz.figures.engine.wording import number

SHARE = 0.36  # of the map's side
SMALL = 62.0  # px; a trail that fits into this square is small
LEAST, MOST = 2.0, 16.0  # magnification


class Inset(Mark):
    """A part of a square map, magnified, if that helps.

    Parameters
    ----------
    paths : Paths
        On the map, placed before this mark.
    landmarks : (k, 2) float64
        In data coordinates: what the inset must not cover.
    marks : function of (left, top, right, bottom)
        What it shows, from the part of the map in shares of its sides.

    Attributes
    ----------
    glass : Panel or None
        The inset, once placed.
    part : (left, top, right, bottom)
        What it shows, on the whole map, in pixels.
    """

    name = "inset"

    def __init__(self, paths: Paths, landmarks: np.ndarray, marks: Callable[[Box], Sequence[Mark]]):
        self._paths, self._points, self._marks = paths, landmarks, marks
        self.glass: Panel | None = None

    def place(self, panel: Panel) -> None:
        super().place(panel)
        left, top, right, bottom = panel.box
        self.part = part = _part(self._paths.trails, panel.box, panel.style) or panel.box
        side = round(SHARE * (right - left))
        corner = part != panel.box and _free_corner(
            panel.box, side, part, self._paths.trails, panel.to_page(self._points), panel.style
        )
        if not corner:
            return
        x, y, end, foot = (np.array(part) - (left, top, left, top)) / (right - left)
        ends = [panel.to_data(np.array(point)) for point in (part[:2], part[2:])]
        across, along = Axis(ends[0][0], ends[1][0], LINEAR), Axis(ends[1][1], ends[0][1], LINEAR)
        bare = Frame(across=False, along=False)
        self.glass = Panel(across, along, panel.style, self._marks((x, y, end, foot)), frame=bare)
        self.glass.place((*corner, corner[0] + side, corner[1] + side))

    def still(self) -> Iterator[Item]:
        if self.glass:
            yield self._pointer(self.glass.box)
            yield from self.glass.still()

    def added(self, first: int, last: int) -> Iterator[Item]:
        if self.glass:
            yield from self.glass.added(first, last)

    def moving(self, frame: int) -> Iterator[Item]:
        if self.glass:
            yield from self.glass.moving(frame)

    def _pointer(self, glass: Box) -> Item:
        """A frame around the part that is shown, and two lines from there to the inset."""
        part, style = self.part, self.panel.style
        beside = glass[0] > part[2] or glass[2] < part[0]
        below = glass[1] > part[3] or glass[3] < part[1]
        down, right = glass[1] > part[1], glass[0] > part[0]
        # Pairs of corners, as indices into the boxes: facing ones, or where the squares stand askew the outer ones.
        if beside and below:
            pairs = [(0, 3, 0, 3), (2, 1, 2, 1)] if down == right else [(0, 1, 0, 1), (2, 3, 2, 3)]
        elif beside:
            pairs = [(2, y, 0, y) if right else (0, y, 2, y) for y in (1, 3)]
        else:
            pairs = [(x, 3, x, 1) if down else (x, 1, x, 3) for x in (0, 2)]
        drawn = [rectangle(part), *(line((part[a], part[b]), (glass[c], glass[d])) for a, b, c, d in pairs)]
        theme, hair = style.theme, style.length(1)
        casing = [stroke(one, theme.casing[0], 3 * hair, theme.casing[1]) for one in drawn]
        return shapes([*casing, *(stroke(one, theme.ink, hair, 0.5) for one in drawn)])


class Rim(Mark):
    """The rim of an inset with its magnification: above trails, below heads."""

    def __init__(self, share: float):
        self._share = share

    def moving(self, frame: int) -> Iterator[Item]:
        left, top, right, bottom = glass = self.panel.box
        style, theme = self.panel.style, self.panel.style.theme
        words = f"×{number(SHARE / self._share, 2)}"
        tag = left, top, left + width(words, style.small) + style.length(10), top + style.small + style.length(6)
        casing, opacity = theme.casing
        yield shapes(
            [
                stroke(rectangle(glass), casing, 3 * style.hair, opacity),
                fill(rectangle(tag), theme.page, 0.8),
                stroke(rectangle(glass), theme.ink, style.hair, 0.7),
            ]
        )
        base = (tag[1] + tag[3]) / 2 + 0.36 * style.small
        yield Label((tag[0] + tag[2]) / 2, base, words, style.small, theme.ink, anchor="center")


def _part(trails: Sequence[Trail], box: Box, style: Style) -> Box | None:
    """What an inset would show: a square around the small trails, if most are small and it helps."""
    whole = box[2] - box[0]
    small = [extent for trail in trails if (extent := _extent(trail, box)) and _side(extent) < style.length(SMALL)]
    if 2 * len(small) < len(trails) or not small:
        return None
    left, top = np.min(small, axis=0)[:2]
    right, bottom = np.max(small, axis=0)[2:]
    side = round(SHARE * whole)
    half = max(0.65 * max(right - left, bottom - top, 1e-9), side / MOST / 2)
    if side / (2 * half) < LEAST or _side((left, top, right, bottom)) < style.length(3):
        return None
    x = float(np.clip((left + right) / 2, box[0] + half, box[2] - half))
    y = float(np.clip((top + bottom) / 2, box[1] + half, box[3] - half))
    return x - half, y - half, x + half, y + half


def _extent(trail: Trail, box: Box) -> Box | None:
    """The smallest box around a trail; None if it ever leaves the map or never moves."""
    points = trail.course.points
    if len(points) < 2 or not inside(points, box).all():  # NaN is not
        return None
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return left, top, right, bottom


def _side(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _free_corner(
    box: Box, side: int, part: Box, trails: Sequence[Trail], landmarks: np.ndarray, style: Style
) -> tuple[float, float] | None:
    """The upper left corner of the inset: of the free corners of the map the one nearest to what it shows."""
    margin = round(style.length(12))
    best: tuple[float, tuple[float, float]] | None = None
    for x, y in ((2, 3), (2, 1), (0, 3), (0, 1)):  # edges of the map
        left = box[0] + margin if x == 0 else box[2] - margin - side
        top = box[1] + margin if y == 1 else box[3] - margin - side
        place = left, top, left + side, top + side
        room = grown(place, style.length(10))
        clear = room[2] < part[0] or room[0] > part[2] or room[3] < part[1] or room[1] > part[3]
        marked = inside(landmarks, room).any()
        if clear and not marked and not any(_enters(trail, room) for trail in trails):
            away = abs(place[0] + place[2] - part[0] - part[2]) + abs(place[1] + place[3] - part[1] - part[3])
            if best is None or away < best[0]:
                best = away, place[:2]
    return best[1] if best else None


def _enters(trail: Trail, room: Box) -> bool:
    points = trail.course.points
    return bool(clipped(points[:-1], points[1:], room)[2].any())
