"""Numbers: in the forms in which libraries hand them over, and the same on every processor."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def plain(value: Any) -> Any:
    """The number in an array or tensor without dimensions, as Python's own; anything else as it is."""
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        try:
            return value.item()
        except Exception:  # an abstract value of a compiled function, for example, holds no number
            return value
    return value


def each(function: Callable[[float], float], values: Any) -> "np.ndarray":
    """A function of `math` at every number of an array, float64 of the same shape.

    NumPy's exp, log and powers take another path where the processor has AVX-512, and differ there in the last digit.
    """
    import numpy as np

    array = np.asarray(values, np.float64)
    return np.array([function(value) for value in array.ravel().tolist()], np.float64).reshape(array.shape)
