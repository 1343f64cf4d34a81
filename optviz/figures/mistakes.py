"""The images that the best and the worst optimizer get wrong, with what they are and what they were taken for."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from optviz.errors import UsageError
from optviz.figures.comparison import Caption, compared, entered, finished, style_of
from optviz.figures.engine import text
from optviz.figures.engine.boxes import Block, Column, Row
from optviz.figures.engine.clip import Box
from optviz.figures.engine.items import Item, Label, Picture
from optviz.figures.engine.key import Words
from optviz.figures.engine.painter import Page
from optviz.figures.engine.pixels import ramp
from optviz.figures.engine.style import USUAL, Entrant, Style
from optviz.figures.engine.theme import Theme, rgb
from optviz.results.comparison import Comparison
from optviz.results.training_run import Mistakes

LARGE, SMALL = 120, 48  # px at 800 x 600: the longer side of an image; below the lower one fewer are shown


def mistakes_figure(comparison: Comparison, size: tuple[int, int] = USUAL, theme: str | Theme = "dark") -> Page:
    """Draw images that the best and the worst optimizer do not recognise.

    Below each image stands what it is and what the network takes it for. Pixels are enlarged whole, as far as all
    images fit; light on dark in the dark theme, dark on light in the light one. Parameters and errors as for
    `optviz.figure`.

    Raises
    ------
    UsageError
        If the comparison holds no mistakes though epochs have ended.
    """
    style = style_of(size, theme)
    if not comparison.mistakes and finished(comparison):
        raise UsageError("this comparison holds no images", "It is older than they are; run it again.")
    each, tested = entered(comparison, style.theme), len(comparison.labels)
    places = ("best: ", "worst: ") if len(comparison.mistakes) == 2 else ("",) * len(comparison.mistakes)
    pairs = zip(comparison.mistakes, places, strict=True)
    body = Row(*(_column(one, each[one.optimizer], place, tested, style) for one, place in pairs), gap=style.length(28))
    notes = ["below each image: what it is → what it is taken for"]
    return compared(comparison, "Mistakes", notes, size, style, body if comparison.mistakes else None)


def _column(mistakes: Mistakes, entrant: Entrant, place: str, tested: int, style: Style) -> Column:
    """One optimizer: who it was, how many images were wrong and how many of them are shown, and these."""
    images = Images(mistakes, style) if len(mistakes.images) else None
    below = images or Words("no mistakes" * (not mistakes.count), style, size=15, centred=True)
    wrong = f"{place}{mistakes.count:,} of {tested:,} wrong" if tested else f"{place}{mistakes.count:,} wrong"

    def facts() -> list[str]:
        shown = images.shown if images else mistakes.count
        return [wrong, *[f"{shown} shown"] * (shown < mistakes.count), f"seed {mistakes.seed}"]

    return Column(Caption(entrant, "", facts, style, over=below), below)


class Tiles(NamedTuple):
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


class Images(Block):
    """Images in rows, all in one picture, and below each what it is and what it was taken for.

    Attributes
    ----------
    shown : int
        How many have room, once they are placed.
    """

    def __init__(self, mistakes: Mistakes, style: Style):
        self._mistakes, self.style = mistakes, style

    def place(self, box: Box) -> None:
        self.box = box
        self._tiles = self._fitting()
        self.shown = min(len(self._mistakes.images), self._tiles.columns * self._tiles.rows)

    def still(self) -> Iterator[Item]:
        (left, top, right, bottom), tiles = self.box, self._tiles
        small, theme = self.style.small, self.style.theme
        pitch = (right - left) / tiles.columns, min((bottom - top) / tiles.rows, tiles.height + 3 * small)
        shades, corner = ramp((theme.panel, theme.ink), 256), (round(left), round(top))
        pixels = np.empty((round(bottom) - corner[1], round(right) - corner[0], 3), np.uint8)
        pixels[:] = rgb(theme.page)
        captions: list[Label] = []
        for index in range(self.shown):
            row, column = divmod(index, tiles.columns)
            true, taken = int(self._mistakes.labels[index]), int(self._mistakes.predictions[index])
            widths = _widths(true, taken, small)
            x = round(pitch[0] * column + max(0.0, sum(widths) - tiles.width) / 2)
            y = round(pitch[1] * row)
            pixels[y : y + tiles.height, x : x + tiles.width] = shades[_sized(self._mistakes.images[index], tiles)]
            starts = corner[0] + x + (tiles.width - sum(widths)) / 2 + np.cumsum([0.0, *widths])
            base = corner[1] + y + tiles.height + small + 1
            captions.append(Label(starts[0], base, str(true), small, theme.ink))
            captions.append(Label(starts[2], base, "→", small, theme.muted))
            captions.append(Label(starts[4], base, str(taken), small, theme.bad))
        yield Picture(pixels, *corner)
        yield from captions

    def _fitting(self) -> Tiles:
        """The largest whole enlargement at which all images fit, or one that is large enough to recognise them."""
        (left, top, right, bottom), mistakes = self.box, self._mistakes
        small, length = self.style.small, self.style.length
        high, wide = mistakes.images.shape[1:]
        caption = max(sum(_widths(*pair, small)) for pair in zip(mistakes.labels, mistakes.predictions, strict=True))
        longer = max(high, wide)
        least = max(1, round(length(SMALL) / longer))
        zooms = [(zoom, 1) for zoom in range(max(least, int(length(LARGE) / longer)), least - 1, -1)]
        for zoom, shrink in [*zooms, *((1, shrink) for shrink in range(2, longer + 1))]:
            width, height = math.ceil(wide / shrink) * zoom, math.ceil(high / shrink) * zoom
            columns = int((right - left + 8) / (max(width, caption) + 8))
            rows = int((bottom - top) / (height + 2 * small))
            fits = columns * rows >= len(mistakes.images)
            smallest = (shrink == 1 and zoom == least) or max(width, height) <= length(SMALL)
            if fits or (smallest and columns and rows and longer / (shrink + 1) < length(SMALL)):
                break
        return Tiles(zoom, shrink, width, height, max(1, columns), max(1, rows))


def _widths(true: int, taken: int, size: float) -> list[float]:
    """The widths of the parts of a caption, with the space around its arrow."""
    space = 0.35 * size
    return [text.width(str(true), size), space, text.width("→", size), space, text.width(str(taken), size)]


def _sized(image: np.ndarray, tiles: Tiles) -> np.ndarray:
    """The image as (tiles.height, tiles.width) uint8: its pixels repeated, or the means of so many."""
    if tiles.shrink > 1:
        for axis, length in enumerate(image.shape):
            edges = np.arange(0, length, tiles.shrink)
            parts = np.diff(np.append(edges, length))
            image = np.add.reduceat(image.astype(float), edges, axis) / np.expand_dims(parts, 1 - axis)
        return np.round(image).astype(np.uint8)
    return image.repeat(tiles.zoom, axis=0).repeat(tiles.zoom, axis=1)
