"""Items drawn straight onto pixels, for pictures that move.

An artist of matplotlib costs most of its time in Python, and a line of text ten times as much as a line. Strokes
therefore go to Agg's path collections directly, and text is drawn once per word, or once per digit, and then composited
from masks. Nothing here needs a Figure, whose import takes longer than drawing a hundred frames.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.transforms import Affine2D, Bbox

from optviz.figures.engine.items import Item, Label, Strokes
from optviz.figures.engine.text import DIGITS, DPI, advance, font, width
from optviz.figures.engine.theme import rgb
from optviz.style import OURS

PHASES = 4  # positions within a pixel at which a glyph is drawn
_IDENTITY = Affine2D().frozen()
_NO_TRANSFORMS, _NO_OFFSETS = np.empty((0, 3, 3)), np.empty((0, 2))


class Canvas:
    """The pixels of a picture.

    Parameters
    ----------
    size : (width, height)
    colour : str
        Of the ground.

    Attributes
    ----------
    pixels : (height, width, 4) uint8
        A live view.
    """

    @OURS
    def __init__(self, size: tuple[int, int], colour: str):
        self._renderer: Any = RendererAgg(*size, DPI)
        self.pixels = np.asarray(self._renderer.buffer_rgba())
        self.pixels[...] = (*rgb(colour), 255)
        self._upright = Affine2D().scale(1, -1).translate(0, size[1]).frozen()
        self._masks: dict[tuple, tuple[np.ndarray, int, int]] = {}

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
        if not label.text:
            return slice(0), slice(0)
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
        line = np.zeros((bottom - top, right - left), np.uint16)
        for mask, column, row in placed:
            height, width = mask.shape
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
        flat = self.pixels.reshape(height, 4 * width)  # numpy loops over rows, not over four channels
        mask = mask[max(0, -row) : max(0, height - row), max(0, -column) : max(0, width - column)]
        row, column = max(0, row), max(0, column)
        down, right = row + mask.shape[0], column + mask.shape[1]
        target, ink = flat[row:down, 4 * column : 4 * right], np.repeat(mask, 4, axis=1)
        paint = np.tile(np.array((*rgb(colour), 255), np.uint16), mask.shape[1])
        target[...] = (target * (255 - ink) + paint * ink + 127) // 255
        return slice(row, down), slice(column, right)


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
        self._labels = list[Label]()
        self._drawn: dict[Label, tuple[slice, slice]] = {}

    def show(self, labels: list[Label]) -> None:
        """Show these labels and no others."""
        if labels == self._labels:
            return
        self._labels, wanted = labels, set(labels)
        for label in [label for label in self._drawn if label not in wanted]:
            part = self._drawn.pop(label)
            self._canvas.pixels[part] = self._clean[part]
        for label in labels:
            if label not in self._drawn:
                self._drawn[label] = self._canvas.write(label)


@OURS
def _mask(text: str, phase: float, size: float, bold: bool, italic: bool) -> tuple[np.ndarray, int, int]:
    """A text's coverage, (h, w) uint16 of 0 to 255, and where its corner lies from the start of the baseline."""
    margin = math.ceil(size)
    shape = math.ceil(width(text, size, bold, italic)) + 2 * margin, 3 * margin
    renderer = RendererAgg(*shape, DPI)
    context = renderer.new_gc()
    context.set_foreground((1.0, 1.0, 1.0), isRGBA=True)
    renderer.draw_text(context, margin + phase, 2 * margin, text, font(size, bold, italic), 0)
    coverage = np.asarray(renderer.buffer_rgba())[..., 3]
    rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
    if not len(rows):
        return np.zeros((0, 0), np.uint16), 0, 0
    top, left = rows[0], columns[0]
    ink = coverage[top : rows[-1] + 1, left : columns[-1] + 1].astype(np.uint16)
    return ink, int(left) - margin, int(top) - 2 * margin
