"""Runs of a rule for matrices on a function of a matrix: the matrices of all runs in one stack, moved together.

The function, its noise, thresholds and paths are those of tiles, in which a rule rests that moves nothing; after each
step of the tiles their gradients are taken out, and the next matrices put in.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.formula import ITERATE, Formula
from optviz.kernels.matrices import moved
from optviz.kernels.tile_rows import TILE
from optviz.optimizers import RANGES
from optviz.runs.points.cpu import Host, HostTiles
from optviz.runs.points.problem import Problem
from optviz.runs.scalars import course


def stay(x, g):
    return x


STAY = Formula(stay, None, (), (), ())


class Stacks(Host):
    """The CPU, for rules that move matrices.

    Parameters
    ----------
    problem : Problem

    Raises
    ------
    UsageError
        If runs differ in a number that decides what is computed, not with what.
    """

    def __init__(self, problem: Problem):
        self.asked = problem
        _check_own(problem)
        still = replace(problem.setting, formula=STAY, schedules={})
        super().__init__(replace(problem, setting=still))
        self.parts = self.parts._replace(rests=False)

    def tiles(self, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int, group: int) -> "StackTiles":
        """Runs before their first step."""
        return StackTiles(self, starts, own, number)


class StackTiles(HostTiles):
    """Runs in tiles, and their matrices in a stack (runs, rows, columns)."""

    def __init__(self, stacks: Stacks, starts: np.ndarray, own: Mapping[str, np.ndarray], number: int):
        super().__init__(stacks, starts, own, number)
        problem = self._asked = stacks.asked
        assert problem.function.matrix is not None
        self._matrices = _stacked(starts.T, problem.function.matrix, problem.dtype)
        self._course = course(problem.formula, problem.setting, own)
        self._numbers: dict[str, Any] = problem.setting.hyperparameters | {
            name: self._of_runs(values) for name, values in own.items()
        }
        self._slots = [self._beginning(slot) for slot in problem.formula.slots]

    def _advance(self, first: int, last: int, path: np.ndarray | None) -> None:
        for step in range(first, last + 1):
            at = step - first
            super()._advance(step, step, None if path is None else path[:, at : at + 1])
            if step <= self._asked.steps:
                self._move(step)

    def _move(self, step: int) -> None:
        """Move all matrices against the gradients that the tiles hold."""
        problem, rows = self._asked, self.host.rows
        places = range(problem.dimension)
        slopes = np.array([self._row(rows.gradient + c * TILE) for c in places])
        gradients = _stacked(slopes, self._matrices.shape[1:], problem.dtype)
        scalars = self._course.columns(step, 1)[:, 0]
        known = {name: self._scalar(each) for name, each in zip(problem.formula.table_names, scalars, strict=True)}
        given = self._numbers | known
        self._matrices, *self._slots = moved(problem.formula, self._matrices, gradients, self._slots, given)
        columns = self._matrices.shape[2]
        for c in places:
            self._fill(c * TILE, self._matrices[:, c // columns, c % columns])

    def _scalar(self, value: Any) -> Any:
        """A step scalar as a number, or for each run."""
        if self._course.places is None:
            return float(value)
        return self._of_runs(np.asarray(value)[self._course.places])

    def _of_runs(self, values: np.ndarray) -> Any:
        """A number for each run as (runs, 1, 1); Python's where all have the same."""
        if len(values) and np.ptp(values) == 0:
            return float(values[0])
        return values.astype(self._asked.dtype)[:, np.newaxis, np.newaxis]

    def _beginning(self, slot: str) -> np.ndarray:
        """A state slot of all runs before the first step."""
        formula, shape = self._asked.formula, self._matrices.shape
        begin: Any = dict(formula.initial).get(slot, 0.0)
        if begin == ITERATE:
            return self._matrices.copy()
        value = self._numbers[begin] if isinstance(begin, str) else begin
        square = formula.own_shape(slot, shape[1:])
        whole = np.ones(shape[1:]) if square is None else np.eye(square[0])
        begins = np.broadcast_to(value * whole, (self.count, *whole.shape))
        return _stacked(begins.reshape(self.count, -1).T, whole.shape, self._asked.dtype)


def _stacked(columns: np.ndarray, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Coordinates (d, runs) as matrices (runs, rows, columns), of which each entry is a row of all runs in memory."""
    return np.moveaxis(np.array(columns, dtype, order="C").reshape(*shape, -1), -1, 0)


def _check_own(problem: Problem) -> None:
    rule: Any = problem.setting.rule
    for name in problem.own:
        if name in rule.whole or rule.ranges.get(name, RANGES.get(name)) is bool:
            raise UsageError(
                f"{rule.name}: {name} decides what is computed, and the runs of a sweep are computed together",
                "Give it one number, and compare several: optimizers=[...]",
            )
