"""A panel: two axes, and marks in their coordinates."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optviz.figures.engine import text
from optviz.figures.engine.axis import Axis
from optviz.figures.engine.boxes import Block, Region, Span
from optviz.figures.engine.clip import Box, inside
from optviz.figures.engine.course import Course, Track, followed, straight
from optviz.figures.engine.items import (
    Drawn,
    Item,
    Label,
    Outline,
    Picture,
    closed,
    fill,
    line,
    rectangle,
    shapes,
    stroke,
)
from optviz.figures.engine.style import HEADING, Style

TICK = 4.0  # px
MARGIN = 21.0  # px from a map's border to the heads of those that are off it
HANG = 4.0  # px: how far a label may reach beyond a panel beside which another may stand


class Mark:
    """Something drawn in a panel's data coordinates: it knows data, the panel gives places."""

    name = ""
    panel: "Panel"

    def place(self, panel: "Panel") -> None:
        """Stand in a panel that has its place."""
        self.panel = panel

    def still(self) -> Iterable[Item]:
        """What never changes."""
        return ()

    def added(self, first: int, last: int) -> Iterable[Item]:
        """What the frames after `first` up to `last` add for good."""
        return ()

    def moving(self, frame: int) -> Iterable[Item]:
        """What is drawn anew in every frame."""
        return ()


@dataclass(frozen=True)
class Frame:
    """How the axes of a panel are drawn.

    Attributes
    ----------
    border : bool
        Whether a hairline runs around the panel, and ticks stand outside of it.
    ground : bool
        Whether the panel has a colour of its own.
    grid : {"", "x", "y", "xy"}
        Which axes have rules across the panel.
    names : {"", "centred", "ends", "corner"}
        Where the axes' names stand: along them, at their upper ends, or outside at the left.
    widest : str
        A text as wide as a label of y may be, where the panel's size must not depend on them.
    across, along : bool
        Whether x and y carry labels.
    every : (float, float)
        How far apart labels of x and of y are on average at least, in pixels.
    right : float
        Room on the right, in pixels.
    """

    border: bool = False
    ground: bool = False
    grid: str = ""
    names: str = ""
    widest: str = ""
    across: bool = True
    along: bool = True
    every: tuple[float, float] = (0.0, 0.0)
    right: float = 0.0


MAP = Frame(border=True, names="centred")
CHART = Frame(ground=True, grid="y")


class Panel(Block):
    """Axes and marks.

    Parameters
    ----------
    x, y : Axis
        Without ticks: they are chosen when the panel has its place.
    style : Style
    marks : sequence of Mark
        From the lowest to the highest.
    frame : Frame
    heading : sequence of str
        What stands above, the first that fits.
    aspect : float, optional
        The width of its inside over its height.
    pixels : (width, height), optional
        Of its inside, if that is settled; labels then hang out of its box, and no farther than its ends.
    name : str
    least, most : float
        Of its inside's sides at least, and of its height at most, in scaled pixels.

    Attributes
    ----------
    box : (left, top, right, bottom)
        Its inside, in whole pixels.
    """

    def __init__(
        self,
        x: Axis,
        y: Axis,
        style: Style,
        marks: Sequence[Mark] = (),
        *,
        frame: Frame = CHART,
        heading: Sequence[str] = (),
        aspect: float | None = None,
        pixels: tuple[int, int] | None = None,
        name: str = "",
        weight: float = 1.0,
        least: float = 40.0,
        most: float = math.inf,
    ):
        self.x, self.y, self.style, self.marks = x, y, style, marks
        self.frame, self.heading, self.aspect, self._pixels = frame, heading, aspect, pixels
        self.name, self.weight = name, weight
        self._least, self._most = style.length(least), style.length(most)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its inside."""
        left, top, right, bottom = self.box
        return round(right - left), round(bottom - top)

    def to_page(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points as page pixels; not finite where one is off an axis's scale."""
        left, top, right, bottom = self.box
        points = np.asarray(points, float)
        x, y = self.x.share(points[..., 0]), self.y.share(points[..., 1])
        with np.errstate(over="ignore", invalid="ignore"):
            return np.stack([left + x * (right - left), bottom - y * (bottom - top)], axis=-1)

    def holds(self, points: np.ndarray) -> np.ndarray:
        """(...,) bool: which of (..., 2) points are on the panel."""
        return inside(self.to_page(points), self.box)

    def written(self) -> Sequence[Box]:
        """Where words stand that belong to the panel itself, as far as they are inside of it."""
        return ()

    def ink(self, points: np.ndarray) -> np.ndarray:
        """(...,) float64: how much ink there is for marks at (..., 2) points: all, or less where something hides it."""
        return np.ones(np.shape(points)[:-1])

    def course(self, points: np.ndarray) -> Course:
        """How a path through (steps + 1, 2) points runs on the page."""
        return straight(self.to_page(points), self.box)

    def track(self, points: np.ndarray, schedule: np.ndarray) -> Track:
        """Where on the page a runner on such a path is, at each step of a schedule, whole or in between."""
        return followed(self.to_page(points), schedule, self.box, self.style.length(MARGIN))

    def outlines(self, points: np.ndarray) -> Iterator[tuple[Outline, float]]:
        """What is drawn of the closed line through (n, 2) points, in parts, each with its ink."""
        yield closed(self.to_page(points)), 1.0

    def to_data(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) page pixels as points, on linear axes."""
        left, top, right, bottom = self.box
        x, y = (points[..., 0] - left) / (right - left), (bottom - points[..., 1]) / (bottom - top)
        x, y = (axis.low + at * (axis.high - axis.low) for axis, at in ((self.x, x), (self.y, y)))
        return np.stack([x, y], axis=-1)

    def shown(self, colours: Callable[[tuple[int, int]], np.ndarray]) -> Picture:
        """An array of colours, made for the (width, height) of the whole inside."""
        return Picture(colours(self.size), round(self.box[0]), round(self.box[1]))

    def widths(self, height: float) -> Span:
        if self._pixels:
            return self._pixels[0], self._pixels[0]
        inner = height - self._above - self.below
        beside = self._left(inner) + self.frame.right
        if self.aspect is None or not math.isfinite(height):
            return beside + self._least, math.inf
        return beside + self._least, beside + max(self._least, self.aspect * inner)

    def heights(self, width: float) -> Span:
        if self._pixels:
            return self._pixels[1], self._pixels[1]
        around = self._above + self.below
        if self.aspect is None:
            return around + self._least, around + max(self._least, self._most)
        inner = (width - self._left(width / self.aspect) - self.frame.right) / self.aspect
        return around + self._least, around + max(min(inner, self._most), self._least)

    def place(self, box: Box) -> None:
        self.box = self._inside(box)
        left, top, right, bottom = self.box
        self.x = self._ticked(self.x, right - left, False)
        self.y = self._ticked(self.y, bottom - top, True)
        for mark in self.marks:
            mark.place(self)

    def _inside(self, box: Box) -> Box:
        left, top, right, bottom = box
        self._start = left
        if self._pixels:
            left, top = round(left), round(top)
            return left, top, left + self._pixels[0], top + self._pixels[1]
        top, bottom = math.ceil(top + self._above - 1e-6), math.floor(bottom - self.below + 1e-6)
        left, right = math.ceil(left + self._left(bottom - top) - 1e-6), math.floor(right - self.frame.right + 1e-6)
        if self.aspect is not None:
            wide = int(min(right - left, self.aspect * (bottom - top)))
            right, bottom = left + wide, top + int(wide / self.aspect)
        return left, top, right, bottom

    def still(self) -> Iterator[Item]:
        yield from self._axes()
        for mark in self.marks:
            yield from mark.still()

    def regions(self) -> Iterator[Region]:
        yield Region(self.name, self.box, (self.x.low, self.x.high), (self.y.low, self.y.high))

    def added(self, first: int, last: int) -> Iterator[Item]:
        for mark in self.marks:
            yield from mark.added(first, last)

    def moving(self, frame: int) -> Iterator[Item]:
        for mark in self.marks:
            yield from mark.moving(frame)

    @property
    def _above(self) -> float:
        return self.style.small + self.style.length(HEADING) if self.heading else 0.0

    @property
    def below(self) -> float:
        """The room for labels and name of x."""
        small, length = self.style.small, self.style.length
        if not self.frame.across:
            return 0.0
        return small + length(6) + (small + length(7) if self.frame.names == "centred" else 0.0)

    def _left(self, height: float) -> float:
        """The room for labels and name of y."""
        small, length = self.style.small, self.style.length
        if not self.frame.along:
            return 0.0
        labels = (
            [self.frame.widest]
            if self.frame.widest
            else [words for _, words in self._ticked(self.y, height, True).ticks]
        )
        widest = max((text.width(words, small) for words in labels), default=0.0)
        return widest + length(TICK) + 4 + (1.5 * small if self.frame.names == "centred" else 0.0)

    def _ticked(self, axis: Axis, length: float, upright: bool) -> Axis:
        small, every = self.style.small, self.style.length(self.frame.every[upright])
        widest = text.width(self.frame.widest, small) if upright and self.frame.widest else math.inf
        most = max(2, int(length / every) + 1) if every and math.isfinite(length) else math.inf
        if not axis.names:  # which would say from where labels count
            axis = replace(axis, scale=replace(axis.scale, counted=False))
        first, last = (-HANG, length + HANG) if self._pixels and not upright else (-math.inf, math.inf)
        if self.frame.names == "ends":
            # They stand at the right end of the one row of labels and at the top of the other.
            first, last = (0.6 * small, length - 1.8 * small) if upright else (first, length - 1.3 * small)
        ticked = axis.ticked(length, small, upright=upright, widest=widest, most=most, ends=(first, last))
        if ticked.ticks or not self._pixels:
            return ticked
        # A panel so narrow that any label would hang over has the one nearest to its middle.
        ticked = axis.ticked(length, small, upright=upright, widest=widest)
        kept = sorted(ticked.ticks, key=lambda tick: abs(float(ticked.share(tick[0])) - 0.5))[:1]
        return replace(ticked, ticks=tuple(kept))

    def _axes(self) -> Iterator[Item]:
        left, top, right, bottom = self.box
        style, theme, frame = self.style, self.style.theme, self.frame
        small, long, rule = style.small, style.length(TICK), style.hair
        drawn: list[Drawn] = []
        if frame.ground:
            drawn.append(fill(rectangle(self.box), theme.panel))
        if frame.border:
            drawn.append(stroke(rectangle((left - 0.5, top - 0.5, right + 0.5, bottom + 0.5)), theme.muted, 1.0, 0.5))
        for share, words in self.y.shares:
            y = bottom - share * (bottom - top)
            if "y" in frame.grid:
                drawn.append(stroke(line((left, y), (right, y)), theme.grid, rule))
            elif frame.along:
                drawn.append(stroke(line((left - long, y), (left - 0.5, y)), theme.muted, rule))
            if frame.along:
                yield Label(left - long - 3, y + 0.36 * small, words, small, theme.muted, anchor="right")
        for share, words in self.x.shares:
            x = left + share * (right - left)
            if "x" in frame.grid:
                drawn.append(stroke(line((x, top), (x, bottom)), theme.grid, rule))
            elif frame.across:
                drawn.append(stroke(line((x, bottom + 0.5), (x, bottom + long)), theme.muted, rule))
            if frame.across:
                base = bottom + small + style.length(6)
                yield Label(x, base, words, small, theme.muted, anchor="center")
        if frame.ground:
            drawn.append(stroke(line((left, bottom), (right, bottom)), theme.muted))
        yield shapes(drawn)
        if frame.names == "centred":
            yield from self._names()
        elif frame.names:
            ends, beside, base = frame.names == "ends", left - long - 3, bottom + small + style.length(6)
            places = (right if ends else beside, base), (beside, top + (0.8 if ends else -1.0) * small)
            for shown, (x, y), axis in zip((frame.across, frame.along), places, (self.x, self.y), strict=True):
                if shown:
                    yield Label(x, y, axis.named[-1], small, theme.muted, italic=True, anchor="right")
        if self.heading:
            words, _ = text.chosen(self.heading, right + frame.right - self._start, [small])
            yield Label(self._start, top - style.length(HEADING), words, small, theme.muted)

    def _names(self) -> Iterator[Label]:
        """The names of both axes along them, the first words and sizes that fit."""
        left, top, right, bottom = self.box
        small, ink = self.style.small, self.style.theme.ink
        sizes = self.style.font(13), small
        words, size = text.chosen(self.x.named, right - left, sizes)
        base = bottom + 2 * small + self.style.length(13)
        yield Label((left + right) / 2, base, words, size, ink, anchor="center")
        words, size = text.chosen(self.y.named, bottom - top, sizes)
        base = left - self._left(bottom - top) + small
        yield Label(base, (top + bottom) / 2, words, size, ink, anchor="center", upright=True)
