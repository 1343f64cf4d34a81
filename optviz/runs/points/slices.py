"""Slabs: some of many runs, advanced in short slices on the device that computes them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.runs.points.cpu import Tiles

if TYPE_CHECKING:
    from optviz.runs.points.engine import Engine

SLICE = 0.04  # seconds that a kernel call should take: Ctrl-C and progress bars wait for it
FIRST = 500_000  # steps of all runs together in the first call, before the pace is known
TRACED = 1 << 19  # steps of all runs together of which iterates or step scalars are held at a time: 8 MB and less

# What takes the runs of a slab when they have ended: their place among all runs, points (n, d), values (n,), for each
# threshold the step of arrival or -1 (thresholds, n), and the step of divergence or 0 (n,). Places do not overlap.
Collect = Callable[[slice, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]


class Slab:
    """Some runs; a `Job` of `side_by_side`.

    Parameters
    ----------
    engine : Engine
    starts : (n, d) array
    place, collect, history, kept
        As for `Engine.run`, for these runs.
    own : dict of str to (n,) float64, optional
        Each run's own hyperparameters.
    number : int
        Of the first of them, to noise.
    group : int
        So many runs in a row have the same step scalars, the last ones maybe fewer.
    """

    def __init__(
        self,
        engine: "Engine",
        starts: np.ndarray,
        place: slice = slice(0),
        collect: Collect | None = None,
        own: Mapping[str, np.ndarray] | None = None,
        history: Sequence[int] = (),
        kept: np.ndarray | None = None,
        number: int = 0,
        group: int = 1,
    ):
        self.number, self.group = number, group
        self.engine, self.starts, self.place, self.collect, self.own = engine, starts, place, collect, own or {}
        self.stops = [*history, engine.steps]
        self.kept = kept
        self.count = len(starts)
        self.step = 0
        self.finished = False
        self.tiles: Tiles | None = None  # before the first step and after the last

    @property
    def done(self) -> float:
        """The share of the steps that have been made."""
        return self.step / self.engine.steps

    def advance(self, room: Any) -> None:
        """Make some steps, and hand over the runs after the last one."""
        engine, pace = self.engine, self.engine.pace
        tiles = self.tiles = self.tiles or self._start()
        load = engine.device.load(self.count)
        steps = int(SLICE / (pace * load)) if pace else FIRST // load
        if engine.own:
            steps = min(steps, TRACED * self.group // self.count)  # each of them needs step scalars for every group
        first, last = self.step, min(self.step + max(steps, 1), engine.steps)
        begin = time.perf_counter()
        while True:
            while self.stops[:-1] and self.stops[0] == self.step:
                self._keep(tiles, self.stops.pop(0))
            if self.step == last:
                break
            until = min(last, self.stops[0])
            tiles.run(self.step + 1, until)
            self.step = until
        if last > first and not tiles.resting:  # tiles at rest say nothing about the others
            engine.pace = (time.perf_counter() - begin) / ((last - first) * load)
        if self.step == engine.steps:
            if self.collect:
                self.collect(self.place, *tiles.ends())
            self.tiles, self.finished = None, True

    def paths(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make all steps and keep every iterate, in the calling thread.

        Returns
        -------
        points : (n, steps + 1, d)
        values : (n, steps + 1)
            Both NaN after a divergence.
        diverged : (n,) int
            The step of divergence, else 0.
        """
        engine, tiles = self.engine, self._start()
        points: np.ndarray = np.empty((self.count, engine.steps + 1, engine.dimension), engine.dtype)
        values: np.ndarray = np.empty((self.count, engine.steps + 1), engine.dtype)
        longest = max(TRACED // self.count, 1)
        for first in range(0, engine.steps + 1, longest):
            some = slice(first, min(first + longest, engine.steps + 1))
            points[:, some], values[:, some] = tiles.trace(some.start + 1, some.stop)
        diverged = tiles.diverged()
        for number in np.flatnonzero(diverged):
            points[number, diverged[number] + 1 :] = np.nan
            values[number, diverged[number] + 1 :] = np.nan
        return points, values, diverged

    def _start(self) -> Tiles:
        return self.engine.device.tiles(self.starts, self.own, self.number, self.group)

    def _keep(self, tiles: Tiles, step: int) -> None:
        """Keep the iterates after a step; those of runs that had diverged by then are NaN."""
        assert self.kept is not None
        self.kept[len(self.kept) - len(self.stops), self.place] = tiles.places(step)
