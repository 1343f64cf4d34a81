"""A panel in which a landscape stands as a solid block, with axes along its lower edges; marks lie on its surface."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from optviz.figures.engine.axis import Axis
from optviz.figures.engine.camera import Camera
from optviz.figures.engine.clip import Box, clipped, grown, overlap
from optviz.figures.engine.course import Course, Track, lengths
from optviz.figures.engine.horizon import FLOAT, Heights, Horizon
from optviz.figures.engine.items import Drawn, Item, Label, Outline, Picture, line, shapes, stroke
from optviz.figures.engine.panel import TICK, Frame, Mark, Panel
from optviz.figures.engine.relief import Relief
from optviz.figures.engine.solid import Lens, Solid
from optviz.figures.engine.style import Style
from optviz.figures.engine.text import width
from optviz.figures.engine.timeline import between, held

BARE = Frame(across=False, along=False)
WHOLE = 0.0, 0.0, 1.0, 1.0
PIECE = 0.03  # widths: longer steps are drawn in pieces
HIDDEN = 0.3  # of the ink of what something hides
FAR = 1e4  # widths; farther than this only the direction matters
EVERY = 45.0  # px from label to label on average at least
AIR = 8.0  # px around the block
CORNER = 15.0  # px around the nearest corner in which no label stands, or those of two axes would read as one
COARSE = 110  # columns and slices that tell enough of a surface to place it
ROUNDS = 3  # to find how large the block can be: labels depend on its size


class Scene(Panel):
    """A block that is seen from a camera.

    Parameters
    ----------
    x, y : Axis
        Linear.
    style : Style
    marks : sequence of Mark
    relief : Relief
    camera : Camera
    lens : Lens, optional
        Where the block stands, if that is settled; otherwise it is as large as the panel allows.
    turned : function of a frame and of a lens, optional
        The scene of each frame, where the camera moves, and which of the scene's own frames it is then: all of it is
        drawn anew.
    others : sequence of Scene, optional
        Some of those, for which the block must not be too large.

    Attributes
    ----------
    solid : Solid
        The block, once placed.
    """

    def __init__(
        self,
        x: Axis,
        y: Axis,
        style: Style,
        marks: Sequence[Mark],
        relief: Relief,
        camera: Camera,
        *,
        name: str = "",
        least: float = 40.0,
        lens: Lens | None = None,
        turned: "Callable[..., tuple[Scene, int]] | None" = None,
        others: "Sequence[Scene]" = (),
    ):
        super().__init__(x, y, style, marks, frame=BARE, aspect=1.0, name=name, least=least)
        self.relief, self.camera, self._surface = relief, camera, Heights(relief.levels)
        self._settled, self._turned, self._others = lens, turned, others

    def place(self, box: Box) -> None:
        self.box = self._inside(box)
        self.lens = self._settled or self.fitted(self.box)
        lenses = [self.lens, *(scene.fitted(self.box) for scene in self._others)]
        if len(lenses) > 1:
            scale, x, y = zip(*((lens.scale, lens.x, lens.y) for lens in lenses), strict=True)
            self.lens = Lens(min(scale), sum(x) / len(x), sum(y) / len(y))
        self._write()
        self.solid = Solid(self.relief, self._surface, self.camera, self.lens, self.box, self.style.theme)
        for mark in self.marks:
            mark.place(self)

    def still(self) -> Iterator[Item]:
        return iter(()) if self._turned else super().still()

    def added(self, first: int, last: int) -> Iterator[Item]:
        return iter(()) if self._turned else super().added(first, last)

    def moving(self, frame: int) -> Iterator[Item]:
        if not self._turned:
            yield from super().moving(frame)
            return
        scene, now = self._turned(frame, lens=self.lens)
        scene.place(self.box)
        yield from chain(scene.still(), *(scene.added(at - 1, at) for at in range(now + 1)), scene.moving(now))

    # Places

    def shares(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) points as shares of the sides of the ground."""
        points = np.asarray(points, float)
        return np.stack([self.x.share(points[..., 0]), self.y.share(points[..., 1])], axis=-1)

    def to_page(self, points: np.ndarray) -> np.ndarray:
        return self._lifted(self.shares(points))

    def holds(self, points: np.ndarray) -> np.ndarray:
        return _within(self.shares(points))

    def written(self) -> Sequence[Box]:
        return self._rooms

    def ink(self, points: np.ndarray) -> np.ndarray:
        return self._ink(self.shares(points).reshape(-1, 2))

    def course(self, points: np.ndarray) -> Course:
        shares = self.shares(points)
        first, last, kept = clipped(shares[:-1], shares[1:], WHOLE)
        steps = np.flatnonzero(kept)
        first, last, start, stop = first[steps], last[steps], shares[:-1][steps], shares[1:][steps]
        long, inside = np.hypot(*(stop - start).T), np.hypot(*(last - first).T)
        enter, leave = (np.hypot(*(at - start).T) / np.maximum(long, 1e-300) for at in (first, last))
        count = np.maximum(np.ceil(inside / PIECE), 1).astype(int)
        owner = np.repeat(np.arange(len(steps)), count)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)

        def along(part: np.ndarray) -> np.ndarray:
            share = (part / count[owner])[:, None]
            between = first[owner] + share * (last - first)[owner]
            return np.where(share == 0, first[owner], np.where(share == 1, last[owner], between))

        ends = [along(number), along(number + 1)]
        span = (leave - enter)[owner]
        begin, end = (steps[owner] + enter[owner] + span * part / count[owner] for part in (number, number + 1))
        page = self._lifted(shares)
        arrives = (number + 1 == count[owner]) & (last == stop).all(axis=1)[owner]
        return Course(
            page,
            _within(shares),
            self._lifted(ends[0]),
            self._lifted(ends[1]),
            np.full(len(owner), True),
            steps[owner],
            begin,
            end,
            lengths(page)[steps][owner],
            arrives,
            self._ink((ends[0] + ends[1]) / 2),
        )

    def track(self, points: np.ndarray, schedule: np.ndarray) -> Track:
        shares = between(np.clip(held(self.shares(points)), -FAR, FAR), schedule)
        away = shares - 0.5
        edge = 0.5 + away * (0.5 / np.maximum(np.abs(away).max(axis=1), 1e-9))[:, None]
        off = ~_within(shares)
        flat = self.camera.seen(shares, 0.0) - self.camera.seen(edge, 0.0)
        at_edge = np.where(off[:, None], edge, shares)
        return Track(self._lifted(shares), off, self._lifted(edge), flat * (1, -1), self._ink(at_edge))

    def _lifted(self, shares: np.ndarray) -> np.ndarray:
        """Page pixels of places on the surface; beyond its rim it goes on level."""
        known = np.isfinite(shares).all(axis=-1, keepdims=True)
        safe = np.clip(np.where(known, shares, 0.5), -1e9, 1e9)
        level = self._surface.at(*np.moveaxis(np.clip(safe, 0, 1), -1, 0).astype(FLOAT))
        return np.where(known, self.lens.page(self.camera.seen(safe, level)), np.nan)

    def _ink(self, shares: np.ndarray) -> np.ndarray:
        shares = np.clip(np.where(np.isfinite(shares), shares, 0.5), 0, 1)
        hidden = self.solid.horizon.hides(shares, self._surface.at(*shares.T.astype(FLOAT)))
        return np.where(hidden, HIDDEN, 1.0)

    def outlines(self, points: np.ndarray) -> Iterator[tuple[Outline, float]]:
        """What is on the surface of the closed line through (n, 2) points, each part with its ink."""
        course = self.course(np.concatenate([points, points[:1]]))
        starts = np.flatnonzero(~_goes_on(course))
        for first, last in zip(starts, [*starts[1:], len(course.starts)], strict=True):
            corners = np.concatenate([course.starts[first : first + 1], course.ends[first:last]])
            yield Outline(corners), float(course.ink[first])

    # The block

    def fitted(self, box: Box) -> Lens:
        """The lens with which the block and its labels are as large as a box allows."""
        self.box = box
        columns = (np.arange(COARSE) + 0.5) / COARSE * math.sqrt(2) - math.sqrt(2) / 2
        top = float(np.max(Horizon(self._surface, self.camera, columns, COARSE).highest))
        margins = [self.style.length(AIR)] * 4
        for _ in range(ROUNDS):
            self.lens = self._fit(top, margins)
            self._write()
            margins = [margin + more for margin, more in zip(margins, self._over(), strict=True)]
        return self.lens

    def _fit(self, top: float, margins: Sequence[float]) -> Lens:
        corners = self.camera.seen(np.array([(0, 0), (0, 1), (1, 0), (1, 1)]), self.camera.base)
        (low_x, low_y), (high_x, _) = corners.min(axis=0), corners.max(axis=0)
        left, high, right, low = self.box
        left, high, right, low = left + margins[0], high + margins[1], right - margins[2], low - margins[3]
        scale = max(min((right - left) / (high_x - low_x), (low - high) / (top - low_y)), 1.0)
        return Lens(
            scale,
            (left + right - scale * (low_x + high_x)) / 2,
            (high + low + scale * (top + low_y)) / 2,
        )

    def _axes(self) -> Iterator[Item]:
        yield Picture(self.solid.pixels(), round(self.box[0]), round(self.box[1]))
        yield shapes([*self._rims(), *self._ticks])
        yield from self._labels

    def _rims(self) -> Iterator[Drawn]:
        """Hairlines along the edges of the block, as far as they are seen."""
        theme, hair, base = self.style.theme, self.style.hair, self.camera.base
        near = self._near
        for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
            if corner == tuple(1 - near):
                continue
            level = self._surface.at(*np.array(corner, FLOAT)[:, None])[0]
            yield stroke(
                Outline(self._page(np.array([corner, corner]), np.array([base, level]))), theme.muted, hair, 0.5
            )
        for along in (0, 1):
            yield stroke(Outline(self._page(self._edge(along, np.array([0.0, 1.0])), base)), theme.muted, hair, 0.7)
            for side in (near[1 - along], 1 - near[1 - along]):
                places = np.full((401, 2), float(side))
                places[:, along] = np.linspace(0, 1, 401)
                seen = self._ink(places) == 1 if side != near[1 - along] else np.full(401, True)
                page = self._lifted(places)
                cuts = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]])))
                for first, last in cuts.reshape(-1, 2):
                    yield stroke(Outline(page[first:last]), theme.muted, hair, 0.8)

    # Its axes

    @property
    def _near(self) -> np.ndarray:
        """The corner that is nearest to the eye."""
        return (self.camera.towards > 1e-9).astype(int)

    def _edge(self, along: int, share: np.ndarray) -> np.ndarray:
        """(n, 2) places on the lower edge along x (0) or y (1)."""
        places = np.tile(self._near.astype(float), (len(share), 1))
        places[:, along] = share
        return places

    def _page(self, places: np.ndarray, level: np.ndarray | float) -> np.ndarray:
        return self.lens.page(self.camera.seen(places, level))

    def _write(self) -> None:
        """Choose ticks, and find places for their labels and the axes' names."""
        style, theme = self.style, self.style.theme
        middle = self._page(np.array([[0.5, 0.5]]), self.camera.base)[0]
        self._labels: list[Label] = []
        self._ticks: list[Drawn] = []
        x, y = self._page(self._near[None].astype(float), self.camera.base)[0]
        taken: list[Box] = [grown((x, y, x, y), style.length(CORNER))]
        for along, axis in enumerate((self.x, self.y)):
            ends = self._page(self._edge(along, np.array([0.0, 1.0])), self.camera.base)
            run = ends[1] - ends[0]
            out = np.array([run[1], -run[0]]) / max(np.hypot(*run), 1e-9)
            out *= 1.0 if (ends.mean(axis=0) - middle) @ out > 0 else -1.0
            last = 1.0 - self._near[along]
            wanted = [
                (last, axis.named[-1], True),
                *((share, words, False) for share, words in self._chosen(axis, run)),
            ]
            for share, words, name in wanted:
                foot = ends[0] + share * run
                label, room = self._label(words, foot + out * style.length(TICK + 2), out, name)
                if any(overlap(grown(room, style.length(3)), other) for other in taken):
                    continue
                taken.append(room)
                self._labels.append(label)
                if not name:
                    self._ticks.append(stroke(line(foot, foot + out * style.length(TICK)), theme.muted, style.hair))
        self._rooms = taken[1:]

    def _chosen(self, axis: Axis, run: np.ndarray) -> list[tuple[float, str]]:
        """The ticks of an axis that runs askew: as if it were level, or upright, whichever shows more of it."""
        most = max(2, int(np.hypot(*run) / self.style.length(EVERY)) + 1)
        axis = replace(axis, scale=replace(axis.scale, counted=False))
        level, upright = (
            axis.ticked(abs(float(long)), self.style.small, upright=bool(k), most=most) for k, long in enumerate(run)
        )
        best = max((level, upright), key=lambda one: len(one.ticks))
        return best.shares

    def _label(self, words: str, at: np.ndarray, out: np.ndarray, name: bool) -> tuple[Label, Box]:
        """A label that stands as far out as its box needs, and that box."""
        small = self.style.small
        half = np.array([width(words, small, italic=name) / 2, 0.36 * small])
        x, y = at + out * float(np.abs(out) @ half)
        label = Label(x, y + half[1], words, small, self.style.theme.muted, italic=name, anchor="center")
        return label, (x - half[0], y - 0.5 * small, x + half[0], y + 0.62 * small)

    def _over(self) -> list[float]:
        """How far labels reach beyond the box, on each side."""
        ends = np.array([(*room[:2], -room[2], -room[3]) for room in self._rooms]).min(axis=0, initial=np.inf)
        left, top, right, bottom = self.box
        return [max(0.0, float(over)) for over in np.array([left, top, -right, -bottom]) - ends]


def _within(shares: np.ndarray) -> np.ndarray:
    slack = 1e-12
    return np.all((shares >= -slack) & (shares <= 1 + slack), axis=-1)


def _goes_on(course: Course) -> np.ndarray:
    """(n,) bool: which pieces begin where the one before ends, with as much ink."""
    found = np.zeros(len(course.starts), bool)
    found[1:] = (course.starts[1:] == course.ends[:-1]).all(axis=1) & (course.ink[1:] == course.ink[:-1])
    return found
