"""Slabs of tiles: some of many runs, advanced in short slices."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from optviz.kernels.ends import collect_kernel
from optviz.kernels.rows import TILE
from optviz.kernels.tile import run
from optviz.kernels.trajectory import FAR
from optviz.runs._scalars import own_scalars

if TYPE_CHECKING:
    from optviz.runs.many import Engine

SLICE = 0.04  # seconds that a kernel call should take: Ctrl-C and progress bars wait for it
FIRST = 500_000  # steps of all runs together in the first call, before the pace is known
TRACED = 1 << 19  # steps of all runs together of which iterates or step scalars are held at a time: 8 MB and less

# What takes the runs of a slab when they have ended: their place among all runs, points (n, d), values (n,), for each
# threshold the step of arrival or -1 (thresholds, n), and the step of divergence or 0 (n,). Places do not overlap.
Collect = Callable[[slice, np.ndarray, np.ndarray, np.ndarray, np.ndarray], None]


class Slab:
    """Some tiles of runs; a `Job` of `side_by_side`.

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
    ):
        self.number = number
        self.engine, self.starts, self.place, self.collect, self.own = engine, starts, place, collect, own or {}
        self.stops = [*history, engine.steps]
        self.kept = kept
        self.count = len(starts)
        self.step = 0
        self.finished = False
        # Empty until the first step and after the last.
        self.states: np.ndarray = np.empty((0, engine.layout.size), engine.dtype)

    @property
    def done(self) -> float:
        """The share of the steps that have been made."""
        return self.step / self.engine.steps

    def advance(self, room: Any) -> None:
        """Make some steps, and hand over the runs after the last one."""
        if not len(self.states):
            self._start()
        engine = self.engine
        pace = engine.pace
        steps = int(SLICE / (pace * self.count)) if pace else FIRST // self.count
        if engine.own:
            steps = min(steps, TRACED // self.count)  # each of them needs step scalars for all runs
        first, last = self.step, min(self.step + max(steps, 1), engine.steps)
        begin = time.perf_counter()
        while True:
            while self.stops[:-1] and self.stops[0] == self.step:
                self._keep(self.stops.pop(0))
            if self.step == last:
                break
            until = min(last, self.stops[0])
            self._make(self.step + 1, until)
        if last > first and not self.resting.any():  # tiles at rest say nothing about the others
            engine.pace = (time.perf_counter() - begin) / ((last - first) * self.count)
        if self.step == engine.steps:
            self._end()

    def _make(self, first: int, last: int, trace: np.ndarray | None = None) -> None:
        """Make the steps `first` to `last`."""
        engine = self.engine
        seed, *rest = engine.noise
        run(
            self.states,
            self.resting,
            np.empty((0, 0, 0), engine.dtype) if trace is None else trace,
            engine.parts,
            engine.thresholds,
            # Runs that differ in their hyperparameters alone see the same noise.
            (seed, np.uint64(self.number), np.uint64(not engine.own), *rest),
            engine.hyper,
            self._table(first, last) if engine.own else engine.table,
            engine.layout,
            first,
            last,
        )
        self.step = last

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
        engine, d = self.engine, self.engine.dimension
        self._start()
        points: np.ndarray = np.empty((self.count, engine.steps + 1, d), engine.dtype)
        values: np.ndarray = np.empty((self.count, engine.steps + 1), engine.dtype)
        tiles = len(self.states)
        longest = max(TRACED // (tiles * TILE), 1)
        spans = [
            (0, 0),
            *((first, min(first + longest - 1, engine.steps)) for first in range(1, engine.steps + 1, longest)),
        ]
        for first, last in spans:
            trace: np.ndarray = np.empty((tiles, last - first + 1, d * TILE), engine.dtype)
            if last:
                self._make(first, last, trace)
            else:
                trace[:, 0] = self.states[:, : d * TILE]
            heights: np.ndarray = np.empty((tiles * (last - first + 1), TILE), engine.dtype)
            engine.heights(trace.reshape(-1, d * TILE), heights)
            # From (tiles, steps, d, TILE) to runs first.
            columns = trace.reshape(tiles, -1, d, TILE).transpose(0, 3, 1, 2).reshape(tiles * TILE, -1, d)
            points[:, first : last + 1] = columns[: self.count]
            heights = heights.reshape(tiles, -1, TILE).transpose(0, 2, 1).reshape(tiles * TILE, -1)
            values[:, first : last + 1] = heights[: self.count]
        diverged = self._diverged(points[:, -1])
        for number in np.flatnonzero(diverged):
            points[number, diverged[number] + 1 :] = np.nan
            values[number, diverged[number] + 1 :] = np.nan
        return points, values, diverged

    def _diverged(self, points: np.ndarray) -> np.ndarray:
        """(n,) int32: after the last step, the step of divergence of each run, else 0."""
        life = self._row(self.engine.layout.life)
        with np.errstate(invalid="ignore"):
            alive = life == self.engine.steps
            for column in points.T:  # reducing rows of two numbers takes ten times as long
                alive &= np.abs(column) <= FAR
        return np.where(alive, 0, life).astype(np.int32)

    def _start(self) -> None:
        self.states = self._begin()
        self.resting = np.zeros(len(self.states), bool)

    def _begin(self) -> np.ndarray:
        """The tiles before their first step. Lanes of the last one that no run needs repeat the last run."""
        engine, setting = self.engine, self.engine.setting
        tiles = -(-self.count // TILE)
        states: np.ndarray = np.empty((tiles, engine.layout.size), engine.dtype)
        # Most rows for thresholds stay untouched: clearing them takes longer than some runs.
        states[:, engine.layout.life : engine.layout.stay + len(engine.thresholds) * TILE] = 0
        for c in range(engine.dimension):
            self._fill(states, c * TILE, self.starts[:, c])
        slots = setting.formula.slots
        for j, slot in enumerate(slots):
            source = setting.rule.initial.get(slot, 0.0)
            value = self.own.get(source) if isinstance(source, str) else None
            for c in range(engine.dimension):
                at = engine.layout.state + (c * len(slots) + j) * TILE
                if value is None:
                    states[:, at : at + TILE] = setting.initial(slot)
                else:
                    self._fill(states, at, value)
        if engine.own:
            for j, name in enumerate(setting.formula.hyperparameters):
                values = self.own.get(name)
                at = engine.layout.hyper + j * TILE
                if values is None:
                    states[:, at : at + TILE] = setting.hyperparameters[name]
                else:
                    self._fill(states, at, values)
        return states

    def _fill(self, states: np.ndarray, at: int, values: np.ndarray) -> None:
        whole, rest = divmod(self.count, TILE)
        with np.errstate(over="ignore"):
            states[:whole, at : at + TILE] = values[: whole * TILE].reshape(whole, TILE)
            if rest:
                states[whole, at : at + rest] = values[whole * TILE :]
                states[whole, at + rest : at + TILE] = values[-1]

    def _table(self, first: int, last: int) -> np.ndarray:
        """(scalars, last - first + 1, width): the step scalars of some steps, for each run or for all alike."""
        table = own_scalars(self.engine.setting, self.own, np.arange(first, last + 1.0), len(self.states) * TILE)
        return table.astype(self.engine.dtype, copy=False)

    def _points(self) -> np.ndarray:
        """(n, d): the iterates."""
        dimension = self.engine.dimension
        columns = self.states[:, : dimension * TILE].reshape(-1, dimension, TILE)
        return columns.transpose(0, 2, 1).reshape(-1, dimension)[: self.count]

    def _row(self, at: int) -> np.ndarray:
        """(n,): one row of all tiles."""
        return self.states[:, at : at + TILE].reshape(-1)[: self.count]

    def _keep(self, step: int) -> None:
        """Keep the iterates after a step; those of runs that had diverged by then are NaN."""
        assert self.kept is not None
        points = self._points()
        # Life has counted the iterates before this one.
        points[self._row(self.engine.layout.life) < step] = np.nan
        self.kept[len(self.kept) - len(self.stops), self.place] = points

    def _end(self) -> None:
        engine, rows = self.engine, self.engine.layout
        heights: np.ndarray = np.empty((len(self.states), TILE), engine.dtype)
        engine.heights(self.states, heights)
        points: np.ndarray = np.empty((self.count, engine.dimension), engine.dtype)
        values: np.ndarray = np.empty(self.count, engine.dtype)
        arrived = np.empty((len(engine.thresholds), self.count), np.int32)
        diverged = np.empty(self.count, np.int32)
        ends = points, values, arrived, diverged
        collect_kernel(self.states, heights, rows.life, rows.stay, engine.thresholds, engine.steps, *ends)
        if self.collect:
            self.collect(self.place, *ends)
        self.states, self.finished = self.states[:0], True
