"""What the signature of a schedule's formula says."""

import functools
import inspect
from collections.abc import Callable, Sequence

from optviz.formulas.calls import Duration, parse

PARTS = "parts"  # the argument of a formula that is made of other schedules


def check_arguments(factor: Callable, lists: Sequence[str]) -> None:
    """Refuse a formula whose arguments do not begin with `done` or lack one of the lists, by a TypeError."""
    arguments = inspect.signature(factor).parameters
    plain = all(argument.kind is argument.POSITIONAL_OR_KEYWORD for argument in arguments.values())
    if next(iter(arguments), "") != "done" or not plain or {*lists} - {*arguments}:
        raise TypeError(
            f"{factor.__name__}{inspect.signature(factor)}: the arguments must be done and the parameters by name"
            f"{', among them the lists ' * bool(lists)}{' and '.join(lists)}"
        )


@functools.cache
def defaults_of(factor: Callable) -> dict[str, float | Duration | None]:
    """The parameters of a formula after `done` and `parts` with their defaults, None where there is none."""
    found: dict[str, float | Duration | None] = {}
    for name, parameter in [*inspect.signature(factor).parameters.items()][1:]:
        default = None if parameter.default is parameter.empty else parameter.default
        if name != PARTS:
            found[name] = _number(default) if isinstance(default, str) else default
    return found


def _number(text: str) -> float | Duration:
    number = parse(text, "default")
    assert isinstance(number, float | int | Duration)
    return number
