"""The images that the best and the worst optimizer get wrong, with what they are and what they were taken for."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures.engine import text
from optviz.figures.engine.clip import Box
from optviz.figures.engine.theme import Theme, ramp_table, rgb
from optviz.figures.layout import Scale
from optviz.figures.page import Item, Label, Page, Picture
from optviz.figures.rows import caption
from optviz.figures.sheet import marks, nothing, sheet
from optviz.results.comparison import Comparison
from optviz.results.training_run import Mistakes

LARGE, SMALL = 120, 48  # px at 800 x 600: the longer side of an image; below the lower one fewer are shown


@dataclass(frozen=True)
class Tiles:
    """How images stand beside and below each other.

    Attributes
    ----------
    zoom, shrink : int
        Page pixels per image pixel, and image pixels per page pixel; one of them is 1.
    width, height : int
        Of an image on the page.
    columns, rows : int
    """

    zoom: int
    shrink: int
    width: int
    height: int
    columns: int
    rows: int


def mistakes_figure(comparison: Comparison, size: tuple[int, int] = (800, 600), theme: str | Theme = "dark") -> Page:
    """Draw images that the best and the worst optimizer do not recognise.

    Below each image stands what it is and what the network takes it for. Pixels are enlarged whole, as far as all
    images fit; light on dark in the dark theme, dark on light in the light one.

    Parameters
    ----------
    comparison : Comparison
        With ``mistakes``.
    size : (width, height)
        In pixels, at least 480x360.
    theme : {"dark", "light"} or Theme

    Returns
    -------
    Page
        A matplotlib Figure.

    Raises
    ------
    UsageError
        If the comparison holds no mistakes though epochs have ended, the picture cannot be drawn at this size, or the
        theme is unknown.
    """
    frame = sheet(comparison, "Mistakes", ["below each image: what it is → what it is taken for"], size, theme)
    scale, colours = frame.scale, frame.colours
    if not comparison.mistakes:
        if any(not run.diverged_at for run in comparison.runs if run.epochs):
            raise UsageError("this comparison holds no images", "It is older than they are; run it again.")
        frame.say(nothing(comparison))
        return frame.page
    left, top, right, bottom = frame.box
    gap = scale.length(28)
    width = (right - left - gap * (len(comparison.mistakes) - 1)) / len(comparison.mistakes)
    places = ("best: ", "worst: ") if len(comparison.mistakes) == 2 else [""] * len(comparison.mistakes)
    for column, (one, place) in enumerate(zip(comparison.mistakes, places, strict=True)):
        edge = left + column * (width + gap)
        frame.page.add(_block(comparison, one, place, (edge, top, edge + width, bottom), scale, colours))
    return frame.page


def _block(comparison: Comparison, one: Mistakes, place: str, box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """One optimizer: heading and images."""
    left, top, right, bottom = box
    hue, shape = marks(comparison, colours)
    tested = len(comparison.labels)
    words = [f"{place}{one.count:,} of {tested:,} wrong" if tested else f"{place}{one.count:,} wrong"]
    first = top + 2 * scale.font(12) + scale.length(24)
    grid = left, first, right, bottom
    if len(one.images):
        tiles = _tiles(one, grid, scale)
        shown = min(len(one.images), tiles.columns * tiles.rows)
        words += [f"{shown} shown"] if shown < one.count else []
        yield from _grid(one, tiles, grid, scale, colours)
    elif not one.count:
        middle = (left + right) / 2, (first + bottom) / 2
        yield Label(*middle, "no mistakes", scale.font(15), colours.muted, anchor="center")
    mark = hue[one.optimizer], shape[one.optimizer], one.title
    heading = left, top, right, first - scale.length(6)
    yield from caption(mark, "", [*words, f"seed {one.seed}"], heading, right, scale, colours)


def _tiles(one: Mistakes, box: Box, scale: Scale) -> Tiles:
    """The largest whole enlargement at which all images fit, or one that is large enough to recognise them."""
    left, top, right, bottom = box
    small = scale.font(12)
    high, wide = one.images.shape[1:]
    caption = max(sum(_widths(*pair, small)) for pair in zip(one.labels, one.predictions, strict=True))
    longer = max(high, wide)
    least = max(1, round(scale.length(SMALL) / longer))
    zooms = [(zoom, 1) for zoom in range(max(least, int(scale.length(LARGE) / longer)), least - 1, -1)]
    for zoom, shrink in [*zooms, *((1, shrink) for shrink in range(2, longer + 1))]:
        width, height = math.ceil(wide / shrink) * zoom, math.ceil(high / shrink) * zoom
        columns = int((right - left + 8) / (max(width, caption) + 8))
        rows = int((bottom - top) / (height + 2 * small))
        fits = columns * rows >= len(one.images)
        smallest = shrink == 1 and zoom == least or max(width, height) <= scale.length(SMALL)
        if fits or (smallest and columns and rows and longer / (shrink + 1) < scale.length(SMALL)):
            break
    return Tiles(zoom, shrink, width, height, max(1, columns), max(1, rows))


def _widths(true: int, taken: int, size: float) -> list[float]:
    """The widths of the parts of a caption, with the space around its arrow."""
    space = 0.35 * size
    return [text.width(str(true), size), space, text.width("→", size), space, text.width(str(taken), size)]


def _grid(one: Mistakes, tiles: Tiles, box: Box, scale: Scale, colours: Theme) -> Iterator[Item]:
    """The images, all in one picture, and what stands below each."""
    left, top, right, bottom = box
    small = scale.font(12)
    pitch = (right - left) / tiles.columns, min((bottom - top) / tiles.rows, tiles.height + 3 * small)
    shades = np.round(255 * ramp_table((colours.panel, colours.ink), 256)).astype(np.uint8)
    corner = round(left), round(top)
    pixels = np.empty((round(bottom) - corner[1], round(right) - corner[0], 3), np.uint8)
    pixels[:] = rgb(colours.page)
    captions: list[Label] = []
    for index in range(min(len(one.images), tiles.columns * tiles.rows)):
        row, column = divmod(index, tiles.columns)
        true, taken = int(one.labels[index]), int(one.predictions[index])
        widths = _widths(true, taken, small)
        x = round(pitch[0] * column + max(0.0, sum(widths) - tiles.width) / 2)
        y = round(pitch[1] * row)
        pixels[y : y + tiles.height, x : x + tiles.width] = shades[_sized(one.images[index], tiles)]
        starts = corner[0] + x + (tiles.width - sum(widths)) / 2 + np.cumsum([0.0, *widths])
        base = corner[1] + y + tiles.height + small + 1
        captions.append(Label(starts[0], base, str(true), small, colours.ink))
        captions.append(Label(starts[2], base, "→", small, colours.muted))
        captions.append(Label(starts[4], base, str(taken), small, colours.bad))
    yield Picture(pixels, *corner)
    yield from captions


def _sized(image: np.ndarray, tiles: Tiles) -> np.ndarray:
    """The image as (tiles.height, tiles.width) uint8: its pixels repeated, or the means of so many."""
    if tiles.shrink > 1:
        for axis, length in enumerate(image.shape):
            edges = np.arange(0, length, tiles.shrink)
            parts = np.diff(np.append(edges, length))
            image = np.add.reduceat(image.astype(float), edges, axis) / np.expand_dims(parts, 1 - axis)
        return np.round(image).astype(np.uint8)
    return image.repeat(tiles.zoom, axis=0).repeat(tiles.zoom, axis=1)
