"""The runs of a slice on the device that computes them: what a device must do, and how the CPU does it."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.kernels import tile
from optviz.kernels.callback import raise_failure
from optviz.kernels.rules import constants
from optviz.kernels.tile_parts import disturb_address, evaluate_address, move_address, multiply_address, probe_address
from optviz.kernels.tile_rows import TILE, layout
from optviz.runs.jobs import cores
from optviz.runs.points.costs import told
from optviz.runs.points.problem import Problem
from optviz.runs.scalars import course

LARGEST = 128  # tiles of a slice
CALLED = 1e-5  # seconds that a step takes where Python is called, before it has been measured


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

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make steps as `run`, with the reported points before each (n, steps, d) and their values (n, steps).

        The iterates (n, steps, d) follow where they are not what is reported, else (n, steps, 0).

        `last` may be the number behind the last step, before which nothing moves any more. What comes after a
        divergence is not specified.
        """

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates after `step` steps, the last that was made; NaN where a run had diverged by then."""

    def diverged(self) -> np.ndarray:
        """(n,) int32: the step of divergence among those whose iterates have been looked at, else 0."""

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """After the last step, what a `Collect` takes; nothing is asked for afterwards."""

    def told(self, run: int) -> dict[str, Any]:
        """What a `Trajectory` says of a traced run besides its points."""


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


def initial_values(problem: Problem, own: Mapping[str, np.ndarray]) -> list[float | str | np.ndarray]:
    """What each state slot begins with: "x", a number for all runs, or an array where each has its own."""
    values: dict[str, float | np.ndarray] = problem.setting.hyperparameters | dict(own)
    initial = dict(problem.formula.initial)
    begins = [initial.get(slot, 0.0) for slot in problem.formula.slots]
    return [values[value] if isinstance(value, str) and value != ITERATE else value for value in begins]


def hyper_values(problem: Problem, own: Mapping[str, np.ndarray]) -> list[float | np.ndarray]:
    """The `optviz.kernels.rules.constants` of the formula: numbers for all runs, or arrays."""
    return constants(problem.formula, problem.setting.hyperparameters | dict(own))


class Host:
    """The CPU: tiles of 256 runs, some on each core.

    Parameters
    ----------
    problem : Problem
        Whose parameters are known.
    """

    def __init__(self, problem: Problem):
        formula, function, dtype, model = problem.formula, problem.function, problem.dtype, problem.model
        own = bool(problem.own)
        self.problem, self.pace = problem, CALLED if function.uncompiled else 0.0
        self.rows = layout(problem.dimension, formula, own, len(problem.thresholds))
        self.parts = tile.Parts(
            evaluate_address(function, dtype),
            disturb_address(model, problem.dimension, dtype) if model else 0,
            move_address(formula, problem.dimension, dtype, own),
            probe=probe_address(formula, problem.dimension, dtype, own) if formula.probe else 0,
            multiply=multiply_address(function, dtype) if formula.multiplies else 0,
            rests=not (formula.scalar_names or formula.multiplies) and model is None,
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
        problem, rows = host.problem, host.rows
        tiles, scalars = -(-self.count // TILE), len(problem.formula.table_names)
        self.course = course(problem.formula, problem.setting, own)
        self.at_rest = np.zeros(tiles, bool)
        self.states: np.ndarray = np.empty((tiles, rows.size), problem.dtype)
        self.states[:, rows.diverged : rows.diverged + TILE] = np.inf
        self.states[:, rows.totals :] = np.inf
        for c in range(problem.dimension):
            self._fill(c * TILE, starts[:, c])
        for j, value in enumerate(initial_values(problem, own)):
            for c in range(problem.dimension):
                begin = starts[:, c] if isinstance(value, str) else value
                self._fill(rows.state + (j * problem.dimension + c) * TILE, begin)
        if problem.own:
            for j, value in enumerate(hyper_values(problem, own), scalars):
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

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make some steps; the points before each, their values, and the iterates where these are others."""
        d = self.problem.dimension
        width = 2 * d + 1 if self.host.rows.shown else d + 1
        path: np.ndarray = np.empty((self.count, last - first + 1, width), self.problem.dtype)
        self._advance(first, last, path)
        return path[:, :, :d], path[:, :, d], path[:, :, d + 1 :]

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates; NaN where a run had diverged before."""
        dimension = self.problem.dimension
        at = self.host.rows.shown
        columns = self.states[:, at : at + dimension * TILE].reshape(-1, dimension, TILE)
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

    def told(self, run: int) -> dict[str, Any]:
        """The evaluations, where steps make more than one."""
        return told(self.problem.setting, self.problem.steps)

    def _advance(self, first: int, last: int, path: np.ndarray | None) -> None:
        """Make some steps; `path` takes what `trace` gives of each, side by side."""
        problem, rows, own = self.problem, self.host.rows, bool(self.problem.own)
        seed, *rest = problem.draws
        count, columns = last - first + 1, 0 if path is None else path.shape[2]
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
                if problem.function.uncompiled:
                    raise_failure(problem.function)
                self.at_rest[number] = rested > 0
            if path is not None:
                if self.at_rest[number]:
                    still = s[rows.seen :][: (problem.dimension + 1) * TILE]
                    still = np.concatenate([still, s[: (columns - problem.dimension - 1) * TILE]])
                    trace[rested - first + 1 :] = still.reshape(columns, TILE)[:, :lanes]
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
        table = self.course.columns(first, last - first + 1)
        scalars, steps = table.shape[:2]
        places = (scalars, steps, 1, TILE)
        if self.course.places is None:
            columns = np.broadcast_to(table[:, :, np.newaxis], (scalars, steps, TILE))
        else:
            columns, places = np.zeros((scalars, steps, tiles * TILE)), (scalars, steps, tiles, TILE)
            columns[:, :, : self.count] = table[:, :, self.course.places]
        shaped: np.ndarray = columns.reshape(places).transpose(2, 1, 0, 3).astype(self.problem.dtype, order="C")
        return shaped.reshape(places[2], steps, scalars * TILE)
