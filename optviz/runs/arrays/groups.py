"""Hyperparameters of some of several arrays: no decay on biases, another rate for the last layer."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.optimizers import Setting


class Groups:
    """A setting, and others of its rule for arrays that groups name.

    Parameters
    ----------
    setting : Setting
        Of the arrays that no group names.
    given : dict
        Hyperparameters by the arrays that have them: a key of params or a pattern of such, ``"*bias"``, a place in a
        list, ``-1``, or several of these in a tuple. Of several groups that name an array the last one counts.

    Raises
    ------
    UsageError, UsageTypeError
        If a group has no names or no hyperparameters, or a hyperparameter cannot be used.
    """

    def __init__(self, setting: Setting, given: Mapping[Any, Mapping[str, Any]] | None):
        self.setting = setting
        self.given = dict(_checked(given))
        for numbers in self.given.values():
            setting.replace(**numbers).resolved()
        self._made: dict[tuple, Setting] = {(): setting}

    def of(self, keys: list[Any]) -> list[Setting]:
        """The setting of each array.

        Parameters
        ----------
        keys : list
            Of a dict of arrays; places in a list of them; None for an array alone.

        Raises
        ------
        UsageError
            If a group names none of them.
        """
        if not self.given:
            return [self.setting] * len(keys)
        those = {names: [_named(names, key, len(keys)) for key in keys] for names in self.given}
        for names, chosen in those.items():
            if not any(chosen):
                known = "one array alone" if keys == [None] else ", ".join(map(str, keys))
                raise UsageError(f"the group {shown(names)} names no array", f"There is: {known}")
        members = [tuple(number for number, chosen in enumerate(those.values()) if chosen[k]) for k in range(len(keys))]
        return [self._setting(numbers) for numbers in members]

    def scheduled(self, name: str) -> Setting | None:
        """A setting in which a hyperparameter has a schedule, if there is one."""
        settings = (self.setting, *(self.setting.replace(**numbers) for numbers in self.given.values()))
        return next((one for one in settings if name in one.schedules), None)

    def _setting(self, numbers: tuple[int, ...]) -> Setting:
        """The setting of the arrays in these groups; equal ones are one object."""
        if numbers not in self._made:
            groups = list(self.given.values())
            merged = {name: value for number in numbers for name, value in groups[number].items()}
            self._made[numbers] = self.setting.replace(**merged).resolved()
        return self._made[numbers]


def _checked(given: Any) -> Mapping[Any, Mapping[str, Any]]:
    example = 'Give names with hyperparameters: groups={"bias": {"weight_decay": 0}}'
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise UsageTypeError(f"groups is {shown(given)}", example)
    for names, numbers in given.items():
        if not isinstance(numbers, Mapping) or not numbers:
            raise UsageTypeError(f"the group {shown(names)} has {shown(numbers)}", example)
        if names == () or names == "":
            raise UsageError("a group has no name", example)
    return given


def _named(names: Any, key: Any, count: int) -> bool:
    """Whether a group's names are one that an array has."""
    if isinstance(names, tuple) and names != key:
        return any(_named(name, key, count) for name in names)
    if isinstance(names, str) and isinstance(key, str):
        return names == key or fnmatchcase(key, names)
    if isinstance(names, int) and isinstance(key, int) and names < 0:
        return names + count == key
    return names == key
