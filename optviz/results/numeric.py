"""Numbers: in the forms in which libraries hand them over, and the same on every processor."""

import math
from collections.abc import Callable
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from optviz.errors import UsageError, UsageTypeError

if TYPE_CHECKING:
    import numpy as np

Range: TypeAlias = tuple[float, float, bool, bool]  # low, high, low allowed, high allowed


def plain(value: Any) -> Any:
    """The number in an array or tensor without dimensions, as Python's own; anything else as it is."""
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        try:
            return value.item()
        except Exception:  # an abstract value of a compiled function, for example, holds no number
            return value
    return value


def is_finite(value: Any) -> bool:
    """Whether something is a finite number, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def number_in_range(where: str, value: Any, allowed: Range, whole: bool = False) -> float:
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
    return number


def each(function: Callable[[float], float], values: Any) -> "np.ndarray":
    """A function of `math` at every number of an array, float64 of the same shape.

    NumPy's exp, log and powers take another path where the processor has AVX-512, and differ there in the last digit.
    """
    import numpy as np

    array = np.asarray(values, np.float64)
    return np.array([function(value) for value in array.ravel().tolist()], np.float64).reshape(array.shape)
