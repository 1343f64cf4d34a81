"""A magnified part of the map, for races in which several optimizers hardly leave their start.

Their trails would be no larger than the heads that stand on them. The lens shows that part several times as large, in
a corner of the map that no trail ever enters; where there is no such corner there is no lens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box, clipped, grown, inside
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.trails import Trail
from optviz.figures.engine.wording import number
from optviz.figures.layout import MapView, Scale
from optviz.figures.page import NONE, Item, Label, Outline, Strokes, rectangle, rgba, shapes

SHARE = 0.36  # of the map's side
SMALL = 62.0  # px; a trail that fits into this square is small
LEAST, MOST = 2.0, 16.0  # magnification


@dataclass(frozen=True)
class Lens:
    """A part of the map, magnified.

    Attributes
    ----------
    view : MapView
        Where the lens stands and what it shows.
    part : (left, top, right, bottom)
        What it shows, on the whole map, in page pixels.
    share : (left, low, right, high)
        The same in shares of the map's sides, y upwards.
    """

    view: MapView
    part: Box
    share: Box

    def pointer(self, scale: Scale, theme: Theme) -> Strokes:
        """A frame around the part that is shown, and two lines from there to the lens."""
        glass, part, hair = self.view.box, self.part, scale.length(1)
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
        lines = [Outline(np.array([(part[a], part[b]), (glass[c], glass[d])])) for a, b, c, d in pairs]
        drawn = [rectangle(part), *lines]
        casing, ink = rgba(*theme.casing), rgba(theme.ink, 0.5)
        return shapes(
            [*((line, casing, NONE, 3 * hair) for line in drawn), *((line, ink, NONE, hair) for line in drawn)]
        )

    def frame(self, scale: Scale, theme: Theme) -> list[Item]:
        """The rim of the lens with its magnification."""
        left, top, right, bottom = glass = self.view.box
        size, hair = scale.font(12), max(1.0, scale.length(1))
        text = f"×{number((right - left) / (self.part[2] - self.part[0]), 2)}"
        tag = (left, top, left + width(text, size) + scale.length(10), top + size + scale.length(6))
        rim = [
            (rectangle(glass), rgba(*theme.casing), NONE, 3 * hair),
            (rectangle(tag), NONE, rgba(theme.page, 0.8), 0.0),
            (rectangle(glass), rgba(theme.ink, 0.7), NONE, hair),
        ]
        baseline = (tag[1] + tag[3]) / 2 + 0.36 * size
        return [shapes(rim), Label((tag[0] + tag[2]) / 2, baseline, text, size, theme.ink, anchor="center")]


def lens(view: MapView, trails: Sequence[Trail], landmarks: np.ndarray, scale: Scale) -> Lens | None:
    """Find out whether a lens helps, on which part, and where it fits.

    Parameters
    ----------
    view : MapView
        The whole map.
    trails : sequence of Trail
        On the whole map.
    landmarks : (k, 2) float64
        Start and minima in page pixels, which the lens must not cover.
    scale : Scale

    Returns
    -------
    Lens or None
    """
    small = [box for trail in trails if (box := _extent(trail, view.box)) and _side(box) < scale.length(SMALL)]
    if 2 * len(small) < len(trails) or not small:
        return None
    left, top = np.min(small, axis=0)[:2]
    right, bottom = np.max(small, axis=0)[2:]
    half = 0.65 * max(right - left, bottom - top, 1e-9)
    side = round(SHARE * view.side)
    half = max(half, side / MOST / 2)
    if side / (2 * half) < LEAST or _side((left, top, right, bottom)) < scale.length(3):
        return None
    x = float(np.clip((left + right) / 2, view.x + half, view.x + view.side - half))
    y = float(np.clip((top + bottom) / 2, view.y + half, view.y + view.side - half))
    part = (x - half, y - half, x + half, y + half)
    corner = _free_corner(view, side, part, trails, landmarks, scale)
    if corner is None:
        return None
    corners = view.to_plane(np.array([part[:2], part[2:]]))
    (left, high), (right, low) = corners.tolist()
    x, y, end, foot = (part - np.array([view.x, view.y] * 2)) / view.side
    return Lens(MapView(*corner, side, ((left, right), (low, high))), part, (x, 1 - foot, end, 1 - y))


def _extent(trail: Trail, box: Box) -> Box | None:
    """The smallest box around a trail; None if it ever leaves the map or never moves."""
    points = trail.points[np.isfinite(trail.points).all(axis=1)]
    if len(points) < 2 or len(points) < len(trail.points) or not inside(points, box).all():
        return None
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return left, top, right, bottom


def _side(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _free_corner(
    view: MapView, side: int, part: Box, trails: Sequence[Trail], landmarks: np.ndarray, scale: Scale
) -> tuple[int, int] | None:
    """The upper left corner of the lens: of the free corners of the map the one nearest to what it shows."""
    near, far = round(scale.length(12)), view.side - side - round(scale.length(12))
    best = None
    for x, y in ((far, far), (far, near), (near, far), (near, near)):
        place = (view.x + x, view.y + y, view.x + x + side, view.y + y + side)
        room = grown(place, scale.length(10))
        clear = room[2] < part[0] or room[0] > part[2] or room[3] < part[1] or room[1] > part[3]
        marked = inside(landmarks, room).any()
        crossed = any(clipped(trail.points[:-1], trail.points[1:], room)[2].any() for trail in trails)
        if clear and not marked and not crossed:
            away = abs(place[0] + place[2] - part[0] - part[2]) + abs(place[1] + place[3] - part[1] - part[3])
            if best is None or away < best[0]:
                best = away, place[:2]
    return best[1] if best else None
