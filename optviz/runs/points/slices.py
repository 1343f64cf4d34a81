"""Slices: some of many runs, advanced in short slices on the device that computes them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from optviz.runs.points.cpu import Processor, Tiles
from optviz.runs.points.problem import Problem

SLICE = 0.04  # seconds that a kernel call should take: Ctrl-C and progress bars wait for it
FIRST = 500_000  # steps of all runs together in the first call, before the pace is known
TRACED = 1 << 19  # steps of all runs together of which iterates or step scalars are held at a time: 8 MB and less

# What takes the runs of a slice when they have ended: their place among all runs, points (n, d), values (n,), for each
# threshold the step of arrival or -1 (thresholds, n), and the step of divergence or 0 (n,). Places do not overlap.
Collect = Callable[[slice, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]


class Slice:
    """Some runs; a `Job` of `side_by_side`.

    Parameters
    ----------
    problem : Problem
    processor : Processor
    starts : (n, d) array
    place, collect, history, kept
        As for `optviz.runs.points.runner.Runner.run`, for these runs.
    own : dict of str to (n,) float64, optional
        Each run's own hyperparameters.
    number : int
        Of the first of them, to noise.
    group : int
        So many runs in a row have the same step scalars, the last ones maybe fewer.
    """

    def __init__(
        self,
        problem: Problem,
        processor: Processor,
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
        self.problem, self.processor, self.starts, self.own = problem, processor, starts, own or {}
        self.place, self.collect = place, collect
        self.stops = [*history, problem.steps]
        self.kept = kept
        self.count = len(starts)
        self.step = 0
        self.finished = False
        self.tiles: Tiles | None = None  # before the first step and after the last
        self.walked: Tiles | None = None  # of `paths`

    @property
    def done(self) -> float:
        """The share of the steps that have been made."""
        return self.step / self.problem.steps

    def advance(self, room: Any) -> None:
        """Make some steps, and hand over the runs after the last one."""
        problem, processor = self.problem, self.processor
        tiles = self.tiles = self.tiles or self._start()
        load = processor.load(self.count)
        steps = int(SLICE / (processor.pace * load)) if processor.pace else FIRST // load
        if problem.own:
            steps = min(steps, TRACED * self.group // self.count)  # each of them needs step scalars for every group
        first, last = self.step, min(self.step + max(steps, 1), problem.steps)
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
            processor.pace = (time.perf_counter() - begin) / ((last - first) * load)
        if self.step == problem.steps:
            if self.collect:
                self.collect(self.place, *tiles.ends())
            self.tiles, self.finished = None, True

    def paths(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Make all steps and keep every iterate, in the calling thread.

        Returns
        -------
        points : (n, steps + 1, d)
            What the rule reports.
        values : (n, steps + 1)
        iterates : (n, steps + 1, d)
            Where they are not what is reported, else (n, steps + 1, 0). All three are NaN after a divergence.
        diverged : (n,) int
            The step of divergence, else 0.
        """
        problem = self.problem
        tiles = self.walked = self._start()
        points: np.ndarray = np.empty((self.count, problem.steps + 1, problem.dimension), problem.dtype)
        values: np.ndarray = np.empty((self.count, problem.steps + 1), problem.dtype)
        others = problem.dimension if problem.setting.formula.reported else 0
        iterates: np.ndarray = np.empty((self.count, problem.steps + 1, others), problem.dtype)
        longest = max(TRACED // self.count, 1)
        for first in range(0, problem.steps + 1, longest):
            some = slice(first, min(first + longest, problem.steps + 1))
            points[:, some], values[:, some], iterates[:, some] = tiles.trace(some.start + 1, some.stop)
        diverged = tiles.diverged()
        for number in np.flatnonzero(diverged):
            for part in (points, values, iterates):
                part[number, diverged[number] + 1 :] = np.nan
        return points, values, iterates, diverged

    def told(self, run: int) -> dict[str, Any]:
        """What a `Trajectory` says of one of the `paths` besides its points."""
        return self.walked.told(run) if self.walked else {}

    def _start(self) -> Tiles:
        return self.processor.tiles(self.starts, self.own, self.number, self.group)

    def _keep(self, tiles: Tiles, step: int) -> None:
        """Keep the iterates after a step; those of runs that had diverged by then are NaN."""
        assert self.kept is not None
        self.kept[len(self.kept) - len(self.stops), self.place] = tiles.places(step)
