"""The ground of a race, a map or a solid surface, with everything that stands and runs on it."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.figures.curvature import Ellipses
from optviz.figures.engine.axis import LINEAR, Axis
from optviz.figures.engine.camera import Camera, checked_view
from optviz.figures.engine.clip import Box
from optviz.figures.engine.horizon import Heights
from optviz.figures.engine.inset import Inset, Rim
from optviz.figures.engine.panel import Frame, Mark, Panel
from optviz.figures.engine.paths import Corners, Heads, Paths, Ranking, Runner
from optviz.figures.engine.relief import WHOLE, Ground, Relief
from optviz.figures.engine.scene import BARE, Scene
from optviz.figures.engine.style import Entrant, Style
from optviz.figures.engine.timeline import schedule
from optviz.figures.looks import Looks
from optviz.figures.standings import Standings
from optviz.figures.viewpoint import viewpoint
from optviz.results import Race

FRAME = Frame(names="ends", every=(70.0, 70.0))
LEAST = 64.0
LAYERS = 40  # in which trails are drawn anew
MOST_TURN = 45.0  # degrees
HEIGHTS = "heights are levels (log + rank), as the colours of the map, not values"


class Moments:
    """What each frame of a race shows.

    Attributes
    ----------
    schedule : (frames,) float64
        The step, whole or in between.
    steps : (frames,) int64
        The last whole step.
    """

    def __init__(self, standings: Standings, steps: int, frames: int):
        self.schedule = schedule(frames, steps)
        self.steps = np.floor(self.schedule + 1e-9).astype(int)
        self._order = cache(standings.order)

    def ranking(self, frame: int) -> list[int]:
        """The indices of the entrants, the leader first."""
        return self._order(int(self.steps[frame]))


class Stage:
    """How the ground of a race is seen.

    Parameters
    ----------
    race : Race
    style : Style
    view, camera, turn
        As for `race_animation`.

    Attributes
    ----------
    notes : list of str
        What has to be said beside the picture.
    facts : dict
        For the metadata of the file.

    Raises
    ------
    UsageError
        If the view, the camera or the turn cannot be used.
    """

    def __init__(
        self, race: Race, style: Style, view: str = "2d", camera: Sequence[float] | None = None, turn: float = 0.0
    ):
        solid = checked_view(view, camera)
        number = isinstance(turn, int | float) and not isinstance(turn, bool)
        if not number or not abs(turn) <= (MOST_TURN if solid else 0.0):
            least = "from -45 to 45 degrees, of a surface" if solid else "0: a map does not turn"
            raise UsageError(f"turn is {turn!r}", f"It must be {least}.")
        landscape = race.landscape
        self._race, self._style, self._turn = race, style, float(turn)
        self._relief = Relief(landscape.values, landscape.minimum, style.theme)
        self._camera = viewpoint(race, Heights(self._relief.levels), camera) if solid else None
        self.notes, self.facts = [HEIGHTS] if solid else [], {}
        if self._camera:
            seen = self._camera
            self.facts = {"view": view, "camera": [seen.azimuth, seen.elevation, seen.height]}

    def room(self) -> Panel:
        """A panel that takes as much room, with nothing in it."""
        frame = BARE if self._camera else FRAME
        return Panel(*self._axes(), self._style, frame=frame, aspect=1.0, name="map", least=LEAST)

    def panel(self, field: Sequence[Entrant], moments: Moments, show: str | None) -> Panel:
        """The map, or the block, with the race on it."""
        schedule, ranking = moments.schedule, moments.ranking
        x, y = self._axes()
        if not self._camera:
            marks = self._on_map(field, schedule, ranking, show)
            return Panel(x, y, self._style, marks, frame=FRAME, aspect=1.0, name="map", least=LEAST)
        camera, last = self._camera, len(schedule) - 1

        def scene(schedule: np.ndarray, ranking: Ranking, camera: Camera, **more: Any) -> Scene:
            marks = self._on_block(field, schedule, ranking, show)
            return Scene(x, y, self._style, marks, self._relief, camera, name="map", least=LEAST, **more)

        def turned(frame: int, **more: Any) -> tuple[Scene, int]:
            # Some moments before, so that the newest trails lie on top; and the last one of all, which has no comets.
            before = np.unique(np.linspace(0, frame, LAYERS).astype(int)).tolist()
            frames = [*before, last] if frame < last else before
            return scene(schedule[frames], lambda at: ranking(frames[at]), self._seen(frame, last), **more), len(
                before
            ) - 1

        if not self._turn:
            return scene(schedule, ranking, camera)
        others = [turned(frame)[0] for frame in sorted({0, last // 2})]
        return scene(schedule, ranking, camera, turned=turned, others=others)

    def _seen(self, frame: int, last: int) -> Camera:
        """The camera of a frame, where it turns: fast in the middle, and so that the walls that are seen stay seen."""
        assert self._camera is not None
        side = math.floor(self._camera.azimuth / 90) == math.floor((self._camera.azimuth + self._turn) / 90)
        share = frame / last if last else 1.0
        return self._camera.turned((1 if side else -1) * self._turn * (1 - share * share * (3 - 2 * share)))

    def _axes(self) -> tuple[Axis, Axis]:
        x, y = (Axis(*ends, LINEAR, (name,)) for name, ends in zip("xy", self._race.landscape.view, strict=True))
        return x, y

    def _ellipses(self, show: str | None) -> list[Ellipses]:
        landscape = self._race.landscape
        if show != "curvature" or landscape.hessians is None:
            return []
        return [Ellipses(np.concatenate([landscape.minimizers, landscape.local_minimizers]), landscape.hessians)]

    def _runners(
        self, field: Sequence[Entrant], schedule: np.ndarray, ranking: Ranking, whole: bool = True
    ) -> tuple[Paths, Heads]:
        race, landscape = self._race, self._race.landscape
        runners = [
            Runner(one, run.points, run.diverged_at, run.stopped_at)
            for one, run in zip(field, race.trajectories, strict=True)
        ]
        paths, minima = Paths(runners, schedule, ranking), (landscape.minimizers, landscape.local_minimizers)
        return paths, Heads(paths, race.start, *minima, whole=whole, unit=race.length[1])

    def _on_block(
        self, field: Sequence[Entrant], schedule: np.ndarray, ranking: Ranking, show: str | None
    ) -> list[Mark]:
        looks = Looks(field, self._race.trajectories, schedule)
        return [*self._ellipses(show), looks, *self._runners(field, schedule, ranking)]

    def _on_map(self, field: Sequence[Entrant], schedule: np.ndarray, ranking: Ranking, show: str | None) -> list[Mark]:
        """What stands and runs on the map, and in an inset what it shows."""
        landmarks = np.concatenate([self._race.landscape.minimizers, [self._race.start]])
        ellipses = self._ellipses(show)

        def marks(part: Box, above: Callable[[Paths], Sequence[Mark]], whole: bool) -> list[Mark]:
            paths, heads = self._runners(field, schedule, ranking, whole)
            looks = Looks(field, self._race.trajectories, schedule)
            return [Ground(self._relief, part), *ellipses, looks, paths, *above(paths), heads]

        def inset(part: Box) -> list[Mark]:
            return marks(part, lambda _: [Rim(part[2] - part[0])], False)

        return marks(WHOLE, lambda paths: [Inset(paths, landmarks, inset), Corners()], True)
