"""What stands on a map of a swarm, above it and below: dots, ways and minimizers, a caption, a bar of arrivals."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.boxes import Block, Span
from optviz.figures.engine.clip import Box, grown, inside
from optviz.figures.engine.heads import STAR, head, placed
from optviz.figures.engine.items import (
    Drawn,
    Item,
    Label,
    Outline,
    Picture,
    Strokes,
    around,
    fill,
    rectangle,
    rounded,
    shapes,
    stroke,
)
from optviz.figures.engine.panel import Mark, Panel
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import shortened, width
from optviz.figures.engine.theme import rgb
from optviz.figures.engine.wording import percent
from optviz.figures.swarm_dots import Dots
from optviz.figures.swarm_story import Story

RADIUS, LEAST_RADIUS = 1.5, 1.1  # px, of a dot
DESIGNED_FOR = 430  # px, the side of a map on which dots have that size
TRACE = 0.15  # opacity of the dots that stay at the starts
STARTED = 0.75  # opacity of the starts at the end, when all is told by where they lie
WAY = 0.34  # opacity of the way of one run
STILL = 0.7  # px: shorter moves than that are no part of a way
FAR = 4000.0  # px
BAR = 5.0  # px


class Flock(Mark):
    """The dots of one optimizer over the landscape, the ways they have taken at the end, and the minimizers.

    Parameters
    ----------
    story : Story
    index : int
        Of the flock.
    colours : sequence of str
        Of the minimizers, and of runs that end at none.
    relief : Relief
    frame : int, optional
        The one that it shows whatever the picture's is.

    Attributes
    ----------
    index : int
    """

    name = "flock"

    def __init__(self, story: Story, index: int, colours: Sequence[str], relief: Relief, frame: int | None = None):
        self._story, self.index, self._colours, self._relief, self._frame = story, index, colours, relief, frame
        self._run = story.swarm.runs[index]
        self._kinds = np.where(self._run.reached < 0, len(colours) - 1, self._run.reached)

    def place(self, panel: Panel) -> None:
        super().place(panel)
        side, theme = panel.size[0], panel.style.theme
        radius = max(LEAST_RADIUS, RADIUS * math.sqrt(side / DESIGNED_FOR))
        hues = np.array([rgb(colour) for colour in self._colours], float)
        self._dots = Dots(side, radius, hues, np.array(rgb(theme.ink), float), np.array(rgb(theme.rim), float))
        trace = TRACE * min(1.0, side / DESIGNED_FOR)  # as many dots on a small map cover more of it
        self._ground = self._dots.painted(self._relief.shaded(side), self._at(0), self._kinds, trace, 0.0)
        self._landmarks = shapes(self._framed())

    @property
    def moment(self) -> int:
        """Which of the kept moments a still picture shows."""
        return int(self._story.at[-1 if self._frame is None else self._frame])

    def moving(self, frame: int) -> Iterator[Item]:
        shown = frame if self._frame is None else self._frame
        ends = shown == self._story.frames - 1
        ground = self._ground
        if ends:  # all dots lie upon each other: the starts, in the colours of where they have led, tell more
            led = np.where((self._run.reached >= 0)[:, None], self._at(0), np.nan)
            ground = self._dots.painted(ground, led, self._kinds, STARTED, 0.0)
        left, top, _, _ = self.panel.box
        yield Picture(self._dots.painted(ground, self._at(shown), self._kinds), round(left), round(top))
        if ends and (ways := [*self._ways()]):
            yield shapes(ways, clip=self.panel.box)
        yield self._landmarks

    def _at(self, frame: int) -> np.ndarray:
        return self.panel.to_page(self._story.points(self.index, frame)) - self.panel.box[:2]

    def _ways(self) -> Iterator[Drawn]:
        chosen, wide = self._story.told, max(1.0, self.panel.style.length(1.1))
        kept = self.panel.to_page(self._run.points[:, chosen].astype(float))
        for run, path in zip(chosen, kept.transpose(1, 0, 2), strict=True):
            path = np.clip(path[np.isfinite(path).all(axis=1)], -FAR, FAR)
            moved = np.hypot(*np.diff(path, axis=0, prepend=path[:1] - 1).T) > STILL
            if moved.sum() > 1:
                yield stroke(Outline(path[moved]), self._colours[self._kinds[run]], wide, WAY)

    def _framed(self) -> Iterator[Drawn]:
        """Page colour over the corners, a hairline around the map, and the minimizers."""
        style, theme, box = self.panel.style, self.panel.style.theme, self.panel.box
        small = min(1.0, max(0.55, self.panel.size[0] / style.length(DESIGNED_FOR)))
        radius, size = style.length(8) * small, style.length(9.5) * small
        yield fill(around(box, radius), theme.page)
        yield stroke(rounded(grown(box, -0.5), radius), theme.muted, style.hair, 0.35)
        at = self.panel.to_page(self._story.swarm.minimizers)
        for k in np.flatnonzero(inside(at, box)).tolist():
            x, y = at[k].tolist()
            if k < len(self._story.swarm.landscape.minimizers):
                star = placed(STAR, x, y, size)
                yield stroke(star, theme.rim, style.length(3) * small, 0.85)
                yield fill(star, self._colours[k])
            else:
                star = placed(STAR, x, y, 0.75 * size)
                yield fill(star, theme.rim)
                yield stroke(star, theme.rim, style.length(4.5) * small, 0.85)
                yield stroke(star, self._colours[k], style.length(1.6) * small)


class Live(Block):
    """A block as wide as it is asked to be, of which labels change from frame to frame."""

    weight = 0.0

    def widths(self, height: float) -> Span:
        return 0.0, 0.0

    def ranking(self, frame: int) -> int:
        return 0  # their order stays

    def ranked(self, frame: int) -> Strokes:
        return shapes(())


@dataclass(eq=False)
class Caption(Live):
    """A name, and what else there is to say at its right, or below it.

    Attributes
    ----------
    title, words : str
    style : Style
    size : float
        Of the font, in scaled pixels.
    head : str
        The optimizer's sign in the chart.
    chart : Panel, optional
        The sign is shown if that has a place.
    lines : int
    story : Story, optional
        Then the words stand beside the name, and at the right how many of its first flock have arrived.
    """

    title: str
    words: str
    style: Style
    size: float = 13.0
    head: str = ""
    chart: Panel | None = None
    lines: int = 1
    story: Story | None = None

    @property
    def least(self) -> float:
        """Its width on one line."""
        length, font = self.style.length, self.style.font
        words = length(10) + width(self.words, font(self.size - 1)) if self.words else 0.0
        far = width(">99% arrived", font(self.size), bold=True) + length(12) if self.story else 0.0
        return self._indent + width(self.title, font(self.size), bold=True) + words + far

    def heights(self, width: float) -> Span:
        high = (self.style.font(self.size) + self.style.length(7)) * self.lines
        return high, high

    def still(self) -> Iterator[Item]:
        (left, top, right, _), style, ink = self.box, self.style, self.style.theme.ink
        font, small, muted = style.font(self.size), style.font(self.size - 1), style.theme.muted
        base = top + font
        if self._indent:
            radius = style.length(4.5)
            yield shapes([fill(head(self.head, radius).moved(left + radius + 1, base - 0.36 * font), ink)])
        room = right - left - self._indent
        room -= self.least - self._indent - width(self.title, font, bold=True) if self.lines == 1 else 0.0
        title = shortened(self.title, room, font, bold=True)
        name = Label(left + self._indent, base, title, font, ink, bold=True)
        yield name
        if self.lines > 1:
            yield Label(left, base + font + style.length(7), self.words, small, muted)
        elif self.story:
            yield Label(left + name.width + style.length(8), base, self.words, small, muted)
            yield Label(right, base, " arrived", style.font(14), muted, anchor="right")
        else:
            yield Label(right, base, self.words, small, muted, anchor="right")

    def ranking(self, frame: int) -> int | None:  # type: ignore[override]
        return 0 if self.story else None

    def labels(self, frame: int) -> list[Label]:
        assert self.story
        share = float(self.story.arrived[0, frame].sum() / len(self.story.swarm.runs[0].reached))
        left, top, right, _ = self.box
        font, at = self.style.font(self.size), right - width(" arrived", self.style.font(14))
        return [Label(at, top + font, percent(share), font, self.style.theme.ink, bold=True, anchor="right")]

    @property
    def _indent(self) -> float:
        return self.style.length(15) if self.chart and self.chart.box[2] else 0.0


class Tally(Live):
    """A bar of the runs that have arrived, by minimizer, and of those that have diverged, from the right."""

    name = "tally"

    def __init__(self, story: Story, index: int, colours: Sequence[str], style: Style, frame: int | None = None):
        self._story, self._index, self._colours, self.style, self._frame = story, index, colours, style, frame
        self._runs = len(story.swarm.runs[index].reached)

    def heights(self, width: float) -> Span:
        small, spoilt = self.style.small, bool(self._story.diverged.any())
        high = self.style.length(9) + small + (small + self.style.length(4)) * spoilt
        return high, high

    def still(self) -> Iterator[Item]:
        yield shapes([fill(rectangle(self._bar), self.style.theme.grid)])

    def moving(self, frame: int) -> Iterator[Item]:
        (left, top, right, bottom), shown = self._bar, self._shown(frame)
        counts = self._story.arrived[self._index, shown]
        ends = left + (right - left) * np.concatenate([[0.0], np.cumsum(counts)]) / self._runs
        drawn = [
            fill(rectangle((ends[k], top, ends[k + 1], bottom)), self._colours[k])
            for k in np.flatnonzero(counts).tolist()
        ]
        if gone := self._story.diverged[self._index, shown]:
            start = right - (right - left) * gone / self._runs
            drawn.append(fill(rectangle((start, top, right, bottom)), self.style.theme.bad))
        if drawn:
            yield shapes(drawn)

    def labels(self, frame: int) -> list[Label]:
        (left, top, right, _), style, shown = self.box, self.style, self._shown(frame)
        base = top + style.length(6) + 0.86 * style.small
        share = float(self._story.arrived[self._index, shown].sum() / self._runs)
        found = [Label(right, base, percent(share), style.small, style.theme.ink, anchor="right")]
        if gone := self._story.diverged[self._index, shown]:
            below = base + style.small + style.length(4)
            found.append(Label(left, below, f"{gone:,} diverged", style.small, style.theme.bad))
        return found

    @property
    def _bar(self) -> Box:
        (left, top, right, _), style = self.box, self.style
        top += style.length(6) + 0.5 * (style.small - style.length(BAR))
        return left, top, right - width(">99%", style.small) - style.length(6), top + style.length(BAR)

    def _shown(self, frame: int) -> int:
        return frame if self._frame is None else self._frame
