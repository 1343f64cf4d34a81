"""One element of each of several arrays, as a tuple: state slots, step scalars, hyperparameters.

Numba knows a tuple's length when it compiles and builds none in a loop. So what takes or puts a tuple is written out,
as source text, for each number of arrays.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numba

from optviz.kernels.cache import INNER


@functools.cache
def take(count: int, shared: tuple[int, ...] = ()) -> Any:
    """``take(arrays, i)``: element ``i`` of each of `count` arrays, as a tuple; to be called inside kernels.

    Of arrays that are `shared`, by their places, it is the only element.
    """
    elements = [f"arrays[{j}][{0 if j in shared else 'i'}]" for j in range(count)]
    return numba.njit(**INNER)(written_out("arrays, i", elements))


@functools.cache
def put(count: int, places: tuple[int, ...] | None = None) -> Any:
    """``put(arrays, i, values)``: write a tuple into element ``i`` of each of `count` arrays, or of those at places."""
    chosen = range(count) if places is None else places
    elements = [f"arrays[{j}][i]" if j in chosen else "_" for j in range(count)]
    return numba.njit(**INNER)(written_out("arrays, i, values", elements, "{} = values"))


@functools.cache
def put_some(places: range) -> Any:
    """``put(arrays, i, values)``: write a tuple into element ``i`` of the arrays at these places."""
    elements = [f"arrays[{place}][i]" for place in places]
    return numba.njit(**INNER)(written_out("arrays, i, values", elements, "{} = values"))


def written_out(arguments: str, elements: Sequence[str], statement: str = "return {}") -> Any:
    """A plain function of `arguments` whose `statement` is about a tuple of elements."""
    whole = f"({''.join(f'{one}, ' for one in elements)})"
    scope: dict[str, Any] = {}
    # The text is made of numbers and of names that this package gives.
    exec(f"def made({arguments}):\n    {statement.format(whole)}", scope)
    return scope["made"]
