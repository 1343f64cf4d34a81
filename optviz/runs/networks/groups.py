"""Hyperparameters of their own for groups of a network's parameters: no decay on biases, another rate at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from optviz import schedules
from optviz.errors import UsageError, UsageTypeError, shown
from optviz.formulas.calls import Call, written
from optviz.networks import Plan, named, parameter_ranges, parameter_shapes
from optviz.optimizers import Formula, Setting, alike
from optviz.results.numeric import plain
from optviz.runs.arrays.matrices import beginnings
from optviz.runs.scalars import course, hyperparameters, reported, rounded
from optviz.schedules import Schedule

Names = tuple[str, ...]
Group = tuple[Names, dict[str, Any]]  # patterns, and the hyperparameters of what they name
Part = tuple[Names, str]  # names of parameters, and the setting that moves them as it is written


def read(groups: Any) -> tuple[Group, ...]:
    """The groups that somebody gives, in order.

    Parameters
    ----------
    groups : mapping or None
        From a pattern for names of parameters, or several in a tuple, to hyperparameters by name.

    Raises
    ------
    UsageTypeError
        If it is something else.
    """
    remedy = "Give hyperparameters by what they are for: groups={'bias': {'weight_decay': 0}}"
    if groups is None:
        return ()
    if not isinstance(groups, Mapping):
        raise UsageTypeError(f"groups is {shown(groups)}", remedy)
    found = []
    for key, given in groups.items():
        patterns = key if isinstance(key, tuple) else (key,)
        if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
            raise UsageTypeError(f"a group is named {shown(key)}", remedy)
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            raise UsageTypeError(f"the group {_said(patterns)} is {shown(given)}", remedy)
        found.append((patterns, dict(given)))
    return tuple(found)


def text(groups: Sequence[Group]) -> str:
    """The groups as they are written: ``"bias: weight_decay=0; last: lr=0.01"``."""
    return "; ".join(
        f"{', '.join(patterns)}: {', '.join(f'{name}={_written(value)}' for name, value in given.items())}"
        for patterns, given in groups
    )


def _written(value: Any) -> str:
    value = plain(value)
    if isinstance(value, Schedule | Call):
        return value.text
    if callable(value):
        return schedules.configure(value).text
    return value if isinstance(value, str) else written(value)


def _said(patterns: Names) -> str:
    return " and ".join(repr(pattern) for pattern in patterns)


def parted(setting: Setting, groups: Sequence[Group], plan: Plan) -> list[tuple[Names, Setting]]:
    """The names of a network's parameters with the setting that moves them; those with the same stand together.

    Where groups overlap, what a later one gives counts.

    Raises
    ------
    UsageError
        If a pattern names nothing, or the optimizer lacks a hyperparameter.
    """
    given: dict[str, dict[str, Any]] = {name: {} for name in parameter_ranges(plan)}
    for patterns, own in groups:
        setting.replace(**own)  # says what is wrong with a group by itself
        for pattern in patterns:
            chosen = named(plan, pattern)
            if not chosen:
                raise UsageError(f"the group '{pattern}' names no array", f"There are: {', '.join(given)}")
            for name in chosen:
                given[name] = given[name] | own
    parts: list[tuple[Names, Setting]] = []
    for name, own in given.items():
        changed = setting.replace(**own) if own else setting
        same = next((at for at, (_, other) in enumerate(parts) if other == changed), None)
        if same is None:
            parts.append(((name,), changed))
        else:
            parts[same] = (*parts[same][0], name), changed
    return parts


@dataclass(frozen=True)
class Shares:
    """Which setting moves which of a network's parameters.

    Attributes
    ----------
    settings : tuple of Setting
        With one formula; their schedules know their lengths.
    ranges : tuple of (range, int)
        Stretches of the parameters in order, each with the place of its setting. Where arrays are moved each for itself
        every one is a stretch.
    text : str
        The groups as they are written; "" without any.
    """

    settings: tuple[Setting, ...]
    ranges: tuple[tuple[range, int], ...]
    text: str = ""

    @property
    def formula(self) -> Formula:
        return self.settings[0].formula

    @cached_property
    def segments(self) -> np.ndarray:
        """(2, n) int64: where each stretch ends, and the place of its setting, as kernels take them."""
        return np.array([[part.stop for part, _ in self.ranges], [place for _, place in self.ranges]], np.int64)

    @cached_property
    def hyper(self) -> np.ndarray:
        """(constants, settings) float32: what the kernels know of the hyperparameters."""
        return np.array([hyperparameters(setting, np.float32) for setting in self.settings], np.float32).T.copy()

    @cached_property
    def _courses(self) -> list:
        return [course(setting.formula, setting) for setting in self.settings]

    def tables(self, first: int, count: int) -> np.ndarray:
        """(settings, step scalars, count) float32: those of the steps from `first` on, counted from 1.

        The first row of a formula that takes the value is left for it.
        """
        rows = [rounded(each.columns(first, count), np.float32) for each in self._courses]
        value = np.zeros((len(rows), int(self.formula.takes_value), count), np.float32)
        return np.concatenate([value, np.stack(rows)], axis=1)

    def start(self, parameters: np.ndarray) -> np.ndarray:
        """What a machine is loaded with before the first step.

        Returns
        -------
        (1 + slots, parameters) float32
        """
        state = np.empty((1 + len(self.formula.slots), parameters.size), np.float32)
        state[0] = parameters
        for part, place in self.ranges:
            for row, slot in zip(state[1:], self.formula.slots, strict=True):
                begin = self.settings[place].initial(slot)
                row[part.start : part.stop] = state[0, part.start : part.stop] if isinstance(begin, str) else begin
        return state

    def reported(self, state: np.ndarray) -> np.ndarray:
        """What is reported of parameters and state slots, (1 + slots, parameters) float32."""
        if self.formula.reported is None:
            return state[0]
        found = np.empty_like(state[0])
        for part, place in self.ranges:
            x, *slots = state[:, part.start : part.stop]
            known = dict(zip(self.formula.slots, slots, strict=True))
            found[part.start : part.stop] = reported(self.settings[place], x, known)
        return found


@dataclass(frozen=True)
class MatrixShares(Shares):
    """Shares of settings of a rule that has a formula for matrices.

    Attributes
    ----------
    shapes : tuple of tuple of int
        Of each array of `ranges`.
    """

    shapes: tuple[tuple[int, ...], ...] = ()

    def tables(self, first: int, count: int) -> np.ndarray:
        """(1, 1, count) float64: the numbers of the steps, of which machines make what they need themselves."""
        return np.arange(first, first + count, dtype=np.float64)[np.newaxis, np.newaxis]

    def start(self, parameters: np.ndarray) -> np.ndarray:
        """(1, numbers) float32: parameters, and behind them the state slots of each array in turn."""
        parts = [parameters]
        for (part, place), shape in zip(self.ranges, self.shapes, strict=True):
            setting, array = self.settings[place].moving(len(shape)), parameters[part.start : part.stop].reshape(shape)
            parts += [slot.ravel() for slot in beginnings(setting, array).values()]
        return np.concatenate(parts)[np.newaxis]

    def reported(self, state: np.ndarray) -> np.ndarray:
        """What is reported of what `start` makes, (1, numbers) float32."""
        at = self.ranges[-1][0].stop
        found = state[0, :at]
        if self.formula.reported is None:
            return found
        found = found.copy()
        for (part, place), shape in zip(self.ranges, self.shapes, strict=True):
            setting, x = self.settings[place].moving(len(shape)), state[0, part.start : part.stop].reshape(shape)
            known = {}
            for name, begin in beginnings(setting, x).items():
                known[name] = state[0, at : at + begin.size].reshape(begin.shape)
                at += begin.size
            found[part.start : part.stop] = reported(setting, x, known).ravel()
        return found


def shares(plan: Plan, parts: Sequence[tuple[Names, Setting]], text: str) -> Shares:
    """What `parted` gave, as it is run; `text` are the groups as they are written."""
    places = parameter_ranges(plan)
    own = {name: place for place, (names, _) in enumerate(parts) for name in names}
    ranges: list[tuple[range, int]] = []
    apart = any(_apart(setting.formula) for _, setting in parts)
    for name, part in places.items():
        if ranges and ranges[-1][1] == own[name] and not apart:
            ranges[-1] = range(ranges[-1][0].start, part.stop), own[name]
        else:
            ranges.append((part, own[name]))
    settings = tuple(one.resolved() for one in alike([setting for _, setting in parts]))
    return _shares(plan, settings, tuple(ranges), text)


def undivided(plan: Plan, setting: Setting) -> Shares:
    """All parameters with one setting."""
    whole = [range(plan.parameters)]
    arrays = parameter_ranges(plan).values() if _apart(setting.formula) else whole
    return _shares(plan, (setting,), tuple((part, 0) for part in arrays))


def _shares(plan: Plan, settings: tuple[Setting, ...], ranges: tuple[tuple[range, int], ...], text: str = "") -> Shares:
    if settings[0].formula.by_arrays:
        return MatrixShares(settings, ranges, text, tuple(parameter_shapes(plan).values()))
    return Shares(settings, ranges, text)


def _apart(formula: Formula) -> bool:
    """Whether each array is moved for itself."""
    return formula.sums or formula.by_arrays
