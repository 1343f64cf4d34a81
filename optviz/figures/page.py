"""A page measured in pixels from its upper left corner, and what can stand on it.

Pictures are described once, as labels and strokes, and drawn twice: as artists of a Figure (still pictures, in any
format) and straight onto the pixels of a canvas (`canvas`, for animations).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from optviz.figures.clip import Box
from optviz.figures.text import DPI, drawable, font, width
from optviz.figures.theme import rgb
from optviz.style import OURS

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
        """The same shape elsewhere."""
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
    """

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    italic: bool = False
    anchor: str = "left"

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
        """Where the text starts."""
        return self.x - self.width * {"left": 0.0, "center": 0.5, "right": 1.0}[self.anchor]


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
    """

    paths: Sequence[Outline]
    edges: np.ndarray
    faces: np.ndarray
    widths: np.ndarray
    cap: str = "butt"
    clip: Box | None = None


@dataclass(frozen=True)
class Picture:
    """An array of colours, shown pixel for pixel with its upper left corner at (x, y)."""

    pixels: np.ndarray
    x: int
    y: int


Item = Label | Strokes | Picture


def rgba(colour: str, opacity: float = 1.0) -> RGBA:
    """``#rrggbb`` and an opacity as four numbers of 0 to 1."""
    red, green, blue = rgb(colour)
    return red / 255, green / 255, blue / 255, opacity


def shapes(
    drawn: Iterable[tuple[Outline, RGBA, RGBA, float]], *, cap: str = "butt", clip: Box | None = None
) -> Strokes:
    """Strokes from (path, edge, face, width) one by one; perhaps none."""
    parts = list(drawn)
    paths, edges, faces, widths = zip(*parts, strict=True) if parts else ((), np.empty((0, 4)), np.empty((0, 4)), ())
    return Strokes(paths, np.array(edges), np.array(faces), np.array(widths, float), cap, clip)


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


class Page(Figure):
    """A figure whose artists are placed in pixels; what is added later lies on top.

    Attributes
    ----------
    comment : str
        The run's facts, for the metadata of the file.
    """

    @OURS
    def __init__(self, size: tuple[int, int], colour: str, comment: str = ""):
        super().__init__(
            figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor=colour, edgecolor="none", linewidth=0
        )
        self.comment = comment
        self.pixels = Affine2D().scale(1 / DPI, -1 / DPI).translate(0, size[1] / DPI) + self.dpi_scale_trans
        self._height = size[1]
        self._layer = 10

    @OURS
    def draw(self, renderer: Any) -> None:
        """Draw all that is on the page, see `matplotlib.figure.Figure.draw`."""
        super().draw(renderer)

    @OURS
    def savefig(self, *arguments: Any, **keywords: Any) -> None:
        """Save the page, see `matplotlib.figure.Figure.savefig`."""
        super().savefig(*arguments, **keywords)

    @OURS
    def add(self, items: Iterable[Item]) -> None:
        """Put labels, strokes and pictures on the page."""
        for item in items:
            self._layer += 1
            if isinstance(item, Label):
                self._add_label(item)
            elif isinstance(item, Strokes):
                self._add_strokes(item)
            else:
                self._add_picture(item)

    def _add_label(self, label: Label) -> None:
        text = Text(
            label.left,
            label.baseline,
            label.text,
            color=label.colour,
            fontproperties=font(label.size, label.bold, label.italic),
            horizontalalignment="left",
            verticalalignment="baseline",
            transform=self.pixels,
            parse_math=False,
            usetex=False,
            antialiased=True,
            zorder=self._layer,
        )
        self.add_artist(text)

    def _add_strokes(self, strokes: Strokes) -> None:
        paths = [Path(outline.vertices, outline.codes) for outline in strokes.paths]
        # A single path as a patch: matplotlib draws a collection of one path as a marker, which it shifts.
        if len(paths) == 1:
            artist: PathPatch | PathCollection = PathPatch(
                paths[0],
                edgecolor=tuple(strokes.edges[0]),
                facecolor=tuple(strokes.faces[0]),
                linewidth=strokes.widths[0] * 72 / DPI,
                capstyle=strokes.cap,
                joinstyle="round",
                fill=bool(strokes.faces[0][3]),
            )
        else:
            artist = PathCollection(
                paths,
                edgecolors=strokes.edges,
                facecolors=strokes.faces,
                linewidths=strokes.widths * 72 / DPI,
                capstyle=strokes.cap,
                joinstyle="round",
            )
        artist.set(transform=self.pixels, antialiased=True, snap=False, zorder=self._layer)
        self.add_artist(artist)
        if strokes.clip:
            left, top, right, bottom = strokes.clip
            artist.set_clip_box(TransformedBbox(Bbox([[left, bottom], [right, top]]), self.pixels))

    def _add_picture(self, picture: Picture) -> None:
        height, width = picture.pixels.shape[:2]
        page_width, page_height = self.get_size_inches() * DPI
        below = page_height - picture.y - height
        axes = self.add_axes(
            (picture.x / page_width, below / page_height, width / page_width, height / page_height),
            frame_on=False,
            zorder=self._layer,
        )
        axes.set_axis_off()
        axes.imshow(picture.pixels, aspect="auto", interpolation="nearest", interpolation_stage="rgba", resample=False)
