"""Numbers that a comparison is asked for, checked."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.results.numeric import plain


def count(value: Any, name: str) -> int:
    """A whole number from 1 on.

    Raises
    ------
    UsageError, UsageTypeError
    """
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise UsageTypeError(f"{name} is {shown(value)}", "It must be a whole number.")
    if value < 1:
        raise UsageError(f"{name} is {shown(value)}", "It must be 1 or more.")
    return int(value)


def accuracy(target: Any) -> float | None:
    """A test accuracy to reach, if one is given.

    Raises
    ------
    UsageError, UsageTypeError
    """
    target = plain(target)
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, numbers.Real):
        raise UsageTypeError(f"target is {shown(target)}", "It must be a test accuracy, a number between 0 and 1.")
    if not 0 < float(target) < 1:
        raise UsageError(f"target is {shown(target)}", "It must be a test accuracy, a number between 0 and 1.")
    return float(target)


def whole_seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds of runs: so many from 0 on, or those given.

    Raises
    ------
    UsageError, UsageTypeError
    """
    if isinstance(seeds, numbers.Integral) and not isinstance(seeds, bool):
        return list(range(count(seeds, "seeds")))
    if isinstance(seeds, str | bool) or not isinstance(seeds, Sequence | np.ndarray):
        raise UsageTypeError(f"seeds is {shown(seeds)}", "Give their number, or a list of whole numbers.")
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
            raise UsageError(f"a seed is {shown(seed)}", "It must be a whole number, 0 or more.")
    chosen = [int(seed) for seed in seeds]
    if not chosen or len(set(chosen)) != len(chosen):
        raise UsageError(f"seeds is {shown(chosen)}", "Give one or more, each once.")
    return chosen
