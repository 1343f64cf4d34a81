"""A setting's numbers as kernels take them: in the arrays' precision."""

import functools
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.kernels.power import powered
from optviz.kernels.rules import constants
from optviz.optimizers import SHARE, Formula, Setting, schedule_numbers
from optviz.schedules import Schedule

TABLES = 8  # step tables kept at a time
BLOCK, FACTORS = 256, 8192  # steps of a block of factors, and how many blocks are kept: 17 MB
MOST_KEPT = 50_000  # steps of a table that is kept: 0.8 MB for Adam
NONE: Mapping[str, float] = MappingProxyType({})  # no hyperparameter is another


def hyperparameters(setting: Setting, dtype: type, numbers: Mapping[str, float] = NONE) -> tuple:
    """The `optviz.kernels.rules.constants` of the setting's formula, made in float64, as `dtype` scalars.

    `numbers` take the place of some of the setting's.
    """
    with np.errstate(over="ignore"):  # beyond float32 a learning rate is infinite, and the run diverges
        return tuple(map(dtype, constants(setting.formula, setting.hyperparameters | dict(numbers))))


class Course:
    """The step scalars of a setting from step to step, in float64, computed as the hyperparameters were given.

    They are the same however many steps and runs are asked for at a time. Recursive ones are cheap in order: what goes
    back begins anew.

    Parameters
    ----------
    formula : Formula
    numbers : dict of str to float
        All hyperparameters of a setting, those of its schedules among them.
    schedules : dict of str to Schedule
        By hyperparameter; their lengths are known, see `Setting.resolved`.
    own : dict of str to (n,) float64, optional
        Hyperparameters of which each of n runs has its own.

    Attributes
    ----------
    depends_on : frozenset of str
        The hyperparameters that change them.
    places : (n,) int or None
        Of each run among the columns, where these are not the same for all.
    """

    def __init__(
        self,
        formula: Formula,
        numbers: Mapping[str, float],
        schedules: Mapping[str, Schedule],
        own: Mapping[str, np.ndarray] | None = None,
    ):
        self._formula, self._schedules = formula, schedules
        bent = {key for name, schedule in schedules.items() for key in schedule_numbers(name, schedule)}
        relevant = {*formula.scalar_arguments, *schedules, *bent}
        self._functions: dict[str, Callable[[float], float]] = {}
        mine = {name: values for name, values in (own or {}).items() if name in relevant}
        # Along a line of a sweep most hyperparameters are the same for all runs, and powers are dear.
        varying = {name: values for name, values in mine.items() if np.ptp(values) > 0}
        self.depends_on = frozenset(relevant)
        self._numbers: dict[str, Any] = {name: value for name, value in numbers.items() if name in relevant}
        self._numbers |= {name: float(values[0]) for name, values in mine.items()}
        self.places: np.ndarray | None = None
        self._width = 1
        if varying:
            # Runs with the same numbers, as from many starts, share a column.
            different, places = np.unique(np.stack(list(varying.values())), axis=1, return_inverse=True)
            self._numbers |= {name: powered(row) for name, row in zip(varying, different, strict=True)}
            self.places, self._width = places.reshape(-1), different.shape[1]
        self._next = 1
        self._before: dict[str, Any] = {}

    def columns(self, first: int, count: int) -> np.ndarray:
        """The step scalars of steps `first`, counted from 1, and on.

        Returns
        -------
        (scalars, count) float64, or (scalars, count, k) with a column for each of k different runs, see `places`
        """
        names = self._formula.table_names
        table: np.ndarray = np.empty((len(names), count) + ((self._width,) if self.places is not None else ()))
        if not names:
            return table
        if not self._formula.recursive:
            t = powered(np.arange(first, first + count))
            now = self._at(t if self.places is None else t[:, np.newaxis], {})
            for row, name in zip(table, names, strict=True):
                row[:] = now[name]
            return table
        if first < self._next:
            self._next, self._before = 1, {}
        for step in range(self._next, first + count):
            self._before = self._at(float(step), self._before)
            if step >= first:
                for row, name in zip(table, names, strict=True):
                    row[step - first] = self._before[name]
        self._next = first + count
        return table

    def once(self, t: int, numbers: Mapping[str, float]) -> list[float]:
        """The step scalars of one step at which some hyperparameters are others; recursive ones go on from there."""
        before: Mapping[str, Any] = {}
        if self._formula.recursive:
            if t > 1 and t != self._next:
                self.columns(t - 1, 1)
            before = self._before if t > 1 else {}
        now = self._at(float(t), before, numbers)
        if self._formula.recursive:
            self._next, self._before = t + 1, now
        return [float(now[name]) for name in self._formula.table_names]

    def _at(self, t: Any, before: Mapping[str, Any], numbers: Mapping[str, float] = NONE) -> dict[str, Any]:
        """The step scalars of some steps, or of one, by name."""
        given = self._numbers | {name: value for name, value in numbers.items() if name in self._numbers}
        for name, schedule in self._schedules.items():
            factors = self._factors(name, schedule, t)
            given |= {name: given[name] * factors} | ({SHARE: factors} if name == "lr" else {})
        return self._formula.step_scalars(t, given, before)

    def _factors(self, name: str, schedule: Schedule, t: Any) -> Any:
        """The factors of a schedule at some steps, or at one, with a column for each different run if need be."""
        own = {key: self._numbers[f"{name}_{key}"] for key in schedule.numbers if key != "value"}
        wide = {key: values for key, values in own.items() if np.ndim(values)}
        if not wide:
            if name not in self._functions:
                self._functions[name] = schedule.with_numbers(**own).function()
            factor = self._functions[name]
            if not np.ndim(t):
                return factor(int(t) - 1)
            return powered([factor(int(step) - 1) for step in t.ravel().tolist()]).reshape(t.shape)
        rows, place = np.unique(np.stack(list(wide.values())), axis=1, return_inverse=True)
        chosen = [schedule.with_numbers(**own | dict(zip(wide, row, strict=True))) for row in rows.T.tolist()]
        steps = np.reshape(t, -1).astype(np.int64) - 1
        blocks, within = np.unique(steps // BLOCK, return_inverse=True)
        tables = [np.concatenate([_factors_of(one, block) for block in blocks.tolist()]) for one in chosen]
        factors = np.array(tables)[:, within * BLOCK + steps % BLOCK].T[:, place.reshape(-1)]
        return powered(factors if np.ndim(t) else factors[0])


@functools.lru_cache(maxsize=FACTORS)
def _factors_of(schedule: Schedule, block: int) -> np.ndarray:
    """The factors of a block of steps: along the lines of a sweep the same schedules come back."""
    return np.array(schedule.factors(block * BLOCK + 1, BLOCK))


def course(formula: Formula, setting: Setting, own: Mapping[str, np.ndarray] | None = None) -> Course:
    """The step scalars of a setting's formula, or of one that was made of it."""
    return Course(formula, setting.hyperparameters, setting.schedules, own)


def step_costs(setting: Setting) -> dict[str, int]:
    """What the step scalars of a setting depend on, and how dear they are: a product, powers, or another schedule."""
    costs = dict.fromkeys(setting.formula.scalar_arguments, 2) | dict.fromkeys(setting.schedules, 1)
    return costs | {key: 3 for name, one in setting.schedules.items() for key in schedule_numbers(name, one)}


def step_table(setting: Setting, dtype: type, steps: int) -> np.ndarray:
    """The step scalars of the steps 1 to `steps`, (scalars, steps) of `dtype`; not to be modified.

    Powers cost more than the steps of most rules, and hardly any depend on the learning rate: the last tables are
    kept, so that tuning makes one for all its rates.
    """
    make = _table if steps <= MOST_KEPT else _table.__wrapped__
    numbers = {name: setting.hyperparameters.get(name) for name in setting.formula.scalar_arguments}
    for name, schedule in setting.schedules.items():
        numbers |= {name: setting.hyperparameters[name]} | schedule_numbers(name, schedule)
    return make(setting.formula, tuple(numbers.items()), tuple(setting.schedules.items()), dtype, steps)


@functools.lru_cache(maxsize=TABLES)
def _table(formula: Formula, numbers: tuple, schedules: tuple, dtype: type, steps: int) -> np.ndarray:
    return rounded(Course(formula, dict(numbers), dict(schedules)).columns(1, steps), dtype)


def reported(setting: Setting, x: Any, slots: Mapping[str, Any]) -> Any:
    """The point that a setting reports, of arrays of one dtype: the iterate and its state slots by name."""
    formula = setting.formula
    if formula.reported is None:
        return x
    number = getattr(x.dtype, "type", float)  # of NumPy's arrays; others take Python's numbers
    known = {name: number(value) for name, value in setting.hyperparameters.items()} | dict(slots) | {ITERATE: x}
    return formula.reported(*(known[name] for name in formula.report_arguments))


def in_precision(numbers: Sequence[float], dtype: type) -> tuple:
    """A few numbers in a precision, as `rounded` makes them of many."""
    if all(abs(number) < 1e38 for number in numbers):
        return tuple(map(dtype, numbers))
    return tuple(rounded(np.array(numbers, float), dtype))


def rounded(columns: np.ndarray, dtype: type) -> np.ndarray:
    """Numbers in a precision, rounded once; beyond its largest they are infinite."""
    with np.errstate(over="ignore"):
        return columns.astype(dtype)
