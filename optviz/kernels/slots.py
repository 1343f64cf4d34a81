"""One element of each of several arrays, as a tuple: state slots, step scalars, hyperparameters.

Numba knows a tuple's length when it compiles and builds none in a loop. So what takes or puts a tuple is written out,
as source text, for each number of arrays.
"""

import functools
from typing import Any

import numba

from optviz.kernels.cache import INNER


@functools.cache
def take(count: int) -> Any:
    """``take(arrays, i)``: element ``i`` of each of `count` arrays, as a tuple; to be called inside kernels."""
    return numba.njit(**INNER)(written_out(count, "arrays, i", "arrays[{}][i]"))


@functools.cache
def put(count: int) -> Any:
    """``put(arrays, i, values)``: write a tuple into element ``i`` of each of `count` arrays."""
    return numba.njit(**INNER)(written_out(count, "arrays, i, values", "arrays[{}][i]", "{} = values"))


def written_out(count: int, arguments: str, element: str, statement: str = "return {}") -> Any:
    """A plain function of `arguments` whose `statement` is about a tuple of `count` elements."""
    elements = "".join(f"{element.format(j)}, " for j in range(count))
    scope: dict[str, Any] = {}
    # The text is made of numbers and of names that this package gives.
    exec(f"def made({arguments}):\n    {statement.format(f'({elements})')}", scope)
    return scope["made"]
