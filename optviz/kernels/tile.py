"""Many runs of one optimizer at once, in tiles that stay in the processor's nearest cache.

Steps are the outer loop and runs the inner one, so that one instruction moves as many runs as a vector register holds.
Each run computes exactly what `optviz.kernels.trajectory` computes for it alone, bit for bit.

Every run counts two things as it goes. Its *life* is the number of iterates up to the first that is not finite or too far
away. Its *stay*, for each threshold, is the number of iterates in a row, up to the last one, whose value does not exceed
the threshold. Both are counted by adding: a value that is chosen instead would be stored under a mask, which costs some
processors ten times as much.
"""

from types import FunctionType
from typing import Any, NamedTuple

import numba
import numpy as np

from optviz.functions import Function
from optviz.kernels import rows, slots
from optviz.kernels.cache import OPTIONS
from optviz.kernels.column import column_maker
from optviz.kernels.denormals import flush, restore
from optviz.kernels.random import noisy_gradient
from optviz.kernels.rows import TILE
from optviz.kernels.specialise import compiled, fingerprint, specialise
from optviz.kernels.trajectory import FAR
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

LOOK = 32  # steps between two looks whether a tile is at rest

RULE: Any = None  # these are bound by specialise
VALUE: Any = None
GRADIENT: Any = None
NEAR: Any = None
NOISE: Any = None
POINT: Any = None
FETCH: Any = None
SCALARS: Any = None
HYPER: Any = None
TAKE: Any = None
PUT: Any = None
WATCH: Any = None
NUMBER: Any = None
LIMIT: Any = None
DIMENSION: Any = None
SLOTS: Any = None
THRESHOLDS: Any = None
STATE: Any = None
SLOPE: Any = None
LIFE: Any = None
STAY: Any = None
RESTS: Any = None


class Layout(NamedTuple):
    """Where in a tile its rows begin, in elements.

    The iterate comes first, a row for each coordinate; then `state`, the slots of the first coordinate, of the second and
    so on; `slope`, the gradient; `life`; `stay`, a row for each threshold; `hyper` and `scalars`, the hyperparameters and
    step scalars where each run has its own. `size` is that of the whole tile.
    """

    state: int
    slope: int
    life: int
    stay: int
    hyper: int
    scalars: int
    size: int


def layout(formula: Formula, dimension: int, thresholds: int, own: bool) -> Layout:
    """The rows of a tile.

    Parameters
    ----------
    formula : Formula
    dimension : int
        Number of coordinates.
    thresholds : int
    own : bool
        Whether each run has its own hyperparameters.
    """
    hyper, scalars = (len(formula.hyperparameters), len(formula.scalar_names)) if own else (0, 0)
    counts = (dimension, dimension * len(formula.slots), dimension, 1, thresholds, hyper, scalars)
    return Layout(*(int(end) * TILE for end in np.cumsum(counts)))


def tile(states, resting, table, hyper, thresholds, noise, first, last):
    word = flush()
    nothing, one = NUMBER(0), NUMBER(1)
    old = np.empty(SLOPE, states.dtype)
    for number in range(states.shape[0]):
        s = states[number]
        t = first
        while t <= last and not resting[number]:
            scalars = FETCH(table, s, number, t, first)
            before = NUMBER(t - 1)
            look = t % LOOK == 0
            if look and RESTS:
                for i in range(SLOPE):
                    old[i] = s[i]
            for i in range(TILE):
                GRADIENT(s, i)
                WATCH(s, STAY + i, VALUE(s, i), thresholds)
                s[LIFE + i] += one if (s[LIFE + i] == before) & NEAR(s, i) else nothing
            NOISE(s, noise, number, t)
            for c in range(DIMENSION):
                for i in range(TILE):
                    at = STATE + c * SLOTS * TILE + i
                    new = RULE(
                        s[c * TILE + i],
                        s[SLOPE + c * TILE + i],
                        *TAKE(s, at),
                        *SCALARS(scalars, s, i),
                        *HYPER(hyper, s, i),
                    )
                    s[c * TILE + i] = new[0]
                    PUT(s, at, new[1:])
            if look:
                active = 0
                for i in range(TILE):
                    active += s[LIFE + i] == NUMBER(t)
                if RESTS and active:
                    active = 0
                    for i in range(SLOPE):
                        active += (s[i] != old[i]) & (s[LIFE + i % TILE] == NUMBER(t))
                resting[number] = active == 0
            t += 1
        # Nothing will change any more, but iterates keep being counted.
        rest = NUMBER(last + 1 - t)
        if rest > nothing:
            for i in range(TILE):
                alive = s[LIFE + i] == NUMBER(t - 1)
                s[LIFE + i] += rest if alive else nothing
                for k in range(THRESHOLDS):
                    s[STAY + k * TILE + i] += rest if alive and s[STAY + k * TILE + i] > nothing else nothing
    restore(word)


def column_value(s, i):
    return VALUE(POINT(s, i))


def column_gradient(s, i):
    GRADIENT(POINT(s, i), SLOPE(s, i))


def pair_value(s, i):
    return VALUE(s[i], s[TILE + i])


def pair_gradient(s, i):
    s[SLOPE + i], s[SLOPE + TILE + i] = GRADIENT(s[i], s[TILE + i])


def near(s, i):
    result = True
    for c in range(DIMENSION):
        result &= abs(s[c * TILE + i]) <= LIMIT
    return result


def exact(s, noise, number, t):
    pass


def stochastic(s, noise, number, t):
    seed, start, parameters, table = noise
    for c in range(DIMENSION):
        numbers = TAKE(parameters, c)
        for i in range(TILE):
            at = SLOPE + c * TILE + i
            run = start + np.uint64(number * TILE + i)
            s[at] = NOISE(s[at], seed, run, t, c, numbers, table)


def common_scalars(table, s, number, t, first):
    return TAKE(table, t - 1)


def own_scalars(table, s, number, t, first):
    for k in range(table.shape[0]):
        for i in range(TILE):
            s[SCALARS + k * TILE + i] = (
                table[k, t - first, number * TILE + i] if table.shape[2] > 1 else table[k, t - first, 0]
            )
    return ()


def common(given, s, i):
    return given


def own(given, s, i):
    return TAKE(s, HYPER + i)


def tile_kernel(
    formula: Formula,
    function: Function,
    dtype: type,
    thresholds: int,
    own_hyper: bool = False,
    noise: NoiseModel | None = None,
) -> Any:
    """Steps of one optimizer on one function for tiles of runs.

    Parameters
    ----------
    formula : Formula
    function : Function
    dtype : type
        ``np.float32`` or ``np.float64``, the type of everything that is passed.
    thresholds : int
        How many values are watched.
    own_hyper : bool
        Whether each run has its own hyperparameters and step scalars, in its tile's rows.
    noise : NoiseModel, optional
        Whether and how gradients are stochastic.

    Returns
    -------
    kernel
        ``kernel(states, resting, table, hyper, thresholds, noise, first, last)`` makes the steps `first` to `last`,
        counted from 1.

        - `states` ``(tiles, layout.size)``: the tiles, see `Layout`; read and written. Before the first step the iterate
          holds the start, the state its initial values, and life and stay 0. After the last step life and stay have
          counted all iterates but the last one;
        - `resting` ``(tiles,)`` bool: tiles in which nothing moves any more, which are not computed again;
        - `table`: step scalars; a tuple of ``(steps,)`` arrays for all steps, or, where runs have their own, an array
          ``(scalars, last - first + 1, width)``, with a column for each run or a single one for all;
        - `hyper`: tuple of scalars in the order of the formula's arguments; empty where runs have their own;
        - `thresholds`: tuple of scalars;
        - `noise`: an empty tuple, or the seed and the number of the first run, both uint64, the model's parameters, a
          tuple of ``(d,)`` arrays, and its table, see `optviz.kernels.random.noisy_gradient`.
    """
    dimension = len(function.bounds)
    plan = layout(formula, dimension, thresholds, own_hyper)
    sources = [formula.update, function.value, function.gradient]
    count = len(formula.slots)
    names = {
        "RULE": compiled(formula.update, dtype, as_tuple=not count),
        "VALUE": _value(function, dtype),
        "GRADIENT": _gradient(function, dtype, plan.slope),
        "NEAR": _inlined(near, DIMENSION=dimension, LIMIT=dtype(FAR)),
        "NOISE": _inlined(exact),
        "TAKE": rows.take(count),
        "PUT": rows.put(count),
        "WATCH": rows.stay(thresholds),
        "NUMBER": dtype,
        "DIMENSION": dimension,
        "SLOTS": count,
        "STATE": plan.state,
        "SLOPE": plan.slope,
        "LIFE": plan.life,
        "STAY": plan.stay,
        "THRESHOLDS": thresholds,
        "RESTS": not formula.scalar_names and noise is None,
    }
    if own_hyper:
        names |= {
            "FETCH": _inlined(own_scalars, SCALARS=plan.scalars),
            "SCALARS": _inlined(own, TAKE=rows.take(len(formula.scalar_names)), HYPER=plan.scalars),
            "HYPER": _inlined(own, TAKE=rows.take(len(formula.hyperparameters)), HYPER=plan.hyper),
        }
    else:
        names |= {
            "FETCH": _inlined(common_scalars, TAKE=slots.take(len(formula.scalar_names))),
            "SCALARS": _inlined(common),
            "HYPER": _inlined(common),
        }
    if noise is not None:
        sources.append(noise.gradient)
        parts = {"TAKE": slots.take(len(noise.parameters)), "DIMENSION": dimension, "SLOPE": plan.slope}
        names["NOISE"] = _inlined(stochastic, NOISE=noisy_gradient(noise, dtype), **parts)
    label = "_".join(
        [
            formula.update.__name__,
            f"{function.name}{function.dimension or ''}",
            dtype.__name__,
            f"{thresholds}{'own' * own_hyper}",
            *([noise.name] if noise else []),
        ]
    )
    return specialise(tile, label, fingerprint(*sources), **names)


def heights(states, values):
    for number in range(states.shape[0]):
        for i in range(TILE):
            values[number, i] = VALUE(states[number], i)


def heights_kernel(function: Function, dtype: type) -> Any:
    """A function at the iterates of tiles.

    Returns
    -------
    kernel
        ``kernel(states, values)`` reads the iterates of `states` ``(tiles, size)`` and writes `values` ``(tiles, TILE)``.
    """
    label = f"{function.name}{function.dimension or ''}_{dtype.__name__}"
    return specialise(heights, label, fingerprint(function.value), VALUE=_value(function, dtype))


def _value(function: Function, dtype: type) -> Any:
    """The function at a run's iterate, inside kernels: ``value(s, i)``."""
    value = compiled(function.value, dtype)
    if function.dimension is None:
        return _inlined(pair_value, VALUE=value)
    return _inlined(column_value, VALUE=value, POINT=column_maker(0, TILE, function.dimension))


def _gradient(function: Function, dtype: type, slope: int) -> Any:
    """Write the gradient at a run's iterate to its rows, inside kernels: ``gradient(s, i)``."""
    gradient = compiled(function.gradient, dtype)
    if function.dimension is None:
        return _inlined(pair_gradient, GRADIENT=gradient, SLOPE=slope)
    point, to = (column_maker(first, TILE, function.dimension) for first in (0, slope // TILE))
    return _inlined(column_gradient, GRADIENT=gradient, POINT=point, SLOPE=to)


def _inlined(template: FunctionType, **names: Any) -> Any:
    """A function of this module with its global `names` bound, to be called inside kernels."""
    clone = FunctionType(template.__code__, template.__globals__ | names, template.__name__)
    return numba.njit(**OPTIONS)(clone)
