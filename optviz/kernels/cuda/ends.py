"""What is made of runs on a CUDA device: where they are, where they have ended, and since when below thresholds.

For the arrays of runs see `optviz.kernels.cuda.tile`.
"""

from typing import Any

import numpy as np

from optviz.functions import Function
from optviz.kernels.cuda.backend import cuda, device_function, specialise
from optviz.kernels.cuda.linking import Inner
from optviz.kernels.cuda.point import frame_names, parts
from optviz.kernels.specialise import fingerprint
from optviz.kernels.tile_parts import function_label

NEVER = np.int32(np.iinfo(np.int32).max)

# Bound by `specialise`.
END: Any = None  # `end`
VALUE: Any = None  # the function at a point; this and the next are of `optviz.kernels.cuda.point`
NEAR: Any = None
SINCE: Any = None  # `since`
SHOWN: Any = None  # the state slot that holds the reported point; -1 without one
NUMBER: Any = None  # the dtype
NAN: Any = None  # of that type
DIMENSION: Any = None  # number of coordinates
SCRATCH: Any = None  # how many numbers of scratch memory a function needs


def since(before, now, value, threshold, watch):
    """The iterate since which a run has been below a threshold; see `optviz.kernels.tile.watch`."""
    floor, forgotten = watch
    return min(before, now) if floor <= value <= threshold else max(before, forgotten)


def places(runs, step, points):
    x, state, diverged, _, _ = runs
    count = points.shape[0]
    shows = SHOWN >= 0 and step > 0  # before the first step there is no state, and the reported point is the start
    for run in range(cuda.grid(1), count, cuda.gridsize(1)):
        for c in range(points.shape[1]):
            at = state[SHOWN, c * count + run] if shows else x[c, run]
            points[run, c] = at if diverged[run] >= step else NAN


def ends(runs, thresholds, watch, steps, points, values, arrived, ended):
    here, scratch = cuda.local.array(DIMENSION, NUMBER), cuda.local.array(SCRATCH, NUMBER)
    for run in range(cuda.grid(1), runs[2].size, cuda.gridsize(1)):
        END(run, here, scratch, runs, thresholds, watch, steps, points, values, arrived, ended)


def ends_wide(runs, thresholds, watch, steps, points, values, arrived, ended):
    rooms = runs[4]
    for run in range(cuda.grid(1), runs[2].size, cuda.gridsize(1)):
        here, scratch = rooms[:DIMENSION, run], rooms[2 * DIMENSION :, run]
        END(run, here, scratch, runs, thresholds, watch, steps, points, values, arrived, ended)


def end(run, here, scratch, runs, thresholds, watch, steps, points, values, arrived, ended):
    x, state, diverged, below_since, _ = runs
    for c in range(DIMENSION):
        here[c] = x[c, run]
    near = NEAR(here)
    if SHOWN >= 0:
        for c in range(DIMENSION):
            here[c] = state[SHOWN, c * diverged.size + run]
        near &= NEAR(here)
    alive = diverged[run] == NEVER and near
    value = VALUE(here, scratch) if alive else NAN
    for c in range(DIMENSION):
        points[run, c] = here[c] if alive else NAN
    values[run] = value
    ended[run] = 0 if alive else min(diverged[run], steps)
    for k in range(thresholds.size):
        first = SINCE(below_since[k, run], steps, value, thresholds[k], watch)
        arrived[k, run] = -1 if first == NEVER else first


def places_kernel(dtype: type, shown: int = -1) -> Any:
    """Where runs are.

    Returns
    -------
    kernel
        ``kernel(runs, step, points)`` writes the points after `step` steps ``(n, d)``; those of runs that had diverged
        by then are NaN.
    """
    return specialise(places, f"{dtype.__name__}_{shown + 1}", "", NAN=dtype(np.nan), SHOWN=shown)


def ends_kernel(function: Function, dtype: type, shown: int = -1, wide: bool = False) -> Any:
    """The end of runs, as `optviz.kernels.tile.ends` tells it.

    Returns
    -------
    kernel
        ``kernel(runs, thresholds, watch, steps, points, values, arrived, diverged)`` writes, `steps` steps having been
        made, points ``(n, d)`` and values ``(n,)``, and int32 arrivals ``(thresholds, n)`` and divergences ``(n,)``.
    """
    names = frame_names(function, dtype) | {"SHOWN": shown}
    return specialise(
        ends_wide if wide else ends,
        f"{function_label(function, dtype)}_{shown + 1}",
        fingerprint(function.value),
        frame=f"{names}",
        **names,
        **{name: part for name, part in parts(function, dtype).items() if name != "GRADIENT"},
        SINCE=device_function(since),
        END=Inner(end),
    )


def watch(floor: float | None, dtype: type) -> tuple:
    """How thresholds are watched, see `optviz.kernels.tile.watch`."""
    return (dtype(-np.inf), NEVER) if floor is None else (dtype(floor), np.int32(0))
