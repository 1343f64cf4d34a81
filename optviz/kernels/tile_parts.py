"""The three parts of a step of a tile: the gradient at its iterates, noise on it, and the update."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np

from optviz.functions import Function
from optviz.kernels import rows
from optviz.kernels.cache import COMPILES, INLINED
from optviz.kernels.column import column_maker
from optviz.kernels.denormals import flush, restore
from optviz.kernels.indirect import address
from optviz.kernels.patience import patience
from optviz.kernels.random import noisy_gradient
from optviz.kernels.rows import TILE
from optviz.kernels.rules import constant_count, rule
from optviz.kernels.specialise import bound, compiled, fingerprint, inlined, specialise
from optviz.kernels.tile import layout
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

VALUE: Any = None  # these are bound by specialise
GRADIENT: Any = None
NEAR: Any = None
WATCH: Any = None
NOISE: Any = None
RULE: Any = None
TAKE: Any = None
NUMBERS: Any = None
PUT: Any = None
FETCH: Any = None
SCALARS: Any = None
HYPER: Any = None
POINT: Any = None
NUMBER: Any = None
LIMIT: Any = None
DIMENSION: Any = None
SLOTS: Any = None
SLOPE: Any = None
LIFE: Any = None
STAY: Any = None
STATE: Any = None


def slope(s, thresholds, t):
    # Everything is counted by adding: a value that is chosen instead of the one that was there would be stored under a
    # mask, which costs some processors ten times as much.
    before, one = NUMBER(t - 1), NUMBER(1)
    levels = NUMBERS(thresholds, 0)
    for i in range(TILE):
        GRADIENT(s, i)
        WATCH(s, STAY + i, VALUE(s, i), levels)
        s[LIFE + i] += one if (s[LIFE + i] == before) & NEAR(s, i) else NUMBER(0)


def blur(s, seed, start, stride, t, parameters, means):
    for c in range(DIMENSION):
        numbers = NUMBERS(parameters[c], 0)
        for i in range(TILE):
            at = SLOPE + c * TILE + i
            s[at] = NOISE(s[at], seed, start + np.uint64(i) * stride, t, c, numbers, means)


def move(s, hyper, table, number, t, first):
    scalars, numbers = FETCH(s, hyper, table, number, t, first)
    for c in range(DIMENSION):
        for i in range(TILE):
            at = STATE + c * SLOTS * TILE + i
            new = RULE(
                s[c * TILE + i],
                s[SLOPE + c * TILE + i],
                *TAKE(s, at),
                *SCALARS(scalars, s, i),
                *HYPER(numbers, s, i),
            )
            s[c * TILE + i] = new[0]
            PUT(s, at, new[1:])


def pair_value(s, i):
    return VALUE(s[i], s[TILE + i])


def pair_gradient(s, i):
    s[SLOPE + i], s[SLOPE + TILE + i] = GRADIENT(s[i], s[TILE + i])


def column_value(s, i):
    return VALUE(POINT(s, i))


def column_gradient(s, i):
    GRADIENT(POINT(s, i), SLOPE(s, i))


def near(s, i):
    result = True
    for c in range(DIMENSION):
        result &= abs(s[c * TILE + i]) <= LIMIT
    return result


def common(s, hyper, table, number, t, first):
    return SCALARS(table[0, t - 1], 0), HYPER(hyper, 0)


def own(s, hyper, table, number, t, first):
    for k in range(table.shape[0]):
        column = table[k, t - first]
        for i in range(TILE):
            s[SCALARS + k * TILE + i] = column[number * TILE + i] if column.size > 1 else column[0]
    return (), ()


def given(numbers, s, i):
    return numbers


def taken(numbers, s, i):
    return TAKE(s, HYPER + i)


def heights(states, values):
    word = flush()
    for number in range(states.shape[0]):
        for i in range(TILE):
            values[number, i] = VALUE(states[number], i)
    restore(word)


@cache
def slope_address(function: Function, dtype: type, thresholds: int, first: bool = False) -> int:
    """The part of a step that a function determines: gradient, thresholds, and whether a run is still alive.

    With `first` the thresholds count from the first iterate at or below them on, and no matter what comes later.
    """
    dimension = len(function.bounds)
    floor = function.floor if first else None
    at = layout(_EMPTY, dimension, thresholds, False)
    kernel = specialise(
        slope,
        f"{function_label(function, dtype)}_{thresholds}" + (f"_first_{floor!r}" if first else ""),
        fingerprint(function.value, function.gradient),
        VALUE=_value(function, dtype),
        GRADIENT=_gradient(function, dtype, at.slope),
        NEAR=inlined(near, DIMENSION=dimension, LIMIT=dtype(function.far)),
        WATCH=rows.stay(thresholds, floor),
        NUMBERS=rows.take(thresholds, 1),
        NUMBER=dtype,
        LIFE=at.life,
        STAY=at.stay,
    )
    array: np.ndarray = np.empty(0, dtype)
    return address(kernel, array, array, 0)


@cache
def blur_address(noise: NoiseModel, dimension: int, dtype: type) -> int:
    """The part that a noise model determines: the stochastic gradient in place of the exact one."""
    kernel = specialise(
        blur,
        f"{noise.name}_{dtype.__name__}_{dimension}",
        fingerprint(noise.gradient),
        NOISE=noisy_gradient(noise, dtype),
        NUMBERS=rows.take(len(noise.parameters), 1),
        DIMENSION=dimension,
        SLOPE=dimension * TILE,
    )
    array: np.ndarray = np.empty(0, dtype)
    return address(
        kernel, array, np.uint64(0), np.uint64(0), np.uint64(0), 0, np.empty((0, 0), dtype), np.empty((0, 0))
    )


@cache
def move_address(formula: Formula, dimension: int, dtype: type, thresholds: int, own_hyper: bool) -> int:
    """The part that a rule determines: the update of iterate and state."""
    at = layout(formula, dimension, thresholds, own_hyper)
    slots, hyper, scalars = len(formula.slots), constant_count(formula), len(formula.scalar_names)
    if own_hyper:
        numbers = {
            "FETCH": _merged(own, SCALARS=at.scalars),
            "SCALARS": _merged(taken, TAKE=rows.take(scalars), HYPER=at.scalars),
            "HYPER": _merged(taken, TAKE=rows.take(hyper), HYPER=at.hyper),
        }
    else:
        fetch = _merged(common, SCALARS=rows.take(scalars, 1), HYPER=rows.take(hyper, 1))
        numbers = {"FETCH": fetch, "SCALARS": _merged(given), "HYPER": _merged(given)}
    kernel = specialise(
        move,
        f"{formula.update.__name__}_{dtype.__name__}_{dimension}_{at.state}{'_own' * own_hyper}",
        fingerprint(formula),
        RULE=rule(formula, dtype),
        TAKE=rows.take(slots),
        PUT=rows.put(slots),
        DIMENSION=dimension,
        SLOTS=slots,
        SLOPE=at.slope,
        STATE=at.state,
        **numbers,
    )
    array: np.ndarray = np.empty(0, dtype)
    return address(kernel, array, array, np.empty((0, 0, 0), dtype), 0, 0, 0)


def heights_kernel(function: Function, dtype: type) -> Any:
    """A function at the iterates of tiles.

    Returns
    -------
    kernel
        ``kernel(states, values)`` reads the iterates of `states` ``(tiles, size)``, their first rows, and writes
        `values` ``(tiles, TILE)``.
    """
    kernel = specialise(
        heights, function_label(function, dtype), fingerprint(function.value), VALUE=_value(function, dtype)
    )
    if COMPILES:
        array: np.ndarray = np.empty((0, 0), dtype)
        with patience():
            kernel.compile((numba.typeof(array), numba.typeof(array)))
    return kernel


_EMPTY = Formula(lambda x, g: x, None, (), (), ())


def function_label(function: Function, dtype: type) -> str:
    """What tells a function in a dtype from others, in the names of kernels, but for its formulas."""
    return f"{function.name}{function.dimension or ''}_{function.far!r}_{dtype.__name__}"


def _value(function: Function, dtype: type) -> Any:
    """The function at a run's iterate, inside kernels: ``value(s, i)``."""
    value = compiled(function.value, dtype)
    if function.dimension is None:
        return inlined(pair_value, VALUE=value)
    return inlined(column_value, VALUE=value, POINT=column_maker(0, TILE, function.dimension))


def _gradient(function: Function, dtype: type, slope: int) -> Any:
    """Write the gradient at a run's iterate to its rows, inside kernels: ``gradient(s, i)``."""
    gradient = compiled(function.gradient, dtype)
    if function.dimension is None:
        return inlined(pair_gradient, GRADIENT=gradient, SLOPE=slope)
    point, to = (column_maker(first, TILE, function.dimension) for first in (0, slope // TILE))
    return inlined(column_gradient, GRADIENT=gradient, POINT=point, SLOPE=to)


def _merged(template: Callable, **names: Any) -> Any:
    """The same, inlined by Numba: a third less to compile, but in `slope` LLVM then computes what is common twice."""
    return numba.njit(**INLINED)(bound(template, names))
