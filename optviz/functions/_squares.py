"""Which test functions are sums of squares: the table of their residuals."""

from collections.abc import Callable
from typing import Any

RESIDUALS: dict[Callable, Callable] = {}  # by a function's value: a formula of numbers whose squares add up to it


def squares(unit: Any) -> Callable[[Callable], Callable]:
    """Decorator: a formula gives the residuals of a test function of two variables.

    They belong to the function's value: what turns, shifts or disturbs it has another one, and no residuals.
    """

    def register(residuals: Callable) -> Callable:
        RESIDUALS[unit.value] = residuals
        return residuals

    return register
