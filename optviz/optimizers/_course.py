"""The numbers of each step, of a rule and of what moves vectors beside it, in the numbers of any library."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from optviz.optimizers._momentary import own_numbers
from optviz.optimizers._setting import Setting


@dataclass(frozen=True)
class StepNumbers:
    """Hyperparameters and step scalars, step by step, in any library's numbers.

    Attributes
    ----------
    setting : Setting
        Of the rule.
    """

    setting: Setting

    @property
    def settings(self) -> list[Setting]:
        """Those whose numbers differ: the rule's, and that of the rule for vectors beside one for matrices."""
        vectors = self.setting.moving(1)
        return [self.setting] if vectors.beside is None else [self.setting, vectors]

    @property
    def kept(self) -> list[str]:
        """The step scalars that the next step needs, as `after` calls them."""
        return [_place(one, name) for one in self.settings if one.formula.recursive for name in one.formula.table_names]

    def at(self, t: Any, values: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What each of `settings` takes at a step, by name.

        Parameters
        ----------
        t : number
            The step, from 1.
        values : dict
            Hyperparameters of the rule that have another value than the setting's.
        before : dict
            What was `kept` of the step before; empty at the first.
        """
        found = []
        for one in self.settings:
            known: dict[str, Any] = one.hyperparameters | dict(own_numbers(one, values))
            its = {name: before[_place(one, name)] for name in one.formula.table_names if _place(one, name) in before}
            found.append(known | one.formula.step_scalars(t, known, its))
        return found

    def traced(
        self, t: Any, values: Mapping[str, Any], before: Mapping[str, Any], choose: Callable[[Any, Any], Any]
    ) -> list[dict[str, Any]]:
        """As `at`, of a step of which nobody knows yet whether it is the first.

        Parameters
        ----------
        t, values, before
            As for `at`; `before` is anything at the first step.
        choose : function
            ``choose(a, b)`` is a at the first step, and b at any other.
        """
        first = self.at(t, values, {})
        if not self.kept:
            return first
        every = zip(self.settings, first, self.at(t, values, before), strict=True)
        return [a | {name: choose(a[name], b[name]) for name in one.formula.table_names} for one, a, b in every]

    def after(self, numbers: list[dict[str, Any]]) -> dict[str, Any]:
        """What is `kept` of a step's numbers."""
        pairs = zip(self.settings, numbers, strict=True)
        every = {_place(one, name): its[name] for one, its in pairs for name in one.formula.table_names}
        return {name: every[name] for name in self.kept}


def _place(setting: Setting, name: str) -> str:
    return name if setting.beside is None else f"vectors_{name}"
