"""Paths on a map: trails with comets, and the heads that run ahead of them.

Heads that would hide each other make room; those that have left the map wait at its border with an arrow, and those
that will not come back say so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from optviz.figures.engine.clip import Box, beside, grown, overlap
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.heads import ARROW, DISC, STAR, placed
from optviz.figures.engine.interleave import interleave
from optviz.figures.engine.items import (
    Drawn,
    Item,
    Label,
    around,
    faded,
    fill,
    line,
    rgba,
    rounded,
    shapes,
    stroke,
)
from optviz.figures.engine.panel import MARGIN, Mark, Panel
from optviz.figures.engine.style import RADIUS, Entrant, Style
from optviz.figures.engine.text import width
from optviz.figures.engine.trails import HEM, Pen, Trail, comets, merged

MANY = 12  # stars, beyond which they get smaller
CORNER = 8.0  # px, the radius of a map's corners
Ranking = Callable[[int], Sequence[int]]  # the indices of the runners in a frame, the leader first


@dataclass(frozen=True)
class Runner:
    """An entrant on its way.

    Attributes
    ----------
    entrant : Entrant
    points : (steps + 1, 2) float64
        In data coordinates; may hold NaN and infinities.
    gone : int or None
        The step at which it diverged.
    stopped : int or None
        The step after which it did not go on, of itself.
    """

    entrant: Entrant
    points: np.ndarray
    gone: int | None = None
    stopped: int | None = None


def usual_pen(style: Style) -> Pen:
    """The pen of a race: leaps are faint, and what crosses itself often is too."""
    length = style.length
    return Pen(length(2.2), max(HEM, length(HEM)), leap=length(46), bead=length(7), patch=length(8), crossings=1.5)


class Paths(Mark):
    """Trails that grow, each with a comet at its end until the last frame.

    Parameters
    ----------
    runners : sequence of Runner
    schedule : (frames,) float64
        The step that each frame shows.
    ranking : function of a frame
    pen : function of a Style
    close : float
        How near trails must be to take turns, as a share of what is usual.

    Attributes
    ----------
    trails : list of Trail
        On the panel.
    at : (frames, runners, 2) float64
        Where the runners are, in pixels.
    tracks : list of Track
        The same and more, for each runner.
    """

    name = "paths"

    def __init__(
        self,
        runners: Sequence[Runner],
        schedule: np.ndarray,
        ranking: Ranking,
        pen: Callable[[Style], Pen] = usual_pen,
        close: float = 1.0,
    ):
        self.runners, self.schedule, self.ranking = runners, schedule, ranking
        self._pen, self._close = pen, close
        self._steps = np.floor(schedule + 1e-9).astype(int)
        # Grey ones below; best final value first, worst on top.
        self._order = sorted(ranking(len(schedule) - 1), key=lambda index: runners[index].entrant.chosen)

    def place(self, panel: Panel) -> None:
        super().place(panel)
        style, box = panel.style, panel.box
        self.trails = [
            Trail(panel.course(one.points), one.entrant.colour, box, self._pen(style), style.theme, one.entrant.dash)
            for one in self.runners
        ]
        chosen = [index for index, one in enumerate(self.runners) if one.entrant.chosen]
        order = [chosen.index(index) for index in self._order if index in chosen]
        interleave([self.trails[index] for index in chosen], order, box, self._close * style.factor)
        self.tracks = [panel.track(one.points, self.schedule) for one in self.runners]
        self.at = np.stack([track.at for track in self.tracks], axis=1)

    def added(self, first: int, last: int) -> Iterator[Item]:
        steps = 0 if first < 0 else int(self._steps[first]), int(self._steps[last])
        casings, cores = [], []
        for index in self._order if steps[0] < steps[1] else ():
            hems, lines = self.trails[index].strokes(*steps)
            casings += hems
            cores += lines
        for drawn, cap in ((casings, "butt"), (cores, "round")):
            if drawn:
                yield merged(drawn, cap, self.panel.box)

    def moving(self, frame: int) -> Iterator[Item]:
        if frame == len(self.schedule) - 1:
            return
        order = [k for k in reversed([*self.ranking(frame)]) if self.runners[k].entrant.chosen]
        drawn = comets([self.trails[k].comet(self.schedule[frame], self.at[frame, k]) for k in order], self.panel.box)
        if drawn.paths:
            yield drawn


class Corners(Mark):
    """Page colour over a map's corners, and a hairline around it: above trails, below heads."""

    def place(self, panel: Panel) -> None:
        super().place(panel)
        style, box = panel.style, panel.box
        radius = style.length(CORNER)
        edge = stroke(rounded(grown(box, -0.5), radius), style.theme.muted, style.hair, 0.35)
        self._drawn = shapes([fill(around(box, radius), style.theme.page), edge])

    def moving(self, frame: int) -> Iterator[Item]:
        yield self._drawn


@dataclass(frozen=True)
class Badge:
    """A few words beside the arrow of a run that diverged."""

    box: Box
    text: str
    step: int


class Heads(Mark):
    """The heads of runners at every frame, the start and the minima below them.

    Parameters
    ----------
    paths : Paths
        Of the runners, on the same panel.
    start : (x, y)
    minimizers, local : (k, 2) float64
        Marked with a star, full or hollow.
    whole : bool
        Whether heads that are off the map get an arrow at its border; else they are left out.
    ringed : sequence of int, optional
        For each runner the frame from which a ring says that it diverged.
    unit : str
        What a step is called.

    Attributes
    ----------
    shown : (frames, runners, 2) float64
        Where heads are drawn, in pixels; NaN for those left out.
    off : (frames, runners) bool
        Which are off the map.
    direction : (frames, runners, 2) float64
        Where their arrows point.
    badges : list of Badge
    """

    name = "heads"

    def __init__(
        self,
        paths: Paths,
        start: Sequence[float],
        minimizers: np.ndarray,
        local: np.ndarray,
        *,
        whole: bool = True,
        ringed: Sequence[int] = (),
        unit: str = "step",
    ):
        self._paths, self._whole, self._ringed, self._unit = paths, whole, ringed, unit
        self._data = np.array([start], float), minimizers, local
        self.badges: list[Badge] = []

    def place(self, panel: Panel) -> None:
        super().place(panel)
        style, box = panel.style, panel.box
        places = [points[panel.holds(points)] for points in self._data]
        self._start, self._minima, self._local = map(panel.to_page, places)
        self._inks = [panel.ink(points) for points in places]
        self._inset = grown(box, -style.length(MARGIN))
        tracks, at = self._paths.tracks, self._paths.at.copy()
        self.off, self._ink = (np.stack(part, axis=1) for part in zip(*((t.off, t.ink) for t in tracks), strict=True))
        self.direction = np.where(self.off[..., None], np.stack([track.ray for track in tracks], axis=1), 0.0)
        if self._whole:
            at[self.off] = np.stack([track.edge for track in tracks], axis=1)[self.off]
            self._to_border(at)
        else:
            at[self.off] = np.nan
        at[:, [not runner.entrant.chosen for runner in self._paths.runners]] = np.nan
        landmarks = np.concatenate([self._minima, panel.to_page(self._data[0])])
        self.shown = declutter(at, landmarks, style.length(2.05 * RADIUS), style.length(RADIUS + 12))
        self._keep_inside(at)
        self._landmarks = [*self._marked()]
        if self._whole:
            self.badges = self._placed_badges()

    def moving(self, frame: int) -> Iterator[Item]:
        order = [*reversed([*self._paths.ranking(frame)])]
        parts = self._leaders(frame, order), self._landmarks, self._rings(frame), self._heads(frame, order)
        if drawn := [*chain(*parts)]:
            yield shapes(drawn)
        yield from self._written(frame)

    def _to_border(self, at: np.ndarray) -> None:
        """Bring heads that have left for good to where they left."""
        for index, (runner, trail) in enumerate(zip(self._paths.runners, self._paths.trails, strict=True)):
            gone = np.full(len(at), False) if runner.gone is None else self._paths.schedule >= runner.gone
            drawn = np.flatnonzero(trail.shown)
            if not gone.any() or not len(drawn) or trail.course.inside[trail.course.step[drawn[-1]] + 1]:
                continue  # if it never left the map, its next iterate was not a number
            last = drawn[-1]
            at[gone, index] = np.clip(trail.ends[last], self._inset[:2], self._inset[2:])
            self.direction[gone, index] = trail.ends[last] - trail.starts[last]
            self.off[gone, index] = True
        length = np.maximum(np.hypot(self.direction[..., 0], self.direction[..., 1]), 1e-9)
        self.direction /= length[..., None]

    def _keep_inside(self, at: np.ndarray) -> None:
        low, high = np.array(self._inset[:2]), np.array(self._inset[2:])
        self.shown[self.off] = np.clip(self.shown, low, high)[self.off]  # NaN stays
        rim = grown(self.panel.box, -self.panel.style.length(RADIUS + 1))
        moved = ~self.off & (np.abs(self.shown - at).max(axis=2) > 0.01)
        self.shown[moved] = np.clip(self.shown, np.array(rim[:2]), np.array(rim[2:]))[moved]

    def _marked(self) -> Iterator[Drawn]:
        """Minima and start."""
        length, theme = self.panel.style.length, self.panel.style.theme
        casing = theme.casing[0]
        start, minima, local = self._inks
        for (x, y), ink in zip(self._local, local, strict=True):
            star = placed(STAR, x, y, length(6.5))
            for one in (stroke(star, casing, length(3.2), 0.85), stroke(star, theme.ink, length(1.1), 0.75)):
                yield faded(one, ink)
        size = 11.5 * min(1.0, (MANY / max(len(self._minima), 1)) ** 0.5)
        for (x, y), ink in zip(self._minima, minima, strict=True):
            star = placed(STAR, x, y, length(size))
            for one in (stroke(star, casing, length(3), 0.85), fill(star, theme.ink)):
                yield faded(one, ink)
        for (x, y), ink in zip(self._start.tolist(), start, strict=True):
            ring = placed(DISC, x, y, length(5.2))
            for one in (stroke(ring, casing, length(4.4), 0.85), stroke(ring, theme.ink, length(2))):
                yield faded(one, ink)

    def _leaders(self, frame: int, order: Sequence[int]) -> Iterator[Drawn]:
        """From each head that had to make room a line to where it really is."""
        length, casing = self.panel.style.length, self.panel.style.theme.casing
        for index in order:
            shown, true = self.shown[frame, index], self._paths.at[frame, index]
            if not self.off[frame, index] and np.hypot(*(shown - true)) > length(3):
                path = line(shown, true)
                yield stroke(path, casing[0], length(3), casing[1])
                yield stroke(path, self._paths.runners[index].entrant.colour, length(1.2))

    def _rings(self, frame: int) -> Iterator[Drawn]:
        """Rings around the heads that diverged, and around those that stopped and are on the map."""
        length, theme, now = self.panel.style.length, self.panel.style.theme, self._paths.schedule[frame]
        gone = [index for index, first in enumerate(self._ringed) if frame >= first]
        runners = enumerate(self._paths.runners)
        still = [k for k, one in runners if one.stopped is not None and now >= one.stopped and not self.off[frame, k]]
        for which, ink in ((gone, theme.bad), (still, theme.ink)):
            for colour, opacity, wide in ((*theme.casing, 4.0), (ink, 1.0, 1.8)):
                for x, y in self.shown[frame, which].tolist():
                    if np.isfinite(x):
                        yield stroke(placed(DISC, x, y, length(RADIUS + 4)), colour, length(wide), opacity)

    def _heads(self, frame: int, order: Sequence[int]) -> Iterator[Drawn]:
        """Heads, the leader on top, with an arrow outwards where one is off the map."""
        style = self.panel.style
        for index in order:
            entrant, (x, y) = self._paths.runners[index].entrant, self.shown[frame, index]
            if not np.isfinite(x):
                continue
            if self.off[frame, index]:
                right, down = self.direction[frame, index] * style.length(12)
                arrow = placed(ARROW, x + right, y + down, style.length(5), float(np.arctan2(down, right)))
                yield arrow, rgba(style.theme.rim), rgba(entrant.colour), style.length(1.2)
            yield faded(entrant.mark(x, y, style), self._ink[frame, index])

    def _written(self, frame: int) -> Iterator[Item]:
        """The badges of the runs that have diverged by then."""
        theme, style = self.panel.style.theme, self.panel.style
        for badge in self.badges:
            if self._paths.schedule[frame] >= badge.step:
                left, top, right, bottom = badge.box
                pill = rounded(badge.box, style.length(4))
                yield shapes([(pill, rgba(theme.bad, 0.9), rgba(theme.page, 0.86), 1.0)])
                base = (top + bottom) / 2 + 0.36 * style.small
                yield Label((left + right) / 2, base, badge.text, style.small, theme.ink, anchor="center")

    def _placed_badges(self) -> list[Badge]:
        """A free place beside each arrow; a badge that would cover another, a mark or other words is left out."""
        style = self.panel.style
        length, size = style.length, style.small
        room = grown(self.panel.box, -length(6))
        taken = [grown((x, y, x, y), length(12)) for x, y in [*self._minima, *self._start]] + [*self.panel.written()]
        heads = [grown((x, y, x, y), length(9)) for x, y in self.shown[-1]]

        def cost(box: Box) -> float:
            if box[2] > room[2] + 1 or any(overlap(box, other) for other in taken):
                return np.inf
            return sum(overlap(box, other) for other in heads)

        badges: list[Badge] = []
        for index, runner in enumerate(self._paths.runners):
            if runner.gone is None or not runner.entrant.chosen:
                continue
            text = f"{runner.entrant.title} diverged at {self._unit} {runner.gone}"
            sides = width(text, size) + length(14), size + length(10)
            x, y = self.shown[-1, index].tolist()
            if box := beside((x, y), sides, length(20), room, cost):
                badges.append(Badge(box, text, runner.gone))
                taken.append(grown(box, length(3)))
        return badges
