"""Where everything stands in a race picture, from measured text; no position rests on a guess about a font."""

from dataclasses import dataclass

import numpy as np

from optviz.errors import UsageError
from optviz.figures import ticks
from optviz.figures.engine.clip import Box
from optviz.figures.engine.text import SMALLEST, fitted, width, wrapped
from optviz.figures.engine.wording import number
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

    The map stands beside curve and table, or above them where the page is so much higher than wide that the map gains
    by it.

    Parameters
    ----------
    race : Race
    size : (width, height)
        In pixels.
    scale : Scale
    key_width, table_width : float
        Room that the key takes, and that the table needs.

    Returns
    -------
    Layout
    """
    margin = round(scale.length(16))
    full = size[0] - 2 * margin
    title, formula = _head(race, full, margin, scale)
    top = round((formula if formula.lines else title).bottom + scale.length(10))
    footer, key = _foot(race.provenance(), size, full, key_width, scale)
    bar_top = round(key - footer.size - scale.length(8))
    bottom = bar_top - round(scale.length(9))

    below = round(footer.size + scale.length(9))  # tick labels under the map
    gap = round(scale.length(22))
    height = bar_top - scale.length(3) - top - below
    labels = 0
    for _ in range(3):  # the labels decide how large the map is, and the map how many labels it has
        beside = int(min(height, full - labels - gap - table_width))
        above = int(min(full - labels, 0.58 * height))
        stacked = above > 1.3 * beside
        view = MapView(margin + labels, top, max(above if stacked else beside, 64), race.landscape.view)
        x_ticks, y_ticks = _ticks(view, margin, footer.size, scale)
        widest = max((width(text, footer.size) for _, text in y_ticks), default=footer.size)
        if round(widest + scale.length(6)) <= labels:
            break
        labels = round(widest + scale.length(6))
    foot = view.y + view.side
    if stacked:
        rest = (margin, foot + below + gap, size[0] - margin, bottom)
    else:
        slack = bottom - foot - below
        rest = (view.x + view.side + gap, top, size[0] - margin, bottom if slack > scale.length(24) else foot)
    bar = (margin, bar_top, size[0] - margin, bar_top + max(2, round(scale.length(3))))
    return Layout(size, scale, margin, title, formula, footer, key, view, x_ticks, y_ticks, rest, bar)


def _head(race: Race, full: float, margin: int, scale: Scale) -> tuple[Line, Line]:
    """Title and formula."""
    largest = scale.font(25, 18)
    room = full - counter_width(race.steps, scale) - scale.length(24)
    text, size = fitted(race.landscape.title, room, (largest, largest * 0.8, 14), bold=True)
    title = Line((text,), size, round(margin + scale.length(17)), 0)
    size = scale.font(14)
    if width(race.landscape.formula, size) > full:
        size = scale.font(12)
    lines = tuple(wrapped(race.landscape.formula, full, size)) if race.landscape.formula else ()
    return title, Line(lines, size, title.baseline + round(size + scale.length(8)), round(1.3 * size))


def _foot(provenance: str, size: tuple[int, int], full: float, key_width: float, scale: Scale) -> tuple[Line, float]:
    """The provenance, and the baseline of the key."""
    small = scale.font(12)
    pitch = round(1.35 * small)
    shared = key_width + scale.length(20) + width(provenance, small) <= full
    texts = (provenance,) if shared else tuple(wrapped(provenance, full, small, " · "))
    last = size[1] - round(scale.length(13))
    footer = Line(texts, small, last - pitch * (len(texts) - 1), pitch)
    return footer, footer.baseline if shared else footer.baseline - pitch - round(scale.length(2))


def _ticks(view: MapView, margin: float, small: float, scale: Scale) -> tuple[list, list]:
    """Round numbers on both axes, in equal steps that leave air between their labels."""
    (left, right), (low, high) = view.view
    for count in range(max(3, round(view.side / scale.length(70))), 0, -1):
        columns, rows = ticks.linear(left, right, count), ticks.linear(low, high, count)
        widest = max(width(number(value), small) for value in columns)
        step = min((b - a for a, b in zip(columns, columns[1:], strict=False)), default=right - left)
        if step / (right - left) * view.side >= widest + 1.2 * small:
            break
    x_ticks = [((value - left) / (right - left) * view.side + view.x, number(value)) for value in columns]
    y_ticks = [((high - value) / (high - low) * view.side + view.y, number(value)) for value in rows]
    # The axis names stand at the right end of the one and at the top of the other row of labels.
    end = view.x + view.side - width("x", small, italic=True) - 0.6 * small
    half = {text: width(text, small) / 2 for _, text in x_ticks}
    x_ticks = [(x, text) for x, text in x_ticks if x - half[text] >= margin and x + half[text] <= end]
    corner = 0.6 * small if x_ticks and x_ticks[0][0] - half[x_ticks[0][1]] < view.x else 0.0
    y_ticks = [(y, text) for y, text in y_ticks if view.y + 1.8 * small < y <= view.y + view.side - corner]
    return x_ticks, y_ticks
