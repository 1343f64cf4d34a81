"""Where everything stands in a picture of a swarm: maps in a grid, key and curve beside or below them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from optviz.errors import UsageError
from optviz.figures.engine.clip import Box
from optviz.figures.engine.text import fitted, width, wrapped
from optviz.figures.layout import Layout, Line, MapView, Scale
from optviz.figures.swarm_axes import widest
from optviz.results.swarm import Swarm

LEAST_MAP = 64  # px
GAP = 14.0


@dataclass(frozen=True)
class Caption:
    """What stands over a map: a name, perhaps with a sign before it, and what else there is to say."""

    name: str
    words: str
    signed: bool = False

    def sign(self, scale: Scale) -> float:
        """The room that the sign takes."""
        return scale.length(15) if self.signed else 0.0

    def width(self, scale: Scale) -> float:
        """On one line, in pixels."""
        name = self.sign(scale) + width(self.name, scale.font(13), bold=True)
        return name + (scale.length(10) + width(self.words, scale.font(12)) if self.words else 0.0)


@dataclass(frozen=True)
class Places:
    """What stands where.

    Attributes
    ----------
    page : Layout
        Title, formula, footer and progress; its map is the first of the views.
    views : tuple of MapView
    lines : int
        Of each caption; 0 where there is none.
    beside : Box
        What is left for key and curve.
    stacked : bool
        Whether that is below the maps, not at their right.
    """

    page: Layout
    views: tuple[MapView, ...]
    lines: int
    beside: Box
    stacked: bool


def arranged(
    swarm: Swarm,
    size: tuple[int, int],
    scale: Scale,
    captions: Sequence[Caption],
    foot: float,
    corner: float,
    key: tuple[float, float],
    strip: float,
) -> Places:
    """Find a place for everything, so that the maps become as large as can be.

    Parameters
    ----------
    swarm : Swarm
    size : (width, height)
        In pixels.
    scale : Scale
    captions : sequence of Caption
        Of the maps; a single map has none and shows the ends of its axes.
    foot : float
        Room under each map, in pixels.
    corner : float
        Room in the upper right corner of the page.
    key : (width, height)
        Of the key as a column.
    strip : float
        Its height below the maps.

    Raises
    ------
    UsageError
        If the maps would be too small to be read.
    """
    page = _page(swarm, size, scale, corner)
    left, top, right, bottom = page.beside
    gap, line = scale.length(GAP), scale.font(13) + scale.length(7)
    single = len(captions) == 1
    labels = _labels(swarm, scale) if single else 0.0
    broadest = max(caption.width(scale) for caption in captions)
    best: tuple[float, int, int, bool] | None = None
    for columns in range(1, len(captions) + 1):
        rows = math.ceil(len(captions) / columns)
        for stacked in (False, True):
            across = (
                right - left - labels - (0 if stacked else scale.length(22) + key[0]) - gap * (columns - 1)
            ) / columns
            for lines in (0,) if single else (1, 2):
                down = bottom - top - (strip + gap if stacked else 0) - gap * (rows - 1)
                side = math.floor(min(across, down / rows - line * lines - foot))
                if (lines != 1 or broadest <= side) and (best is None or side > 1.02 * best[0]):
                    best = side, columns, lines, stacked
    if best is None or best[0] < LEAST_MAP:
        raise UsageError(
            f"{len(captions)} maps do not fit into {size[0]}x{size[1]} pixels",
            "Ask for a larger picture, or for fewer optimizers.",
        )
    side, columns, lines, stacked = int(best[0]), *best[1:]
    views = tuple(
        MapView(
            round(left + labels + index % columns * (side + gap)),
            round(top + line * lines + index // columns * (side + line * lines + foot + gap)),
            side,
            swarm.landscape.view,
        )
        for index in range(len(captions))
    )
    end = views[-1].y + side + foot
    if stacked:
        rest = (left, end + gap, right, bottom)
    else:
        rest = (views[columns - 1].x + side + scale.length(22), top, right, end if single else bottom)
    return Places(replace(page, map=views[0]), views, lines, rest, stacked)


def _labels(swarm: Swarm, scale: Scale) -> float:
    """The width of the labels at the left of a map."""
    low, high = swarm.landscape.view[1]
    return widest(low, high, scale.font(12)) + scale.length(6)


def _page(swarm: Swarm, size: tuple[int, int], scale: Scale, corner: float) -> Layout:
    """Title, formula, footer and progress; `beside` is all that is between."""
    margin, landscape = round(scale.length(16)), swarm.landscape
    full, small = size[0] - 2 * margin, scale.font(12)
    largest = scale.font(25, 18)
    words, high = fitted(landscape.title, full - corner - scale.length(24), (largest, largest * 0.8, 14), bold=True)
    title = Line((words,), high, round(margin + scale.length(17)), 0)
    high = scale.font(14) if width(landscape.formula, scale.font(14)) <= full else small
    formula = tuple(wrapped(landscape.formula, full, high)) if landscape.formula else ()
    below = Line(formula, high, title.baseline + round(high + scale.length(8)), round(1.3 * high))
    top = round((below if formula else title).bottom + scale.length(10))
    texts, pitch = tuple(wrapped(swarm.provenance(), full, small, " · ")), round(1.35 * small)
    footer = Line(texts, small, size[1] - round(scale.length(13)) - pitch * (len(texts) - 1), pitch)
    bar = round(footer.baseline - small - scale.length(8))
    return Layout(
        size=size,
        scale=scale,
        margin=margin,
        title=title,
        formula=below,
        footer=footer,
        key=footer.baseline,
        map=MapView(margin, top, LEAST_MAP, landscape.view),
        x_ticks=[],
        y_ticks=[],
        beside=(margin, top, size[0] - margin, bar - round(scale.length(9))),
        bar=(margin, bar, size[0] - margin, bar + max(2, round(scale.length(3)))),
    )
