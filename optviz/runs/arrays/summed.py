"""Arrays whose rules ask for sums: passes over the elements first, and then the step."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from optviz.errors import UsageError
from optviz.formulas.adding import in_pairs
from optviz.formulas.sums import split
from optviz.kernels.matrix_sums import found_size, matrix_room
from optviz.kernels.matrix_update import matrix_functions
from optviz.kernels.sums import fold_function, room_size
from optviz.kernels.update import shared_places, summed_function
from optviz.optimizers import Setting
from optviz.runs.arrays.host import CHUNK, Asked, BoundArray, Moved, Order, StepScalars, TypedRule, flattened
from optviz.runs.arrays.matrices import BoundMatrix, MatrixRule


class SummingRule(TypedRule):
    """A `TypedRule` with sums.

    Attributes
    ----------
    levels : list of tuple of Total
        What each pass sums.
    passes : list of function
        The compiled passes, see `optviz.kernels.sums.fold_function`, or for matrices
        `optviz.kernels.matrix_update.matrix_functions`.
    places : list of slice
        Of each pass's sums among all.
    everywhere : list of list of int
        Those of them that are over all arrays.
    shared : tuple of int
        The places of the slots that all elements share.
    """

    passes: list[Callable]

    def __init__(self, setting: Setting, dtype: type):
        super().__init__(setting, dtype)
        formula, number = self.formula, self.number
        self.shared = shared_places(formula)
        self.levels = [level.totals for level in split(formula).levels]
        ends = np.cumsum([0, *map(len, self.levels)]).tolist()
        self.places = [slice(*pair) for pair in itertools.pairwise(ends)]
        totals = split(formula).totals
        if self.is_matrix:
            totals = tuple(total for total in totals if not total.word.axis)
            self.passes, self._update = matrix_functions(formula, number)
        else:
            self.passes = [fold_function(formula, level, number) for level in range(len(self.levels))]
            self._update = summed_function(formula, number)
        self.everywhere = [[totals.index(one) for one in level if one.word.everywhere] for level in self.levels]

    @property
    def update(self) -> Callable:
        """The compiled step of one array: see `optviz.kernels.update.summed_function`, or `matrix_functions`."""
        return self._update

    @property
    def is_matrix(self) -> bool:
        """Whether it may sum along rows and columns."""
        return self.formula.for_matrices


class Given(NamedTuple):
    """What goes into a step of an array: flat arrays in one order, the value with the step scalars, hyperparameters."""

    x: np.ndarray
    g: np.ndarray
    slots: tuple[np.ndarray, ...]
    scalars: tuple
    hyper: tuple
    order: Order | None  # of arrays that may be copies, whose originals have to be written


class SummedArray(BoundArray):
    """An array whose rule asks for sums over it, or over all arrays.

    Attributes
    ----------
    sums : (sums,) array
        Those of the step that is being made.
    """

    rule: SummingRule

    def __init__(self, rule: SummingRule, array: np.ndarray, slots: dict[str, np.ndarray]):
        super().__init__(rule, array, slots)
        widest = max(map(len, rule.levels), default=0)
        self._room: np.ndarray = np.empty(room_size(widest, min(array.size, CHUNK)), rule.number)
        self.sums: np.ndarray = np.zeros(sum(map(len, rule.levels)), rule.number)

    def given(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], asked: Asked) -> Given:
        """What goes into the next step."""
        slots = [state[name] for name in self._names]
        numbers = self.rule.at(state["t"] + 1, asked)
        if self._all_simple:
            return Given(x.ravel(), g.ravel(), tuple([slot.ravel() for slot in slots]), *numbers, None)
        (flat, gradient, *states), order = self._flattened([x, g, *slots])
        return Given(flat, gradient, tuple(states), *numbers, order)

    def make_sums(self, level: int, given: Given) -> None:
        """Make the sums of a pass over the array, after those of earlier passes; nothing else is modified."""
        rule, (x, g, slots, scalars, hyper, _) = self.rule, given
        if x.size <= CHUNK:
            rule.passes[level](x, g, slots, scalars, hyper, self.sums, self._room, max(x.size, 1))
            return
        parts = []
        for first in range(0, x.size, CHUNK):
            some = slice(first, first + CHUNK)
            states = tuple(slot if k in rule.shared else slot[some] for k, slot in enumerate(slots))
            parts.append(rule.passes[level](x[some], g[some], states, scalars, hyper, self.sums, self._room, 0))
        columns: np.ndarray = np.array(parts, rule.number).T  # Numba gives Python's floats
        words = [total.word for total in rule.levels[level]]
        sums = [in_pairs(word, column) for word, column in zip(words, columns, strict=True)]
        shares = [one / rule.number(x.size) if word.is_mean else one for word, one in zip(words, sums, strict=True)]
        self.sums[rule.places[level]] = shares

    def move(self, given: Given, x: np.ndarray, state: dict[str, Any]) -> None:
        """Make the next step, in place, with the sums that have been made."""
        rule, (flat, g, slots, scalars, hyper, order) = self.rule, given
        if order is None:
            rule.update(flat, g, slots, scalars, hyper, self.sums)
        else:
            after = slots
            for first in range(0, flat.size, CHUNK):  # all chunks need what elements share as it was
                some = slice(first, first + CHUNK)
                after = tuple(slot.copy() if k in rule.shared else slot for k, slot in enumerate(slots))
                parts = tuple(slot if k in rule.shared else slot[some] for k, slot in enumerate(after))
                rule.update(flat[some], g[some], parts, scalars, hyper, self.sums)
            self._write_back([x, *(state[name] for name in self._names)], [flat, *after], order)
        state["t"] += 1


class SummedMatrix(SummedArray):
    """A matrix whose rule asks for sums along rows and columns: the last axis against all others."""

    def __init__(self, rule: SummingRule, array: np.ndarray, slots: dict[str, np.ndarray]):
        BoundArray.__init__(self, rule, array, slots)
        cols = array.shape[-1]
        self._shape = (array.size // cols if cols else 0), cols
        self._room = np.empty(matrix_room(rule.formula, *self._shape), rule.number)
        self.sums = np.zeros(found_size(rule.formula, *self._shape), rule.number)

    def given(self, x: np.ndarray, g: np.ndarray, state: dict[str, Any], asked: Asked) -> Given:
        """What goes into the next step, row after row."""
        slots, numbers = [state[name] for name in self._names], self.rule.at(state["t"] + 1, asked)
        if self._all_simple:
            return Given(x.ravel(), g.ravel(), tuple([slot.ravel() for slot in slots]), *numbers, None)
        flat, gradient, *states = (flattened(array, "C") for array in (x, g, *slots))
        return Given(flat, gradient, tuple(states), *numbers, "C")

    def make_sums(self, level: int, given: Given) -> None:
        """Make the sums of a pass over the matrix, after those of earlier passes; nothing else is modified."""
        self._call(self.rule.passes[level], given)

    def move(self, given: Given, x: np.ndarray, state: dict[str, Any]) -> None:
        """Make the next step, in place, with the sums that have been made."""
        self._call(self.rule.update, given)
        if given.order is not None:
            self._write_back([x, *(state[name] for name in self._names)], [given.x, *given.slots], given.order)
        state["t"] += 1

    def _call(self, kernel: Callable, given: Given) -> None:
        x, g, slots, scalars, hyper, _ = given
        kernel(x, g, slots, scalars, hyper, *self._shape, self.sums, self._room)


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


def step_together(arrays: Sequence[Moved]) -> None:
    """Move arrays in place: first all sums are made, pass after pass, and then every array takes its step.

    Parameters
    ----------
    arrays : sequence of Moved
        Of which each is bound as a `SummedArray`.

    Raises
    ------
    UsageError
        If arrays that are summed together have rules of different sums, or different dtypes.
    """
    if any(map(any, {id(one.rule): one.rule.everywhere for one, *_ in arrays}.values())):
        check_alike([(one.rule.levels, x.dtype) for one, x, *_ in arrays])
    given = [one.given(x, g, state, asked) for one, x, g, state, asked in arrays]
    for level in range(max([len(one.rule.levels) for one, *_ in arrays], default=0)):
        members = []
        for (one, *_), its in zip(arrays, given, strict=True):
            if level < len(one.rule.levels):
                one.make_sums(level, its)
                members.append(one)
        words = [total.word for total in members[0].rule.levels[level] if total.word.everywhere]
        if words:
            columns = zip(*(one.sums[one.rule.everywhere[level]] for one in members), strict=True)
            sums = [in_pairs(word, column) for word, column in zip(words, columns, strict=True)]
            for one in members:
                one.sums[one.rule.everywhere[level]] = sums
    for (one, x, _, state, _), its in zip(arrays, given, strict=True):
        one.move(its, x, state)


def check_alike(arrays: Iterable[tuple[Sequence[tuple], Any]]) -> None:
    """Refuse arrays whose sums cannot be added, given what each pass over them sums, and their dtypes.

    Raises
    ------
    UsageError
    """
    asked = set()
    for levels, dtype in arrays:
        words = tuple(tuple(total.word for total in level if total.word.everywhere) for level in levels)
        if any(words):
            asked.add((words[: 1 + max(k for k, one in enumerate(words) if one)], np.dtype(dtype)))
    if len(asked) > 1:
        dtypes = {dtype for _, dtype in asked}
        what = f"dtypes {' and '.join(sorted(map(str, dtypes)))}" if len(dtypes) > 1 else "rules that sum other things"
        raise UsageError(
            f"the arrays have {what}, and their sums are made over all of them",
            "Give arrays of one dtype whose groups differ in numbers alone.",
        )
