"""Where everything stands in a race picture, from measured text; no position rests on a guess about a font."""

from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures import ticks
from optviz.figures.clip import Box
from optviz.figures.text import SMALLEST, fitted, width, wrapped
from optviz.figures.wording import number
from optviz.results import Race

SIZES = (480, 3840), (360, 2160)
DESIGNED_FOR = 800, 600


@dataclass(frozen=True)
class Scale:
    """Lengths and font sizes, given as they are at 800 x 600, for a picture of another size."""

    factor: float

    @classmethod
    def of(cls, size: tuple[int, int]) -> "Scale":
        """The scale of a picture of that size."""
        shares = [pixels / designed for pixels, designed in zip(size, DESIGNED_FOR, strict=True)]
        return cls(max(min(shares), 0.75))

    def length(self, pixels: float) -> float:
        """A length."""
        return pixels * self.factor

    def font(self, pixels: float, least: float = SMALLEST) -> float:
        """A font size; never below the smallest readable one."""
        return max(float(least), round(2 * pixels * self.factor) / 2)


@dataclass(frozen=True)
class MapView:
    """The map's square on the page and what it shows.

    Attributes
    ----------
    x, y, side : int
        Whole pixels, so that the map's array is shown pixel for pixel.
    view : ((x_low, x_high), (y_low, y_high))
    """

    x: int
    y: int
    side: int
    view: tuple

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        return self.x, self.y, self.x + self.side, self.y + self.side

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points of the plane as page pixels."""
        (left, right), (low, high) = self.view
        with np.errstate(over="ignore", invalid="ignore"):
            x = self.x + (np.asarray(points)[..., 0] - left) / (right - left) * self.side
            y = self.y + (high - np.asarray(points)[..., 1]) / (high - low) * self.side
        return np.stack([x, y], axis=-1)

    def to_plane(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) page pixels as points of the plane."""
        (left, right), (low, high) = self.view
        x = left + (pixels[..., 0] - self.x) / self.side * (right - left)
        y = high - (pixels[..., 1] - self.y) / self.side * (high - low)
        return np.stack([x, y], axis=-1)


@dataclass(frozen=True)
class Line:
    """Lines of text of one size, one below the other.

    Attributes
    ----------
    lines : tuple of str
    size : float
        Of the font.
    baseline, pitch : float
        Of the first line, and from line to line.
    """

    lines: tuple[str, ...]
    size: float
    baseline: float
    pitch: float

    @property
    def bottom(self) -> float:
        """Below the descenders of the last line."""
        return self.baseline + self.pitch * (len(self.lines) - 1) + 0.24 * self.size


@dataclass(frozen=True)
class Layout:
    """Boxes and lines of a race picture; all numbers are pixels from the upper left corner.

    Attributes
    ----------
    size : (width, height)
    scale : Scale
    margin : float
    title, formula, footer : Line
        The footer is the provenance.
    key : float
        Baseline of the key; the footer's own where the two share a line.
    map : MapView
    x_ticks, y_ticks : list of (position, text)
    beside : Box
        What is left beside the map, for curve and table.
    bar : Box
        Progress.
    """

    size: tuple[int, int]
    scale: Scale
    margin: float
    title: Line
    formula: Line
    footer: Line
    key: float
    map: MapView
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    beside: Box
    bar: Box


def checked(size: tuple[int, int]) -> tuple[int, int]:
    """The size, if pictures can be drawn at it.

    Raises
    ------
    UsageError
        If it is not two whole numbers from 480 x 360 to 3840 x 2160.
    """
    good = len(size) == 2 and all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in size)
    if not (good and all(low <= n <= high for n, (low, high) in zip(size, SIZES, strict=True))):
        shown = "x".join(map(str, size))
        raise UsageError(f"cannot draw at the size {shown}", "Give width and height from 480x360 to 3840x2160 pixels.")
    return int(size[0]), int(size[1])


def counter_width(steps: int, scale: Scale) -> float:
    """How wide the step counter is: "step", the widest number, and "/ N"."""
    quiet = scale.font(14)
    number_room = width("8" * len(str(steps)), scale.font(20), bold=True)
    return width("step", quiet) + width(f"/ {steps}", quiet) + number_room + 2 * scale.length(8)


def arranged(race: Race, size: tuple[int, int], scale: Scale, key_width: float, table_width: float) -> Layout:
    """Find a place for everything.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels.
    scale : Scale
    key_width, table_width : float
        Room that the key takes, and the least that the table needs.

    Returns
    -------
    Layout
    """
    page_width, page_height = size
    margin = round(scale.length(16))
    full = page_width - 2 * margin

    size_title = scale.font(25, 18)
    room = full - counter_width(race.steps, scale) - scale.length(24)
    text, size_title = fitted(race.landscape.title, room, (size_title, size_title * 0.8, 14), bold=True)
    title = Line((text,), size_title, round(margin + scale.length(17)), 0)
    size_formula = scale.font(14)
    if width(race.landscape.formula, size_formula) > full:
        size_formula = scale.font(12)
    lines = tuple(wrapped(race.landscape.formula, full, size_formula)) if race.landscape.formula else ()
    formula = Line(
        lines, size_formula, title.baseline + round(size_formula + scale.length(8)), round(1.3 * size_formula)
    )
    top = round((formula if lines else title).bottom + scale.length(10))

    small = scale.font(12)
    pitch = round(1.35 * small)
    provenance = race.provenance()
    shared = key_width + scale.length(20) + width(provenance, small) <= full
    texts = (provenance,) if shared else tuple(wrapped(provenance, full, small, " · "))
    last = page_height - round(scale.length(13))
    footer = Line(texts, small, last - pitch * (len(texts) - 1), pitch)
    key = footer.baseline if shared else footer.baseline - pitch - round(scale.length(2))
    bar_top = round(key - small - scale.length(8))
    bar = (margin, bar_top, page_width - margin, bar_top + max(2, round(scale.length(3))))

    below = round(small + scale.length(12))  # tick labels under the map
    (left, right), (low, high) = race.landscape.view
    wanted = max(3, round((bar_top - top) / scale.length(72)))
    rows = ticks.linear(low, high, wanted)
    beside = max(width(number(value), small) for value in rows) + scale.length(6)
    columns_gap = round(scale.length(22))
    side = int(min(bar_top - below - top, 0.64 * full - beside, full - beside - columns_gap - table_width))
    view = MapView(round(margin + beside), top, side, race.landscape.view)
    x_at = lambda value: view.x + (value - left) / (right - left) * side
    y_at = lambda value: view.y + (high - value) / (high - low) * side
    name = (view.x + side - width("x", small, italic=True) - small, view.x + side + small)
    x_ticks = ticks.placed(ticks.linear(left, right, wanted), x_at, small, [name])
    # The axis name "y" stands at the very top of the labels' column.
    lowest = view.y + side - (0.6 * small if x_ticks and x_ticks[0][0] < view.x + small else 0)
    y_ticks = [(y_at(value), number(value)) for value in rows if view.y + 2 * small < y_at(value) <= lowest]
    right_box = (view.x + side + columns_gap, top, page_width - margin, view.y + side)
    return Layout(
        size=(page_width, page_height),
        scale=scale,
        margin=margin,
        title=title,
        formula=formula,
        footer=footer,
        key=key,
        map=view,
        x_ticks=[(x, text) for x, text in x_ticks if x - width(text, small) / 2 > margin],
        y_ticks=y_ticks,
        beside=right_box,
        bar=bar,
    )
