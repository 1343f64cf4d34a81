"""Many runs of one optimizer at once on a CUDA device: a thread for each run.

The numbers of the runs stand side by side as in a tile of the CPU, but in a single one as wide as there are runs, so
that the threads of a warp read neighbours. Within a launch a thread keeps all that its run remembers in registers.

Each thread makes the steps of `optviz.kernels.tile` in their order and computes what the CPU does for its run, up to
products and sums that the compiler fuses. After a divergence it stops. A grid has room for all runs that a device can
hold, so that no thread has a second one: what a loop over runs must remember would take a quarter of the registers.

Between two launches n runs are the tuple of device arrays ``(x, state, life, stay)``:

- ``x`` ``(d, n)``: the iterates, before the first step the starts; of a run that has diverged the first that is not
  finite or too far away;
- ``state`` ``(slots, d * n)``: the state slots, those of the first coordinate first;
- ``life`` ``(n,)`` int32: how many iterates there are up to the first that is not finite or too far away, but for the
  last one; before the first step 0;
- ``stay`` ``(thresholds, n)`` int32: how many iterates in a row, up to the last but one, have values that do not exceed
  a threshold.

``state`` and ``stay`` need no values before the first step.
"""

from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.cuda.backend import compiled, cuda, device_function, specialise, twin
from optviz.kernels.random import noisy_gradient
from optviz.kernels.rules import constant_count, rule
from optviz.kernels.slots import put, take
from optviz.kernels.specialise import fingerprint
from optviz.kernels.tile_parts import function_label
from optviz.noise import NoiseModel
from optviz.optimizers import Formula

THREADS = 64  # of a block: few enough that a few ten thousand runs are shared out evenly over a large device

VALUE: Any = None  # these are bound by specialise
GRADIENT: Any = None
NEAR: Any = None
NOISE: Any = None
NUMBERS: Any = None
RULE: Any = None
TAKE: Any = None
PUT: Any = None
SCALARS: Any = None
HYPER: Any = None
NUMBER: Any = None
NAN: Any = None
LIMIT: Any = None
DIMENSION: Any = None
THRESHOLDS: Any = None
STATE: Any = None
STAYS: Any = None
TRACED: Any = None
REACHED: Any = None
KEEPS: Any = None
FLOOR: Any = None


def advance(runs, trace, initial, hyper, table, thresholds, noise, plan):
    x, state, life, stay = runs
    seed, start, stride, parameters, means = noise
    group, width, base, first, last = plan
    count = life.size
    here = cuda.local.array(DIMENSION, NUMBER)
    slope = cuda.local.array(DIMENSION, NUMBER)
    slots = cuda.local.array(STATE, NUMBER)
    stayed = cuda.local.array(STAYS, np.int32)
    begins = first <= 1
    run = cuda.grid(1)
    if run < count:
        lived = life[run]
        for c in range(DIMENSION):
            here[c] = x[c, run]
            PUT(slots, c, TAKE(initial, run % initial.shape[1]) if begins else TAKE(state, c * count + run))
        for k in range(THRESHOLDS):
            stayed[k] = 0 if begins else stay[k, run]
        hypers = HYPER(hyper, run % hyper.shape[1])
        number = start + np.uint64(run) * stride
        column = run // group
        if TRACED and first == 0:
            for c in range(DIMENSION):
                trace[0, c, run] = here[c]
            trace[0, DIMENSION, run] = VALUE(here)
        for t in range(max(first, 1), last + 1):
            if not NEAR(here):
                break
            lived = t
            value = VALUE(here)
            for k in range(THRESHOLDS):
                stayed[k] = stayed[k] + 1 if REACHED(value, thresholds[k]) or KEEPS(stayed[k]) else 0
            GRADIENT(here, slope)
            scalars = SCALARS(table, (t - base) * width + column)
            for c in range(DIMENSION):
                g = NOISE(slope[c], seed, number, t, c, NUMBERS(parameters, c), means)
                new = RULE(here[c], g, *TAKE(slots, c), *scalars, *hypers)
                here[c] = new[0]
                PUT(slots, c, new[1:])
            if TRACED:
                for c in range(DIMENSION):
                    trace[t - first, c, run] = here[c]
                trace[t - first, DIMENSION, run] = VALUE(here)
        for c in range(DIMENSION):
            x[c, run] = here[c]
            PUT(state, c * count + run, TAKE(slots, c))
        for k in range(THRESHOLDS):
            stay[k, run] = stayed[k]
        life[run] = lived


def places(runs, step, points):
    for run in range(cuda.grid(1), points.shape[0], cuda.gridsize(1)):
        for c in range(points.shape[1]):
            points[run, c] = runs[0][c, run] if runs[2][run] >= step else NAN


def ends(runs, thresholds, steps, points, values, arrived, diverged):
    x, _, life, stay = runs
    here = cuda.local.array(DIMENSION, NUMBER)
    for run in range(cuda.grid(1), life.size, cuda.gridsize(1)):
        for c in range(DIMENSION):
            here[c] = x[c, run]
        alive = life[run] == steps and NEAR(here)
        value = VALUE(here) if alive else NAN
        for c in range(DIMENSION):
            points[run, c] = here[c] if alive else NAN
        values[run] = value
        diverged[run] = 0 if alive else life[run]
        for k in range(thresholds.size):
            below = REACHED(value, thresholds[k]) or KEEPS(stay[k, run])
            arrived[k, run] = life[run] - stay[k, run] if below else -1


def below(value, threshold):
    return value <= threshold


def between(value, threshold):
    return FLOOR <= value <= threshold


def never(count):
    return False


def counting(count):
    return count > 0


def near(x):
    result = True
    for c in range(DIMENSION):
        result &= abs(x[c]) <= LIMIT
    return result


def pair_value(x):
    return VALUE(x[0], x[1])


def pair_gradient(x, g):
    g[0], g[1] = GRADIENT(x[0], x[1])


def exact(g, seed, start, step, coordinate, parameters, means):
    return g


def advance_kernel(
    formula: Formula,
    function: Function,
    dtype: type,
    thresholds: int,
    noise: NoiseModel | None,
    traced: bool,
    first: bool = False,
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
    first : bool
        Whether thresholds count from the first iterate at or below them on, whatever comes later.

    Returns
    -------
    kernel
        ``kernel(runs, trace, initial, hyper, table, thresholds, noise, plan)`` makes the steps `first` to `last`,
        counted from 1, with a thread for each run.

        - `runs`: see the module, read and written;
        - `trace` ``(last - first + 1, d + 1, n)``: the coordinates and the value after each step; rows behind a
          divergence stay as they are. With `first` and `last` 0 the only row is the start. Not written if not traced;
        - `initial` ``(slots, 1 or n)``, `hyper` ``(constants, 1 or n)``: what the state begins with and the
          rule's `optviz.kernels.rules.constants`, for all runs or for each;
        - `table` ``(scalars, steps * width)``: the step scalars of the steps from `base` on, `width` of each;
        - `thresholds` ``(thresholds,)``;
        - `noise`: the seed, the number of the first run and the distance to the next one's, all uint64, the model's
          parameters ``(parameters, d)`` and the means of minibatches ``(rows, d)`` float64;
        - `plan`: `group`, how many runs in a row have the same step scalars, then `width`, `base`, `first`, `last`.
    """
    slots, parameters = len(formula.slots), len(noise.parameters) if noise else 0
    return specialise(
        advance,
        f"{formula.update.__name__}_{function_label(function, dtype)}_{noise.name if noise else 'exact'}_{thresholds}"
        + "_traced" * traced
        + _watched(function, first),
        fingerprint(formula, function.value, function.gradient, *([noise.gradient] if noise else [])),
        GRADIENT=_gradient(function, dtype),
        NOISE=twin(noisy_gradient(noise, dtype)) if noise else device_function(exact),
        NUMBERS=twin(take(parameters)),
        RULE=rule(formula, dtype, compiled),
        TAKE=twin(take(slots)),
        PUT=twin(put(slots)),
        SCALARS=twin(take(len(formula.scalar_names))),
        HYPER=twin(take(constant_count(formula))),
        THRESHOLDS=thresholds,
        # No array is empty.
        STATE=(max(slots, 1), len(function.bounds)),
        STAYS=max(thresholds, 1),
        TRACED=traced,
        **_watch(function, dtype, first),
        **_point(function, dtype),
    )


def places_kernel(dtype: type) -> Any:
    """Where runs are.

    Returns
    -------
    kernel
        ``kernel(runs, step, points)`` writes the iterates after `step` steps ``(n, d)``; those of runs that had
        diverged by then are NaN.
    """
    return specialise(places, dtype.__name__, "", NAN=dtype(np.nan))


def ends_kernel(function: Function, dtype: type, first: bool = False) -> Any:
    """The end of runs, as `optviz.kernels.ends` tells it.

    Returns
    -------
    kernel
        ``kernel(runs, thresholds, steps, points, values, arrived, diverged)`` writes, `steps` steps having been made,
        points ``(n, d)`` and values ``(n,)``, and int32 arrivals ``(thresholds, n)`` and divergences ``(n,)``.
    """
    label = function_label(function, dtype) + _watched(function, first)
    names = _watch(function, dtype, first) | _point(function, dtype)
    return specialise(ends, label, fingerprint(function.value), **names)


def _watched(function: Function, first: bool) -> str:
    return f"_first_{function.floor!r}" if first else ""


def _watch(function: Function, dtype: type, first: bool) -> dict[str, Any]:
    """When a threshold is reached, and whether it stays so, see `optviz.kernels.rows.stay`."""
    reached = device_function(between, FLOOR=dtype(function.floor)) if first else device_function(below)
    return {"REACHED": reached, "KEEPS": device_function(counting if first else never)}


def _point(function: Function, dtype: type) -> dict[str, Any]:
    """What kernels must know about the iterate of a run, a local array."""
    value, dimension = compiled(function.value, dtype), len(function.bounds)
    return {
        "VALUE": device_function(pair_value, VALUE=value) if function.dimension is None else value,
        "NEAR": device_function(near, DIMENSION=dimension, LIMIT=dtype(function.far)),
        "DIMENSION": dimension,
        "NUMBER": dtype,
        "NAN": dtype(np.nan),
    }


def _gradient(function: Function, dtype: type) -> Any:
    gradient = compiled(function.gradient, dtype)
    return device_function(pair_gradient, GRADIENT=gradient) if function.dimension is None else gradient
