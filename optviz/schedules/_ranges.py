"""What a number may be."""

import math
from numbers import Real
from typing import Any, TypeAlias

from optviz.errors import UsageError, UsageTypeError
from optviz.results.numeric import plain

Range: TypeAlias = tuple[float, float, bool, bool]  # low, high, low allowed, high allowed


def within(where: str, value: Any, allowed: Range, whole: bool = False) -> float:
    """`value` as a float; an error that begins with `where` if it is not a number in the range."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageTypeError(where, "It must be a number.")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond the largest float
        number = math.inf
    low, high, low_allowed, high_allowed = allowed
    above = low <= number if low_allowed else low < number
    below = number <= high if high_allowed else number < high
    if not (above and below):  # NaN compares false with everything and ends here too
        interval = f"{'[' if low_allowed else '('}{low:g}, {high:g}{']' if high_allowed else ')'}"
        raise UsageError(where, f"It must be a number in {interval}.")
    if whole and not number.is_integer():
        raise UsageError(where, "It must be a whole number.")
    return number + 0.0  # no negative zero
