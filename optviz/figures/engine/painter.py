"""Painters: items drawn as artists of a matplotlib Figure, or straight onto the pixels of an Agg canvas.

A `Page` is for still pictures, in any format. A `Canvas` is for pictures that move: an artist of matplotlib costs most
of its time in Python, and a line of text ten times as much as a line. Strokes therefore go to Agg's path collections
directly, and text is drawn once per word, or once per digit, and then composited from masks.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedBbox

from optviz.figures.engine.boxes import named
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, Strokes
from optviz.figures.engine.text import DIGITS, DPI, advance, font, width
from optviz.figures.engine.theme import rgb
from optviz.style import OURS

PHASES = 4  # positions within a pixel at which a glyph is drawn
_IDENTITY = Affine2D().frozen()
_NO_TRANSFORMS, _NO_OFFSETS = np.empty((0, 3, 3)), np.empty((0, 2))


class Painter(Protocol):
    """Whatever draws items, each on top of those before it."""

    def paint(self, items: Iterable[Item]) -> None: ...


class Page(Figure):
    """A figure whose items are placed in pixels; what is painted later lies on top.

    Parameters
    ----------
    size : (width, height)
        In pixels.
    colour : str
        Of the ground.
    comment : str
        The run's facts, for the metadata of the file.

    Attributes
    ----------
    pixels : Transform
        From pixels from the upper left corner.
    parts : sequence of objects with a ``name``
        What `find` looks through.
    """

    parts: Sequence[Any] = ()

    @OURS
    def __init__(self, size: tuple[int, int], colour: str, comment: str = ""):
        super().__init__(
            figsize=(size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor=colour, edgecolor="none", linewidth=0
        )
        self.comment = comment
        self.pixels = Affine2D().scale(1 / DPI, -1 / DPI).translate(0, size[1] / DPI) + self.dpi_scale_trans
        self._layer = 10

    def find(self, name: str) -> Any:
        """The part of that name: a panel has a ``box`` in pixels and ``to_page(points)``, other blocks a ``box``.

        Raises
        ------
        UnknownNameError
            If the picture has none of that name.
        """
        return named(self.parts, name)

    @OURS
    def draw(self, renderer: Any) -> None:
        """Draw all that is on the page, see `matplotlib.figure.Figure.draw`."""
        super().draw(renderer)

    @OURS
    def savefig(self, *arguments: Any, **keywords: Any) -> None:
        """Save the page, see `matplotlib.figure.Figure.savefig`."""
        super().savefig(*arguments, **keywords)

    @OURS
    def paint(self, items: Iterable[Item]) -> None:
        """Put items on the page."""
        for item in items:
            self._layer += 1
            if isinstance(item, Label | Strokes):
                artist = artist_of(item, self.pixels)
                artist.set_zorder(self._layer)
                self.add_artist(artist)
                if isinstance(item, Strokes) and item.clip:
                    artist.set_clip_box(_clip_box(item.clip, self.pixels))
            else:
                self._show(item.pixels, item.x, item.y)

    add = paint  # until the last old picture is gone

    def _show(self, pixels: np.ndarray, x: int, y: int) -> None:
        high, wide = pixels.shape[:2]
        width, height = self.get_size_inches() * DPI
        box = x / width, (height - y - high) / height, wide / width, high / height
        axes = self.add_axes(box, frame_on=False, zorder=self._layer)
        axes.set_axis_off()
        axes.imshow(pixels, aspect="auto", interpolation="nearest", interpolation_stage="rgba", resample=False)


def artist_of(item: Label | Strokes, pixels: Transform) -> Artist:
    """A label or strokes as an artist; `pixels` takes page pixels to the display."""
    if isinstance(item, Label):
        return Text(
            item.x if item.upright else item.left,
            item.left if item.upright else item.baseline,
            item.text,
            color=item.colour,
            fontproperties=font(item.size, item.bold, item.italic),
            horizontalalignment="left",
            verticalalignment="baseline",
            rotation=90 if item.upright else 0,
            rotation_mode="anchor",
            transform=pixels,
            parse_math=False,
            usetex=False,
            antialiased=True,
        )
    paths = [Path(outline.vertices, outline.codes) for outline in item.paths]
    # A single path as a patch: matplotlib draws a collection of one path as a marker, which it shifts.
    if len(paths) == 1:
        artist: PathPatch | PathCollection = PathPatch(
            paths[0],
            edgecolor=tuple(item.edges[0]),
            facecolor=tuple(item.faces[0]),
            linewidth=item.widths[0] * 72 / DPI,
            capstyle=item.cap,
            joinstyle="round",
            linestyle=_dashes(item)[0],
            fill=bool(item.faces[0][3]),
        )
    else:
        artist = PathCollection(
            paths,
            edgecolors=item.edges,
            facecolors=item.faces,
            linewidths=item.widths * 72 / DPI,
            capstyle=item.cap,
            joinstyle="round",
            linestyles=_dashes(item),
        )
    artist.set(transform=pixels, antialiased=True, snap=False)
    return artist


def _dashes(strokes: Strokes) -> list:
    """The style of each line; matplotlib counts dashes in widths of their line."""
    if strokes.dash is None:
        return ["solid"]
    return [(0, [length / width for length in strokes.dash]) for width in strokes.widths]


def _clip_box(box: Box, pixels: Transform) -> TransformedBbox:
    left, top, right, bottom = box
    return TransformedBbox(Bbox([[left, bottom], [right, top]]), pixels)


class Canvas:
    """The pixels of a page.

    Parameters
    ----------
    page : Page
        Drawn once, as the background.

    Attributes
    ----------
    pixels : (height, width, 4) uint8
        A live view.
    """

    def __init__(self, page: Page):
        self._canvas = FigureCanvasAgg(page)
        self._canvas.draw()
        self._renderer = self._canvas.get_renderer()
        self.pixels = np.asarray(self._canvas.buffer_rgba())
        self._upright = Affine2D().scale(1, -1).translate(0, self.pixels.shape[0]).frozen()
        self._masks: dict[tuple, tuple[np.ndarray, int, int]] = {}

    def draw(self, *items: Item) -> None:
        """Draw items on top of what is there."""
        self.paint(items)

    @OURS
    def paint(self, items: Iterable[Item]) -> None:
        """Draw items on top of what is there."""
        for item in items:
            if isinstance(item, Label):
                self.write(item)
            elif isinstance(item, Strokes):
                self._stroke(item)
            else:
                height, width = item.pixels.shape[:2]
                self.pixels[item.y : item.y + height, item.x : item.x + width, :3] = item.pixels

    def _stroke(self, strokes: Strokes) -> None:
        context = self._renderer.new_gc()
        context.set_capstyle(strokes.cap)
        context.set_joinstyle("round")
        context.set_snap(False)
        if strokes.clip:
            left, top, right, bottom = strokes.clip
            height = self.pixels.shape[0]
            context.set_clip_rectangle(Bbox([[left, height - bottom], [right, height - top]]))
        self._renderer.draw_path_collection(
            context,
            self._upright,
            strokes.paths,
            _NO_TRANSFORMS,
            _NO_OFFSETS,
            _IDENTITY,
            strokes.faces,
            strokes.edges,
            strokes.widths * 72 / DPI,
            [(0, None if strokes.dash is None else [length * 72 / DPI for length in strokes.dash])],
            [True],
            [None],
            "screen",
        )
        context.restore()

    def write(self, label: Label) -> tuple[slice, slice]:
        """Draw a label.

        Returns
        -------
        (rows, columns) : pair of slice
            The part of the pixels that it may have changed.
        """
        if label.upright:
            return self._write_upright(label)
        style = (label.size, label.bold, label.italic)
        pieces = list(label.text) if DIGITS.issuperset(label.text) else [label.text]
        pen = label.left
        placed = []
        for piece in pieces:
            column, phase = divmod(math.floor(pen * PHASES + 0.5), PHASES)
            mask, left, top = self._mask(piece, phase, style)
            placed.append((mask, column + left, label.baseline + top))
            pen += advance(piece, *style)
        left = min(column for _, column, _ in placed)
        top = min(row for _, _, row in placed)
        right = max(column + mask.shape[1] for mask, column, _ in placed)
        bottom = max(row + mask.shape[0] for mask, _, row in placed)
        line = np.zeros((bottom - top, right - left, 1), np.uint16)
        for mask, column, row in placed:
            height, width = mask.shape[:2]
            cell = line[row - top : row - top + height, column - left : column - left + width]
            np.maximum(cell, mask, out=cell)
        return self._composite(line, left, top, label.colour)

    def _write_upright(self, label: Label) -> tuple[slice, slice]:
        mask, left, top = self._mask(label.text, 0, (label.size, label.bold, label.italic))
        row = math.floor(label.left + 0.5) - left - mask.shape[1]
        return self._composite(np.rot90(mask), math.floor(label.x + 0.5) + top, row, label.colour)

    def _mask(self, text: str, phase: int, style: tuple) -> tuple[np.ndarray, int, int]:
        key = (text, phase, *style)
        if key not in self._masks:
            self._masks[key] = _mask(text, phase / PHASES, *style)
        return self._masks[key]

    def _composite(self, mask: np.ndarray, column: int, row: int, colour: str) -> tuple[slice, slice]:
        """Lay a mask over the pixels with its upper left corner there; what hangs over the edge is left out."""
        height, width = self.pixels.shape[:2]
        mask = mask[max(0, -row) : max(0, height - row), max(0, -column) : max(0, width - column)]
        row, column = max(0, row), max(0, column)
        part = slice(row, row + mask.shape[0]), slice(column, column + mask.shape[1])
        target = self.pixels[*part, :3]
        target[...] = (target * (255 - mask) + np.array(rgb(colour), np.uint16) * mask + 127) // 255
        return part


class Board:
    """Labels on a canvas that change now and then, none over another; only those that differ are drawn again.

    Parameters
    ----------
    canvas : Canvas
    clean : (height, width, 4) uint8
        The pixels without labels.
    """

    def __init__(self, canvas: Canvas, clean: np.ndarray):
        self._canvas, self._clean = canvas, clean
        self._drawn: dict[Label, tuple[slice, slice]] = {}

    def show(self, labels: list[Label]) -> None:
        """Show these labels and no others."""
        wanted = set(labels)
        for label in [label for label in self._drawn if label not in wanted]:
            part = self._drawn.pop(label)
            self._canvas.pixels[part] = self._clean[part]
        for label in labels:
            if label not in self._drawn:
                self._drawn[label] = self._canvas.write(label)


@OURS
def _mask(text: str, phase: float, size: float, bold: bool, italic: bool) -> tuple[np.ndarray, int, int]:
    """A text's coverage, (h, w, 1) uint16 of 0 to 255, and where its corner lies from the start of the baseline."""
    margin = math.ceil(size)
    shape = math.ceil(width(text, size, bold, italic)) + 2 * margin, 3 * margin
    renderer = RendererAgg(*shape, DPI)
    context = renderer.new_gc()
    context.set_foreground((1.0, 1.0, 1.0), isRGBA=True)
    renderer.draw_text(context, margin + phase, 2 * margin, text, font(size, bold, italic), 0)
    coverage = np.asarray(renderer.buffer_rgba())[..., 3]
    rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
    if not len(rows):
        return np.zeros((0, 0, 1), np.uint16), 0, 0
    top, left = rows[0], columns[0]
    ink = coverage[top : rows[-1] + 1, left : columns[-1] + 1, None].astype(np.uint16)
    return ink, int(left) - margin, int(top) - 2 * margin
