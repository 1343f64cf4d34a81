"""What moves on the map: heads, arrows for those that have left it, badges for those that will not come back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optviz.figures.engine.clip import Box, grown, inside
from optviz.figures.engine.declutter import declutter
from optviz.figures.engine.heads import ARROW, DISC, STAR, head, placed
from optviz.figures.engine.text import width
from optviz.figures.engine.theme import Theme
from optviz.figures.engine.timeline import between, held
from optviz.figures.engine.trails import Trail
from optviz.figures.layout import MapView, Scale
from optviz.figures.page import NONE, Item, Label, Outline, Strokes, rgba, rounded, shapes
from optviz.results import Race

HEAD = 5.4
FAR = 1e9  # px; farther than this only the direction matters


@dataclass(frozen=True)
class Badge:
    """A few words beside the arrow of a run that diverged."""

    box: Box
    text: str
    step: int


class Field:
    """The heads of a race at every frame.

    Parameters
    ----------
    race : Race
    trails : list of Trail
        Of the optimizers, on the map.
    colours, heads : list of str
        Of the optimizers.
    view : MapView
    schedule : (frames,) float64
        The step that each frame shows.
    scale : Scale
    theme : Theme
    whole : bool
        Whether heads that are off the map get an arrow at its border; else they are left out.
    """

    def __init__(
        self,
        race: Race,
        trails: Sequence[Trail],
        colours: Sequence[str],
        shapes: Sequence[str],
        view: MapView,
        schedule: np.ndarray,
        scale: Scale,
        theme: Theme,
        whole: bool,
    ):
        self._race, self._view, self._scale, self._theme = race, view, scale, theme
        self._colours, self._shapes = colours, shapes
        self.schedule = schedule
        paths = [np.clip(held(trail.points), -FAR, FAR) for trail in trails]
        self.true = np.stack([between(path, schedule) for path in paths], axis=1)
        self.off = ~inside(self.true, view.box)
        self._inset = grown(view.box, -scale.length(21))
        self.minima = view.to_page(race.landscape.minimizers)
        self.minima = self.minima[inside(self.minima, view.box)]
        self.start = view.to_page(np.array(race.start))
        at = self.true.copy()
        self.direction = np.zeros_like(at)
        if whole:
            self._to_border(at, trails)
        else:
            at[self.off] = np.nan
        landmarks = np.concatenate([self.minima, self.start[None]])
        self.shown = declutter(at, landmarks, scale.length(2.05 * HEAD), scale.length(HEAD + 12))
        self._keep_inside(at)
        self._badges = self._placed_badges() if whole else []

    def _to_border(self, at: np.ndarray, trails: Sequence[Trail]) -> None:
        """Bring heads that are off the map to its border, where they left it if for good."""
        left, top, right, bottom = self._view.box
        centre = np.array([(left + right) / 2, (top + bottom) / 2])
        ray = at - centre
        half = (self._inset[2] - self._inset[0]) / 2
        reach = np.maximum(np.abs(ray).max(axis=2, keepdims=True), 1e-9)
        at[self.off] = (centre + ray * (half / reach))[self.off]
        self.direction[self.off] = ray[self.off]
        for index, (run, trail) in enumerate(zip(self._race.trajectories, trails, strict=True)):
            gone = run.diverged_at is not None and self.schedule >= run.diverged_at
            drawn = np.flatnonzero(trail.shown)
            if not np.any(gone) or not len(drawn):
                continue
            last = drawn[-1]
            if inside(trail.points[last + 1], self._view.box):
                continue  # it never left the map: its next iterate was not a number
            at[gone, index] = np.clip(trail.ends[last], self._inset[:2], self._inset[2:])
            self.direction[gone, index] = trail.ends[last] - trail.starts[last]
            self.off[gone, index] = True
        length = np.maximum(np.hypot(self.direction[..., 0], self.direction[..., 1]), 1e-9)
        self.direction /= length[..., None]

    def _keep_inside(self, at: np.ndarray) -> None:
        low, high = np.array(self._inset[:2]), np.array(self._inset[2:])
        self.shown[self.off] = np.clip(self.shown, low, high)[self.off]  # NaN stays
        rim = grown(self._view.box, -self._scale.length(HEAD + 1))
        moved = ~self.off & (np.abs(self.shown - at).max(axis=2) > 0.01)
        self.shown[moved] = np.clip(self.shown, np.array(rim[:2]), np.array(rim[2:]))[moved]

    def landmarks(self) -> list[Strokes]:
        """Start and minima."""
        scale, theme = self._scale, self._theme
        casing, ink = rgba(theme.casing[0], 0.85), rgba(theme.ink)
        local = self._view.to_page(self._race.landscape.local_minimizers)
        drawn = []
        for x, y in local[inside(local, self._view.box)]:
            star = placed(STAR, x, y, scale.length(6.5))
            drawn += [(star, casing, NONE, scale.length(3.2)), (star, rgba(theme.ink, 0.75), NONE, scale.length(1.1))]
        for x, y in self.minima:
            star = placed(STAR, x, y, scale.length(11.5))
            drawn += [(star, casing, NONE, scale.length(3)), (star, NONE, ink, 0.0)]
        if inside(self.start, self._view.box):
            ring = placed(DISC, float(self.start[0]), float(self.start[1]), scale.length(5.2))
            drawn += [(ring, casing, NONE, scale.length(4.4)), (ring, ink, NONE, scale.length(2))]
        return [shapes(drawn)] if drawn else []

    def leaders(self, frame: int, order: Sequence[int]) -> list[Strokes]:
        """From each head that had to make room a line to where it really is."""
        scale, casing = self._scale, rgba(*self._theme.casing)
        lines = []
        for index in reversed(order):
            if self.off[frame, index]:
                continue
            shown, true = self.shown[frame, index], self.true[frame, index]
            if np.hypot(*(shown - true)) > scale.length(3):
                path = Outline(np.array([shown, true]))
                lines.append((path, casing, NONE, scale.length(3)))
                lines.append((path, rgba(self._colours[index]), NONE, scale.length(1.2)))
        return [shapes(lines)] if lines else []

    def heads(self, frame: int, order: Sequence[int]) -> list[Strokes]:
        """Heads, the leader on top, with an arrow outwards where one is off the map."""
        scale, rim = self._scale, rgba(self._theme.rim)
        marks = []
        for index in reversed(order):
            colour = rgba(self._colours[index])
            x, y = self.shown[frame, index]
            if not np.isfinite(x):
                continue
            if self.off[frame, index]:
                right, down = self.direction[frame, index]
                reach = scale.length(12)
                turn = float(np.arctan2(down, right))
                arrow = placed(ARROW, x + reach * right, y + reach * down, scale.length(5), turn)
                marks.append((arrow, rim, colour, scale.length(1.2)))
            path = head(self._shapes[index], scale.length(HEAD)).moved(x, y)
            marks.append((path, rim, colour, scale.length(1.4)))
        return [shapes(marks)] if marks else []

    def written(self, frame: int) -> list[Item]:
        """The badges of the runs that have diverged by then."""
        theme, scale = self._theme, self._scale
        size = scale.font(12)
        items: list[Item] = []
        for badge in self._badges:
            if self.schedule[frame] >= badge.step:
                pill = rounded(badge.box, scale.length(4))
                items.append(shapes([(pill, rgba(theme.bad, 0.9), rgba(theme.page, 0.86), 1.0)]))
                baseline = (badge.box[1] + badge.box[3]) / 2 + 0.36 * size
                middle = (badge.box[0] + badge.box[2]) / 2
                items.append(Label(middle, baseline, badge.text, size, theme.ink, anchor="center"))
        return items

    def _placed_badges(self) -> list[Badge]:
        """A free place beside each arrow; a badge that would cover another, a minimum or the start is left out."""
        scale = self._scale
        size = scale.font(12)
        room = grown(self._view.box, -scale.length(6))
        taken = [_around(point, scale.length(12)) for point in [*self.minima, self.start]]
        final = [_around(point, scale.length(9)) for point in self.shown[-1]]
        badges: list[Badge] = []
        for index, run in enumerate(self._race.trajectories):
            if run.diverged_at is None:
                continue
            text = f"{run.title} diverged at step {run.diverged_at}"
            half_width, half_height = width(text, size) / 2 + scale.length(7), 0.5 * size + scale.length(5)
            x, y = self.shown[-1, index]
            beside, level = half_width + scale.length(20), half_height + scale.length(20)
            places = [(x + beside, y), (x - beside, y), (x, y + level), (x, y - level)]
            places += [
                (x + beside, y + level),
                (x - beside, y + level),
                (x + beside, y - level),
                (x - beside, y - level),
            ]
            best: tuple[float, Box] | None = None
            for place, (px, py) in enumerate(places):
                px = float(np.clip(px, room[0] + half_width, max(room[0] + half_width, room[2] - half_width)))
                py = float(np.clip(py, room[1] + half_height, room[3] - half_height))
                box = (px - half_width, py - half_height, px + half_width, py + half_height)
                if box[2] > room[2] + 1 or any(_overlap(box, other) for other in taken):
                    continue
                cost = place * 0.1 + sum(_overlap(box, other) for other in final)
                if best is None or cost < best[0]:
                    best = cost, box
            if best:
                badges.append(Badge(best[1], text, run.diverged_at))
                taken.append(grown(best[1], scale.length(3)))
        return badges


def _around(point: np.ndarray, by: float) -> Box:
    return point[0] - by, point[1] - by, point[0] + by, point[1] + by


def _overlap(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)
