"""What pictures are made of: labels, strokes and arrays of colours, in pixels from the upper left corner.

A picture is described once, as items, and drawn by any painter. Artists of matplotlib are no such description: to make
one costs more than to draw it, and an animation draws thousands.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path

from optviz.figures.engine.clip import Box
from optviz.figures.engine.text import drawable, width
from optviz.figures.engine.theme import rgb

NONE = (0.0, 0.0, 0.0, 0.0)
RGBA = tuple[float, float, float, float]


class Outline(NamedTuple):
    """A line or a closed shape: what Agg asks of a matplotlib Path, at a tenth of the cost of making one.

    Attributes
    ----------
    vertices : (n, 2) float64
    codes : (n,) uint8 or None
        As in `matplotlib.path.Path`; None for a line through all vertices.
    """

    vertices: np.ndarray
    codes: np.ndarray | None = None
    should_simplify: bool = False
    simplify_threshold: float = 0.0

    def moved(self, x: float, y: float) -> "Outline":
        """The shape, moved by so many pixels."""
        return Outline(self.vertices + (x, y), self.codes)


@dataclass(frozen=True)
class Label:
    """One line of text.

    Attributes
    ----------
    x, y : float
        Where the baseline starts, ends or has its middle, as `anchor` says.
    text : str
    size : float
        In pixels.
    colour : str
        ``#rrggbb``.
    bold, italic : bool
    anchor : {"left", "center", "right"}
    upright : bool
        Whether it runs upwards; `anchor` is then of its left and right as a reader with a turned head sees them.
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    italic: bool = False
    anchor: str = "left"
    upright: bool = False

    def __post_init__(self):
        object.__setattr__(self, "text", drawable(self.text, self.bold, self.italic))

    @property
    def baseline(self) -> int:
        """The row of pixels that the text stands on, whole so that it looks the same wherever it is drawn."""
        return math.floor(self.y + 0.5)

    @property
    def width(self) -> float:
        """In pixels."""
        return width(self.text, self.size, self.bold, self.italic)

    @property
    def left(self) -> float:
        """Where the text starts: an x, or of an upright label a y."""
        before = self.width * {"left": 0.0, "center": 0.5, "right": 1.0}[self.anchor]
        return self.y + before if self.upright else self.x - before


@dataclass(frozen=True)
class Strokes:
    """Shapes that share caps and a clip box, drawn in order.

    Attributes
    ----------
    paths : sequence of Outline
        In page pixels.
    edges, faces : (n, 4) float64
        Red, green, blue and opacity of outline and inside.
    widths : (n,) float64
        Of the outlines, in pixels.
    cap : {"butt", "round"}
    clip : (left, top, right, bottom), optional
    dash : (on, off), optional
        In pixels.
    """

    paths: Sequence[Outline]
    edges: np.ndarray
    faces: np.ndarray
    widths: np.ndarray
    cap: str = "butt"
    clip: Box | None = None
    dash: tuple[float, float] | None = None


@dataclass(frozen=True)
class Picture:
    """An array of colours, shown pixel for pixel with its upper left corner at (x, y)."""

    pixels: np.ndarray
    x: int
    y: int


Item = Label | Strokes | Picture
Drawn = tuple[Outline, RGBA, RGBA, float]  # outline, colour of its edge and of its inside, width of the edge


@cache
def rgba(colour: str, opacity: float = 1.0) -> RGBA:
    """``#rrggbb`` and an opacity as four numbers of 0 to 1."""
    red, green, blue = rgb(colour)
    return red / 255, green / 255, blue / 255, opacity


def stroke(outline: Outline, colour: str, width: float = 1.0, opacity: float = 1.0) -> Drawn:
    """A line of that width, in pixels."""
    return outline, rgba(colour, opacity), NONE, width


def fill(outline: Outline, colour: str, opacity: float = 1.0) -> Drawn:
    """A shape without an edge."""
    return outline, NONE, rgba(colour, opacity), 0.0


def faded(drawn: Drawn, share: float) -> Drawn:
    """A shape with so much of its ink."""
    outline, edge, face, width = drawn
    return outline, (*edge[:3], edge[3] * share), (*face[:3], face[3] * share), width


def line(*points: tuple[float, float]) -> Outline:
    """A line through points."""
    return Outline(np.array(points, float))


def shapes(
    drawn: Iterable[Drawn], *, cap: str = "butt", clip: Box | None = None, dash: tuple[float, float] | None = None
) -> Strokes:
    """Strokes from (outline, edge, face, width) one by one; perhaps none."""
    parts = list(drawn)
    paths, edges, faces, widths = zip(*parts, strict=True) if parts else ((), np.empty((0, 4)), np.empty((0, 4)), ())
    return Strokes(paths, np.array(edges), np.array(faces), np.array(widths, float), cap, clip, dash)


def closed(points: Iterable) -> Outline:
    """The polygon with these corners."""
    corners = np.array([*points], float)
    codes = np.full(len(corners) + 1, Path.LINETO, Path.code_type)
    codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    return Outline(np.concatenate([corners, corners[:1]]), codes)


def rounded(box: Box, radius: float) -> Outline:
    """A rectangle with round corners."""
    left, top, right, bottom = box
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    corners = []
    for x, y, first in ((right, top, -90), (right, bottom, 0), (left, bottom, 90), (left, top, 180)):
        centre = np.array([x + (-radius if x == right else radius), y + (radius if y == top else -radius)])
        angle = np.radians(np.linspace(first, first + 90, 9))
        corners.append(centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
    return closed(np.concatenate(corners))


def rectangle(box: Box) -> Outline:
    """A rectangle with sharp corners."""
    left, top, right, bottom = box
    return closed([(left, top), (right, top), (right, bottom), (left, bottom)])


def around(box: Box, radius: float) -> Outline:
    """What a rounded rectangle leaves of the corners of a sharp one."""
    outer, inner = rectangle(box), rounded(box, radius)
    assert outer.codes is not None and inner.codes is not None
    vertices = np.concatenate([outer.vertices, inner.vertices[::-1]])
    return Outline(vertices, np.concatenate([outer.codes, inner.codes]))
