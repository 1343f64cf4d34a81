"""Where everything stands in the picture of a sweep: it depends on the picture's size alone, so that a sweep can be
computed with exactly one run for each pixel of the map before there is anything to draw."""

import math
from dataclasses import dataclass

import numpy as np

from optviz.figures.clip import Box
from optviz.figures.layout import Scale, checked
from optviz.figures.text import width
from optviz.results.sweep import Axis, Sweep

SIZE = 800, 600
MARGIN = 16.0
COLUMN = 196.0  # beside the map, for colours and key
WIDEST_TICK = "0.88888"  # the room that labels of the upright axis have
WIDEST_SHARE = "88.8% not within 888,888"  # what has to fit into the column
PROVENANCE = 1200.0  # px of text at 12 px that the footer has room for


@dataclass(frozen=True)
class Places:
    """Boxes and baselines, in pixels from the upper left corner.

    Attributes
    ----------
    size : (width, height)
    scale : Scale
    margin : float
    title : float
        Baseline.
    lines : (float, float)
        Baselines of the two lines below the title.
    panel : (left, top, right, bottom)
        Whole pixels.
    column : (left, top, right, bottom)
        For colours and key.
    x_ticks, x_name : float
        Baselines below the panel.
    y_name : float
        Where the letters of the upright axis's name stand: the x of its baseline.
    footer : tuple of float
        Baselines that the provenance may use, first to last.
    """

    size: tuple[int, int]
    scale: Scale
    margin: float
    title: float
    lines: tuple[float, float]
    panel: tuple[int, int, int, int]
    column: Box
    x_ticks: float
    x_name: float
    y_name: float
    footer: tuple[float, ...]


@dataclass(frozen=True)
class SweepPanel:
    """The map's place on the page.

    Attributes
    ----------
    box : (left, top, right, bottom)
        Whole pixels.
    x, y : optviz.results.parts.Axis
    """

    box: tuple[int, int, int, int]
    x: Axis
    y: Axis

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        left, top, right, bottom = self.box
        return right - left, bottom - top

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) pairs of hyperparameters as page pixels; not finite where one is off its axis's scale."""
        x, y = (axis.place(points[..., at]) / len(axis.values) for at, axis in enumerate((self.x, self.y)))
        return np.stack([self.box[0] + x * self.size[0], self.box[3] - y * self.size[1]], axis=-1)


def places(size: tuple[int, int]) -> Places:
    """Find a place for everything.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    wide, high = size = checked(size)
    scale = Scale.of(size)
    margin = scale.length(MARGIN)
    small, quiet = scale.font(12), scale.font(14)
    title = scale.length(34)
    first = max(scale.length(58), title + quiet)
    lines = first, first + round(1.35 * quiet)
    top = round(lines[1] + scale.length(14))

    pitch = round(1.35 * small)
    room = wide - 2 * margin
    count = math.ceil(PROVENANCE * small / 12 / room)
    last = high - scale.length(13)
    footer = tuple(last - pitch * row for row in reversed(range(count)))
    x_name = footer[0] - small - scale.length(10)
    x_ticks = x_name - small - scale.length(7)
    bottom = math.floor(x_ticks - small - scale.length(6))

    column = max(scale.length(COLUMN), width(WIDEST_SHARE, small) + scale.length(26))
    left = math.ceil(margin + 1.5 * small + width(WIDEST_TICK, small) + scale.length(8))
    right = math.floor(wide - margin - column - scale.length(22))
    beside = right + scale.length(22), top, wide - margin, x_name
    return Places(
        size, scale, margin, title, lines, (left, top, right, bottom), beside, x_ticks, x_name, margin + small, footer
    )


def panel_pixels(size: tuple[int, int] = SIZE) -> tuple[int, int]:
    """How many pixels wide and high the map of a picture of that size is.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    left, top, right, bottom = places(size).panel
    return right - left, bottom - top


def sweep_panel(sweep: Sweep, size: tuple[int, int] = SIZE) -> SweepPanel:
    """Where the map of a sweep stands in a picture of that size.

    Raises
    ------
    UsageError
        If pictures cannot be drawn at this size.
    """
    return SweepPanel(places(size).panel, sweep.x, sweep.y)
