"""Settings for groups of parameters: other numbers, one formula."""

from collections.abc import Sequence
from dataclasses import replace

from optviz import schedules
from optviz.errors import UsageError
from optviz.optimizers._assemble import assembled
from optviz.optimizers._parts import changed
from optviz.optimizers._setting import Setting


def alike(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    """Settings of one rule that differ in numbers alone, with one formula: it has everything that any of them has on.

    What is scheduled in one has a constant schedule in the others, and so has what is on in one and 0 in another.

    Raises
    ------
    UsageError
        If they differ in more than numbers and schedules.
    """
    if len({one.formula for one in settings}) == 1:
        return tuple(settings)
    asked = [frozenset((*one.formula.hyperparameters, *one.formula.scalar_arguments)) for one in settings]
    off = asked[0].union(*asked) - asked[0].intersection(*asked)
    on = {name for one in settings for name in off if one.hyperparameters.get(name)}
    bent = {name for one in settings for name in one.schedules} | on
    forms = {one.decay for one in settings} - {""}
    found = []
    for one in settings:
        parts = changed(one, None, {})
        numbers = {
            name: one.schedules.get(name) or schedules.configure(f"constant({one.hyperparameters.get(name, 0.0)})")
            for name in bent
        }
        of_rule = {name: schedule for name, schedule in numbers.items() if name not in _wrapper_names(one)}
        layers = tuple(
            (wrapper, own | {key: numbers[flat] for key, flat in names.items() if flat in numbers})
            for (wrapper, own), (_, names) in zip(parts.wrappers, one.wrappers, strict=True)
        )
        decay = parts.decay or ("".join(forms) if len(forms) == 1 else "")
        found.append(
            Setting(**assembled(replace(parts, numbers=parts.numbers | of_rule, decay=decay, wrappers=layers)))
        )
    if len({one.formula for one in found}) > 1:
        name = settings[0].name
        problem = f"the groups of {name} differ in more than numbers"
        raise UsageError(problem, "Give variant, decay and maximize to all.")
    return tuple(found)


def _wrapper_names(setting: Setting) -> set[str]:
    """What the wrappers' hyperparameters are called."""
    return {flat for _, names in setting.wrappers for flat in names.values()}
