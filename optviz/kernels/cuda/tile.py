"""Many runs of one optimizer at once on a CUDA device: a thread for each run.

The numbers of the runs stand side by side as in a tile of the CPU, but in a single one as wide as there are runs, so
that the threads of a warp read neighbours. Within a launch a thread keeps all that its run remembers in registers.

Each thread makes the steps of `optviz.kernels.tile` in their order and computes what the CPU does for its run, up to
products and sums that the compiler fuses. After a divergence it stops. A grid has room for all runs that a device can
hold, so that no thread has a second one: what a loop over runs must remember would take a quarter of the registers.

Between two launches n runs are the tuple of device arrays ``(x, state, diverged, below_since)``:

- ``x`` ``(d, n)``: the iterates, before the first step the starts; of a run that has diverged the first that is not
  finite or too far away;
- ``state`` ``(slots, d * n)``: the state slots, those of the first coordinate first;
- ``diverged`` ``(n,)`` int32: the number of that iterate, `NEVER` before there is one;
- ``below_since`` ``(thresholds, n)`` int32: the number of the iterate since which the value has not exceeded a
  threshold, `NEVER` where it does.

``state`` needs no values before the first step.
"""

from typing import Any

import numpy as np

from optviz.formulas.formula import ITERATE
from optviz.formulas.sums import split
from optviz.functions import Function
from optviz.kernels.cuda.backend import compiled, cuda, device_function, specialise, twin
from optviz.kernels.cuda.sums import summing
from optviz.kernels.random import noisy_gradient
from optviz.kernels.rules import constant_count, rule
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import fingerprint
from optviz.kernels.tile_parts import function_label
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

THREADS = 64  # of a block: few enough that a few ten thousand runs are shared out evenly over a large device

NEVER = np.int32(np.iinfo(np.int32).max)

# Bound by `specialise`.
RULE: Any = None  # the update
VALUE: Any = None  # the function at a point, a local array
GRADIENT: Any = None  # writes its gradient there to another one
NEAR: Any = None  # whether a point is finite and not too far away
NOISE: Any = None  # the stochastic coordinate of a gradient
TAKE: Any = None  # reads the state slots of a coordinate
PUT: Any = None  # writes them
SCALARS: Any = None  # reads the step scalars
CONSTANTS: Any = None  # reads the rule's constants
NOISE_NUMBERS: Any = None  # reads the parameters of the noise model
HEIGHT: Any = None  # the value as a tuple, which is empty where the rule does not take it
LOOK: Any = None  # the point that is looked at: the iterate, or the reported point
SHOWN: Any = None  # the state slot that holds the reported point; -1 without one
FROM_ITERATE: Any = None  # bits of the state slots that begin at the iterate
SLOTS: Any = None  # how many state slots there are
VALUED: Any = None  # whether the value is needed before each step
SINCE: Any = None  # `since`
NUMBER: Any = None  # the dtype
NAN: Any = None  # of that type
LIMIT: Any = None  # how far from the origin in a coordinate runs have diverged
DIMENSION: Any = None  # number of coordinates
THRESHOLDS: Any = None  # how many are watched
STATE: Any = None  # shapes of a thread's own arrays, none of which is empty
WATCHED: Any = None
TRACED: Any = None  # whether iterates and their values are kept
SUMS: Any = None  # makes the sums over coordinates that the rule asks for
TOTALS: Any = None  # reads them
SUMMED: Any = None  # shapes of the arrays that hold them, and what they are made of
LANED: Any = None
ROOM: Any = None  # how many numbers of scratch memory a function needs


def advance(runs, trace, initial, constants, table, thresholds, watch, noise, plan):
    x, state, diverged, below_since = runs
    seed, start, stride, parameters, means = noise
    group, width, base, first, last, steps = plan
    count = diverged.size
    here = cuda.local.array(DIMENSION, NUMBER)
    room = cuda.local.array(DIMENSION, NUMBER)
    slope = cuda.local.array(DIMENSION, NUMBER)
    slots = cuda.local.array(STATE, NUMBER)
    sinces = cuda.local.array(WATCHED, np.int32)
    totals, lanes = cuda.local.array(SUMMED, NUMBER), cuda.local.array(LANED, NUMBER)
    begins = first <= 1
    run = cuda.grid(1)
    if run < count and diverged[run] == NEVER:
        for c in range(DIMENSION):
            here[c] = x[c, run]
            PUT(slots, c, TAKE(initial, run % initial.shape[1]) if begins else TAKE(state, c * count + run))
            for k in range(SLOTS):
                if begins and FROM_ITERATE >> k & 1:
                    slots[k, c] = here[c]
        for k in range(THRESHOLDS):
            sinces[k] = below_since[k, run]
        own = CONSTANTS(constants, run % constants.shape[1])
        number = start + np.uint64(run) * stride
        column = run // group
        for t in range(first, last + 1):
            seen = LOOK(here, slots, room)
            if TRACED:
                for c in range(DIMENSION):
                    trace[t - first, c, run] = seen[c]
                trace[t - first, DIMENSION, run] = VALUE(seen)
                if SHOWN >= 0:
                    for c in range(DIMENSION):
                        trace[t - first, DIMENSION + 1 + c, run] = here[c]
            if not (NEAR(here) and NEAR(seen)):
                diverged[run] = t - 1
                break
            if t > steps:
                break
            if THRESHOLDS:
                value = VALUE(seen)
                for k in range(THRESHOLDS):
                    sinces[k] = SINCE(sinces[k], t - 1, value, thresholds[k], watch)
            GRADIENT(here, slope)
            scalars = SCALARS(table, (t - base) * width + column)
            valued = HEIGHT(VALUE(here) if VALUED else NAN)
            for c in range(DIMENSION):
                slope[c] = NOISE(slope[c], seed, number, t, c, NOISE_NUMBERS(parameters, c), means)
            SUMS(here, slope, slots, valued, scalars, own, totals, lanes)
            for c in range(DIMENSION):
                new = RULE(here[c], slope[c], *TAKE(slots, c), *valued, *TOTALS(totals, 0), *scalars, *own)
                here[c] = new[0]
                PUT(slots, c, new[1:])
        for c in range(DIMENSION):
            x[c, run] = here[c]
            PUT(state, c * count + run, TAKE(slots, c))
        for k in range(THRESHOLDS):
            below_since[k, run] = sinces[k]


def since(before, now, value, threshold, watch):
    """The iterate since which a run has been below a threshold; see `optviz.kernels.tile.watch`."""
    floor, forgotten = watch
    return min(before, now) if floor <= value <= threshold else max(before, forgotten)


def iterate(here, slots, room):
    return here


def reported(here, slots, room):
    for c in range(DIMENSION):
        room[c] = slots[SHOWN, c]
    return room


def places(runs, step, points):
    x, state, diverged, _ = runs
    count = points.shape[0]
    shows = SHOWN >= 0 and step > 0  # before the first step there is no state, and the reported point is the start
    for run in range(cuda.grid(1), count, cuda.gridsize(1)):
        for c in range(points.shape[1]):
            at = state[SHOWN, c * count + run] if shows else x[c, run]
            points[run, c] = at if diverged[run] >= step else NAN


def ends(runs, thresholds, watch, steps, points, values, arrived, ended):
    x, state, diverged, below_since = runs
    here = cuda.local.array(DIMENSION, NUMBER)
    for run in range(cuda.grid(1), diverged.size, cuda.gridsize(1)):
        for c in range(DIMENSION):
            here[c] = x[c, run]
        near = NEAR(here)
        if SHOWN >= 0:
            for c in range(DIMENSION):
                here[c] = state[SHOWN, c * diverged.size + run]
            near &= NEAR(here)
        alive = diverged[run] == NEVER and near
        value = VALUE(here) if alive else NAN
        for c in range(DIMENSION):
            points[run, c] = here[c] if alive else NAN
        values[run] = value
        ended[run] = 0 if alive else min(diverged[run], steps)
        for k in range(thresholds.size):
            first = SINCE(below_since[k, run], steps, value, thresholds[k], watch)
            arrived[k, run] = -1 if first == NEVER else first


def near(x):
    result = True
    for c in range(DIMENSION):
        result &= abs(x[c]) <= LIMIT
    return result


def pair_value(x):
    return VALUE(x[0], x[1])


def pair_gradient(x, g):
    g[0], g[1] = GRADIENT(x[0], x[1])


def value_with_scratch(x):
    return VALUE(x, cuda.local.array(ROOM, NUMBER))


def gradient_with_scratch(x, g):
    GRADIENT(x, g, cuda.local.array(ROOM, NUMBER))


def height(value):
    return (value,)


def no_height(value):
    return ()


def exact(g, seed, start, step, coordinate, parameters, means):
    return g


def advance_kernel(
    formula: Formula,
    function: Function,
    dtype: type,
    thresholds: int,
    noise: NoiseModel | None,
    traced: bool,
) -> Any:
    """Steps of one optimizer on one function.

    Parameters
    ----------
    formula : Formula
    function : Function
    dtype : type
        ``np.float32`` or ``np.float64``, that of all arrays but the means.
    thresholds : int
        How many.
    noise : NoiseModel or None
    traced : bool
        Whether iterates and their values are kept.

    Returns
    -------
    kernel
        ``kernel(runs, trace, initial, constants, table, thresholds, watch, noise, plan)`` makes the steps `first` to
        `last`, counted from 1, with a thread for each run.

        - `runs`: see the module, read and written;
        - `trace` ``(last - first + 1, d + 1, n)``: the coordinates and the value before each step; of a rule that
          reports another point that one, and d rows more for the iterate. Rows behind a divergence stay as they are.
          Not written if not traced;
        - `initial` ``(slots, 1 or n)``, `constants` ``(constants, 1 or n)``: what the state begins with and the
          rule's `optviz.kernels.rules.constants`, for all runs or for each;
        - `table` ``(scalars, steps * width)``: the step scalars of the steps from `base` on, `width` of each;
        - `thresholds` ``(thresholds,)``, and `watch`, see `watch`;
        - `noise`: the seed, the number of the first run and the distance to the next one's, all uint64, the model's
          parameters ``(parameters, d)`` and the means of minibatches ``(rows, d)`` float64;
        - `plan`: `group`, how many runs in a row have the same step scalars, then `width`, `base`, `first`, `last`, and
          `steps`, behind which nothing moves and iterates are only looked at.
    """
    slots, parameters = len(formula.slots), len(noise.parameters) if noise else 0
    shape, shown = (max(slots, 1), len(function.bounds)), formula.shown_slot  # no array is empty
    begins = [dict(formula.initial).get(slot) for slot in formula.slots]
    look = reported if shown >= 0 else iterate
    return specialise(
        advance,
        f"{formula.update.__name__}_{function_label(function, dtype)}_{noise.name if noise else 'exact'}_{thresholds}"
        + "_traced" * traced,
        fingerprint(split(formula).formula, function.value, function.gradient, *([noise.gradient] if noise else [])),
        GRADIENT=_gradient(function, dtype),
        NOISE=twin(noisy_gradient(noise, dtype)) if noise else device_function(exact),
        NOISE_NUMBERS=twin(take(parameters)),
        RULE=rule(formula, dtype, compiled),
        TAKE=twin(take(slots)),
        PUT=twin(put(slots)),
        SCALARS=twin(take(len(formula.table_names))),
        HEIGHT=device_function(height if formula.takes_value else no_height),
        VALUED=formula.takes_value,
        LOOK=device_function(look, DIMENSION=shape[1], SHOWN=shown),
        SHOWN=shown,
        SLOTS=slots,
        FROM_ITERATE=sum(1 << k for k, value in enumerate(begins) if value == ITERATE),
        CONSTANTS=twin(take(constant_count(formula))),
        THRESHOLDS=thresholds,
        STATE=shape,
        WATCHED=max(thresholds, 1),
        TRACED=traced,
        SINCE=device_function(since),
        **summing(formula, shape[1], dtype),
        **_point(function, dtype),
    )


def places_kernel(dtype: type, shown: int = -1) -> Any:
    """Where runs are.

    Returns
    -------
    kernel
        ``kernel(runs, step, points)`` writes the points after `step` steps ``(n, d)``; those of runs that had diverged
        by then are NaN.
    """
    return specialise(places, f"{dtype.__name__}_{shown + 1}", "", NAN=dtype(np.nan), SHOWN=shown)


def ends_kernel(function: Function, dtype: type, shown: int = -1) -> Any:
    """The end of runs, as `optviz.kernels.tile.ends` tells it.

    Returns
    -------
    kernel
        ``kernel(runs, thresholds, watch, steps, points, values, arrived, diverged)`` writes, `steps` steps having been
        made, points ``(n, d)`` and values ``(n,)``, and int32 arrivals ``(thresholds, n)`` and divergences ``(n,)``.
    """
    names = _point(function, dtype) | {"SINCE": device_function(since), "SHOWN": shown}
    return specialise(ends, f"{function_label(function, dtype)}_{shown + 1}", fingerprint(function.value), **names)


def watch(floor: float | None, dtype: type) -> tuple:
    """How thresholds are watched, see `optviz.kernels.tile.watch`."""
    return (dtype(-np.inf), NEVER) if floor is None else (dtype(floor), np.int32(0))


def _point(function: Function, dtype: type) -> dict[str, Any]:
    """What kernels must know about the iterate of a run, a local array."""
    dimension = len(function.bounds)
    return {
        "VALUE": _value(function, dtype),
        "NEAR": device_function(near, DIMENSION=dimension, LIMIT=dtype(function.far)),
        "DIMENSION": dimension,
        "NUMBER": dtype,
        "NAN": dtype(np.nan),
    }


def _value(function: Function, dtype: type) -> Any:
    value = compiled(function.value, dtype)
    if function.scratch:
        return device_function(value_with_scratch, VALUE=value, ROOM=function.scratch, NUMBER=dtype)
    return device_function(pair_value, VALUE=value) if function.dimension is None else value


def _gradient(function: Function, dtype: type) -> Any:
    gradient = compiled(function.gradient, dtype)
    if function.scratch:
        return device_function(gradient_with_scratch, GRADIENT=gradient, ROOM=function.scratch, NUMBER=dtype)
    return device_function(pair_gradient, GRADIENT=gradient) if function.dimension is None else gradient
