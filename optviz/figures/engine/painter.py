"""Pages: items drawn as artists of a matplotlib Figure, for still pictures in any format."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedBbox

from optviz.errors import UsageError
from optviz.figures.engine.boxes import Block, Region, named
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, Strokes
from optviz.figures.engine.text import DPI, font
from optviz.style import OURS


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
    body : (left, top, right, bottom)
        The room between header and foot.
    """

    parts: Sequence[Any] = ()
    body: Box = (0.0, 0.0, 0.0, 0.0)

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

    @property
    def regions(self) -> list[Region]:
        """Where its places mean something: each panel with the ends of its axes, a matrix, the cells of a strip."""
        return [region for part in self.parts if isinstance(part, Block) for region in part.regions()]

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

    def set_size_inches(self, w: Any, h: Any = None, forward: bool = True) -> None:
        """Refuse another size: a picture is arranged for its own.

        Raises
        ------
        UsageError
        """
        size = tuple(np.ravel(w)) if h is None else (w, h)
        if hasattr(self, "pixels") and not np.allclose(size, self.get_size_inches()):
            wide, high = (round(side * DPI) for side in size)
            remedy = (
                f"Ask for another: optviz.figure(result, size=({wide}, {high})); for more pixels save with dpi=200."
            )
            raise UsageError("this picture is arranged for its own size", remedy)
        super().set_size_inches(w, h, forward)

    def _repr_png_(self) -> bytes:
        """The picture for a notebook that shows no figures by itself."""
        stream = io.BytesIO()
        self.savefig(stream, format="png")
        return stream.getvalue()

    def _show(self, pixels: np.ndarray, x: int, y: int) -> None:
        """Show an array pixel for pixel. Axes of its own would stand elsewhere than artists where a save is trimmed."""
        high, wide = pixels.shape[:2]
        box = TransformedBbox(Bbox([[x, y + high], [x + wide, y]]), self.pixels)
        image = BboxImage(box, interpolation="nearest", interpolation_stage="rgba", resample=False, origin="lower")
        image.set_data(pixels)
        image.set_zorder(self._layer)
        self.add_artist(image)


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
    return TransformedBbox(Bbox([[left, top], [right, bottom]]), pixels)  # which keeps an order of corners
