"""Formulas carried out in plain Python as kernels carry them out: where Python raises, there are NaN and infinities."""

import functools
import math
from collections.abc import Callable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np


@functools.cache
def as_kernels(formula: Callable) -> Callable:
    """A formula that raises nothing, for arguments that are numpy.float64.

    Parameters
    ----------
    formula : function
        Plain Python on `math`; what it calls is changed likewise.
    """
    return _changed(formula, {})


def _changed(value: Any, known: dict[int, Any]) -> Any:
    """A function, or a module of functions, without exceptions; anything else as it is."""
    if isinstance(value, FunctionType):
        if id(value) not in known:
            scope: dict[str, Any] = {}
            known[id(value)] = FunctionType(value.__code__, scope, value.__name__, value.__defaults__)
            outside = value.__globals__
            scope |= {"__builtins__": outside.get("__builtins__", __builtins__)}
            scope |= {name: _changed(outside[name], known) for name in value.__code__.co_names if name in outside}
        return known[id(value)]
    if value is math:
        return SimpleNamespace(**{name: _changed(part, known) for name, part in vars(math).items()})
    if getattr(value, "__module__", None) == "math" and callable(value) and not isinstance(value, ModuleType):
        return _quiet(value)
    return value


def _quiet(function: Callable) -> Callable:
    """A function of `math` as the C library has it."""

    def call(*arguments: Any) -> np.float64:
        try:
            return np.float64(function(*arguments))
        except OverflowError:
            return np.float64(math.inf)
        except ValueError:
            pole = function.__name__.startswith("log") and arguments[0] == 0
            return np.float64(-math.inf if pole else math.nan)

    return call
