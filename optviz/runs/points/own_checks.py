"""What a test function of one's own is made of, and what is refused of it."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optviz.errors import UsageError, UsageTypeError, shown
from optviz.functions import Bounds, Function
from optviz.results.numeric import is_finite, plain

BOUNDS = (-5.0, 5.0)  # of each coordinate
STEPS = 300
FAMILY = "own"


def own_unit(
    name: str,
    title: str,
    line: str,
    value: Callable,
    gradient: Callable | None,
    text: str,
    count: int | None = None,
) -> Function:
    box = (BOUNDS,) * (count or 2)
    return Function(
        name=name,
        title=title,
        family=FAMILY,
        formula=line,
        value=value,
        written_gradient=gradient,
        bounds=box,
        view=box,
        start=(0.0,) * (count or 2),
        minimizers=(),
        minimum=math.nan,
        local_minimizers=(),
        hazards="",
        steps=STEPS,
        reference="",
        text=text,
        module=value.__module__ or "",
        dimension=count,
        searched=True,
    )


def checked_sides(matrix: Any, dimension: int | None) -> tuple[int, int]:
    """How many rows and columns a matrix has, of as many numbers as a function takes if that is said."""
    given = plain(matrix)
    whole = isinstance(given, tuple | list) and len(given) == 2 and all(type(plain(side)) is int for side in given)
    if not whole or min(given) < 1 or math.prod(given) < 2:
        raise UsageTypeError(f"matrix is {shown(matrix)}", "Give its rows and columns: matrix=(3, 2)")
    rows, columns = map(int, given)
    if dimension not in (None, rows * columns):
        raise UsageError(f"a matrix of {rows} x {columns} has not {dimension} numbers", "Leave dimension out.")
    return rows, columns


def checked_constants(constants: Mapping[str, float] | None) -> dict[str, float]:
    """Names and finite numbers; none of them x or y."""
    if constants is not None and not isinstance(constants, Mapping):
        raise UsageTypeError(f"constants is {shown(constants)}", 'Give names and numbers: {"a": 1}')
    known = {}
    for name, value in (constants or {}).items():
        number = plain(value)
        if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or name in ("x", "y"):
            raise UsageError(f"{shown(name)} is no name of a constant", "Names are letters, and neither x nor y: a=1")
        if not is_finite(number):
            raise UsageError(f"the constant {name} is {shown(value)}", "It must be a finite number.")
        known[name] = float(number)
    return known


def checked_box(bounds: Any, count: int) -> Bounds:
    """Finite bounds of so many coordinates; one pair stands for all."""
    example = "Give pairs of finite numbers, the lower one first: ((-2, 2), (-1, 3))"
    try:
        array = np.asarray(bounds, float)
    except (TypeError, ValueError, OverflowError):
        raise UsageTypeError(f"bounds is {shown(bounds)}", example) from None
    if array.shape == (2,):
        array = np.tile(array, (count, 1))
    if array.shape != (count, 2):
        raise UsageTypeError(f"bounds is {shown(bounds)}", example)
    for low, high in array.tolist():
        if not (math.isfinite(low) and math.isfinite(high)):
            raise UsageError(f"the bounds {low:g} to {high:g} are not finite", example)
        if low >= high:
            raise UsageError(f"the bounds {low:g} to {high:g} are empty", example)
        if max(abs(low), abs(high)) * 2**-40 > high - low or max(abs(low), abs(high)) > 1e100:
            raise UsageError(f"the bounds {low!r} to {high!r} are too close, or too far away", example)
    return tuple((low, high) for low, high in array.tolist())


def checked_place(name: str, given: Any, count: int) -> tuple[float, ...]:
    """A point of so many finite numbers."""
    example = (
        f"Give {count} finite numbers: {name}=({', '.join('0' for _ in range(min(count, 3)))}{', ...' * (count > 3)})"
    )
    try:
        array = np.asarray(given, float)
    except (TypeError, ValueError, OverflowError):
        raise UsageTypeError(f"{name} is {shown(given)}", example) from None
    if array.shape != (count,):
        raise UsageTypeError(f"{name} is {shown(given)}", example)
    if not np.isfinite(array).all():
        raise UsageError(f"{name} is {shown(given)}", example)
    return tuple(array.tolist())
