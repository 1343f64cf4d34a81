"""Arrays whose rules ask for sums: passes over the elements first, and then the step."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import in_pairs
from optviz.formulas.sums import Total, split
from optviz.kernels.matrix_sums import found_size, matrix_room
from optviz.kernels.matrix_update import matrix_functions
from optviz.kernels.sums import fold_function, room_size
from optviz.kernels.update import shared_places
from optviz.optimizers import Setting
from optviz.runs.arrays.host import CHUNK, BoundArray, StepScalars, TypedRule
from optviz.runs.arrays.matrices import BoundMatrix, MatrixRule

Moved = tuple[Any, np.ndarray, np.ndarray, dict[str, Any]]  # a `SummedArray`, the array, its gradient and its state


class SummingRule(TypedRule):
    """A `TypedRule` with sums.

    Attributes
    ----------
    levels : tuple of Level
        What each pass sums.
    passes : list of function
        The compiled passes, see `optviz.kernels.sums.fold_function`, or for matrices
        `optviz.kernels.matrix_update.matrix_functions`.
    shared : tuple of int
        The places of the slots that all elements share.
    """

    passes: list[Callable]

    def _compiled(self) -> Callable:
        self.levels, self.shared = split(self.formula).levels, shared_places(self.formula)
        self.totals = split(self.formula).totals
        if self.is_matrix:
            self.passes, update = matrix_functions(self.formula, self.number)
            return update
        self.passes = [fold_function(self.formula, level, self.number) for level in range(len(self.levels))]
        return super()._compiled()

    @property
    def is_matrix(self) -> bool:
        """Whether it sums along rows and columns."""
        return bool(self.formula.rows or self.formula.columns)


class SummedArray(BoundArray):
    """An array whose rule asks for sums over it, or over all arrays."""

    _rule: SummingRule

    def __init__(self, rule: SummingRule, array: np.ndarray, slots: dict[str, np.ndarray]):
        super().__init__(rule, array, slots)
        widest = max((len(level.totals) for level in rule.levels), default=0)
        self._room: np.ndarray = np.empty(room_size(widest, min(array.size, CHUNK)), rule.number)
        self._sums: np.ndarray = np.zeros(len(rule.totals), rule.number)

    @property
    def levels(self) -> Sequence[Sequence[Total]]:
        """The sums that the rule asks for, pass by pass."""
        return [level.totals for level in self._rule.levels]

    def make_sums(self, level: int, x: np.ndarray, g: np.ndarray, state: dict[str, Any], value: float | None) -> None:
        """Make the sums of a pass over the array, after those of earlier passes; nothing else is modified."""
        rule, words = self._rule, [total.word for total in self.levels[level]]
        flat, gradient, *slots = self._flattened([x, g, *(state[name] for name in self._names)])[0]
        scalars, parts = self._scalars(state, value), []
        for first in range(0, max(x.size, 1), CHUNK):
            some = slice(first, first + CHUNK)
            states = tuple(slot if k in rule.shared else slot[some] for k, slot in enumerate(slots))
            parts.append(rule.passes[level](flat[some], gradient[some], states, scalars, rule.hyper, self._room))
        columns = np.array(parts, rule.number).T  # Numba gives Python's floats
        sums = [in_pairs(word, column) for word, column in zip(words, columns, strict=True)]
        with np.errstate(invalid="ignore"):  # an array without elements has no mean
            self._sums[self._places(level)] = [
                one / rule.number(x.size) if word.is_mean else one for word, one in zip(words, sums, strict=True)
            ]

    def everywhere(self, level: int) -> np.ndarray:
        """Those sums of a pass that are over all arrays, as far as this one goes."""
        return self._sums[self._everywhere(level)]

    def join(self, level: int, sums: Sequence[Any]) -> None:
        """Take these sums over all arrays."""
        self._sums[self._everywhere(level)] = sums

    def _places(self, level: int) -> slice:
        first = sum(map(len, self.levels[:level]))
        return slice(first, first + len(self.levels[level]))

    def _everywhere(self, level: int) -> list[int]:
        first = self._places(level).start
        return [first + k for k, total in enumerate(self.levels[level]) if total.word.everywhere]

    def _scalars(self, state: dict[str, Any], value: float | None) -> tuple:
        known = super()._scalars(state, value)
        valued = int(value is not None)
        return (*known[:valued], *self._sums, *known[valued:])

    def _careful_step(self, x: np.ndarray, g: np.ndarray, slots: list[np.ndarray], scalars: tuple) -> None:
        rule = self._rule
        if not rule.shared:
            super()._careful_step(x, g, slots, scalars)
            return
        (flat, gradient, *states), order = self._flattened([x, g, *slots])
        after = list(states)
        for first in range(0, x.size, CHUNK):  # all chunks need what elements share as it was
            some = slice(first, first + CHUNK)
            after = [state.copy() if k in rule.shared else state for k, state in enumerate(states)]
            parts = tuple(state if k in rule.shared else state[some] for k, state in enumerate(after))
            rule.update(flat[some], gradient[some], parts, scalars, rule.hyper)
        self._write_back([x, *slots], [flat, *after], order)


class SummedMatrix(SummedArray):
    """A matrix whose rule asks for sums along rows and columns: the last axis against all others."""

    def __init__(self, rule: SummingRule, array: np.ndarray, slots: dict[str, np.ndarray]):
        BoundArray.__init__(self, rule, array, slots)
        self._cols = array.shape[-1]
        self._rows = array.size // self._cols if self._cols else 0
        shape = self._rows, self._cols
        self._room = np.empty(matrix_room(rule.formula, *shape), rule.number)
        self._sums = np.zeros(found_size(rule.formula, *shape), rule.number)
        self._whole = [total for total in rule.totals if not total.word.axis]

    def make_sums(self, level: int, x: np.ndarray, g: np.ndarray, state: dict[str, Any], value: float | None) -> None:
        """Make the sums of a pass over the matrix, after those of earlier passes; nothing else is modified."""
        arrays = [x, g, *(state[name] for name in self._names)]
        self._call(self._rule.passes[level], [array.ravel() for array in arrays], self._scalars(state, value))

    def step(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], value: float | None) -> None:
        """Make the next step, in place."""
        slots = [state[name] for name in self._names]
        flat = [np.require(array.ravel(), requirements="A") for array in (x, g, *slots)]
        self._call(self._rule.update, flat, self._scalars(state, value))
        self._write_back([x, *slots], [flat[0], *flat[2:]], "C")
        state["t"] += 1

    def _call(self, kernel: Callable, flat: list[np.ndarray], scalars: tuple) -> None:
        x, g, *slots = (np.require(array.view(np.ndarray), requirements="A") for array in flat)
        shape = self._rows, self._cols
        kernel(x, g, tuple(slots), scalars, self._rule.hyper, *shape, self._sums, self._room)

    def _scalars(self, state: dict[str, Any], value: float | None) -> tuple:
        return BoundArray._scalars(self, state, value)

    def _everywhere(self, level: int) -> list[int]:
        return [self._whole.index(total) for total in self.levels[level] if total.word.everywhere]


def rule_of(setting: Setting, dtype: type) -> StepScalars:
    """What an array's setting is in one precision, by its kind."""
    if setting.kind == "matrices":
        return MatrixRule(setting, dtype)
    return SummingRule(setting, dtype) if setting.formula.sums else TypedRule(setting, dtype)


def bind(rule: StepScalars, array: np.ndarray, slots: dict[str, np.ndarray]) -> BoundArray:
    """An array with its state, as a rule moves it."""
    if isinstance(rule, MatrixRule):
        return BoundMatrix(rule, array, slots)
    if not isinstance(rule, SummingRule):
        return BoundArray(rule, array, slots)
    return (SummedMatrix if rule.is_matrix else SummedArray)(rule, array, slots)


def step_together(arrays: Sequence[Moved], value: float | None) -> None:
    """Move arrays in place: first all sums are made, pass after pass, and then every array takes its step.

    Parameters
    ----------
    arrays : sequence of (bound array, array, gradient, state)
        Those that have a gradient, as for `BoundArray.step`.
    value : float or None

    Raises
    ------
    UsageError
        If arrays that are summed together have rules of different sums, or different dtypes.
    """
    _check_alike(arrays)
    for level in range(max((len(one.levels) for one, *_ in arrays), default=0)):
        members = [moved for moved in arrays if level < len(moved[0].levels)]
        for one, x, g, state in members:
            one.make_sums(level, x, g, state, value)
        totals = [total for total in members[0][0].levels[level] if total.word.everywhere]
        if totals:
            columns = zip(*(one.everywhere(level) for one, *_ in members), strict=True)
            sums = [in_pairs(total.word, column) for total, column in zip(totals, columns, strict=True)]
            for one, *_ in members:
                one.join(level, sums)
    for one, x, g, state in arrays:
        one.step(x, g, state, value)


def _check_alike(arrays: Sequence[Moved]) -> None:
    """Refuse arrays whose sums cannot be added."""
    asked = {}
    for bound, x, *_ in arrays:
        words = tuple(tuple(total.word for total in level if total.word.everywhere) for level in bound.levels)
        if any(words):
            asked[words[: 1 + max(k for k, one in enumerate(words) if one)], x.dtype] = x
    if len(asked) > 1:
        dtypes = {x.dtype for x in asked.values()}
        what = f"dtypes {' and '.join(sorted(map(str, dtypes)))}" if len(dtypes) > 1 else "rules that sum other things"
        raise UsageError(
            f"the arrays have {what}, and their sums are made over all of them",
            "Give arrays of one dtype whose groups differ in numbers alone.",
        )
