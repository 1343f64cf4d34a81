"""What the numbers of a parameter group make of a rule: a setting, and hyperparameters that differ from its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import Setting, check_runs, step_numbers

# What torch's classes are told about how they compute, with the values that change nothing.
HOW: dict[str, Any] = {"foreach": (None, True, False), "fused": (None, True, False)}
HOW |= {"capturable": (None, False), "differentiable": (None, False)}
# What turns a class of torch's into another rule.
SWITCHES = ("amsgrad", "nesterov", "centered", "decoupled_weight_decay", "maximize")


class Form(NamedTuple):
    """A group's numbers.

    Attributes
    ----------
    setting : Setting
        With all numbers that its formula depends on.
    numbers : dict of str to float
        Hyperparameters that are others, under our names.
    """

    setting: Setting
    numbers: dict[str, float]


class Forms:
    """The forms of an optimizer's groups. What comes back is made once.

    Parameters
    ----------
    configure : function
        ``configure(numbers)``: the setting of a group.
    names : sequence of str
        The hyperparameters that a group has.
    """

    def __init__(self, configure: Callable[[dict[str, Any]], Setting], names: Sequence[str]):
        self._configure, self._names = configure, tuple(name for name in names if name not in HOW)
        self._settings: dict[tuple[Any, ...], tuple[Setting, tuple[Any, ...]]] = {}
        self._last: dict[int, tuple[Any, Form | None]] = {}  # by group

    def of(self, group: Mapping[str, Any]) -> Form:
        """The form of a group.

        Raises
        ------
        UsageError, UsageTypeError
            If it cannot be used.
        """
        try:
            given = [group[name] for name in self._names]
        except KeyError as error:
            raise UsageError(f"a group has no {error.args[0]}", "Give it a number.") from None
        known, form = self._last.get(id(group), ((), None))
        is_plain = not any(map(_changes, given))
        if form is not None and is_plain:
            if given == known:
                return form
            form = self._changed(form, known, given)
        if form is None or not is_plain:
            form = self._form(tuple(map(as_numbers, given)))
        if is_plain:
            self._last[id(group)] = given, form
        return form

    def _changed(self, form: Form, known: Sequence[Any], given: Sequence[Any]) -> Form | None:
        """The form of a group in which numbers have changed since, and no formula with them; None for any other."""
        numbers = {}
        for name, value, before in zip(self._names, given, known, strict=True):
            if value is not before and value != before:
                if type(value) is not float or _kind(name, value) != _kind(name, before):
                    return None
                numbers[name] = value
        return Form(form.setting, form.numbers | step_numbers(form.setting, numbers))

    def check(self, group: Mapping[str, Any]) -> None:
        """Refuse a group that asks for something that the rule has no form for.

        Raises
        ------
        UsageError, UsageTypeError
        """
        setting = self.of(group).setting
        for name, allowed in HOW.items():
            if group.get(name) not in allowed:
                raise UsageError(f"{setting.plain_name}: {name} is {shown(group[name])}", f"Leave {name} out.")
        for name in SWITCHES:
            if name not in self._names and group.get(name):
                if name == "decoupled_weight_decay" and setting.rule.decay_of(setting.variant) == "decoupled":
                    continue  # as torch's AdamW says of itself
                problem = f"{setting.plain_name} has no {name}, which is on in these parameters' group"
                raise UsageError(problem, f"Take the class that has it, or set {name} to False.")

    def _form(self, values: tuple[Any, ...]) -> Form:
        # A formula is chosen by which numbers are 0: what differs in size alone is no other setting.
        kinds = tuple(map(_kind, self._names, values))
        for name, kind in zip(self._names, kinds, strict=True):
            _check_number(name, kind)
        if kinds not in self._settings:
            setting = self._configure(dict(zip(self._names, values, strict=True))).resolved()
            check_runs(setting, "arrays")
            for name, schedule in setting.schedules.items():
                raise UsageError(
                    f"{name} has a schedule, {schedule.text}", "Give a number, and take a scheduler of torch's."
                )
            self._settings[kinds] = setting, values
            return Form(setting, {})
        setting, others = self._settings[kinds]
        given = {
            name: value
            for name, value, other in zip(self._names, values, others, strict=True)
            if value != other and not isinstance(value, bool | str | None)
        }
        return Form(setting, step_numbers(setting, given))


def _changes(value: Any) -> bool:
    """Whether a hyperparameter may become another one and stay the same object."""
    if isinstance(value, tuple):
        return any(map(_changes, value))
    return isinstance(value, torch.Tensor | np.ndarray | list)


def _check_number(name: str, value: Any) -> None:
    """Refuse a hyperparameter that is a dict or a set, or holds one."""
    try:
        hash(value)
    except TypeError:
        raise UsageTypeError(f"{name} is {shown(value)}", "Give a number or a word.") from None


def as_numbers(value: Any) -> Any:
    """A hyperparameter as numbers, which schedulers may have made a tensor of."""
    if isinstance(value, float | int | str) or value is None:
        return value
    if isinstance(value, torch.Tensor):
        if value.numel() != 1:
            raise UsageError(f"a hyperparameter is a tensor of {value.numel()} elements", "It must be of 1 element.")
        return value.item()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(map(as_numbers, value)) if isinstance(value, tuple | list) else value


def _kind(name: str, value: Any) -> Any:
    if name == "lr":
        return type(value) in (int, float)
    if name == "beta2_decay" or (name == "eps" and isinstance(value, tuple)):
        return value  # torch's Adafactor says otherwise what we give by the step
    if isinstance(value, tuple):
        return tuple(_kind("", one) for one in value)
    return bool(value) if type(value) in (int, float) else value
