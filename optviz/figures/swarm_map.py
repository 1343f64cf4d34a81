"""One map of a swarm: the landscape with traces of the starts, the dots, the minimizers, and what stands around it."""

import math

import numpy as np

from optviz.figures.engine.clip import grown, inside
from optviz.figures.engine.heads import STAR, head, placed
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme, rgb
from optviz.figures.layout import MapView, Scale
from optviz.figures.page import NONE, Item, Label, Outline, Picture, Strokes, around, rectangle, rgba, rounded, shapes
from optviz.figures.swarm_axes import labels, marked
from optviz.figures.swarm_dots import Dots
from optviz.figures.swarm_key import percent
from optviz.figures.swarm_layout import Caption
from optviz.figures.swarm_story import Story

RADIUS, LEAST_RADIUS = 1.5, 1.1  # px, of a dot
DESIGNED_FOR = 430  # px, the side of a map on which dots have that size
TRACE = 0.15  # opacity of the dots that stay at the starts
NOWHERE = {"dark": "#c4c8cc", "light": "#4d545b"}  # runs that end at none of the minimizers
BAR = 5.0  # px
STARTED = 0.75  # opacity of the starts at the end, when all is told by where they lie
WAY = 0.34  # opacity of the way of one run
STILL = 0.7  # px: shorter moves than that are no part of a way
FAR = 4000.0  # px


class SwarmMap:
    """A map.

    Parameters
    ----------
    story : Story
    flock : int
    view : MapView
    colours : sequence of str
        Of the minimizers, and of runs that end at none.
    scale : Scale
    theme : Theme
    """

    def __init__(self, story: Story, flock: int, view: MapView, colours: list[str], scale: Scale, theme: Theme):
        self._story, self._flock, self._view = story, flock, view
        self._colours, self._scale, self._theme = colours, scale, theme
        one, landscape = story.swarm.runs[flock], story.swarm.landscape
        self._kinds = np.where(one.reached < 0, len(colours) - 1, one.reached)
        self._runs = len(one.reached)
        radius = max(LEAST_RADIUS, RADIUS * math.sqrt(view.side / DESIGNED_FOR))
        hues = np.array([rgb(colour) for colour in colours], float)
        self._dots = Dots(view.side, radius, hues, np.array(rgb(theme.ink), float), np.array(rgb(theme.rim), float))
        relief = Relief(landscape.values, landscape.minimum, theme).shaded(view.side)
        trace = TRACE * min(1.0, view.side / DESIGNED_FOR)  # as many dots on a small map cover more of it
        self._ground = self._dots.painted(relief, self._pixels(0), self._kinds, trace, 0.0)
        self.landmarks = self._framed()

    def _pixels(self, frame: int) -> np.ndarray:
        return self._view.to_page(self._story.points(self._flock, frame)) - (self._view.x, self._view.y)

    def picture(self, frame: int) -> Picture:
        """The map with the dots of a frame; at the end with the starts, in the colours of where they have led."""
        ground = self._ground
        if frame == self._story.frames - 1:
            led = np.where((self._story.swarm.runs[self._flock].reached >= 0)[:, None], self._pixels(0), np.nan)
            ground = self._dots.painted(ground, led, self._kinds, STARTED, 0.0)
        return Picture(self._dots.painted(ground, self._pixels(frame), self._kinds), self._view.x, self._view.y)

    def ways(self, frame: int) -> list[Strokes]:
        """The ways that runs have taken, at the end, when their dots lie upon each other; of some of them."""
        if frame != self._story.frames - 1:
            return []
        chosen = self._story.told
        kept = self._story.swarm.runs[self._flock].points[:, chosen].astype(float)
        width = max(1.0, self._scale.length(1.1))
        drawn = []
        for run, path in zip(chosen, self._view.to_page(kept).transpose(1, 0, 2), strict=True):
            path = np.clip(path[np.isfinite(path).all(axis=1)], -FAR, FAR)
            moved = np.hypot(*np.diff(path, axis=0, prepend=path[:1] - 1).T) > STILL
            if moved.sum() > 1:
                colour = self._colours[self._kinds[run]]
                drawn.append((Outline(path[moved]), rgba(colour, WAY), NONE, width))
        return [shapes(drawn, clip=self._view.box)] if drawn else []

    def _framed(self) -> list[Strokes]:
        """Page colour over the corners, a hairline around the map, and the minimizers."""
        scale, theme, box = self._scale, self._theme, self._view.box
        swarm = self._story.swarm
        small = min(1.0, max(0.55, self._view.side / scale.length(DESIGNED_FOR)))
        hair, radius = max(1.0, scale.length(1)), scale.length(8) * small
        casing = rgba(theme.rim, 0.85)
        drawn = [
            (around(box, radius), NONE, rgba(theme.page), 0.0),
            (rounded(grown(box, -0.5), radius), rgba(theme.muted, 0.35), NONE, hair),
        ]
        shown = self._view.to_page(swarm.minimizers)
        for k, (x, y) in enumerate(shown):
            if not inside(shown[k], box):
                continue
            size = scale.length(9.5) * small
            if k < len(swarm.landscape.minimizers):
                drawn.append((placed(STAR, x, y, size), casing, NONE, scale.length(3) * small))
                drawn.append((placed(STAR, x, y, size), NONE, rgba(self._colours[k]), 0.0))
            else:
                star = placed(STAR, x, y, 0.75 * size)
                drawn.append((star, casing, rgba(theme.rim), scale.length(4.5) * small))
                drawn.append((star, rgba(self._colours[k]), NONE, scale.length(1.6) * small))
        return [shapes(drawn)]

    def edges(self) -> list[Item]:
        """Labels of both axes, with their names."""
        small = self._scale.font(12)
        across, along = (marked(low, high, small) for low, high in self._view.view)
        return [*labels(across, along, self._view.box, self._scale, self._theme)]

    def caption(self, caption: Caption, shape: str | None, lines: int) -> list[Item]:
        """What stands over the map, on one line or on two; `shape` is the optimizer's head in the curve."""
        scale, theme, small = self._scale, self._theme, self._scale.font(12)
        left, top, right, _ = self._view.box
        pitch = scale.font(13) + scale.length(7)
        first = top - scale.length(7) - pitch * (lines - 1)
        items: list[Item] = []
        if shape:
            radius = scale.length(4.5)
            mark = head(shape, radius).moved(left + radius + 1, first - 0.36 * scale.font(13))
            items.append(shapes([(mark, NONE, rgba(theme.ink), 0.0)]))
            left += caption.sign(scale)
        items.append(Label(left, first, caption.name, scale.font(13), theme.ink, bold=True))
        if lines == 1:
            items.append(Label(right, first, caption.words, small, theme.muted, anchor="right"))
        else:
            items.append(Label(self._view.x, first + pitch, caption.words, small, theme.muted))
        return items

    def _bar(self) -> tuple[float, float, float, float]:
        """The track of the bar below the map."""
        left, _, right, bottom = self._view.box
        top = bottom + self._scale.length(6) + 0.5 * (self._scale.font(12) - self._scale.length(BAR))
        end = right - width(">99%", self._scale.font(12)) - self._scale.length(6)
        return left, top, end, top + self._scale.length(BAR)

    def track(self) -> list[Item]:
        """The empty bar."""
        return [shapes([(rectangle(self._bar()), NONE, rgba(self._theme.grid), 0.0)])]

    def bar(self, frame: int) -> list[Item]:
        """Runs that have arrived from the left, by minimizer, and those that have diverged from the right."""
        left, top, right, bottom = self._bar()
        counts = self._story.arrived[self._flock, frame]
        ends = left + (right - left) * np.concatenate([[0.0], np.cumsum(counts)]) / self._runs
        drawn = [
            (rectangle((ends[k], top, ends[k + 1], bottom)), NONE, rgba(self._colours[k]), 0.0)
            for k in np.flatnonzero(counts)
        ]
        if gone := self._story.diverged[self._flock, frame]:
            start = right - (right - left) * gone / self._runs
            drawn.append((rectangle((start, top, right, bottom)), NONE, rgba(self._theme.bad), 0.0))
        return [shapes(drawn)] if drawn else []

    def counts(self, frame: int) -> list[Label]:
        """The share that has arrived at the end of the bar, and below it how many have diverged."""
        left, _, right, bottom = self._view.box
        small = self._scale.font(12)
        line = bottom + self._scale.length(6) + 0.86 * small
        share = self._story.arrived[self._flock, frame].sum() / self._runs
        labels = [Label(right, line, percent(float(share)), small, self._theme.ink, anchor="right")]
        if gone := self._story.diverged[self._flock, frame]:
            below = line + small + self._scale.length(4)
            labels.append(Label(left, below, f"{gone:,} diverged", small, self._theme.bad))
        return labels
