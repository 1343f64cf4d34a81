"""The runs of a slab on the device that computes them: what a device must do, and how the CPU does it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from optviz.kernels.ends import collect_kernel
from optviz.kernels.rows import TILE
from optviz.kernels.rules import constants
from optviz.kernels.tile import layout, run
from optviz.kernels.tile_parts import blur_address, heights_kernel, move_address, slope_address
from optviz.optimizers import Setting
from optviz.runs.jobs import cores
from optviz.runs.scalars import own_scalars

if TYPE_CHECKING:
    from optviz.runs.points.engine import Engine

LARGEST = 128  # tiles of a slab


class Tiles(Protocol):
    """The runs of a slab, n of them, after some steps.

    Attributes
    ----------
    resting : bool
        Whether some of them are not computed any more since nothing moves.
    """

    @property
    def resting(self) -> bool: ...

    def run(self, first: int, last: int) -> None:
        """Make the steps `first` to `last`; they have been made when this returns."""

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """The same, with the iterates after each step (n, steps, d) and their values (n, steps).

        With `first` and `last` 0 nothing moves, and the only iterates are the starts. What comes after a divergence is
        not specified.
        """

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates after `step` steps, the last that was made; NaN where a run had diverged by then."""

    def lived(self) -> np.ndarray:
        """(n,): the number of iterates up to the first that is not finite or too far away, but for the last one."""

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """After the last step, what a `Collect` takes; nothing is asked for afterwards."""


class Device(Protocol):
    """What computes the runs of an engine."""

    def threads(self, asked: int | None) -> int:
        """How many slabs are computed at a time."""

    def share(self, count: int, threads: int) -> int:
        """How many of so many runs a slab takes."""

    def lines(self, length: int) -> int:
        """How many lines of so many runs a slab takes."""

    def load(self, count: int) -> int:
        """To how many runs the time that a step of so many takes is in proportion."""

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> Tiles:
        """Runs before their first step; arguments as for `optviz.runs.points.slices.Slab`."""


def initial_values(setting: Setting, own: Mapping[str, np.ndarray]) -> list[float | np.ndarray]:
    """What each state slot begins with: a number for all runs, or an array where each has its own."""
    found = []
    for slot in setting.formula.slots:
        source = setting.rule.initial.get(slot, 0.0)
        value = own.get(source) if isinstance(source, str) else None
        found.append(setting.initial(slot) if value is None else value)
    return found


def hyper_values(setting: Setting, own: Mapping[str, np.ndarray]) -> list[float | np.ndarray]:
    """The same for the `optviz.kernels.rules.constants` of the formula."""
    return constants(setting.formula, setting.hyperparameters | dict(own))


class Host:
    """The CPU: tiles of 256 runs, some on each core.

    Parameters
    ----------
    engine : Engine
        Whose parameters are known.
    """

    def __init__(self, engine: "Engine"):
        formula, function, dtype, model = engine.setting.formula, engine.function, engine.dtype, engine.model
        own, watched = bool(engine.own), len(engine.thresholds)
        self.engine = engine
        self.layout = layout(formula, engine.dimension, watched, own)
        self.parts = (
            slope_address(function, dtype, watched, engine.first),
            blur_address(model, engine.dimension, dtype) if model else 0,
            move_address(formula, engine.dimension, dtype, watched, own),
            not formula.scalar_names and model is None,
        )
        self.heights = heights_kernel(function, dtype)

    def threads(self, asked: int | None) -> int:
        """As many as there are cores, unless told otherwise."""
        return asked or cores()

    def share(self, count: int, threads: int) -> int:
        """Enough slabs that no thread waits for the last one, but none so small that Python's part of it counts."""
        return min(max(-(-count // (TILE * threads * 8)), 1), LARGEST) * TILE

    def lines(self, length: int) -> int:
        """One: many lines are enough slabs."""
        return 1

    def load(self, count: int) -> int:
        """All of them."""
        return count

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "HostTiles":
        """Runs before their first step."""
        return HostTiles(self, starts, own, number)


class HostTiles:
    """Runs in tiles, see `optviz.kernels.tile`. Lanes of the last tile that no run needs repeat the last run."""

    def __init__(self, host: Host, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int):
        self.host, self.engine, self.own, self.number = host, host.engine, own, number
        self.count = len(starts)
        engine, rows, setting = host.engine, host.layout, host.engine.setting
        tiles = -(-self.count // TILE)
        self.at_rest = np.zeros(tiles, bool)
        self.states: np.ndarray = np.empty((tiles, rows.size), engine.dtype)
        # Most rows for thresholds stay untouched: clearing them takes longer than some runs.
        self.states[:, rows.life : rows.stay + len(engine.thresholds) * TILE] = 0
        for c in range(engine.dimension):
            self._fill(c * TILE, starts[:, c])
        initial = initial_values(setting, own)
        for j, value in enumerate(initial):
            for c in range(engine.dimension):
                self._fill(rows.state + (c * len(initial) + j) * TILE, value)
        for j, value in enumerate(hyper_values(setting, own) if engine.own else ()):
            self._fill(rows.hyper + j * TILE, value)

    @property
    def resting(self) -> bool:
        """Whether some tiles are at rest."""
        return bool(self.at_rest.any())

    def run(self, first: int, last: int, trace: np.ndarray | None = None) -> None:
        """Make some steps; where the iterates go, see `optviz.kernels.tile.run`."""
        engine = self.engine
        seed, *rest = engine.noise
        run(
            self.states,
            self.at_rest,
            np.empty((0, 0, 0), engine.dtype) if trace is None else trace,
            self.host.parts,
            engine.thresholds,
            # Runs that differ in their hyperparameters alone see the same noise.
            (seed, np.uint64(self.number), np.uint64(not engine.own), *rest),
            engine.hyper,
            self._table(first, last) if engine.own else engine.table,
            self.host.layout,
            first,
            last,
        )

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Make some steps; the iterates after each and their values."""
        d, tiles, steps = self.engine.dimension, len(self.states), last - first + 1
        trace: np.ndarray = np.empty((tiles, steps, d * TILE), self.engine.dtype)
        if last:
            self.run(first, last, trace)
        else:
            trace[:, 0] = self.states[:, : d * TILE]
        heights: np.ndarray = np.empty((tiles * steps, TILE), self.engine.dtype)
        self.host.heights(trace.reshape(-1, d * TILE), heights)
        # From (tiles, steps, d, TILE) to runs first.
        columns = trace.reshape(tiles, steps, d, TILE).transpose(0, 3, 1, 2).reshape(tiles * TILE, steps, d)
        values = heights.reshape(tiles, steps, TILE).transpose(0, 2, 1).reshape(tiles * TILE, steps)
        return columns[: self.count], values[: self.count]

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates; NaN where a run had diverged before."""
        dimension = self.engine.dimension
        columns = self.states[:, : dimension * TILE].reshape(-1, dimension, TILE)
        points = columns.transpose(0, 2, 1).reshape(-1, dimension)[: self.count]
        # Life has counted the iterates before this one.
        points[self.lived() < step] = np.nan
        return points

    def lived(self) -> np.ndarray:
        """(n,): the row of life of all tiles."""
        life = self.host.layout.life
        return self.states[:, life : life + TILE].reshape(-1)[: self.count]

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points, values, arrivals and divergences; the tiles are gone."""
        engine, rows = self.engine, self.host.layout
        heights: np.ndarray = np.empty((len(self.states), TILE), engine.dtype)
        self.host.heights(self.states, heights)
        points: np.ndarray = np.empty((self.count, engine.dimension), engine.dtype)
        values: np.ndarray = np.empty(self.count, engine.dtype)
        arrived = np.empty((len(engine.thresholds), self.count), np.int32)
        diverged = np.empty(self.count, np.int32)
        ends = points, values, arrived, diverged
        function = engine.function
        watch = engine.thresholds, engine.steps, engine.first, function.floor, function.far
        collect_kernel(self.states, heights, rows.life, rows.stay, *watch, *ends)
        return ends

    def _fill(self, at: int, values: float | np.ndarray) -> None:
        """Write a row of all tiles."""
        with np.errstate(over="ignore"):
            if not isinstance(values, np.ndarray):
                self.states[:, at : at + TILE] = values
                return
            whole, rest = divmod(self.count, TILE)
            self.states[:whole, at : at + TILE] = values[: whole * TILE].reshape(whole, TILE)
            if rest:
                self.states[whole, at : at + rest] = values[whole * TILE :]
                self.states[whole, at + rest : at + TILE] = values[-1]

    def _table(self, first: int, last: int) -> np.ndarray:
        """(scalars, last - first + 1, width): the step scalars of some steps, for each run or for all alike."""
        table = own_scalars(self.engine.setting, self.own, np.arange(first, last + 1.0), len(self.states) * TILE)
        return table.astype(self.engine.dtype, copy=False)
