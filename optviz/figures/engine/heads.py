"""The shapes that mark optimizers, the start and minima, as outlines around the origin.

Shapes are given with y pointing down, as on the page, and scaled so that all heads look equally large at radius 1.
"""

import math
from functools import lru_cache

import numpy as np

from optviz.figures.engine.items import Outline, closed


def _turned(corners: int, first: float = -90.0, depth: float = 1.0) -> list[tuple[float, float]]:
    """A regular polygon, or a star whose inner corners lie at `depth`; `first` corner in degrees, -90 is up."""
    count = corners if depth == 1 else 2 * corners
    angles = np.radians(first + 360 * np.arange(count) / count)
    radii = np.where(np.arange(count) % 2, depth, 1.0) if depth != 1 else np.ones(count)
    return list(zip(radii * np.cos(angles), radii * np.sin(angles), strict=True))


def _arc(start: float, stop: float, radius: float = 1.0) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, stop, 17))
    return list(zip(radius * np.cos(angles), radius * np.sin(angles), strict=True))


def _mirrored(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(-x, y) for x, y in points]


def _swapped(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(y, x) for x, y in points]


_ARM = 0.36  # half the width of the arms of plus and cross
_PLUS = [
    (-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM),
    (_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM),
]  # fmt: skip
_TRIANGLE = [(0.0, -1.0), (0.95, 0.72), (-0.95, 0.72)]
_HOURGLASS = [(-0.9, -1), (0.9, -1), (0.22, 0), (0.9, 1), (-0.9, 1), (-0.22, 0)]
_BAR = [(-1.2, -0.5), (1.2, -0.5), (1.2, 0.5), (-1.2, 0.5)]
_SLASH = [(-1.1, 1), (-0.2, 1), (1.1, -1), (0.2, -1)]
_GATE = [*_arc(180, 360), (1.0, 0.75), (0.42, 0.75), *_arc(360, 180, 0.42), (-0.42, 0.75), (-1.0, 0.75)]
_ARCH = [(x, y + 0.15) for x, y in _GATE]
_OUTLINES: dict[str, tuple[float, list[tuple[float, float]]]] = {
    "disc": (1.0, _arc(0, 360)),
    "square": (0.92, [(-1, -1), (1, -1), (1, 1), (-1, 1)]),
    "triangle up": (1.2, _TRIANGLE),
    "triangle down": (1.2, [(x, -y) for x, y in _TRIANGLE]),
    "triangle left": (1.2, [(y, x) for x, y in _TRIANGLE]),
    "triangle right": (1.2, [(-y, x) for x, y in _TRIANGLE]),
    "diamond": (1.25, _turned(4)),
    "hexagon": (1.1, _turned(6)),
    "pentagon": (1.12, _turned(5)),
    "quarter disc": (1.15, [(-0.8, 0.8), *((1.6 * x - 0.8, 1.6 * y + 0.8) for x, y in _arc(-90, 0))]),
    "plus": (1.15, [(float(x), float(y)) for x, y in _PLUS]),
    "cross": (1.15, [((x - y) * 0.7071, (x + y) * 0.7071) for x, y in _PLUS]),
    "four-point star": (1.5, _turned(4, depth=0.42)),
    "six-point star": (1.3, _turned(6, depth=0.52)),
    "hourglass": (1.05, [(float(x), float(y)) for x, y in _HOURGLASS]),
    "bow tie": (1.05, _swapped([(float(x), float(y)) for x, y in _HOURGLASS])),
    "half disc": (1.15, [(x - 0.45, y) for x, y in _arc(-90, 90)]),
    "arch": (1.1, _ARCH),
    "shield": (1.1, [(-0.95, -0.9), (0.95, -0.9), (0.95, 0.15), (0.0, 1.1), (-0.95, 0.15)]),
    "lens": (1.2, [*[(x, y + 0.62) for x, y in _arc(-142, -38, 1.2)], *[(x, y - 0.62) for x, y in _arc(38, 142, 1.2)]]),
    "bar": (1.0, _BAR),
    "column": (1.0, _swapped(_BAR)),
    "slash": (1.05, [(float(x), float(y)) for x, y in _SLASH]),
    "backslash": (1.05, _mirrored([(float(x), float(y)) for x, y in _SLASH])),
    "tee": (1.05, [(-1, -1), (1, -1), (1, -0.25), (0.38, -0.25), (0.38, 1), (-0.38, 1), (-0.38, -0.25), (-1, -0.25)]),
    "ell": (1.05, [(-0.9, -1), (-0.1, -1), (-0.1, 0.25), (0.9, 0.25), (0.9, 1), (-0.9, 1)]),
    "crown": (1.1, [(-1, -0.9), (-0.45, -0.1), (0, -0.95), (0.45, -0.1), (1, -0.9), (0.8, 0.85), (-0.8, 0.85)]),
    "drop": (1.1, [(0.0, -1.35), *[(0.8 * x, 0.8 * y + 0.25) for x, y in _arc(-35, 215)]]),
    "arrow": (1.1, [(0, -1), (0.95, 0.9), (0, 0.35), (-0.95, 0.9)]),
}  # fmt: skip


@lru_cache(maxsize=256)
def head(shape: str, radius: float) -> Outline:
    """The outline of a head around the origin."""
    size, points = _OUTLINES[shape]
    return closed(np.array(points, float) * size * radius)


STAR = closed(_turned(5, depth=0.42))
DISC = closed(_arc(0, 360)[:-1])
# Points along +x; open at its back, so that nobody takes it for one of the triangles that stand for optimizers.
ARROW = closed([(1.0, 0.0), (-0.1, 1.15), (-0.95, 1.15), (0.05, 0.0), (-0.95, -1.15), (-0.1, -1.15)])


def placed(outline: Outline, x: float, y: float, radius: float, turn: float = 0.0) -> Outline:
    """A shape of radius 1 at a point of the page, at a radius in pixels, turned by an angle in radians."""
    cos, sin = radius * math.cos(turn), radius * math.sin(turn)
    return Outline(outline.vertices @ np.array([[cos, sin], [-sin, cos]]) + (x, y), outline.codes)
