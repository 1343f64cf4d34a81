"""The runs of a slice on the device that computes them: what a device must do, and how the CPU does it."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from optviz.kernels import tile
from optviz.kernels.rules import constants
from optviz.kernels.tile_parts import disturb_address, evaluate_address, move_address
from optviz.kernels.tile_rows import TILE, layout
from optviz.optimizers import Setting
from optviz.runs.jobs import cores
from optviz.runs.points.problem import Problem
from optviz.runs.scalars import own_scalars

LARGEST = 128  # tiles of a slice


class Tiles(Protocol):
    """The runs of a slice, n of them, after some steps.

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
        """Make steps as `run`, with the iterates before each (n, steps, d) and their values (n, steps).

        `last` may be the number behind the last step, before which nothing moves any more. What comes after a
        divergence is not specified.
        """

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates after `step` steps, the last that was made; NaN where a run had diverged by then."""

    def diverged(self) -> np.ndarray:
        """(n,) int32: the step of divergence among those whose iterates have been looked at, else 0."""

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """After the last step, what a `Collect` takes; nothing is asked for afterwards."""


class Processor(Protocol):
    """What computes the runs of a problem.

    Attributes
    ----------
    pace : float
        Seconds that a step of one run takes; 0 before it is known.
    """

    pace: float

    def threads(self, asked: int | None) -> int:
        """How many slices are computed at a time."""

    def share(self, count: int, threads: int) -> int:
        """How many of so many runs a slice takes."""

    def lines(self, length: int) -> int:
        """How many lines of so many runs a slice takes."""

    def load(self, count: int) -> int:
        """To how many runs the time that a step of so many takes is in proportion."""

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> Tiles:
        """Runs before their first step; arguments as for `optviz.runs.points.slices.Slice`."""


def initial_values(setting: Setting, own: Mapping[str, np.ndarray]) -> list[float | np.ndarray]:
    """What each state slot begins with: a number for all runs, or an array where each has its own."""
    values = []
    for slot in setting.formula.slots:
        source = setting.rule.initial.get(slot, 0.0)
        value = own.get(source) if isinstance(source, str) else None
        values.append(setting.initial(slot) if value is None else value)
    return values


def hyper_values(setting: Setting, own: Mapping[str, np.ndarray]) -> list[float | np.ndarray]:
    """The `optviz.kernels.rules.constants` of the formula: numbers for all runs, or arrays."""
    return constants(setting.formula, setting.hyperparameters | dict(own))


class Host:
    """The CPU: tiles of 256 runs, some on each core.

    Parameters
    ----------
    problem : Problem
        Whose parameters are known.
    """

    def __init__(self, problem: Problem):
        formula, function, dtype, model = problem.setting.formula, problem.function, problem.dtype, problem.model
        own = bool(problem.own)
        self.problem, self.pace = problem, 0.0
        self.rows = layout(problem.dimension, formula, own, len(problem.thresholds))
        self.parts = tile.Parts(
            evaluate_address(function, dtype),
            disturb_address(model, problem.dimension, dtype) if model else 0,
            move_address(formula, problem.dimension, dtype, own),
            rests=not formula.scalar_names and model is None,
        )
        self.watch = tile.watch(function.floor if problem.first else None, dtype)

    def threads(self, asked: int | None) -> int:
        """One for each core, unless told otherwise."""
        return asked or cores()

    def share(self, count: int, threads: int) -> int:
        """Enough slices that no thread waits for the last one, but none so small that Python's part of it counts."""
        return min(max(-(-count // (TILE * threads * 8)), 1), LARGEST) * TILE

    def lines(self, length: int) -> int:
        """One: many lines are enough slices."""
        return 1

    def load(self, count: int) -> int:
        """All of them."""
        return count

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "HostTiles":
        """Runs before their first step."""
        return HostTiles(self, starts, own, number)


class HostTiles:
    """Runs in tiles, see `optviz.kernels.tile`."""

    def __init__(self, host: Host, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int):
        self.host, self.problem, self.own, self.number = host, host.problem, own, number
        self.count = len(starts)
        problem, rows, setting = host.problem, host.rows, host.problem.setting
        tiles, scalars = -(-self.count // TILE), len(setting.formula.scalar_names)
        self.at_rest = np.zeros(tiles, bool)
        self.states: np.ndarray = np.empty((tiles, rows.size), problem.dtype)
        self.states[:, rows.diverged : rows.diverged + TILE] = np.inf
        self.states[:, rows.below_since :] = np.inf
        for c in range(problem.dimension):
            self._fill(c * TILE, starts[:, c])
        slots = [value for value in initial_values(setting, own) for _ in range(problem.dimension)]
        for j, value in enumerate(slots):
            self._fill(rows.state + j * TILE, value)
        if problem.own:
            for j, value in enumerate(hyper_values(setting, own), scalars):
                self._fill(rows.numbers + j * TILE, value)
        else:
            first = rows.numbers + scalars
            self.states[:, first : first + problem.hyper.size] = problem.hyper

    @property
    def resting(self) -> bool:
        """Whether some tiles are at rest."""
        return bool(self.at_rest.any())

    def run(self, first: int, last: int) -> None:
        """Make some steps."""
        self._advance(first, last, None)

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Make some steps; the iterates before each and their values."""
        d = self.problem.dimension
        path: np.ndarray = np.empty((self.count, last - first + 1, d + 1), self.problem.dtype)
        self._advance(first, last, path)
        return path[:, :, :d], path[:, :, d]

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates; NaN where a run had diverged before."""
        dimension = self.problem.dimension
        columns = self.states[:, : dimension * TILE].reshape(-1, dimension, TILE)
        points = columns.transpose(0, 2, 1).reshape(-1, dimension)[: self.count]
        points[self._row(self.host.rows.diverged) < step] = np.nan
        return points

    def diverged(self) -> np.ndarray:
        """(n,) int32: the steps of divergence."""
        steps = self._row(self.host.rows.diverged)
        return np.where(np.isfinite(steps), steps, 0).astype(np.int32)

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points, values, arrivals and divergences."""
        steps = self.problem.steps
        self.run(steps + 1, steps + 1)
        return tile.ends(self.states, self.host.rows, len(self.problem.thresholds), self.count)

    def _advance(self, first: int, last: int, path: np.ndarray | None) -> None:
        """Make some steps; `path` (n, steps, d + 1) takes the iterates before each and their values."""
        problem, rows, own = self.problem, self.host.rows, bool(self.problem.own)
        seed, *rest = problem.draws
        count, columns = last - first + 1, problem.dimension + 1
        tables = self._tables(first, min(last, problem.steps)) if own else [problem.table[first - 1 : last]]
        trace: np.ndarray = np.empty((0, columns, 0), problem.dtype)
        for number, s in enumerate(self.states):
            begin = number * TILE
            lanes = min(self.count - begin, TILE)
            if path is not None:
                trace = np.empty((count, columns, lanes), problem.dtype)
            rested = first - 1
            if not self.at_rest[number]:
                # Runs that differ in their hyperparameters alone see the same noise.
                noise = (seed, np.uint64(self.number + begin * (not own)), np.uint64(not own), *rest)
                watched = trace, problem.thresholds, self.host.watch
                table = tables[number % len(tables)]
                steps = first, last, problem.steps
                rested = tile.advance(s, lanes, *watched, self.host.parts, noise, table, rows, steps)
                self.at_rest[number] = rested > 0
            if path is not None:
                if self.at_rest[number]:
                    trace[rested - first + 1 :] = s[: columns * TILE].reshape(columns, TILE)[:, :lanes]
                path[begin : begin + lanes] = trace.transpose(2, 0, 1)

    def _row(self, at: int) -> np.ndarray:
        """(n,): the row of all tiles that begins at an element."""
        return self.states[:, at : at + TILE].reshape(-1)[: self.count]

    def _fill(self, at: int, values: float | np.ndarray) -> None:
        """Write a row of all tiles."""
        with np.errstate(over="ignore"):
            if not isinstance(values, np.ndarray):
                self.states[:, at : at + TILE] = values
                return
            whole, rest = divmod(self.count, TILE)
            self.states[:whole, at : at + TILE] = values[: whole * TILE].reshape(whole, TILE)
            self.states[whole:, at : at + rest] = values[whole * TILE :]

    def _tables(self, first: int, last: int) -> np.ndarray:
        """(tiles or 1, steps, scalars * TILE): the step scalars of some steps, for each tile or for all alike."""
        if first > last:  # the last iterates are looked at, not moved
            return np.empty((1, 0, 0), self.problem.dtype)
        tiles = len(self.states)
        table = own_scalars(self.problem.setting, self.own, np.arange(first, last + 1.0), tiles * TILE)
        scalars, steps, width = table.shape
        columns = np.broadcast_to(table, (scalars, steps, TILE)) if width == 1 else table
        places = (scalars, steps, max(width // TILE, 1), TILE)
        shaped: np.ndarray = columns.reshape(places).transpose(2, 1, 0, 3).astype(self.problem.dtype, order="C")
        return shaped.reshape(places[2], steps, scalars * TILE)
