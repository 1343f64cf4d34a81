"""The runs of a slice on a CUDA device: a thread for each; starts go there, and results come back."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optviz.kernels.cuda import backend
from optviz.kernels.cuda.ends import NEVER, ends_kernel, places_kernel, watch
from optviz.kernels.cuda.tile import THREADS, advance_kernel, is_wide, own_numbers, rooms
from optviz.kernels.rules import constant_count
from optviz.results.words import counted
from optviz.runs.points.costs import told
from optviz.runs.points.cpu import hyper_values, initial_values
from optviz.runs.points.problem import Problem
from optviz.runs.scalars import course, rounded

FULL = 1 << 16  # runs that keep a large device busy: a step of fewer takes hardly less time
MOST = 1 << 20  # runs of a slice: results of some are fetched while memory for all need not be there
PART = 0.25  # of the device's free memory that a slice takes


class Cuda:
    """A CUDA device.

    Parameters
    ----------
    problem : Problem
        Whose parameters are known.

    Raises
    ------
    UsageError
        If the device cannot hold what all steps need.
    """

    def __init__(self, problem: Problem):
        self.problem, self.pace = problem, 0.0
        _, parameters, means = problem.draws
        table = np.empty((0, 0), problem.dtype) if problem.own else problem.table.T
        formula, item = problem.formula, np.dtype(problem.dtype).itemsize
        wide = is_wide(formula, problem.function, problem.dtype)
        # A device sets the memory that threads have of their own aside for all that it could run at a time.
        local = 0 if wide else own_numbers(formula, problem.function) * item * backend.resident_threads()
        size = table.nbytes + means.nbytes + local
        backend.check_fits(f"a run of {problem.steps:,} steps", size, "Give fewer steps.")
        self.table, self.means = backend.put(table), backend.put(means)
        self.no_trace = backend.empty((0, 0, 0), problem.dtype)
        self.parameters, self.thresholds = backend.put(parameters.T), backend.put(problem.thresholds)
        shown = problem.formula.shown_slot
        self.places = places_kernel(problem.dtype, shown)
        self.ends = ends_kernel(problem.function, problem.dtype, shown, wide)
        self.watch = watch(problem.function.floor if problem.first else None, problem.dtype)

        watched = len(problem.thresholds)
        self.advance, self.traced = (
            advance_kernel(formula, problem.function, problem.dtype, watched, problem.model, traced)
            for traced in (False, True)
        )
        self.rooms = rooms(formula, problem.function, problem.dtype)
        numbers = problem.dimension * (len(formula.slots) + 2) + 1 + self.rooms  # iterate and state, point and value
        if problem.own:
            numbers += len(formula.slots) + constant_count(formula)
        self.size = numbers * item + (watched + 1) * 2 * 4  # bytes of a run

    def threads(self, asked: int | None) -> int:
        """One: a slice fills the device."""
        return 1

    def share(self, count: int, threads: int) -> int:
        """So many that the slices which are computed at a time find room, up to what the device can use."""
        most = min(count, MOST)
        return max(min(most, int(PART * backend.room_for(int(most * self.size / PART))) // self.size), 1)

    def lines(self, length: int) -> int:
        """So many that they fill a slice."""
        return max(self.share(MOST, 1) // length, 1)

    def load(self, count: int) -> int:
        """All of them, but no fewer than keep the device busy."""
        return max(count, FULL)

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "CudaTiles":
        """Runs before their first step.

        Raises
        ------
        UsageError
            If the device has no room for them.
        """
        what = f"a part of {counted(len(starts), 'run')} of {self.problem.function.name}"
        backend.check_fits(what, len(starts) * self.size, "Free memory of the device, or compute on the CPU.")
        return CudaTiles(self, starts, own, number, group)


class CudaTiles:
    """Runs whose numbers stay on the device, see `optviz.kernels.cuda.tile`."""

    resting = False

    def __init__(self, cuda: Cuda, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int):
        self.cuda, self.problem, self.own, self.group = cuda, cuda.problem, own, group
        self.count = len(starts)
        problem = cuda.problem
        d = problem.dimension
        with np.errstate(over="ignore"):
            x: np.ndarray = starts.T.astype(problem.dtype)
        self.runs = (
            backend.put(x),
            backend.empty((len(problem.formula.slots), d * self.count), problem.dtype),
            backend.put(np.full(self.count, NEVER)),
            backend.put(np.full((len(problem.thresholds), self.count), NEVER)),
            backend.empty((cuda.rooms, self.count), problem.dtype),
        )
        self.initial = backend.put(self._rows(initial_values(problem, own)))
        self.hyper = backend.put(self._rows(hyper_values(problem, own)))
        groups = {name: values[::group] for name, values in own.items()}
        self.course = course(problem.formula, problem.setting, groups)
        # Runs that differ in their hyperparameters alone see the same noise.
        self.noise = problem.draws[0], np.uint64(number), np.uint64(not problem.own), cuda.parameters, cuda.means

    def run(self, first: int, last: int) -> None:
        """Make some steps, and wait for them."""
        self._launch(self.cuda.advance, self.cuda.no_trace, first, last)
        backend.synchronize()

    def trace(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Make some steps; the points before each, their values, and the iterates where these are others."""
        d = self.problem.dimension
        width = 2 * d + 1 if self.problem.formula.reported else d + 1
        trace = backend.empty((last - first + 1, width, self.count), self.problem.dtype)
        self._launch(self.cuda.traced, trace, first, last)
        rows = backend.get(trace).transpose(2, 0, 1)
        return rows[:, :, :d], rows[:, :, d], rows[:, :, d + 1 :]

    def places(self, step: int) -> np.ndarray:
        """(n, d): the iterates; NaN where a run had diverged before."""
        points = backend.empty((self.count, self.problem.dimension), self.problem.dtype)
        self._start(self.cuda.places, self.runs, step, points)
        return backend.get(points)

    def diverged(self) -> np.ndarray:
        """(n,) int32: the steps of divergence."""
        steps = backend.get(self.runs[2])
        return np.where(steps < NEVER, steps, 0)

    def ends(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Points, values, arrivals and divergences."""
        problem, n = self.problem, self.count
        ends = (
            backend.empty((n, problem.dimension), problem.dtype),
            backend.empty(n, problem.dtype),
            backend.empty((len(problem.thresholds), n), np.int32),
            backend.empty(n, np.int32),
        )
        self._start(self.cuda.ends, self.runs, self.cuda.thresholds, self.cuda.watch, problem.steps, *ends)
        points, values, arrived, diverged = map(backend.get, ends)
        return points, values, arrived, diverged

    def told(self, run: int) -> dict[str, Any]:
        """The evaluations, where steps make more than one."""
        return told(self.problem.setting, self.problem.steps)

    def _launch(self, kernel: Any, trace: Any, first: int, last: int) -> None:
        table, plan = self._table(first, last)
        watched = self.cuda.thresholds, self.cuda.watch
        given = self.initial, self.hyper, table, *watched, self.noise, (*plan, first, last, self.problem.steps)
        self._start(kernel, self.runs, trace, *given)

    def _start(self, kernel: Any, *arguments: Any) -> None:
        """Launch a kernel with a thread for each run."""
        backend.launch(kernel, -(-self.count // THREADS), THREADS, *arguments)

    def _rows(self, values: Sequence[float | str | np.ndarray]) -> np.ndarray:
        """A row for each number, (numbers, n), or (numbers, 1) where all are the same for all runs."""
        width = self.count if any(isinstance(value, np.ndarray) for value in values) else 1
        rows: np.ndarray = np.empty((len(values), width), self.problem.dtype)
        with np.errstate(over="ignore"):
            for row, value in zip(rows, values, strict=True):
                row[:] = 0 if isinstance(value, str) else value  # the kernel knows what begins at the iterate
        return rows

    def _table(self, first: int, last: int) -> tuple[Any, tuple[int, int, int]]:
        """The step scalars of some steps at least; how many runs share them, how many there are of a step, the first.

        Returns
        -------
        table : (scalars, steps * width) device array
        plan : (group, width, base)
        """
        if not self.problem.own:
            return self.cuda.table, (self.count, 1, 1)
        count = min(last, self.problem.steps) + 1 - first
        table = self.course.columns(first, max(count, 0))
        group, width = self.count, 1
        if self.course.places is not None:
            table, group, width = table[:, :, self.course.places], self.group, self.course.places.size
        # A rule without step scalars has a table without rows, of which NumPy cannot tell how long they are.
        rows = table.reshape(len(table), math.prod(table.shape[1:]))
        return backend.put(rounded(rows, self.problem.dtype)), (group, width, first)
