"""Runs of solvers on the CPU: what `optviz.runs.points.slices` asks of a processor, and what a solver tells besides."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optviz.formulas.solver import GO_ON, STOPS, Solver
from optviz.kernels.callback import raise_failure
from optviz.kernels.looks import KEPT, TALLY, Evaluate, iterate_address
from optviz.kernels.second import hessian_address, normal_address
from optviz.kernels.solve import advance
from optviz.kernels.tile import watch
from optviz.kernels.tile_parts import evaluate_address
from optviz.kernels.tile_rows import TILE, layout
from optviz.runs.jobs import cores
from optviz.runs.points.problem import Problem

MOST = 1024  # runs of a slice
LOOKED = 2e-7  # seconds that a step takes, of each coordinate, before it has been measured; and where Python is called
CALLED = 1e-4
DOTS = 1 << 14  # evaluations that are kept at a time
LARGEST = 1 << 22  # numbers of all evaluated points of a run that are kept: 32 MB


class SolverHost:
    """The CPU, for a solver.

    Parameters
    ----------
    problem : Problem
        Whose formula is a `Solver`.
    """

    def __init__(self, problem: Problem):
        assert isinstance(problem.formula, Solver)
        formula, function = problem.formula, problem.function
        self.problem, self.formula = problem, formula
        self.pace = CALLED if function.uncompiled else LOOKED * problem.dimension
        self.step = iterate_address(formula)
        self.value = evaluate_address(function, np.float64)
        self.second = hessian_address(function) if formula.curvature else 0
        self.second = normal_address(function) if formula.residuals else self.second
        self.watch = (*watch(function.floor if problem.first else None, np.float64), function.far)

    def threads(self, asked: int | None) -> int:
        """One for each core, unless told otherwise."""
        return asked or cores()

    def share(self, count: int, threads: int) -> int:
        """Enough slices that no thread waits for the last one."""
        return min(max(-(-count // (threads * 8)), 1), MOST)

    def lines(self, length: int) -> int:
        """One: many lines are enough slices."""
        return 1

    def load(self, count: int) -> int:
        """All of them."""
        return count

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "SolverTiles":
        """Runs before their first step."""
        return SolverTiles(self, starts, own)


class SolverTiles:
    """Runs of a solver, see `optviz.kernels.solve`; a `Tiles`."""

    def __init__(self, host: SolverHost, starts: np.ndarray, own: Mapping[str, np.ndarray]):
        self.host, self.problem = host, host.problem
        n, count = self.problem.dimension, len(starts)
        numbers = self.problem.setting.hyperparameters | dict(own)
        columns = [np.broadcast_to(numbers[name], count) for name in host.formula.hyperparameters]
        self.numbers: np.ndarray = np.array(columns, np.float64).reshape(len(columns), count).T.copy()
        rows = np.unique(self.numbers, axis=0) if own else self.numbers[:1]
        names = host.formula.hyperparameters
        room = max(host.formula.room(n, dict(zip(names, row, strict=True))) for row in rows.tolist())
        self.points = np.array(starts, np.float64).reshape(count, n)
        self.slopes, self.values, self.rooms = np.zeros((count, n)), np.zeros(count), np.zeros((count, room))
        self.spent, self.codes = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.ends_at = np.full(count, np.inf)
        self.since = np.full((len(self.problem.thresholds), count), np.inf)
        self.s, self.old = np.zeros(layout(n).diverged + TILE), np.empty(2 * n)
        self.work = np.empty(2 * n)
        self.counts: np.ndarray = np.empty((count, 0), np.int64)
        self.dots: list[tuple[np.ndarray, np.ndarray]] = []

    @property
    def resting(self) -> bool:
        """Whether some runs have stopped."""
        return bool((self.codes != GO_ON).any())

    def run(self, first: int, last: int) -> None:
        """Make some steps."""
        self._advance(first, last, np.empty((0, 0, 0)), np.empty((0, 0), np.int64), 0)

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make some steps; the points before each, their values, and nothing for other iterates."""
        n, count = self.problem.dimension, len(self.values)
        path: np.ndarray = np.empty((count, last - first + 1, n + 1))
        counts: np.ndarray = np.empty((count, last - first + 1), np.int64)
        begin, room = first, DOTS + 8 * n if count == 1 else 0
        while begin <= last:
            done = begin - first
            begin = 1 + self._advance(begin, last, path[:, done:], counts[:, done:], room)
        self.counts = np.concatenate([self.counts, counts], axis=1)
        return path[:, :, :n], path[:, :, n], path[:, :, :0]

    def told(self, run: int) -> dict[str, Any]:
        """What a `Trajectory` says of a traced run of a solver besides its points."""
        points = np.concatenate([points for points, _ in self.dots] or [np.empty((0, self.problem.dimension))])
        steps = np.concatenate([steps for _, steps in self.dots] or [np.empty(0, np.int64)])
        kept = 0 < points.size <= LARGEST
        return {
            "evaluations": self.counts[run],
            "evaluated": points if kept else None,
            "evaluated_at": steps if kept else None,
            "stopped": STOPS[self.codes[run]],
        }

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates; NaN where a run had diverged before."""
        points = self.points.copy()
        points[self.ends_at < step] = np.nan
        return points

    def diverged(self) -> np.ndarray:
        """(n,) int32: the steps of divergence."""
        return np.where(np.isfinite(self.ends_at), self.ends_at, 0).astype(np.int32)

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points, values, arrivals and divergences."""
        steps, sign = self.problem.steps, -1.0 if self.problem.setting.maximize else 1.0
        self.run(steps + 1, steps + 1)
        gone = np.isfinite(self.ends_at)
        values = np.where(gone, np.nan, sign * self.values)
        points = np.where(gone[:, np.newaxis], np.nan, self.points)
        arrived = np.where(np.isfinite(self.since), self.since, -1).astype(np.int32)
        return points, values, arrived, self.diverged()

    def _advance(self, first: int, last: int, trace: np.ndarray, counts: np.ndarray, room: int) -> int:
        """Make some steps, and keep the points of so many evaluations; the last step that was made."""
        host, problem, n = self.host, self.problem, self.problem.dimension
        sign = -1.0 if problem.setting.maximize else 1.0
        tally = np.zeros(TALLY, np.int64)
        dots, marks = np.empty(room * n), np.empty(room, np.int64)
        evaluate = Evaluate(host.value, host.second, self.s, tally, dots, marks, self.work, sign)
        flat = (self.points, self.slopes, self.values, self.rooms, self.numbers)
        plan = first, last, problem.steps, problem.budget, room // 2, int(problem.counted)
        reached = advance(
            *(one.reshape(-1) for one in flat), self.spent, self.codes, self.ends_at, self.since.reshape(-1), self.old,
            problem.thresholds, host.watch, host.step, tuple(evaluate), plan, trace, counts,
        )  # fmt: skip
        if problem.function.uncompiled:
            raise_failure(problem.function)
        if kept := tally[KEPT]:
            self.dots.append((dots[: kept * n].reshape(kept, n), marks[:kept]))
        return reached
