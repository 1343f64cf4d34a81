"""Hyperparameters of one step alone."""

import math
from collections.abc import Mapping
from typing import Any

from optviz.errors import UsageError
from optviz.formulas.matrices import MatrixFormula
from optviz.optimizers._numbers import canonical, checked
from optviz.optimizers._setting import Setting


def step_numbers(setting: Setting, given: Mapping[str, Any]) -> dict[str, float]:
    """Numbers that take the place of some of a setting's in one step, checked, under our names.

    Parameters
    ----------
    setting : Setting
    given : dict
        By any name that the rule's hyperparameters have, those of its wrappers included.

    Raises
    ------
    UsageError
        If a name is unknown, a number is out of range, the hyperparameter has a schedule, or the setting's formula has
        no place for it.
    UsageTypeError
        If a number has the wrong type.
    """
    if not given:
        return {}
    rule, formula, values = setting.rule, setting.formula, dict(given)
    if not given.keys() <= setting.hyperparameters.keys():
        values = canonical(rule.name, setting.varying, rule.aliases, given)
    for name, value in values.items():
        if name in setting.schedules:
            raise UsageError(
                f"{rule.name}: {name} has a schedule, {setting.schedules[name].text}",
                f"Leave {name} out here, or give the optimizer a number for it.",
            )
        owner, ranges, whole, own = setting.owner_of(name)
        values[name] = checked(owner, own, value, ranges, whole)
        places = formula.hyperparameters, formula.scalar_arguments, formula.beside, rule.initial.values()
        has_place = any(name in names for names in places)
        if not has_place and values[name] != setting.hyperparameters.get(name, 0.0):
            raise UsageError(
                f"{rule.name} was made without {name}, and its formula has no place for it",
                f"Make it with {name}: optviz.optimizer({setting.plain_name!r}, {name}={value!r})",
            )
    return values


def own_numbers(setting: Setting, numbers: Mapping[str, float]) -> Mapping[str, float]:
    """What `step_numbers` gave for a rule for matrices, as those of a setting that moves vectors beside it.

    Of any other setting they are given back as they are.
    """
    if setting.beside is None or not numbers:
        return numbers
    formula, known = setting.beside.formula, setting.beside.hyperparameters | dict(numbers)
    assert isinstance(formula, MatrixFormula) and formula.vectors is not None
    return {
        name: math.prod(known[factor] for factor in factors)
        for name, factors in formula.vectors.numbers
        if not numbers.keys().isdisjoint(factors)
    }
